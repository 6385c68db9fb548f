using EntropyElbo.Data;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.SigmoidBeliefNet;

/// <summary>Rows of zeros and ones, nets with random parameters, and their probabilities by sums over all states written out.</summary>
internal static class BeliefTestData
{
    /// <summary>Rows that switch between a few patterns, with noise.</summary>
    public static InMemoryRows Rows(int count, int columns, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 55);
        double[] patterns = new double[3 * columns];
        random.FillGaussian(patterns);
        double[] values = new double[count * columns];
        for (int row = 0; row < count; row++)
        {
            bool[] on = [random.NextUniform() < 0.5, random.NextUniform() < 0.3, random.NextUniform() < 0.6];
            for (int d = 0; d < columns; d++)
            {
                double logit = -0.3;
                for (int h = 0; h < 3; h++)
                {
                    logit += on[h] ? 2.5 * patterns[(h * columns) + d] : 0;
                }

                values[(row * columns) + d] = random.NextUniform() < 1 / (1 + Math.Exp(-logit)) ? 1 : 0;
            }
        }

        return new InMemoryRows(values, columns);
    }

    public static BeliefNet RandomNet(int columns, int[] sizes, ulong seed)
    {
        BeliefNet net = new(columns, sizes);
        RandomStream random = new(seed, RandomPurpose.Initialisation, 56);
        foreach (BeliefLayer block in net.Blocks)
        {
            double[] values = new double[block.Count];
            random.FillGaussian(values);
            block.Set(values);
        }

        return net;
    }

    public static SigmoidBeliefNetModel Random(int columns, int[] sizes, ulong seed, bool exact = true, int states = 32) =>
        new(RandomNet(columns, sizes, seed), exact, states, LinearTestData.Header(columns));

    public static SigmoidBeliefNetModel Fit(
        IRowSource rows, SigmoidBeliefNetOptions options, out IReadOnlyList<FitProgress> history, FitContext? context = null)
    {
        FitResult result = new SigmoidBeliefNetTrainer(options).Fit(rows, context);
        history = result.History;
        return (SigmoidBeliefNetModel)result.Model;
    }

    /// <summary>log p(x, z) from the parameters as the model's public members give them (LW eq. 86 to 88).</summary>
    public static double LogJoint(SigmoidBeliefNetModel model, ReadOnlySpan<double> row, int[] z)
    {
        double sum = 0;
        int first = model.LatentDimension;
        int[] above = [];
        for (int layer = model.Layers.Count; layer >= 0; layer--)
        {
            int outputs = layer == 0 ? row.Length : model.Layers[layer - 1];
            first -= layer == 0 ? 0 : outputs;
            for (int d = 0; d < outputs; d++)
            {
                double value = layer == 0 ? row[d] : z[first + d];
                double p;
                if (layer == model.Layers.Count)
                {
                    p = model.Prior[d];
                }
                else
                {
                    double logit = model.Bias(layer)[d];
                    double[] weights = model.Weights(layer);
                    for (int h = 0; h < above.Length; h++)
                    {
                        logit += weights[(d * above.Length) + h] * above[h];
                    }

                    p = 1 / (1 + Math.Exp(-logit));
                }

                sum += Math.Log(value == 1 ? p : 1 - p);
            }

            above = layer == 0 ? [] : z[first..(first + outputs)];
        }

        return sum;
    }

    /// <summary>log p(x) and the posterior means, over all states.</summary>
    public static (double LogLikelihood, double[] Means) Enumerate(SigmoidBeliefNetModel model, ReadOnlySpan<double> row)
    {
        int latents = model.LatentDimension;
        double total = 0;
        double[] means = new double[latents];
        for (int index = 0; index < 1 << latents; index++)
        {
            int[] z = [.. Enumerable.Range(0, latents).Select(h => (index >> h) & 1)];
            double joint = Math.Exp(LogJoint(model, row, z));
            total += joint;
            for (int h = 0; h < latents; h++)
            {
                means[h] += z[h] * joint;
            }
        }

        return (Math.Log(total), [.. means.Select(m => m / total)]);
    }
}
