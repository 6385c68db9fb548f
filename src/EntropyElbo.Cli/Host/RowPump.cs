using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;

namespace EntropyElbo.Cli.Host;

/// <summary>
/// Reads rows on a thread of its own, which a pipe that nobody writes to may hold for ever, and hands them on in at most three buffers: who
/// takes them can be interrupted, and works while the next are read.
/// </summary>
internal sealed class RowPump : IDisposable
{
    private const int Buffers = 3;
    private readonly CsvFeed _feed;
    private readonly BlockingCollection<double[]> _free = [];
    private readonly BlockingCollection<(double[] Values, int Rows)> _full = [];
    private volatile bool _stopped;
    private ExceptionDispatchInfo? _fault;

    /// <summary>Begins to read.</summary>
    public RowPump(CsvFeed feed)
    {
        _feed = feed;
        for (int i = 0; i < Buffers; i++)
        {
            _free.Add(RowBlock.Allocate(feed.Columns));
        }

        new Thread(Pump) { IsBackground = true, Name = "rows" }.Start();
    }

    /// <summary>
    /// Hands on all rows. Where the run is cancelled, those that have been read already still come, and then the exception.
    /// </summary>
    /// <exception cref="BadDataException">A row cannot be read; those before it were handed on.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Run(Action<ReadOnlySpan<double>> take, CancellationToken cancellation)
    {
        try
        {
            foreach ((double[] values, int rows) in _full.GetConsumingEnumerable(cancellation))
            {
                take(values.AsSpan(0, rows * _feed.Columns));
                _free.Add(values, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            _stopped = true;
            while (_full.TryTake(out (double[] Values, int Rows) block))
            {
                take(block.Values.AsSpan(0, block.Rows * _feed.Columns));
            }

            throw;
        }

        _fault?.Throw();
    }

    /// <summary>No more rows are wanted. The thread may be held by its pipe, and ends with the process.</summary>
    public void Dispose() => _stopped = true;

    private void Pump()
    {
        try
        {
            foreach (double[] buffer in _free.GetConsumingEnumerable())
            {
                int rows = _feed.Read(buffer);
                if (rows == 0 || _stopped)
                {
                    break;
                }

                _full.Add((buffer, rows));
            }
        }
        catch (Exception error)
        {
            _fault = ExceptionDispatchInfo.Capture(error);
        }

        _full.CompleteAdding();
    }
}
