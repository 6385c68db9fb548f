using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.SparseCoding;

/// <content>Codes of models that learned with a network, and what they lack of the best.</content>
public sealed partial class SparseCodingModel
{
    /// <summary>Rows that are all measured where an E-step costs more than all else.</summary>
    private const int RowsMeasured = 1024;

    /// <summary>Of how many rows behind them one is.</summary>
    private const int RowsPerMeasuredRow = 8;

    /// <summary>Columns of V where covariances are <c>V V' + diag d</c>; null where they are not of that form.</summary>
    public int? Rank => _shape.Rank;

    /// <summary>Whether the model learned with a network that encodes rows.</summary>
    public bool HasNetwork => Encoder is not null;

    /// <summary>How rows are encoded; by E-steps where there is no network.</summary>
    public SparseCodingEncoding Encoding { get; internal init; } = SparseCodingEncoding.EStep;

    internal RowEncoder? Encoder { get; init; }

    /// <summary>The same model with another way to encode rows; its training record is that of the first.</summary>
    /// <param name="encoding">How rows are encoded.</param>
    /// <exception cref="BadOptionException">The model has no network.</exception>
    public SparseCodingModel With(SparseCodingEncoding encoding) => encoding == Encoding ? this
        : Encoder is null ? throw new BadOptionException("encoding", "The model learned without a network, so rows are encoded by E-steps.")
        : new SparseCodingModel(Parameters, _shape, EncodingTolerance, Header) { Encoder = Encoder, Encoding = encoding };

    private void InferFromNetwork(SparseCodingWorker work, ReadOnlySpan<double> rows, int count)
    {
        Measure(work, rows, count);
        if (Encoding == SparseCodingEncoding.EStep)
        {
            Improve(work, rows, count);
        }
    }

    /// <summary>The network's codes and what they are worth.</summary>
    private void Measure(SparseCodingWorker work, ReadOnlySpan<double> rows, int count)
    {
        work.Use(_measure, Parameters.Mean);
        work.Load(rows, count);
        work.Network ??= new EncoderBlock(Encoder!.Network, RowsPerBlock);
        Encoder!.Encode(work.Network, rows, count, work.Posterior);
        work.Infer(count, isWarm: true, withSums: false);
        work.Posterior.Evaluations.AsSpan(0, count).Clear();
    }

    /// <summary>The codes of an E-step that starts from those at hand.</summary>
    private void Improve(SparseCodingWorker work, ReadOnlySpan<double> rows, int count)
    {
        work.Use(_posterior, Parameters.Mean);
        work.Load(rows, count);
        work.Infer(count, isWarm: true, withSums: false);
    }

    /// <summary>
    /// Adds the nats by which the E-step that starts at the network's output is better, and how many rows that speaks for: with
    /// low-rank covariances, whose E-steps take long, every eighth behind the first thousand speaks for eight.
    /// </summary>
    private void AddGaps(ReadOnlySpan<double> rows, int count, long firstRow, ElboStatistics sums)
    {
        if (Encoder is null)
        {
            return;
        }

        int chosen = 0;
        double[] some = new double[ArraySize.Of(count, ObservedDimension)], weights = new double[count];
        for (int row = 0; row < count; row++)
        {
            bool isAlone = Rank is null || firstRow + row < RowsMeasured;
            if (isAlone || (firstRow + row) % RowsPerMeasuredRow == 0)
            {
                weights[chosen] = isAlone ? 1 : RowsPerMeasuredRow;
                rows.Slice(row * ObservedDimension, ObservedDimension).CopyTo(some.AsSpan(chosen++ * ObservedDimension));
            }
        }

        if (chosen == 0)
        {
            return;
        }

        SparseCodingWorker work = Rent();
        Span<double> values = some.AsSpan(0, chosen * ObservedDimension);
        Measure(work, values, chosen);
        double[] before = [.. Enumerable.Range(0, chosen).Select(row => Elbo(work, row))];
        Improve(work, values, chosen);
        for (int row = 0; row < chosen; row++)
        {
            sums.Moments[4] += weights[row] * (Elbo(work, row) - before[row]);
            sums.Moments[5] += weights[row];
        }

        _workers.Add(work);
    }

    private double? Gap(ElboStatistics sums) => Encoder is null || sums.Moments[5] == 0 ? null : sums.Moments[4] / sums.Moments[5];

    private double Elbo(SparseCodingWorker work, int row) =>
        Entropy(work, row) + LaplaceLatents.LogPrior(Parameters.Scales, work.Posterior.Sizes[row]) + Reconstruction(work.Error(row), ObservedDimension);
}
