using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;

namespace EntropyElbo.Families.Vae.Affine;

/// <summary>How networks start.</summary>
public enum NetworkStart
{
    /// <summary>Random weights (He et al. 2015).</summary>
    Random,

    /// <summary>
    /// Random weights, beside which 2 H units of every hidden layer carry the closed-form solution of the affine decoder through (S
    /// App. B.3, "MLE-B"): the networks are that solution exactly when training starts. Hidden layers need 2 H units at least.
    /// Expanded at the column means (<see cref="AffineExpansion.AtMeans"/>).
    /// </summary>
    AffineMaximumLikelihood,

    /// <summary>
    /// As <see cref="AffineMaximumLikelihood"/>, expanded at 0 as in S: to reproduce its experiments. Not for gamma columns.
    /// </summary>
    AffineAtZero,
}

/// <summary>
/// Puts an affine map into a perceptron of leaky rectifiers exactly: <c>v = (f(v) - f(-v)) / (1 + s)</c> for <c>f</c> with slope s
/// below zero, so that a pair of units carries a number through a layer.
/// </summary>
internal static class AffineStart
{
    /// <summary>Brings a random network to the solution of the affine decoder, variances included.</summary>
    /// <param name="network">Random and, for counts, centred.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="solution">The solution for the scaled training rows.</param>
    public static void Apply(VaeNetwork network, Span<float> parameters, AffineDecoder solution)
    {
        VaeArchitecture shape = network.Architecture;
        int columns = shape.Columns, latents = shape.Latents;
        double[] weights = solution.EncoderWeights();
        double[] heads = new double[2 * latents];
        EncoderView view = shape.Likelihood.View;
        for (int d = 0; d < columns; d++)
        {
            // Where the encoder sees logarithms, to first order about the mean.
            double mean = solution.Mean[d], slope = view.Slope(mean), seen = view.Of(mean);
            for (int h = 0; h < latents; h++)
            {
                weights[(d * latents) + h] *= slope;
                heads[h] -= weights[(d * latents) + h] * seen;
            }
        }

        for (int h = 0; h < latents; h++)
        {
            heads[latents + h] = Math.Clamp(
                Math.Log(solution.PosteriorVariances[h]), -EncoderKernels.LogVarianceBound, EncoderKernels.LogVarianceBound);
        }

        Embed((Perceptron)network.Encoder, parameters, weights, Identity(latents, 2 * latents), latents, heads);
        double[] loadings = new double[latents * columns];
        for (int i = 0; i < loadings.Length; i++)
        {
            loadings[(i % latents * columns) + (i / latents)] = solution.Loadings[i] / shape.Likelihood.ActivationFactor;
        }

        Embed(
            (Perceptron)network.Decoder,
            parameters,
            Identity(latents, latents),
            loadings,
            latents,
            [.. solution.Bias.Select(b => b / shape.Likelihood.ActivationFactor)]);
        network.StartScales(parameters, solution.Dispersion);
    }

    /// <summary>Makes the network the map <c>x -> x P Q + c</c>, with P [in, k] and Q [k, out].</summary>
    private static void Embed(Perceptron network, Span<float> parameters, double[] first, double[] last, int inner, double[] constant)
    {
        IReadOnlyList<Dense> layers = network.Layers;
        int outputs = layers[^1].Weights.Columns;
        if (layers.Count == 1)
        {
            Product(layers[0].Weights, parameters, first, last, inner);
        }
        else
        {
            Pairs(layers[0].Weights, parameters, first, inner);
            ClearBias(layers[0], parameters, inner);
            for (int i = 1; i < layers.Count - 1; i++)
            {
                Carry(layers[i].Weights, parameters, Identity(inner, inner), inner, inner, 1 + layers[i - 1].Slope, inPairs: true);
                ClearBias(layers[i], parameters, inner);
            }

            ParameterTensor head = layers[^1].Weights;
            parameters.Slice(head.Offset, head.Length).Clear();
            Carry(head, parameters, last, inner, outputs, 1 + layers[^2].Slope, inPairs: false);
        }

        for (int i = 0; i < outputs; i++)
        {
            parameters[layers[^1].Bias.Offset + i] = (float)constant[i];
        }
    }

    private static void Product(ParameterTensor weights, Span<float> parameters, double[] first, double[] last, int inner)
    {
        for (int i = 0; i < weights.Rows; i++)
        {
            for (int j = 0; j < weights.Columns; j++)
            {
                double sum = 0;
                for (int k = 0; k < inner; k++)
                {
                    sum += first[(i * inner) + k] * last[(k * weights.Columns) + j];
                }

                parameters[weights.Offset + (i * weights.Stride) + j] = (float)sum;
            }
        }
    }

    /// <summary>The first 2 k units become the k columns of a matrix and their negatives.</summary>
    private static void Pairs(ParameterTensor weights, Span<float> parameters, double[] matrix, int inner)
    {
        for (int i = 0; i < weights.Rows; i++)
        {
            Span<float> row = parameters.Slice(weights.Offset + (i * weights.Stride), weights.Columns);
            for (int k = 0; k < inner; k++)
            {
                row[2 * k] = (float)matrix[(i * inner) + k];
                row[(2 * k) + 1] = -row[2 * k];
            }
        }
    }

    /// <summary>The first outputs (in pairs of opposite sign, or plain) become the carried numbers times a matrix.</summary>
    private static void Carry(
        ParameterTensor weights, Span<float> parameters, double[] matrix, int inner, int outputs, double scale, bool inPairs)
    {
        for (int i = 0; i < weights.Rows; i++)
        {
            Span<float> row = parameters.Slice(weights.Offset + (i * weights.Stride), weights.Columns);
            double sign = i % 2 == 0 ? 1 : -1;
            for (int j = 0; j < outputs; j++)
            {
                float value = i < 2 * inner ? (float)(sign * matrix[(i / 2 * outputs) + j] / scale) : 0;
                if (inPairs)
                {
                    row[2 * j] = value;
                    row[(2 * j) + 1] = -value;
                }
                else
                {
                    row[j] = value;
                }
            }
        }
    }

    private static void ClearBias(Dense layer, Span<float> parameters, int inner) =>
        parameters.Slice(layer.Bias.Offset, 2 * inner).Clear();

    private static double[] Identity(int rows, int columns)
    {
        double[] identity = new double[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            identity[(i * columns) + i] = 1;
        }

        return identity;
    }
}
