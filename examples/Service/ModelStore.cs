namespace EncodingService;

/// <summary>
/// The model that requests are encoded by. A new zip is loaded beside the old one and takes its place at once: requests that are
/// under way end with the model they began with, and none waits.
/// </summary>
internal sealed partial class ModelStore(string path, TimeSpan period, ILogger<ModelStore> log) : BackgroundService
{
    private volatile ServedModel _current = ServedModel.Load(path);
    private (DateTime Written, long Length) _stamp = Stamp(path);
    private volatile string? _problem;

    /// <summary>Why the zip that lies there now is not the one that is served; null where it is.</summary>
    public string? Problem => _problem;

    /// <summary>The model of now; the caller gives it back.</summary>
    public ServedModel Rent()
    {
        ServedModel model;
        do
        {
            model = _current;
        }
        while (!model.TryRent());
        return model;
    }

    /// <summary>Looks for a new zip now and then. Rename a zip into its place: one that is half written is refused until it is whole.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(period);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (Stamp(path) is { Length: >= 0 } stamp && stamp != _stamp)
            {
                _stamp = stamp;
                Replace();
            }
        }
    }

    private void Replace()
    {
        ServedModel old = _current, next;
        try
        {
            next = ServedModel.Load(path);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Whatever is wrong with it, the old one goes on; the health check and the log say so.
            _problem = error.Message;
            Refused(path, old.Version, error);
            return;
        }

        _current = next;
        _problem = null;
        old.Return();
        Loaded(next.Version, old.Version);
    }

    private static (DateTime Written, long Length) Stamp(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : (default, -1);
    }

    [LoggerMessage(LogLevel.Information, "Model {Next} takes the place of {Old}")]
    private partial void Loaded(string next, string old);

    [LoggerMessage(LogLevel.Error, "{Path} cannot be served; {Version} goes on")]
    private partial void Refused(string path, string version, Exception error);
}
