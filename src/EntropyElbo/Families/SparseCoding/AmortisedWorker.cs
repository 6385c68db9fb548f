using System.Numerics;
using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// A thread's part of a step of amortised learning: codes of rows by the network, what they are worth, and the gradient of that by
/// the network's parameters. The bound is computed in doubles, the network in T.
/// </summary>
internal sealed class AmortisedWorker<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly EncoderWorkspace<T> _network;
    private readonly MatrixView<T> _input;
    private readonly SparseCodingWorker _codes;
    private readonly LowRankPosterior _posterior;
    private readonly double[] _offset;
    private readonly double _unit;

    public AmortisedWorker(ResidualEncoder network, int rows, double[] offset, double unit)
    {
        (_offset, _unit) = (offset, unit);
        _network = new EncoderWorkspace<T>(network, rows, withGradients: true);
        _input = new Matrix<T>(rows, network.Columns);
        Rows = new Matrix<float>(rows, network.Columns);
        _codes = new SparseCodingWorker(rows, network.Columns, network.Latents, new CovarianceShape(false, network.Rank));
        _posterior = (LowRankPosterior)_codes.Posterior;
    }

    /// <summary>Where the rows go, scaled.</summary>
    public MatrixView<float> Rows { get; }

    /// <summary>Where a value is no longer finite: the bound of a row, or -1.</summary>
    public int FirstBad { get; private set; }

    /// <summary>Codes of the first rows and their sums.</summary>
    /// <param name="model">What the bound is made of.</param>
    /// <param name="mean">mu.</param>
    /// <param name="parameters">The network's.</param>
    /// <param name="gradient">Overwritten with the gradient of minus the summed bounds; null where it is not wanted.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="sums">Filled.</param>
    public void Compute(
        PosteriorModel model, double[] mean, AlignedBuffer<T> parameters, AlignedBuffer<T>? gradient, int count, SparseCodingSums sums)
    {
        MatrixView<float> rows = Rows.Slice(0, count);
        MatrixView<T> input = _input.Slice(0, count), outputs = _network.Outputs(count);
        _codes.Use(model, mean);
        _codes.Load(rows);
        Centre(rows, input);
        _network.Forward(parameters, input);
        FirstBad = -1;
        for (int row = 0; row < count; row++)
        {
            EncoderHeads.Fill<T>(outputs[row], _unit, _posterior.Means[row], _posterior.Spreads.PaddedRow(row));
            LowRankTerms terms = _posterior.Evaluate(row);
            _posterior.Evaluations[row] = 1;
            FirstBad = FirstBad < 0 && !double.IsFinite(terms.Bound) ? row : FirstBad;
            if (gradient is not null)
            {
                EncoderHeads.Differentiate<T>(outputs[row], _unit, terms, _network.OutputGradient(count)[row]);
            }
        }

        _posterior.Count = count;
        sums.Take(_codes.Rows.Slice(0, count), _codes.Squares, _posterior, model.NoisePrecision);
        if (gradient is not null)
        {
            _network.Backward(parameters, gradient, input);
        }
    }

    private void Centre(MatrixView<float> rows, MatrixView<T> input)
    {
        for (int row = 0; row < rows.Rows; row++)
        {
            Span<float> from = rows[row];
            Span<T> to = input[row];
            for (int d = 0; d < to.Length; d++)
            {
                to[d] = T.CreateTruncating((from[d] - _offset[d]) / _unit);
            }
        }
    }
}
