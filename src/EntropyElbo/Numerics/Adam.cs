using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// Adam (Kingma and Ba 2015, Algorithm 1) on a flat parameter buffer. The gradient is the sum of partial gradients in
/// fixed order, so any split of the buffer among threads gives the same bits.
/// </summary>
internal sealed unsafe class Adam
{
    public const float Beta1 = 0.9f;
    public const float Beta2 = 0.999f;
    public const float Epsilon = 1e-8f;

    private readonly AlignedBuffer<float> _first;
    private readonly AlignedBuffer<float> _second;
    private readonly float[] _rateFactors;
    private float _rate;
    private float _secondCorrection;

    /// <summary>Zero moments.</summary>
    /// <param name="length">Entries, a multiple of 16.</param>
    /// <param name="rateFactors">Factor on the learning rate for each run of 16 entries.</param>
    public Adam(int length, float[] rateFactors)
    {
        Length = length;
        _first = new AlignedBuffer<float>(length);
        _second = new AlignedBuffer<float>(length);
        _rateFactors = rateFactors;
    }

    public int Length { get; }

    public Span<float> FirstMoment => _first.Span;

    public Span<float> SecondMoment => _second.Span;

    /// <summary>Updates applied so far.</summary>
    public long Steps { get; set; }

    /// <summary>Fixes the factors of the next update; call once, before the parts are applied.</summary>
    public void BeginStep(double learningRate)
    {
        Steps++;
        _rate = (float)(learningRate / (1 - Math.Pow(Beta1, Steps)));
        _secondCorrection = (float)(1 / (1 - Math.Pow(Beta2, Steps)));
    }

    /// <summary>Applies the update to entries [start, end), multiples of 16.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="gradients">Partial gradients, added in this order.</param>
    /// <param name="scale">Factor on the summed gradient: 1 over the batch size for a mean.</param>
    /// <param name="start">First entry.</param>
    /// <param name="end">One past the last entry.</param>
    public void Apply(AlignedBuffer<float> parameters, ReadOnlySpan<AlignedBuffer<float>> gradients, float scale, int start, int end)
    {
        float* target = parameters.Pointer;
        float** parts = stackalloc float*[gradients.Length];
        for (int part = 0; part < gradients.Length; part++)
        {
            parts[part] = gradients[part].Pointer;
        }

        Vector512<float> correction = Vector512.Create(_secondCorrection);
        Vector512<float> epsilon = Vector512.Create(Epsilon);
        for (int i = start; i < end; i += 16)
        {
            Vector512<float> gradient = Vector512.LoadAligned(parts[0] + i);
            for (int part = 1; part < gradients.Length; part++)
            {
                gradient += Vector512.LoadAligned(parts[part] + i);
            }

            gradient *= scale;
            Vector512<float> first = Vector512.LoadAligned(_first.Pointer + i);
            Vector512<float> second = Vector512.LoadAligned(_second.Pointer + i);
            first += (gradient - first) * (1 - Beta1);
            second += ((gradient * gradient) - second) * (1 - Beta2);
            first.StoreAligned(_first.Pointer + i);
            second.StoreAligned(_second.Pointer + i);
            Vector512<float> step = first / (Vector512.Sqrt(second * correction) + epsilon) * (_rate * _rateFactors[i >> 4]);
            (Vector512.LoadAligned(target + i) - step).StoreAligned(target + i);
        }
    }
}
