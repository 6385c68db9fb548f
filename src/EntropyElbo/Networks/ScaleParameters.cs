using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// A tensor of log-variances or log-scales. They are bounded, so that no variance reaches 0 or infinity in single
/// precision, and take their own well-scaled steps.
/// </summary>
/// <param name="Tensor">The tensor, one row.</param>
/// <param name="SlopeFactor">Takes the gradient of the mean ELBO to a slope of order 1 per entry.</param>
/// <param name="Name">What it is, for messages.</param>
internal sealed record ScaleParameters(ParameterTensor Tensor, double SlopeFactor, string Name)
{
    /// <summary>Least logarithm: a variance of 1e-13, the square of single precision for columns of order 1.</summary>
    public const double Least = -30;

    /// <summary>Greatest logarithm: a variance of 5e34, next to the largest single-precision number.</summary>
    public const double Greatest = 80;

    /// <summary>The logarithm of a mean square, inside the bounds.</summary>
    public static double Log(double value) => Math.Clamp(Math.Log(value), Least, Greatest);

    /// <summary>Moves entry <paramref name="index"/> a share of the way, on the scale of variances, to the value given.</summary>
    public void Move<T>(AlignedBuffer<T> parameters, int index, double value, double share)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ref T entry = ref parameters[Tensor.Offset + index];
        double before = share < 1 ? (1 - share) * Math.Exp(double.CreateTruncating(entry)) : 0;
        entry = T.CreateTruncating(Log(before + (share * value)));
    }

    /// <summary>Sets every entry.</summary>
    public void Fill(Span<float> parameters, double value) => parameters.Slice(Tensor.Offset, Tensor.Columns).Fill((float)value);

    /// <summary>Puts every entry inside the bounds.</summary>
    public void Bound(Span<float> parameters)
    {
        foreach (ref float value in parameters.Slice(Tensor.Offset, Tensor.Columns))
        {
            value = Math.Clamp(value, (float)Least, (float)Greatest);
        }
    }

    /// <summary>Number of entries that lie on a bound.</summary>
    public int CountBounded(ReadOnlySpan<float> parameters)
    {
        int count = 0;
        foreach (float value in parameters.Slice(Tensor.Offset, Tensor.Columns))
        {
            count += value is <= (float)Least or >= (float)Greatest ? 1 : 0;
        }

        return count;
    }
}
