using System.CommandLine;
using System.Globalization;
using EntropyElbo.Cli.Host;
using EntropyElbo.Cli.Reports;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Selection;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>select</c>: tries models and settings, ranks them, keeps the best.</summary>
internal sealed class SelectCommand
{
    private readonly SelectOptions _options;
    private readonly ParseResult _parsed;
    private readonly ToolHost _host;
    private IReadOnlyList<CategoricalColumn> _encodings = [];

    private SelectCommand(SelectOptions options, ParseResult parsed, ToolHost host)
    {
        _options = options;
        _parsed = parsed;
        _host = host;
    }

    public static Command Create(ToolHost host)
    {
        SelectOptions options = new();
        Command command = options.Create("select", "Try models and settings, rank them by a criterion, and keep the best.");
        command.SetAction(parsed => new SelectCommand(options, parsed, host).Run());
        return command;
    }

    private int Run()
    {
        SelectionOptions selection = _options.Selection(_parsed, _host.Cancellation);
        IReadOnlyList<SelectionCandidate>? named = _options.TriesAll(_parsed) ? null : _options.Grid(_parsed).Candidates(selection);
        string? path = _parsed.GetValue(_options.Out), report = _parsed.GetValue(_options.Report);
        RequireFile("out", path);
        RequireFile("report", report);
        if (selection.StudyPath is { Length: > 0 } study && !OutputFile.IsReplaced(study))
        {
            throw new BadOptionException("study", "A study grows line by line; name a file, not a device or a pipe.");
        }

        using RunFiles files = RunFiles.Check(
            _host, _options.Reading(_parsed).Files(), [("out", path), ("report", report)], ("study", selection.StudyPath));
        List<string> notes = [];
        IRowSource rows = OpenRows(notes, selection.Caching);
        IReadOnlyList<SelectionCandidate> candidates = named ?? Fitting(rows, notes, selection);
        SelectionResult result = ModelSelection.Run(rows, candidates, selection with { Progress = Progress() });
        OutputFailures failures = new();
        string? written = path is not null && result.BestFit is { } best
            && failures.Try(() => TrainedModel.Save(path, _host, best.Model, _encodings)) ? path : null;
        bool isReported = report is not null && failures.Try(() => SelectionHtml.Write(report, _host, result, notes));
        Print(result, notes, ("best model", written), ("report", isReported ? report : null));
        return failures.Report(_parsed, _host, Status(result));
    }

    private static void RequireFile(string option, string? path)
    {
        if (OutputFile.IsStandardOutput(path))
        {
            throw new BadOptionException(option, "Standard output is for the figures; name a file.");
        }
    }

    private IRowSource OpenRows(List<string> notes, RowCaching caching)
    {
        IRowSource rows = _host.Interruptible(() => DataFiles.Open(_host, _options.Reading(_parsed)));
        DataFiles.WriteNotes(_host, rows);
        notes.AddRange(DataFiles.Notes(rows));
        _encodings = DuckData.Encodings(rows) ?? [];
        return DataFiles.Counted(rows, caching, _host.Cancellation);
    }

    /// <summary>The models that fit the columns; which do not is said.</summary>
    private IReadOnlyList<SelectionCandidate> Fitting(IRowSource rows, List<string> notes, SelectionOptions selection)
    {
        List<string> choice = [];
        IReadOnlyList<SelectionCandidate> candidates =
            _options.Grid(_parsed, rows, choice, _host.Cancellation).Candidates(selection);
        foreach (string note in choice)
        {
            _host.Error.WriteLine($"entropy-elbo: note: {Failure.OneLine(note)}");
        }

        notes.AddRange(choice);
        return candidates;
    }

    /// <summary>One line a trial, on a terminal only.</summary>
    private TrialLines? Progress() => _host.ErrorIsTerminal ? new TrialLines(_host.Error) : null;

    private void Print(SelectionResult result, IReadOnlyList<string> notes, params (string What, string? Path)[] files)
    {
        if (_parsed.GetValue(_options.Json))
        {
            SelectionJson.Write(_host.Out, result, notes);
            return;
        }

        SelectionText.Write(_host.Out, result);
        foreach ((string what, string? path) in files.Where(f => f.Path is not null))
        {
            _host.Out.WriteLine($"{what} written: {path}");
        }

        if (result.Best is not null)
        {
            _host.Out.WriteLine($"then: {NextSteps.AfterSelect(files[0].Path, _options.Reading(_parsed))}");
        }
    }

    private int Status(SelectionResult result)
    {
        if (result.Stop == SelectionStop.Cancelled)
        {
            return ExitStatus.Interrupted;
        }

        if (result.Best is not null)
        {
            return ExitStatus.Success;
        }

        if (result.AreKindsApart)
        {
            _host.Error.WriteLine($"entropy-elbo: {Failure.OneLine(result.Warnings[^1])} Try models of one kind, or --mixed-likelihoods.");
            return ExitStatus.BadInput;
        }

        string reason = result.Trials.Count > 0 ? result.Trials[0].Failure! : "the time was up before the first.";
        _host.Error.WriteLine($"entropy-elbo: no trial gave a model: {Failure.OneLine(reason)}");
        return ExitStatus.BadInput;
    }

    private sealed class TrialLines(TextWriter error) : IProgress<SelectionProgress>
    {
        public void Report(SelectionProgress value)
        {
            string outcome = Failure.OneLine(value.Latest.Failure ?? Wording.Nats(value.Latest.Score!.Value));
            string known = value.Latest.IsFromStudy ? "  from the study" : "";
            string left = value.Remaining is { } time && value.Done < value.Trials ? $"  ETA {Wording.Clock(time)}" : "";
            error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{value.Done}/{value.Trials}  {value.Latest.Candidate}: {outcome}{known}{left}"));
        }
    }
}
