using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.SigmoidBeliefNet.Posteriors;

/// <summary>Where the sums of a belief net's posteriors lie in a run of numbers: those of one row, or of many.</summary>
internal static class PosteriorLayout
{
    /// <summary>log sum_s p(x, s) over the states of q: the ELBO of q, the joint normalised over them.</summary>
    public const int Evidence = 0;

    /// <summary>E log p(x | z).</summary>
    public const int Reconstruction = 1;

    /// <summary>Entropy of q over all latents.</summary>
    public const int Entropy = 2;

    /// <summary>E log p(z).</summary>
    public const int LogPrior = 3;

    /// <summary>Sums that are there once, before those of each conditional.</summary>
    private const int Fixed = 4;

    /// <summary>Numbers in all.</summary>
    public static int Length(BeliefNet net) => Fixed + (2 * (net.Depth + 1));

    /// <summary>E H of a conditional (LW eq. 94): that of the data is 0, the deepest prior is last.</summary>
    public static int BlockEntropy(int block) => Fixed + (2 * block);

    /// <summary>E eta' (A'(eta) - y) of a conditional.</summary>
    public static int BlockResidual(int block) => BlockEntropy(block) + 1;
}

/// <summary>
/// Posterior of a block of rows: what reports and codes need. Sums are expectations under q, nats; see
/// <see cref="PosteriorLayout"/>.
/// </summary>
/// <param name="net">Sizes.</param>
internal sealed class PosteriorSums(BeliefNet net)
{
    private readonly int _width = PosteriorLayout.Length(net);
    private readonly double[] _values = new double[LatentModel.RowsOfBlock(net.Columns) * PosteriorLayout.Length(net)];

    /// <summary>[rows of a block, latents]: posterior means.</summary>
    public double[] Means { get; } = new double[LatentModel.RowsOfBlock(net.Columns) * net.Latents];

    /// <summary>All values of a row.</summary>
    public Span<double> this[int row] => _values.AsSpan(row * _width, _width);

    /// <summary>Means of a row.</summary>
    public Span<double> MeansOf(int row) => Means.AsSpan(row * net.Latents, net.Latents);

    public ref double Evidence(int row) => ref this[row][PosteriorLayout.Evidence];

    public ref double Reconstruction(int row) => ref this[row][PosteriorLayout.Reconstruction];

    public ref double Entropy(int row) => ref this[row][PosteriorLayout.Entropy];

    public ref double LogPrior(int row) => ref this[row][PosteriorLayout.LogPrior];

    public ref double BlockEntropy(int row, int block) => ref this[row][PosteriorLayout.BlockEntropy(block)];

    public ref double BlockResidual(int row, int block) => ref this[row][PosteriorLayout.BlockResidual(block)];
}

/// <summary>Means over rows of the sums of a belief net's posteriors, nats.</summary>
/// <param name="sums">The sums.</param>
/// <param name="depth">Layers of latents.</param>
internal sealed class PosteriorMeans(ElboStatistics sums, int depth)
{
    public double Evidence => Mean(PosteriorLayout.Evidence);

    public double Reconstruction => Mean(PosteriorLayout.Reconstruction);

    public double Entropy => Mean(PosteriorLayout.Entropy);

    public double LogPrior => Mean(PosteriorLayout.LogPrior);

    /// <summary>The conditionals, that of the data first, the deepest layer's prior last.</summary>
    public LayerEvaluation[] Layers => [.. Enumerable.Range(0, depth + 1)
        .Select(k => new LayerEvaluation(Mean(PosteriorLayout.BlockEntropy(k)), Mean(PosteriorLayout.BlockResidual(k))))];

    private double Mean(int place) => sums.Moments[place] / sums.Rows;
}

/// <summary>One conditional of a sigmoid belief net on some rows, nats per row.</summary>
/// <param name="Entropy">Its expected entropy under the posteriors (LW eq. 94).</param>
/// <param name="Residual">Its share of the gap between ELBO and entropy sum; 0 after an exact M-step for the same posteriors.</param>
public sealed record LayerEvaluation(double Entropy, double Residual);
