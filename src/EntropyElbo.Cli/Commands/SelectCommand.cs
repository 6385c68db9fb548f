using System.CommandLine;
using System.Globalization;
using EntropyElbo.Cli.Host;
using EntropyElbo.Cli.Reports;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Selection;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>select</c>: tries models and settings, ranks them, keeps the best.</summary>
internal sealed class SelectCommand
{
    private readonly SelectOptions _options;
    private readonly ParseResult _parsed;
    private readonly ToolHost _host;

    private SelectCommand(SelectOptions options, ParseResult parsed, ToolHost host)
    {
        _options = options;
        _parsed = parsed;
        _host = host;
    }

    public static Command Create(ToolHost host)
    {
        SelectOptions options = new();
        Command command = options.Create("select", "Try models and settings, rank them by BIC, AIC or held-out ELBO, and keep the best.");
        command.SetAction(parsed => new SelectCommand(options, parsed, host).Run());
        return command;
    }

    private int Run()
    {
        IReadOnlyList<SelectionCandidate> candidates = _options.Candidates(_parsed);
        SelectionOptions selection = _options.Selection(_parsed, _host.Cancellation);
        string? path = _parsed.GetValue(_options.Out);
        if (OutputFile.IsStandardOutput(path))
        {
            throw new BadOptionException("out", "Standard output is for the figures; name a file.");
        }

        using RunFiles files = RunFiles.Check(_host, _options.Reading(_parsed).Files(), [("out", path)]);
        IRowSource rows = OpenRows(out IReadOnlyList<string> notes, out IReadOnlyList<CategoricalColumn> encodings);
        SelectionResult result = ModelSelection.Run(rows, candidates, selection with { Progress = Progress() });
        OutputFailures failures = new();
        string? written = path is not null && result.BestFit is { } best
            && failures.Try(() => TrainedModel.Save(path, _host, best.Model, encodings)) ? path : null;
        Print(result, notes, written);
        return failures.Report(_parsed, _host, Status(result));
    }

    private IRowSource OpenRows(out IReadOnlyList<string> notes, out IReadOnlyList<CategoricalColumn> encodings)
    {
        IRowSource rows = _host.Interruptible(() => DataFiles.Open(_host, _options.Reading(_parsed)));
        DataFiles.WriteNotes(_host, rows);
        notes = DataFiles.Notes(rows);
        encodings = DataFiles.Encodings(rows);
        return DataFiles.Counted(rows, _host.Cancellation);
    }

    /// <summary>One line a trial, on a terminal only.</summary>
    private TrialLines? Progress() => _host.ErrorIsTerminal ? new TrialLines(_host.Error) : null;

    private void Print(SelectionResult result, IReadOnlyList<string> notes, string? path)
    {
        if (_parsed.GetValue(_options.Json))
        {
            SelectionJson.Write(_host.Out, result, notes);
            return;
        }

        SelectionText.Write(_host.Out, result);
        if (path is not null && result.Best is not null)
        {
            _host.Out.WriteLine($"best model written: {path}");
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
        public void Report(SelectionProgress value) => error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Done}/{value.Trials}  {value.Latest.Candidate}: "
                + $"{Failure.OneLine(value.Latest.Failure ?? Wording.Nats(value.Latest.Score!.Value))}"));
    }
}
