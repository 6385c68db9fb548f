using System.CommandLine;
using EntropyElbo.Cli.Host;
using EntropyElbo.Cli.Reports;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Formats;
using EntropyElbo.Files;
using EntropyElbo.Streaming;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>watch</c>: rows for as long as they come, and a line every so often on what they look like.</summary>
internal sealed class WatchCommand
{
    private readonly WatchOptions _options;
    private readonly ParseResult _parsed;
    private readonly ToolHost _host;

    private WatchCommand(WatchOptions options, ParseResult parsed, ToolHost host)
    {
        _options = options;
        _parsed = parsed;
        _host = host;
    }

    public static Command Create(ToolHost host)
    {
        WatchOptions options = new();
        Command command = options.Create(
            "watch",
            "Learn from rows for as long as they come: how well new rows fit, how many directions they vary in, and whether they have changed.");
        command.SetAction(parsed => new WatchCommand(options, parsed, host).Run());
        return command;
    }

    private int Run()
    {
        string path = _parsed.GetValue(_options.Data)!;
        string? state = _parsed.GetValue(_options.State);
        if (state is not null && (OutputFile.IsStandardOutput(state) || (state.Length > 0 && !OutputFile.IsReplaced(state))))
        {
            throw new BadOptionException("state", "The state is read and written again; name a file, not a device or a pipe.");
        }

        using RunFiles files = RunFiles.Check(_host, [("the data", path)], [("state", state)]);
        StreamLearner? kept = state is not null && File.Exists(state) ? StreamLearner.Open(state) : null;
        if (kept is not null)
        {
            _options.RequireSame(_parsed, kept);
        }

        using CsvFeed feed = _host.Interruptible(() => Open(path, kept));
        foreach (string note in feed.Notes)
        {
            _host.Error.WriteLine($"entropy-elbo: note: {Failure.OneLine(note)}");
        }

        StreamLearner learner = kept ?? _options.Learner(_parsed, feed.Columns);
        learner.ColumnNames ??= feed.ColumnNames;
        return Follow(learner, feed, path, state);
    }

    /// <summary>Whatever ends the stream, the state is written, and then said what went wrong.</summary>
    private int Follow(StreamLearner learner, CsvFeed feed, string path, string? state)
    {
        OutputFailures failures = new();
        WatchLines lines = new(_host, _parsed.GetValue(_options.Json), learner);
        bool interrupted = false;
        failures.Try(() =>
        {
            using RowPump pump = new(feed);
            try
            {
                pump.Run(rows => learner.Add(rows, lines.Write), _host.Cancellation);
                RequireRows(lines, feed, path);
            }
            catch (OperationCanceledException)
            {
                interrupted = true;
            }
        });
        bool saved = state is not null && lines.NewRows > 0 && failures.Try(() => Save(learner, state));
        failures.Try(() => lines.End(interrupted ? "interrupted" : "end of input", feed.Skipped, saved ? state : null));
        return failures.Report(_parsed, _host, interrupted ? ExitStatus.Interrupted : ExitStatus.Success);
    }

    private void Save(StreamLearner learner, string state)
    {
        byte[] bytes = ModelFile.ToBytes(learner.ToRecord());
        OutputFile.Write(state, _host, stream => stream.Write(bytes));
    }

    private static void RequireRows(WatchLines lines, CsvFeed feed, string path)
    {
        if (lines.NewRows == 0)
        {
            string left = feed.Skipped > 0 ? $"all {feed.Skipped} rows have missing values" : "there is only a line of column names";
            throw new BadDataException($"{Name(path)} holds no row to learn from: {left}.");
        }
    }

    private CsvFeed Open(string path, StreamLearner? kept)
    {
        if (path != "-" && DuckData.Reads(path))
        {
            throw new BadDataException($"{path}: a stream is read as text, row by row as it comes; write the rows as CSV, or fit a model to the file.");
        }

        CsvOptions options = _options.Reading(_parsed, kept?.ColumnNames);
        long every = kept?.ReadingRows ?? _options.Every(_parsed) ?? int.MaxValue;
        Stream stream = path == "-" ? _host.TakeInput() : RawFiles.OpenFile(path);
        CsvFeed feed = RowSources.Follow(stream, Name(path), options, _options.Missing(_parsed), (int)Math.Clamp(every + 1, 2, 1000));
        if (kept is not null && feed.Columns != kept.Columns)
        {
            throw new BadDataException(
                $"{Name(path)} has {feed.Columns} columns, the state was learnt from {kept.Columns}; choose them with --columns, or name another --state.");
        }

        return feed;
    }

    private static string Name(string path) => path == "-" ? "standard input" : path;
}
