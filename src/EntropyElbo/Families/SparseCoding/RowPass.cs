using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// E-steps of all rows, one by one, on the threads of a fit. Where rows are in memory every row keeps what its q is known by, 8 (D +
/// 2 H) bytes, and the next E-step starts from it; where they are streamed rows start cold.
/// </summary>
internal sealed class RowPass : IBlockWork, IProfilePass, IDisposable
{
    private const int BlockRows = 32;
    private const double MostCurvatureBytes = 512 << 20;

    private readonly SparseCodingTable _table;
    private readonly WorkerTeam _team;
    private readonly RowSolver[] _solvers;
    private readonly RowSums[] _partial;
    private readonly RowSums _total;
    private readonly double[][] _buffers;
    private readonly double[] _means;
    private readonly double[] _curvatures;
    private readonly double[] _weights;
    private readonly int _latents;
    private readonly bool _isDiagonal;
    private IRowCursor? _cursor;
    private RowBound _bound = null!;
    private bool _isWarm;

    public RowPass(SparseCodingTable table, int latents, bool isDiagonal, int threads)
    {
        (_table, _latents, _isDiagonal) = (table, latents, isDiagonal);
        int kept = table.Values is null ? 0 : table.Count;
        _team = new WorkerTeam(threads);
        _solvers = [.. Enumerable.Range(0, threads).Select(_ => new RowSolver(table.Columns, latents, isDiagonal))];
        _partial = [.. Enumerable.Range(0, threads).Select(_ => new RowSums(table.Columns, latents))];
        _buffers = [.. Enumerable.Range(0, threads).Select(_ => table.Values is null ? new double[BlockRows * table.Columns] : [])];
        _total = new RowSums(table.Columns, latents);
        _means = new double[ArraySize.Of(kept, latents)];
        _curvatures = new double[_means.Length];
        _weights = new double[ArraySize.Of(kept, table.Columns)];
    }

    /// <summary>An E-step; the sums are overwritten by the next.</summary>
    /// <exception cref="OperationCanceledException">Cancelled: some rows have moved, others not.</exception>
    public RowSums Run(RowBound bound, CancellationToken cancellation)
    {
        _bound = bound;
        _total.Clear();
        using (_cursor = _table.Open())
        {
            if (!OrderedBlocks.Run(this, _team, cancellation))
            {
                throw new OperationCanceledException(cancellation);
            }
        }

        _isWarm = _table.Values is not null;
        return _total;
    }

    /// <summary>From now on passes give second derivatives too; false where these would take more than 512 MB.</summary>
    public bool TryCollectCurvatures()
    {
        if (8 * (1 + _partial.Length) * ColumnCurvatures.Size(_table.Columns, _latents) > MostCurvatureBytes)
        {
            return false;
        }

        foreach (RowSums sums in _partial.Append(_total))
        {
            sums.Curvatures ??= new ColumnCurvatures(_table.Columns, _latents, _isDiagonal);
        }

        return true;
    }

    /// <summary>Rows start cold again.</summary>
    public void Forget() => _isWarm = false;

    public int Take(long firstRow, int worker) =>
        _cursor is null ? BlockPlace.RowsAt(firstRow, _table.Count, BlockRows) : _cursor.Read(_buffers[worker]);

    public void Compute(BlockPlace place)
    {
        RowSolver solver = _solvers[place.Worker];
        RowSums sums = _partial[place.Worker];
        int first = (int)place.FirstRow, columns = _table.Columns;
        ReadOnlySpan<double> rows = _table.Block(first, place.Count, _buffers[place.Worker]);
        sums.Clear();
        solver.Use(_bound);
        for (int row = 0; row < place.Count; row++)
        {
            Load(solver.State, first + row);
            solver.Infer(rows.Slice(row * columns, columns), _isWarm);
            sums.Add(solver.State, _bound.Terms, _table.WeightOf(first + row));
            Store(solver.State, first + row);
        }
    }

    public void Merge(BlockPlace place) => _total.Merge(_partial[place.Worker]);

    /// <inheritdoc/>
    public void Write(ModelRecord record)
    {
        int kept = _means.Length / _latents;
        record.Add(ModelTensor.Of("codes.means", _means, kept, _latents));
        record.Add(ModelTensor.Of("codes.curvatures", _curvatures, kept, _latents));
        record.Add(ModelTensor.Of("codes.weights", _weights, kept, _table.Columns));
    }

    /// <inheritdoc/>
    public void Read(ModelRecord record)
    {
        int kept = _means.Length / _latents;
        record.FiniteDoubles("codes.means", kept, _latents).CopyTo(_means, 0);
        record.Squares("codes.curvatures", kept, _latents).CopyTo(_curvatures, 0);
        record.Squares("codes.weights", kept, _table.Columns).CopyTo(_weights, 0);
        _isWarm = kept > 0;
    }

    public void Dispose() => _team.Dispose();

    private void Load(RowState state, int row)
    {
        if (_isWarm)
        {
            _means.AsSpan(row * _latents, _latents).CopyTo(state.Mean);
            _curvatures.AsSpan(row * _latents, _latents).CopyTo(state.Curvature);
            _weights.AsSpan(row * _table.Columns, _table.Columns).CopyTo(state.Weight);
        }
    }

    private void Store(RowState state, int row)
    {
        if (_table.Values is not null)
        {
            state.Mean.AsSpan(0, _latents).CopyTo(_means.AsSpan(row * _latents));
            state.Curvature.AsSpan(0, _latents).CopyTo(_curvatures.AsSpan(row * _latents));
            state.Weight.CopyTo(_weights, row * _table.Columns);
        }
    }
}
