using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Models;

namespace EntropyElbo.Families.SigmoidBeliefNet.Posteriors;

/// <summary>Posterior of a block of rows: what reports and codes need. Sums are expectations under q, nats.</summary>
/// <param name="net">Sizes.</param>
internal sealed class PosteriorSums(BeliefNet net)
{
    /// <summary>Values of a row before those per block: log evidence, expected log-likelihood, entropy of q, expected log prior.</summary>
    private const int Fixed = 4;

    private readonly int _width = Fixed + (2 * (net.Depth + 1));
    private readonly double[] _values = new double[LatentModel.RowsOfBlock(net.Columns) * (Fixed + (2 * (net.Depth + 1)))];

    /// <summary>Values per row.</summary>
    public int Width => _width;

    /// <summary>[rows of a block, latents]: posterior means.</summary>
    public double[] Means { get; } = new double[LatentModel.RowsOfBlock(net.Columns) * net.Latents];

    /// <summary>All values of a row.</summary>
    public Span<double> this[int row] => _values.AsSpan(row * _width, _width);

    /// <summary>Means of a row.</summary>
    public Span<double> MeansOf(int row) => Means.AsSpan(row * net.Latents, net.Latents);

    /// <summary>log sum_s p(x, s) over the states of q: the ELBO of q, the joint normalised over them.</summary>
    public ref double Evidence(int row) => ref _values[row * _width];

    /// <summary>E log p(x | z).</summary>
    public ref double Reconstruction(int row) => ref _values[(row * _width) + 1];

    /// <summary>Entropy of q over all latents.</summary>
    public ref double Entropy(int row) => ref _values[(row * _width) + 2];

    /// <summary>E log p(z).</summary>
    public ref double LogPrior(int row) => ref _values[(row * _width) + 3];

    /// <summary>E H of a block's conditional (LW eq. 94).</summary>
    public ref double BlockEntropy(int row, int block) => ref _values[(row * _width) + Fixed + (2 * block)];

    /// <summary>E eta' (A'(eta) - y) of a block's conditional.</summary>
    public ref double BlockResidual(int row, int block) => ref _values[(row * _width) + Fixed + (2 * block) + 1];
}
