using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.States;

/// <summary>
/// Sums over the outputs of a layer, in double precision. Lengths are multiples of 16; padding holds
/// <see cref="BeliefLayer.Padding"/>, which adds nothing. log(1 + e^-|a|) is summed as the logarithm of a product: its factors
/// lie in [1, 2], so hundreds of them fit into a double and one logarithm serves them all.
/// </summary>
internal static unsafe class BeliefKernels
{
    /// <summary>Factors of a product before its logarithm is taken: 2^512 is far from overflow.</summary>
    private const int Factors = 512;

    /// <summary>sum_d log(1 + exp(a_d)).</summary>
    public static double SoftplusSum(ReadOnlySpan<double> activations)
    {
        fixed (double* a = activations)
        {
            Vector512<double> sum = Vector512<double>.Zero;
            Vector512<double> positive = sum, product0 = Vector512<double>.One, product1 = product0;
            for (int i = 0; i < activations.Length; i += 16)
            {
                Vector512<double> x0 = Vector512.Load(a + i), x1 = Vector512.Load(a + i + 8);
                product0 *= Vector512<double>.One + Tail(x0);
                product1 *= Vector512<double>.One + Tail(x1);
                positive += Vector512.Max(x0, Vector512<double>.Zero) + Vector512.Max(x1, Vector512<double>.Zero);
                if ((i & ((16 * Factors) - 1)) == 16 * (Factors - 1))
                {
                    Flush(ref sum, ref product0, ref product1);
                }
            }

            Flush(ref sum, ref product0, ref product1);
            return VectorFold.Sum(sum + positive);
        }
    }

    /// <summary>sum_d log(1 + exp(a_d + sign w_d)), for a state that differs in one latent.</summary>
    public static double SoftplusSum(ReadOnlySpan<double> activations, ReadOnlySpan<double> weights, double sign)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(weights.Length, activations.Length);
        fixed (double* a = activations, w = weights)
        {
            Vector512<double> factor = Vector512.Create(sign);
            Vector512<double> sum = Vector512<double>.Zero;
            Vector512<double> positive = sum, product0 = Vector512<double>.One, product1 = product0;
            for (int i = 0; i < activations.Length; i += 16)
            {
                Vector512<double> x0 = Vector512.FusedMultiplyAdd(Vector512.Load(w + i), factor, Vector512.Load(a + i));
                Vector512<double> x1 = Vector512.FusedMultiplyAdd(Vector512.Load(w + i + 8), factor, Vector512.Load(a + i + 8));
                product0 *= Vector512<double>.One + Tail(x0);
                product1 *= Vector512<double>.One + Tail(x1);
                positive += Vector512.Max(x0, Vector512<double>.Zero) + Vector512.Max(x1, Vector512<double>.Zero);
                if ((i & ((16 * Factors) - 1)) == 16 * (Factors - 1))
                {
                    Flush(ref sum, ref product0, ref product1);
                }
            }

            Flush(ref sum, ref product0, ref product1);
            return VectorFold.Sum(sum + positive);
        }
    }

    /// <summary>sum_d a_d sigmoid(a_d): natural parameters times mean parameters.</summary>
    public static double MeanActivation(ReadOnlySpan<double> activations)
    {
        fixed (double* a = activations)
        {
            Vector512<double> sum = Vector512<double>.Zero;
            for (int i = 0; i < activations.Length; i += 8)
            {
                Vector512<double> x = Vector512.Load(a + i);
                sum += x * Sigmoid(x, Tail(x));
            }

            return VectorFold.Sum(sum);
        }
    }

    /// <summary>sums += sign * terms.</summary>
    public static void Add(Span<double> sums, ReadOnlySpan<double> terms, double sign)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(terms.Length, sums.Length);
        fixed (double* target = sums, source = terms)
        {
            Vector512<double> factor = Vector512.Create(sign);
            for (int i = 0; i < sums.Length; i += 8)
            {
                Vector512.Store(Vector512.FusedMultiplyAdd(Vector512.Load(source + i), factor, Vector512.Load(target + i)), target + i);
            }
        }
    }

    /// <summary>
    /// One state's part of weighted logistic regressions, a column each: adds w softplus(a) and w a sigmoid(a), and turns a
    /// into w sigmoid(a).
    /// </summary>
    public static void Regress(Span<double> activations, double weight, Span<double> losses, Span<double> meanActivations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(losses.Length, activations.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(meanActivations.Length, activations.Length);
        fixed (double* a = activations, loss = losses, meanActivation = meanActivations)
        {
            Vector512<double> w = Vector512.Create(weight);
            for (int i = 0; i < activations.Length; i += 8)
            {
                Vector512<double> x = Vector512.Load(a + i);
                Vector512<double> tail = Tail(x);
                Vector512<double> softplus = Vector512.Max(x, Vector512<double>.Zero) + VectorFunctions.Log(Vector512<double>.One + tail);
                Vector512<double> mean = w * Sigmoid(x, tail);
                Vector512.Store(Vector512.FusedMultiplyAdd(w, softplus, Vector512.Load(loss + i)), loss + i);
                Vector512.Store(Vector512.FusedMultiplyAdd(x, mean, Vector512.Load(meanActivation + i)), meanActivation + i);
                Vector512.Store(mean, a + i);
            }
        }
    }

    /// <summary>Turns a into w sigmoid(a) (1 - sigmoid(a)).</summary>
    public static void Curve(Span<double> activations, double weight)
    {
        fixed (double* a = activations)
        {
            Vector512<double> w = Vector512.Create(weight);
            for (int i = 0; i < activations.Length; i += 8)
            {
                Vector512<double> tail = Tail(Vector512.Load(a + i));
                Vector512<double> sum = Vector512<double>.One + tail;
                Vector512.Store(w * tail / (sum * sum), a + i);
            }
        }
    }

    private static Vector512<double> Tail(Vector512<double> x) => VectorFunctions.ExpOfNegative(-Vector512.Abs(x));

    private static Vector512<double> Sigmoid(Vector512<double> x, Vector512<double> tail) =>
        Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x, Vector512<double>.Zero), Vector512<double>.One, tail)
        / (Vector512<double>.One + tail);

    private static void Flush(ref Vector512<double> sum, ref Vector512<double> product0, ref Vector512<double> product1)
    {
        sum += VectorFunctions.Log(product0) + VectorFunctions.Log(product1);
        product0 = Vector512<double>.One;
        product1 = Vector512<double>.One;
    }
}
