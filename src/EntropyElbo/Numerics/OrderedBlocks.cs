using System.Runtime.ExceptionServices;

namespace EntropyElbo.Numerics;

/// <summary>Where a block of rows stands in a pass.</summary>
/// <param name="Block">Its number, from 0.</param>
/// <param name="FirstRow">
/// Number of its first row. What follows from a block's place goes by this, never by <paramref name="Block"/>: blocks of wide rows
/// are shorter.
/// </param>
/// <param name="Count">Its rows, at least 1.</param>
/// <param name="Worker">Who has it: the index of a workspace that nobody else uses meanwhile.</param>
internal readonly record struct BlockPlace(long Block, long FirstRow, int Count, int Worker)
{
    /// <summary>Rows of the block that begins with <paramref name="firstRow"/>, where all rows are in memory; 0 at the end.</summary>
    public static int RowsAt(long firstRow, long rows, int blockRows) => (int)Math.Min(blockRows, rows - firstRow);
}

/// <summary>What an ordered pass does with its blocks. Workspaces belong to it, one a worker.</summary>
internal interface IBlockWork
{
    /// <summary>Takes the next rows for a worker: one call at a time, in the order of blocks. Returns how many; 0 at the end.</summary>
    int Take(long firstRow, int worker);

    /// <summary>Works on a block in the worker's own workspace, side by side with other workers.</summary>
    void Compute(BlockPlace place);

    /// <summary>Adds what the block gave to the whole: one call at a time, in the order of blocks.</summary>
    void Merge(BlockPlace place);
}

/// <summary>
/// One pass over blocks of rows: workers take blocks in turn, compute them side by side and merge them in order, so results have
/// the same bits whatever the number of workers. Nothing is allocated for a block. Of several blocks that fail the first is the one
/// whose error is thrown, so that errors do not depend on workers either.
/// </summary>
internal sealed class OrderedBlocks
{
    /// <summary>Turns of waiting for the block before, which as a rule is about to end, until a worker sleeps.</summary>
    private const int Spins = 20;

    private readonly IBlockWork _work;
    private readonly CancellationToken _cancellation;
    private readonly Lock _taking = new();
    private readonly object _merging = new();
    private long _taken;
    private long _rows;
    private bool _atEnd;
    private bool _isCancelled;
    private long _merged;
    private int _sleepers;
    private long _failedBlock = long.MaxValue;
    private Exception? _failure;

    private OrderedBlocks(IBlockWork work, CancellationToken cancellation)
    {
        _work = work;
        _cancellation = cancellation;
    }

    /// <summary>Makes a pass on the threads of a team; false where it was cancelled before its end.</summary>
    public static bool Run(IBlockWork work, WorkerTeam team, CancellationToken cancellation)
    {
        OrderedBlocks pass = new(work, cancellation);
        team.Run(pass.Serve);
        return pass.Finish();
    }

    /// <summary>Makes a pass on threads of the pool; false where it was cancelled before its end.</summary>
    public static bool Run(IBlockWork work, int threads, CancellationToken cancellation)
    {
        OrderedBlocks pass = new(work, cancellation);
        if (threads == 1)
        {
            pass.Serve(0);
        }
        else
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, pass.Serve);
        }

        return pass.Finish();
    }

    /// <summary>
    /// A pass on the calling thread over rows that are all at hand, as a device makes it; false where it was cancelled before its
    /// end.
    /// </summary>
    public static bool InTurn(long rows, long blockRows, Action<long, int> work, CancellationToken cancellation)
    {
        for (long first = 0; first < rows; first += blockRows)
        {
            if (cancellation.IsCancellationRequested)
            {
                return false;
            }

            work(first, (int)Math.Min(blockRows, rows - first));
        }

        return true;
    }

    private bool Finish()
    {
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }

        return !_isCancelled;
    }

    private void Serve(int worker)
    {
        long block = 0;
        try
        {
            while (Take(worker, ref block) is { Count: > 0 } place)
            {
                _work.Compute(place);
                if (!WaitForTurn(block))
                {
                    return;
                }

                _work.Merge(place);
                EndTurn(block);
            }
        }
        catch (Exception failure)
        {
            Fail(block, failure);
        }
    }

    /// <summary>The next block; one of no rows at the end.</summary>
    private BlockPlace Take(int worker, ref long block)
    {
        lock (_taking)
        {
            block = _taken;
            _isCancelled |= !_atEnd && _cancellation.IsCancellationRequested;
            if (_atEnd || _isCancelled || Volatile.Read(ref _failedBlock) < long.MaxValue)
            {
                return default;
            }

            // Where this throws the block fails, and nothing is taken after it.
            _atEnd = true;
            int count = _work.Take(_rows, worker);
            BlockPlace place = new(block, _rows, count, worker);
            _atEnd = count == 0;
            _taken++;
            _rows += count;
            return place;
        }
    }

    /// <summary>Waits until all blocks before are merged; false where one of them failed.</summary>
    private bool WaitForTurn(long block)
    {
        SpinWait spin = default;
        while (Volatile.Read(ref _merged) != block)
        {
            if (Volatile.Read(ref _failedBlock) < block)
            {
                return false;
            }

            if (spin.Count < Spins)
            {
                spin.SpinOnce(-1);
            }
            else
            {
                Sleep(block);
            }
        }

        return true;
    }

    private void Sleep(long block)
    {
        lock (_merging)
        {
            Interlocked.Increment(ref _sleepers);
            while (Volatile.Read(ref _merged) != block && Volatile.Read(ref _failedBlock) > block)
            {
                Monitor.Wait(_merging);
            }

            Interlocked.Decrement(ref _sleepers);
        }
    }

    private void EndTurn(long block)
    {
        // With a full fence, as the sleepers' count has: one of the two sees the other.
        Interlocked.Exchange(ref _merged, block + 1);
        if (Volatile.Read(ref _sleepers) > 0)
        {
            Wake();
        }
    }

    private void Wake()
    {
        lock (_merging)
        {
            Monitor.PulseAll(_merging);
        }
    }

    /// <summary>Blocks before may still fail, and then theirs is the error.</summary>
    private void Fail(long block, Exception failure)
    {
        lock (_merging)
        {
            if (block < _failedBlock)
            {
                _failedBlock = block;
                _failure = failure;
            }

            Monitor.PulseAll(_merging);
        }
    }
}
