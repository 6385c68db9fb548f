using System.CommandLine;
using System.Diagnostics;
using EntropyElbo.Cli.Host;
using EntropyElbo.Cli.Reports;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>evaluate</c>: the report of a saved model on other rows.</summary>
internal sealed class EvaluateCommand
{
    private readonly Argument<string> _model = SharedOptions.ModelFile();
    private readonly Argument<string?> _data = SharedOptions.Data();
    private readonly Option<int?> _samples = OptionParsers.Whole<int>(
        "--samples", "L", $"Monte-Carlo samples per row where an expectation has no closed form. Default: "
            + $"{EvaluateOptions.DefaultSamples}.");

    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly ReadingOptions _reading = new(takesEntries: true);
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<bool> _json = SharedOptions.Json();

    public static Command Create(ToolHost host)
    {
        EvaluateCommand command = new();
        Command result = new(
            "evaluate",
            "Report on a saved model's fit to rows. Columns are found by the names that the model was trained with, else by position.")
        {
            command._model, command._data, command._samples, command._seed, command._threads, command._json,
        };
        command._reading.AddTo(result);
        result.SetAction(parsed => command.Run(parsed, host));
        return result;
    }

    private int Run(ParseResult parsed, ToolHost host)
    {
        EvaluateOptions options = new()
        {
            Samples = parsed.GetValue(_samples) ?? EvaluateOptions.DefaultSamples,
            Seed = parsed.GetValue(_seed) ?? 1,
            Threads = SharedOptions.ThreadsOf(parsed, _threads),
            MissingValues = _reading.Missing(parsed),
            CancellationToken = host.Cancellation,
        };
        string modelPath = parsed.GetValue(_model)!;
        DataRequest request = _reading.Request(parsed, parsed.GetValue(_data));
        using RunFiles files = RunFiles.Check(host, [("the model", modelPath), .. request.Files()], []);
        LatentModel model = _reading.For(parsed, SavedModel.Load(host, modelPath));
        IRowSource rows = host.Interruptible(() => DataFiles.OpenFor(host, request, model));
        CheckedRows checkedRows = new(rows, _reading.Missing(parsed)) { OffersMarginal = model.KnowsMissingEntries };
        Stopwatch watch = Stopwatch.StartNew();
        Evaluation evaluation = model.Evaluate(checkedRows, options);
        RunReport report = RunReport.Of(model, evaluation, checkedRows.SkippedRows ?? 0, watch.Elapsed, DataFiles.Notes(rows));
        if (parsed.GetValue(_json))
        {
            JsonReport.Write(host.Out, report);
        }
        else
        {
            SummaryText summary = new(host);
            summary.Write(report);
            summary.WriteNext(NextSteps.AfterEvaluate(modelPath, request));
        }

        return ExitStatus.Success;
    }
}
