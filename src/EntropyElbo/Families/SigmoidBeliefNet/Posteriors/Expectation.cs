using EntropyElbo.Families.SigmoidBeliefNet.Regression;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Posteriors;

/// <summary>What an E-step hands to the M-step.</summary>
/// <param name="Problems">The regressions of all blocks.</param>
/// <param name="Elbo">ELBO before the M-step, nats per row.</param>
/// <param name="Entropy">Mean entropy of q.</param>
/// <param name="LatentEntropies">Per latent, the mean entropy of its marginal of q.</param>
internal sealed record ExpectationResult(LayerProblem[] Problems, double Elbo, double Entropy, double[] LatentEntropies);

/// <summary>The E-step over all training rows. Its results do not depend on the number of threads.</summary>
internal abstract class Expectation(BitTable table)
{
    public BitTable Table { get; } = table;

    /// <summary>Runs the E-step; null when cancelled.</summary>
    /// <param name="net">The parameters.</param>
    /// <param name="iteration">Index of the iteration.</param>
    /// <param name="team">The threads.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract ExpectationResult? Run(BeliefNet net, int iteration, WorkerTeam team, CancellationToken cancellationToken);

    /// <summary>Writes mean rows to the moments of the data's block: <c>mean_n E x_d z_h</c> and <c>mean_n x_d</c>.</summary>
    private protected void SetDataMoments(LayerProblem problem, int inputs, MatrixView<double> crossSums)
    {
        for (int h = 0; h < inputs; h++)
        {
            System.Numerics.Tensors.TensorPrimitives.Divide(crossSums[h], Table.Weight, problem.Row(h));
        }

        Table.Means.CopyTo(problem.Row(inputs));
    }

    /// <summary>target += source, both [rows, columns] of one stride.</summary>
    private protected static void Add(MatrixView<double> target, MatrixView<double> source)
    {
        for (int row = 0; row < target.Rows; row++)
        {
            BeliefKernels.Add(target.PaddedRow(row), source.PaddedRow(row), 1);
        }
    }

    /// <summary>Adds the entropies of Bernoulli variables with these means, those of a row of a weight.</summary>
    private protected static void AddEntropies(ReadOnlySpan<double> means, Span<double> sums, double weight = 1)
    {
        for (int h = 0; h < means.Length; h++)
        {
            sums[h] += weight * BeliefMarginals.Entropy(means[h]);
        }
    }
}

/// <summary>Single latents of a posterior.</summary>
internal static class BeliefMarginals
{
    /// <summary>Entropy of a Bernoulli variable, nats.</summary>
    public static double Entropy(double mean) => -SpecialFunctions.XLogX(mean) - SpecialFunctions.XLogX(1 - mean);

    /// <summary>
    /// KL divergence of a Bernoulli variable from its prior, nats; both priors' ends are kept from 0 and 1 by the M-step.
    /// </summary>
    public static double Kl(double mean, double prior) => Math.Max(0, Term(mean, prior) + Term(1 - mean, 1 - prior));

    private static double Term(double share, double prior) => share == 0 ? 0 : share * Math.Log(share / Math.Max(prior, double.Epsilon));
}
