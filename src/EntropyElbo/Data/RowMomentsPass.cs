using System.Runtime.ExceptionServices;

namespace EntropyElbo.Data;

/// <summary>
/// One pass over rows that adds their moments: threads take blocks in turn from the one cursor, compute them side by side,
/// and merge them in the order in which they were read. So results do not depend on the number of threads.
/// </summary>
internal sealed class RowMomentsPass(RowMoments moments, IRowCursor cursor, Scaling scaling)
{
    private readonly Lock _reading = new();
    private readonly object _merging = new();
    private long _read;
    private long _merged;
    private bool _atEnd;
    private Exception? _failure;

    /// <summary>Adds all rows.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(int threads, CancellationToken cancellationToken)
    {
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Work(cancellationToken));
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    private void Work(CancellationToken cancellationToken)
    {
        try
        {
            RowMomentsBlock block = new(moments.Columns);
            while (Take(block, cancellationToken) is >= 0 and long ticket)
            {
                block.Compute();
                if (!Merge(block, ticket))
                {
                    return;
                }
            }
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    /// <summary>Fills the next block; returns its number, or -1 when there is none.</summary>
    private long Take(RowMomentsBlock block, CancellationToken cancellationToken)
    {
        lock (_reading)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _atEnd = _atEnd || Volatile.Read(ref _failure) is not null || !block.Fill(cursor, scaling);
            return _atEnd ? -1 : _read++;
        }
    }

    /// <summary>Waits for the blocks before; false where one of them failed.</summary>
    private bool Merge(RowMomentsBlock block, long ticket)
    {
        lock (_merging)
        {
            while (_merged != ticket)
            {
                if (_failure is not null)
                {
                    return false;
                }

                Monitor.Wait(_merging);
            }

            moments.Merge(block);
            _merged++;
            Monitor.PulseAll(_merging);
            return true;
        }
    }

    private void Fail(Exception error)
    {
        lock (_merging)
        {
            _failure ??= error;
            Monitor.PulseAll(_merging);
        }
    }
}
