using EntropyElbo.Numerics;

namespace EntropyElbo.Data;

/// <summary>
/// One pass over rows that adds their moments, by their weights where they have any: blocks are computed side by side and merged in the order in which they were read.
/// </summary>
internal sealed class RowMomentsPass(RowMoments moments, IRowCursor cursor, Scaling scaling, bool hasWeights) : IBlockWork
{
    private RowMomentsBlock?[] _blocks = [];

    /// <summary>Adds all rows.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(int threads, CancellationToken cancellation)
    {
        _blocks = new RowMomentsBlock?[threads];
        if (!OrderedBlocks.Run(this, threads, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public int Take(long firstRow, int worker)
    {
        RowMomentsBlock block = _blocks[worker] ??= new RowMomentsBlock(moments.Columns, hasWeights);
        block.Fill(cursor, scaling);
        return block.Rows;
    }

    public void Compute(BlockPlace place) => _blocks[place.Worker]!.Compute();

    public void Merge(BlockPlace place) => moments.Merge(_blocks[place.Worker]!);
}
