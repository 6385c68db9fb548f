using System.Numerics;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// Adam (Kingma and Ba 2015, Algorithm 1) on a flat parameter buffer. The gradient is the sum of partial gradients in
/// fixed order, so any split of the buffer among threads gives the same bits.
/// </summary>
internal sealed unsafe class Adam<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T> _first;
    private readonly AlignedBuffer<T> _second;
    private readonly T[] _rateFactors;
    private T _rate;
    private T _secondCorrection;

    /// <summary>Zero moments.</summary>
    /// <param name="length">Entries.</param>
    /// <param name="rateFactors">
    /// Factor on the learning rate for each run of 16 entries, the last of which may be shorter; null for one rate.
    /// </param>
    public Adam(int length, T[]? rateFactors = null)
    {
        Length = length;
        _first = new AlignedBuffer<T>(length);
        _second = new AlignedBuffer<T>(length);
        _rateFactors = rateFactors ?? [.. Enumerable.Repeat(T.One, (length + 15) / 16)];
    }

    public static T Beta1 => T.CreateTruncating(0.9);

    public static T Beta2 => T.CreateTruncating(0.999);

    public static T Epsilon => T.CreateTruncating(1e-8);

    public int Length { get; }

    public Span<T> FirstMoment => _first.Span;

    public Span<T> SecondMoment => _second.Span;

    /// <summary>Updates applied so far.</summary>
    public long Steps { get; set; }

    /// <summary>Fixes the factors of the next update; call once, before the parts are applied.</summary>
    public void BeginStep(double learningRate)
    {
        Steps++;
        _rate = T.CreateTruncating(learningRate / (1 - Math.Pow(double.CreateTruncating(Beta1), Steps)));
        _secondCorrection = T.CreateTruncating(1 / (1 - Math.Pow(double.CreateTruncating(Beta2), Steps)));
    }

    /// <summary>
    /// Applies the update to entries [start, end), multiples of 16 or the end of all; what lies behind that is 0 and stays so.
    /// </summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="gradients">Partial gradients, added in this order.</param>
    /// <param name="scale">Factor on the summed gradient: 1 over the batch size for a mean.</param>
    /// <param name="start">First entry.</param>
    /// <param name="end">One past the last entry.</param>
    public void Apply(AlignedBuffer<T> parameters, ReadOnlySpan<AlignedBuffer<T>> gradients, T scale, int start, int end)
    {
        T* target = parameters.Pointer;
        T** parts = stackalloc T*[gradients.Length];
        for (int part = 0; part < gradients.Length; part++)
        {
            parts[part] = gradients[part].Pointer;
        }

        T firstShare = T.One - Beta1;
        T secondShare = T.One - Beta2;
        Vector512<T> correction = Vector512.Create(_secondCorrection);
        Vector512<T> epsilon = Vector512.Create(Epsilon);
        for (int i = start; i < end; i += Vector512<T>.Count)
        {
            Vector512<T> gradient = Vector512.LoadAligned(parts[0] + i);
            for (int part = 1; part < gradients.Length; part++)
            {
                gradient += Vector512.LoadAligned(parts[part] + i);
            }

            gradient *= scale;
            Vector512<T> first = Vector512.LoadAligned(_first.Pointer + i);
            Vector512<T> second = Vector512.LoadAligned(_second.Pointer + i);
            first += (gradient - first) * firstShare;
            second += ((gradient * gradient) - second) * secondShare;
            first.StoreAligned(_first.Pointer + i);
            second.StoreAligned(_second.Pointer + i);
            Vector512<T> step = first / (Vector512.Sqrt(second * correction) + epsilon) * (_rate * _rateFactors[i >> 4]);
            (Vector512.LoadAligned(target + i) - step).StoreAligned(target + i);
        }
    }
}
