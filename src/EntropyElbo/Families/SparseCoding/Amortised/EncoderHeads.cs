using System.Numerics;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Amortised;

/// <summary>
/// What the outputs of the network mean: <c>nu = u o</c>, <c>s = u (softplus(o) + 1e-3)</c>, <c>V_k = u o</c>, in units u of the
/// columns' spread, so that the network sees the same whatever the unit of the rows is.
/// </summary>
internal static class EncoderHeads
{
    /// <summary>Least deviation, in units of the columns' spread (V's code).</summary>
    public const double LeastDeviation = 1e-3;

    /// <summary>Takes a row's outputs to mean and spreads.</summary>
    public static void Fill<T>(ReadOnlySpan<T> outputs, double unit, Span<double> means, Span<double> spreads)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int latents = means.Length, stride = MatrixView<double>.PaddedStride(latents);
        for (int h = 0; h < latents; h++)
        {
            double output = double.CreateTruncating(outputs[latents + h]);
            means[h] = unit * double.CreateTruncating(outputs[h]);
            spreads[h] = unit * (Math.Max(output, 0) + Math.Log(1 + Math.Exp(-Math.Abs(output))) + LeastDeviation);
        }

        for (int k = 0; (2 + k) * latents < outputs.Length; k++)
        {
            ReadOnlySpan<T> column = outputs.Slice((2 + k) * latents, latents);
            Span<double> vector = spreads.Slice((1 + k) * stride, latents);
            for (int h = 0; h < latents; h++)
            {
                vector[h] = unit * double.CreateTruncating(column[h]);
            }
        }
    }

    /// <summary>Derivatives of minus the bound by a row's outputs.</summary>
    public static void Differentiate<T>(ReadOnlySpan<T> outputs, double unit, LowRankTerms terms, Span<T> gradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int latents = outputs.Length / (2 + terms.Rank);
        for (int head = 0; head < 2 + terms.Rank; head++)
        {
            ReadOnlySpan<double> slopes = terms.Gradients[head];
            Span<T> target = gradient.Slice(head * latents, latents);
            for (int h = 0; h < latents; h++)
            {
                target[h] = T.CreateTruncating(-unit * slopes[h]);
            }
        }

        for (int h = latents; h < 2 * latents; h++)
        {
            double rise = 1 / (1 + Math.Exp(-double.CreateTruncating(outputs[h])));
            gradient[h] *= T.CreateTruncating(rise);
        }
    }
}
