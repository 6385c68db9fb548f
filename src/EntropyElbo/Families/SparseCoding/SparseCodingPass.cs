using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// E-steps of all rows on the threads of a fit. Every row keeps its q, 16 H bytes, and the next E-step starts from it: under
/// parameters that moved little that takes two or three evaluations in place of ten. Where codes are not kept rows start cold.
/// </summary>
internal sealed class SparseCodingPass : IBlockWork, IProfilePass, IDisposable
{
    /// <summary>Rows of a block: few enough that a thousand rows keep several threads busy.</summary>
    private const int BlockRows = 64;

    private readonly SparseCodingTable _table;
    private readonly CovarianceShape _shape;
    private readonly WorkerTeam _team;
    private readonly SparseCodingWorker[] _workers;
    private readonly SparseCodingSums _total;
    private readonly double[][] _buffers;
    private readonly bool _keepsCodes;
    private IRowCursor? _cursor;
    private PosteriorModel _model = null!;
    private double[] _mean = [];

    public SparseCodingPass(SparseCodingTable table, int latents, CovarianceShape shape, int threads, bool keepsCodes = true)
    {
        (_table, _shape, _keepsCodes) = (table, shape, keepsCodes);
        _team = new WorkerTeam(threads);
        _workers = [.. Enumerable.Range(0, threads).Select(_ => new SparseCodingWorker(BlockRows, table.Columns, latents, shape))];
        _buffers = [.. Enumerable.Range(0, threads).Select(_ => table.Values is null ? new double[BlockRows * table.Columns] : [])];
        _total = new SparseCodingSums(table.Columns, latents);
        int kept = keepsCodes ? table.Count : 0;
        Means = new Matrix<double>(kept, latents);
        Spreads = new Matrix<double>(kept, shape.SpreadColumns(latents));
    }

    /// <summary>nu of every row.</summary>
    public MatrixView<double> Means { get; }

    /// <summary>What each row's q is known by beside nu.</summary>
    public MatrixView<double> Spreads { get; }

    /// <summary>Whether means and spreads are those of an E-step.</summary>
    public bool IsWarm { get; set; }

    /// <summary>An E-step; the sums are overwritten by the next.</summary>
    /// <exception cref="OperationCanceledException">Cancelled: some rows have moved, others not.</exception>
    public SparseCodingSums Run(SparseCodingParameters parameters, PosteriorModel model, CancellationToken cancellation)
    {
        (_model, _mean) = (model, parameters.Mean);
        _total.Clear();
        using (_cursor = _table.Open())
        {
            if (!OrderedBlocks.Run(this, _team, cancellation))
            {
                throw new OperationCanceledException(cancellation);
            }
        }

        IsWarm = _keepsCodes;
        return _total;
    }

    public int Take(long firstRow, int worker) =>
        _cursor is null
            ? _table.RowsOfOneWeight(firstRow, BlockRows)
            : _cursor.Read(_buffers[worker].AsSpan(0, Math.Max(1, _table.RowsOfOneWeight(firstRow, BlockRows)) * _table.Columns));

    public void Compute(BlockPlace place)
    {
        SparseCodingWorker worker = _workers[place.Worker];
        int first = (int)place.FirstRow;
        worker.Use(_model, _mean);
        worker.Load(_table.Block(first, place.Count, _buffers[place.Worker]), place.Count);
        if (IsWarm)
        {
            Means.Slice(first, place.Count).Entries.CopyTo(worker.Posterior.Means.Entries);
            Spreads.Slice(first, place.Count).Entries.CopyTo(worker.Posterior.Spreads.Entries);
        }

        worker.Infer(place.Count, IsWarm, withSums: true);
        if (!_keepsCodes)
        {
            return;
        }

        worker.Posterior.Means.Slice(0, place.Count).Entries.CopyTo(Means.Slice(first, place.Count).Entries);
        worker.Posterior.Spreads.Slice(0, place.Count).Entries.CopyTo(Spreads.Slice(first, place.Count).Entries);
    }

    public void Merge(BlockPlace place) => _total.Merge(_workers[place.Worker].Sums, _table.WeightOf(place.FirstRow));

    /// <summary>Takes every code to latents that are longer by a factor each.</summary>
    public void Stretch(double[] factors)
    {
        double[] spreads = _shape.SpreadFactors(factors);
        for (int row = 0; row < Means.Rows; row++)
        {
            TensorPrimitives.Multiply(Means[row], factors, Means[row]);
            TensorPrimitives.Multiply(Spreads[row], spreads, Spreads[row]);
        }
    }

    /// <inheritdoc/>
    public void Write(ModelRecord record)
    {
        record.Add(ModelTensor.Of("codes.means", Compact(Means), Means.Rows, Means.Columns));
        record.Add(ModelTensor.Of("codes.spreads", Compact(Spreads), Spreads.Rows, Spreads.Columns));
    }

    /// <inheritdoc/>
    public void Read(ModelRecord record)
    {
        ElementLoops.Load(record.FiniteDoubles("codes.means", Means.Rows, Means.Columns), Means.Rows, Means);
        double[] spreads = _shape.Rank is null
            ? record.Squares("codes.spreads", Spreads.Rows, Spreads.Columns)
            : record.FiniteDoubles("codes.spreads", Spreads.Rows, Spreads.Columns);
        ElementLoops.Load(spreads, Means.Rows, Spreads);
        IsWarm = true;
    }

    public void Dispose() => _team.Dispose();

    private static double[] Compact(MatrixView<double> matrix)
    {
        double[] values = new double[ArraySize.Of(matrix.Rows, matrix.Columns)];
        ElementLoops.Store(matrix, 0, matrix.Columns, matrix.Rows, values);
        return values;
    }
}
