using System.Runtime.InteropServices;

namespace EntropyElbo.Cli.Host;

/// <summary>
/// Ctrl+C and SIGTERM: the first cancels, so that the model so far can be saved; the second ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const string ShowCursor = "\u001b[?25h";
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;

    public Interruption() => _signals =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
        {
            if (!Console.IsErrorRedirected)
            {
                Console.Error.Write(ShowCursor); // The progress display hides it.
            }

            Environment.Exit(ExitStatus.Interrupted);
        }

        context.Cancel = true;
        _source.Cancel();
    }
}
