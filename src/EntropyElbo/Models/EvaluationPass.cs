using EntropyElbo.Data;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Models;

/// <summary>Adds the sums of a block of scaled rows; no weights where all count as one.</summary>
internal delegate void BlockEvaluation<TSums>(
    ReadOnlySpan<double> rows, ReadOnlySpan<double> weights, int count, long firstRow, TSums sums);

/// <summary>The sums of all rows, in blocks merged in order.</summary>
/// <param name="cursor">The rows.</param>
/// <param name="hasWeights">Whether they have weights.</param>
/// <param name="scaling">How they are scaled.</param>
/// <param name="blockRows">Rows of a block.</param>
/// <param name="createSums">Makes empty sums.</param>
/// <param name="evaluate">Adds those of a block.</param>
internal sealed class EvaluationPass<TSums>(
    IRowCursor cursor, bool hasWeights, Scaling scaling, int blockRows, Func<TSums> createSums, BlockEvaluation<TSums> evaluate) : IBlockWork
    where TSums : class, IRowSums<TSums>
{
    private readonly TSums _total = createSums();
    private Workspace?[] _workspaces = [];

    /// <summary>Makes the pass.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public TSums Run(int threads, CancellationToken cancellation)
    {
        _workspaces = new Workspace?[threads];
        if (!OrderedBlocks.Run(this, threads, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return _total;
    }

    public int Take(long firstRow, int worker)
    {
        Workspace own = _workspaces[worker] ??= new Workspace(
            new double[blockRows * scaling.Columns], hasWeights ? new double[blockRows] : [], createSums());
        return cursor.Read(own.Rows, own.Weights);
    }

    public void Compute(BlockPlace place)
    {
        (double[] rows, double[] weights, TSums sums) = _workspaces[place.Worker]!;
        Span<double> block = rows.AsSpan(0, place.Count * scaling.Columns);
        scaling.Apply(block);
        sums.Clear();
        evaluate(block, weights.Length == 0 ? [] : weights.AsSpan(0, place.Count), place.Count, place.FirstRow, sums);
    }

    public void Merge(BlockPlace place) => _total.Merge(_workspaces[place.Worker]!.Sums);

    private sealed record Workspace(double[] Rows, double[] Weights, TSums Sums);
}
