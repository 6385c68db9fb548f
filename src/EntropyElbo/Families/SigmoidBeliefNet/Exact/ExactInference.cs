using System.Numerics.Tensors;
using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Exact;

/// <summary>Exact posteriors over all states: one matrix product gives the joints of a block of rows with every state.</summary>
internal sealed class ExactInference : BeliefInference
{
    private readonly ExactTables _tables;
    private readonly MatrixView<double> _means;
    private readonly double[] _joints;
    private readonly ulong[] _state;

    public ExactInference(ExactTables tables)
        : base(tables.Net)
    {
        _tables = tables;
        Shares = new Matrix<double>(Math.Min(Rows.Rows, Chunk(tables.States)), tables.States);
        _means = new Matrix<double>(Rows.Rows, Net.Latents);
        _joints = new double[tables.States];
        _state = new ulong[Net.Words];
    }

    /// <summary>Called with rows [start, start + count) of the block when their shares, [count, states], are known.</summary>
    public Action<int, MatrixView<double>>? OnShares { get; set; }

    /// <summary>Posterior means of the latest block, [rows of a block, latents].</summary>
    public MatrixView<double> PosteriorMeans => _means;

    private MatrixView<double> Shares { get; }

    private protected override void InferRows(int count)
    {
        for (int start = 0; start < count; start += Shares.Rows)
        {
            int rows = Math.Min(Shares.Rows, count - start);
            MatrixView<double> shares = Shares.Slice(0, rows);
            MatrixView<double> logOdds = LogOddsTerms.Block(start, rows, 0, Net.Sizes[0]);
            MatrixProduct.Multiply(logOdds, _tables.Inputs, shares, _tables.Offsets, 1.0);
            for (int i = 0; i < rows; i++)
            {
                Normalise(start + i, shares[i]);
            }

            MatrixProduct.Multiply(shares, _tables.Bits, _means.Slice(start, rows));
            for (int i = 0; i < rows; i++)
            {
                Finish(start + i, shares[i]);
            }

            OnShares?.Invoke(start, shares);
        }
    }

    /// <summary>Rows whose joints are held at a time: at most 8 MB of them.</summary>
    private static int Chunk(int states) => Math.Clamp((1 << 20) / states, 1, LatentModel.BlockRows);

    /// <summary>From joints to shares; evidence and entropy on the way.</summary>
    private void Normalise(int row, Span<double> shares)
    {
        double top = TensorPrimitives.Max<double>(shares);
        TensorPrimitives.Subtract(shares, top, _joints);
        VectorFunctions.ExpOfNegatives(_joints, shares);
        double sum = VectorFold.Sum(shares);
        TensorPrimitives.Divide(shares, sum, shares);
        double log = Math.Log(sum);
        Sums.Evidence(row) = top + log + LogOddsTerms[row][^1];
        Sums.Entropy(row) = log - VectorFold.Dot(shares, _joints);
    }

    private void Finish(int row, ReadOnlySpan<double> shares)
    {
        Span<double> means = Sums.MeansOf(row);
        for (int h = 0; h < means.Length; h++)
        {
            means[h] = Math.Clamp(_means[row][h], 0, 1);
        }

        int nearest = Net.Sizes[0];
        double linear = LogOddsTerms[row][^1] + VectorFold.Dot(_means[row][..nearest], LogOddsTerms[row][..nearest]);
        Sums.Reconstruction(row) = linear - VectorFold.Dot(shares, _tables.Softplus);
        Sums.LogPrior(row) = VectorFold.Dot(shares, _tables.LogPriors);
        for (int k = 0; k <= Net.Depth; k++)
        {
            Sums.BlockEntropy(row, k) = VectorFold.Dot(shares, _tables.Entropies[k]);
            Sums.BlockResidual(row, k) = k == 0
                ? VectorFold.Dot(shares, _tables.MeanActivations[0]) - linear
                : VectorFold.Dot(shares, _tables.Residuals[k]);
        }

        if (Terms is not null)
        {
            FillTerms(Terms, row, shares);
        }
    }

    private void FillTerms(PosteriorTerms terms, int row, ReadOnlySpan<double> shares)
    {
        terms.Begin();
        for (int s = 0; s < shares.Length; s++)
        {
            if (shares[s] >= PosteriorTerms.LeastShare)
            {
                Net.SetState(_state, s);
                terms.Add(_state, shares[s]);
            }
        }

        terms.End(row, Rows[row], Sums.Entropy(row));
    }
}
