using Microsoft.ML;

namespace MLNet.EntropyElbo.Training;

/// <summary>
/// One token for both ways to cancel: the options' token, and the cancellation of the context (as by Microsoft.ML.AutoML), which
/// ML.NET tells nobody of, so that a timer asks for it.
/// </summary>
internal sealed class CancellationWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _source;
    private readonly CancellationProbe _probe;
    private readonly Timer _timer;
    private int _asking;

    public CancellationWatch(MLContext ml, CancellationToken token)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(token);
        _probe = new CancellationProbe(ml);
        _timer = new Timer(_ => Ask(), null, Interval, Interval);
    }

    /// <summary>Cancelled by either way.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Throws where the context was cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was.</exception>
    public void ThrowIfContextCancelled() => _probe.ThrowIfCancelled();

    /// <summary>Ends the asking.</summary>
    public void Dispose()
    {
        // A question under way may still cancel the source, so it ends first.
        using ManualResetEvent ended = new(false);
        if (_timer.Dispose(ended))
        {
            ended.WaitOne();
        }

        _source.Dispose();
    }

    private void Ask()
    {
        if (Interlocked.Exchange(ref _asking, 1) == 1)
        {
            return;
        }

        try
        {
            _probe.ThrowIfCancelled();
        }
        catch (OperationCanceledException)
        {
            _source.Cancel();
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }
}
