using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>Outputs of a variance network to log-variances and their gradients back.</summary>
internal static unsafe class VarianceKernels
{
    /// <summary>The offset under the rectifier: the variance that it cannot fall below.</summary>
    public const double Offset = 1e-4;

    /// <summary>Slope of the softplus function from which an output counts as linear.</summary>
    public const double LinearSlope = 0.99;

    /// <summary>
    /// Outputs to log-variances, in place; returns the number that lies outside the linear regime, or for the exponential function at a
    /// bound of <see cref="ScaleParameters"/>.
    /// </summary>
    public static long ToLogVariances<T>(VarianceOutput kind, MatrixView<T> outputs)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> least = Vector512.Create(T.CreateTruncating(ScaleParameters.Least));
        Vector512<T> greatest = Vector512.Create(T.CreateTruncating(ScaleParameters.Greatest));
        Vector512<T> offset = Vector512.Create(T.CreateTruncating(Offset)), slope = Vector512.Create(T.CreateTruncating(LinearSlope));
        Vector512<T> tail = Vector512.Create(T.CreateTruncating(typeof(T) == typeof(float) ? -3 : -6));
        long outside = 0;
        for (int row = 0; row < outputs.Rows; row++)
        {
            T* entry = outputs.Data + ((long)row * outputs.Stride);
            for (int column = 0; column < outputs.Columns; column += Vector512<T>.Count)
            {
                Vector512<T> mask = Lanes.FirstLanes<T>(outputs.Columns - column);
                Vector512<T> output = Vector512.LoadAligned(entry + column);
                Vector512<T> log = output, beyond;
                switch (kind)
                {
                    case VarianceOutput.Exponential:
                        beyond = Vector512.GreaterThan(output, greatest) | Vector512.LessThan(output, least);
                        break;
                    case VarianceOutput.Softplus:
                        (Vector512<T> logistic, Vector512<T> softplus) = Lanes.LogisticAndSoftplus(output);
                        beyond = Vector512.LessThan(logistic, slope);
                        log = Vector512.ConditionalSelect(Vector512.LessThan(output, tail), LogSoftplusTail(output), Lanes.Log(softplus));
                        break;
                    default:
                        beyond = Vector512.LessThanOrEqual(output, Vector512<T>.Zero);
                        log = Lanes.Log(Vector512.Max(output, Vector512<T>.Zero) + offset);
                        break;
                }

                outside += BitOperations.PopCount(Vector512.ExtractMostSignificantBits(beyond & mask));
                (Vector512.Max(Vector512.Min(log, greatest), least) & mask).StoreAligned(entry + column);
            }
        }

        return outside;
    }

    /// <summary>log softplus(r) for r far below zero: r + log(log(1 + x) / x), x = exp(r), as a series.</summary>
    private static Vector512<T> LogSoftplusTail<T>(Vector512<T> output)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> x = Lanes.Exp(output);
        Vector512<T> sum = Vector512.Create(T.CreateTruncating(251.0 / 2880)) * x;
        sum = (sum - Vector512.Create(T.CreateTruncating(1.0 / 8))) * x;
        sum = (sum + Vector512.Create(T.CreateTruncating(5.0 / 24))) * x;
        return Lanes.MultiplyAdd(sum - Vector512.Create(T.CreateTruncating(0.5)), x, output);
    }

    /// <summary>Gradients with respect to log-variances become those with respect to outputs, in place.</summary>
    public static void Backward<T>(VarianceOutput kind, MatrixView<T> logVariances, MatrixView<T> gradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (kind == VarianceOutput.Exponential)
        {
            return;
        }

        Vector512<T> floor = Vector512.Create(T.CreateTruncating(Offset * (1 + 1e-6))), small = Vector512.Create(T.CreateTruncating(1e-4));
        Vector512<T> half = Vector512.Create(T.CreateTruncating(0.5));
        for (int row = 0; row < gradient.Rows; row++)
        {
            for (int column = 0; column < gradient.Columns; column += Vector512<T>.Count)
            {
                T* target = gradient.Data + ((long)row * gradient.Stride) + column;
                Vector512<T> variance = Lanes.Exp(Vector512.LoadAligned(logVariances.Data + ((long)row * logVariances.Stride) + column));

                // d log softplus(r) / dr = logistic(r) / softplus(r) with logistic(r) = 1 - exp(-softplus(r)).
                Vector512<T> slope = kind == VarianceOutput.Softplus
                    ? Vector512.ConditionalSelect(
                        Vector512.LessThan(variance, small),
                        Vector512<T>.One - (variance * half),
                        (Vector512<T>.One - Lanes.Exp(-variance)) / variance)
                    : Vector512.GreaterThan(variance, floor) & (Vector512<T>.One / variance);
                (Vector512.LoadAligned(target) * slope).StoreAligned(target);
            }
        }
    }

    /// <summary>The output that gives a variance.</summary>
    public static double Inverse(VarianceOutput kind, double variance) => kind switch
    {
        VarianceOutput.Exponential => Math.Log(variance),
        VarianceOutput.Softplus => variance > 30 ? variance : variance < 1e-6 ? Math.Log(variance) : Math.Log(Math.Exp(variance) - 1),
        _ => Math.Max(variance - Offset, Offset),
    };
}
