using System.CommandLine;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;
using EntropyElbo.Cli.Reports;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Idx;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>fit</c>: rows in, a model and its report out.</summary>
internal sealed class FitCommand
{
    private readonly FitOptions _options;
    private readonly ParseResult _parsed;
    private readonly ToolHost _host;
    private readonly List<string> _notes = [];
    private IReadOnlyList<CategoricalColumn> _encodings = [];
    private ImageShape? _image;
    private IRowLabels? _label;

    /// <summary>The model that the fit starts from, or null.</summary>
    private LatentModel? _from;

    /// <summary>Where the training rows stand in the file; null where they are all of it.</summary>
    private IRowSource? _places;

    private FitCommand(FitOptions options, ParseResult parsed, ToolHost host)
    {
        _options = options;
        _parsed = parsed;
        _host = host;
    }

    public static Command Create(ToolHost host)
    {
        FitOptions options = new();
        Command command = options.Create("fit", "Fit a model to rows, report on it and save it.");
        command.SetAction(parsed => new FitCommand(options, parsed, host).Run());
        return command;
    }

    private int Run()
    {
        string? modelPath = _parsed.GetValue(_options.Out);
        string? reportPath = _parsed.GetValue(_options.Report), tracePath = _parsed.GetValue(_options.Trace);
        string? fieldsPath = _parsed.GetValue(_options.Fields);
        ModelFamily family = ModelFamilies.Find(_parsed.GetValue(_options.Model)!);
        ITrainer trainer = Start(_options.Settings(_parsed, family), family);
        FitContext context = _options.Context(_parsed, _host.Cancellation) with
        {
            Engine = _options.Engine(_parsed, Note),
            Traces = tracePath is not null || reportPath is not null,
            StopsByTestRows = _options.TestFraction(_parsed) is not null,
        };
        RequireFile("out", modelPath);
        RequireFile("checkpoint", context.CheckpointPath);
        RequireFile("report", reportPath);
        RequireFile("trace", tracePath);
        RequireFile("fields", fieldsPath);
        FieldPictures.RequireFields(family, fieldsPath);
        using RunFiles files = CheckFiles(
            context.CheckpointPath, ("out", modelPath), ("report", reportPath), ("trace", tracePath), ("fields", fieldsPath));
        (IRowSource training, IRowSource? test, Func<double[]>? maxima) = _host.Interruptible(() => OpenRows(context.Caching));
        _image = FieldPictures.Image(family, _options.Image(_parsed), _image, training.Columns, fieldsPath);
        NoteMissingCheckpoint(context);

        FitResult result = ProgressDisplay.Run(
            _host, progress => trainer.Fit(training, context with { TestRows = test, Progress = progress, ColumnMaxima = maxima }));
        PageFacts Page() => new(
            family,
            _options.Settings(_parsed, family),
            _options.Reading(_parsed).Title,
            PageRows.Read(training, _places, result.Model, _options.Seed(_parsed), _label),
            _label?.Name)
        {
            Weight = _options.Reading(_parsed).Csv.Weight,
            From = _from is null ? null : (Path.GetFileName(_parsed.GetValue(_options.From)!), _from),
        };
        return Write(result, Page, modelPath, reportPath, tracePath, fieldsPath, test is not null);
    }

    /// <summary>The trainer, with the model that it is to start from.</summary>
    private ITrainer Start(FitSettings settings, ModelFamily family)
    {
        ITrainer trainer = family.CreateTrainer(settings);
        _from = _parsed.GetValue(_options.From) is { } path ? SavedModel.Load(_host, path) : null;
        return _from is null ? trainer : ModelStart.Apply(trainer, _from, settings.Scaling);
    }

    /// <summary>One output that fails takes no other with it.</summary>
    private int Write(
        FitResult result, Func<PageFacts> page, string? modelPath, string? reportPath, string? tracePath, string? fieldsPath, bool hasTest)
    {
        RunReport report = RunReport.Of(result, _notes) with { Image = _image };
        OutputFailures failures = new();
        bool hasModel = modelPath is not null && failures.Try(() => TrainedModel.Save(modelPath, _host, result.Model, _encodings));
        bool hasReport = reportPath is not null && failures.Try(
            () => HtmlReport.Write(reportPath, _host, report with { Page = page() }, result.History));
        bool hasTrace = tracePath is not null
            && failures.Try(
                () => OutputFile.Write(tracePath, _host, stream => CsvWriter.Write(stream, TrainingTrace.Table(result.History))));
        bool hasFields = fieldsPath is not null
            && failures.Try(() => OutputFile.Write(fieldsPath, _host, stream => stream.Write(FieldPictures.File(result.Model, _image!))));
        failures.Try(
            () => Print(
                report,
                ("model", hasModel ? modelPath : null),
                ("report", hasReport ? reportPath : null),
                ("trace", hasTrace ? tracePath : null),
                ("fields", hasFields ? fieldsPath : null)));
        if (hasTest && report.Test is null)
        {
            failures.Add(new BadDataException(
                $"There are no figures of the test rows (the warnings say "
                    + $"why).{(hasModel ? $" The model is saved in {modelPath}." : "")}"));
        }

        return failures.Report(
            _parsed, _host, report.StopReason == StopReason.Cancelled ? ExitStatus.Interrupted : ExitStatus.Success);
    }

    private RunFiles CheckFiles(string? checkpointPath, params (string Option, string? Path)[] writes)
    {
        if (checkpointPath is { Length: > 0 } && !OutputFile.IsReplaced(checkpointPath))
        {
            throw new BadOptionException("checkpoint", "A checkpoint is written again and again; name a file, not a device or a pipe.");
        }

        return RunFiles.Check(
            _host,
            [
                .. _options.Reading(_parsed).Files(), ("the test rows", _parsed.GetValue(_options.Test)),
                ("the model to start from", _parsed.GetValue(_options.From)),
            ],
            writes,
            ("checkpoint", checkpointPath));
    }

    private static void RequireFile(string option, string? path)
    {
        if (OutputFile.IsStandardOutput(path))
        {
            throw new BadOptionException(option, "Standard output is for the figures; name a file.");
        }
    }

    private void Print(RunReport report, params (string What, string? Path)[] files)
    {
        if (_parsed.GetValue(_options.Json))
        {
            JsonReport.Write(_host.Out, report);
            return;
        }

        SummaryText summary = new(_host);
        summary.Write(report);
        foreach ((string what, string? path) in files)
        {
            summary.WriteFile(what, path);
        }

        summary.WriteNext(NextSteps.AfterFit(files.First(f => f.What == "model").Path, _options.Reading(_parsed)));
    }

    /// <summary>The rows, and the largest values of the whole file where it is split: categories are known before.</summary>
    private (IRowSource Training, IRowSource? Test, Func<double[]>? Maxima) OpenRows(RowCaching caching)
    {
        DataRequest reading = _options.Reading(_parsed);
        reading = _from is null || reading.Csv.Columns is not null ? reading : reading.WithColumnsOf(_from);
        (IRowSource rows, _label) = DataFiles.OpenLabelled(_host, ref reading, _parsed.GetValue(_options.Label), _from?.Encodings);
        _encodings = DuckData.Encodings(rows) ?? _from?.Encodings ?? [];
        _notes.AddRange(DataFiles.Notes(rows));
        _image = (rows as IdxRows)?.Image;
        if (_parsed.GetValue(_options.Report) is not null)
        {
            rows = FitRows.Kept(rows, caching); // The page reads them once more.
        }

        if (_parsed.GetValue(_options.Test) is { } testPath)
        {
            IRowSource test = DataFiles.OpenTest(_host, reading.Beside(testPath), rows.ColumnNames, _encodings);
            _notes.AddRange(DataFiles.Notes(test).Select(note => $"test rows: {note}"));

            // Kept by the pass that checks them, so that the fit does not parse them again.
            test = FitRows.Kept(test, caching);
            RequireTestRows(test);
            return (rows, test, null);
        }

        if (_options.TestFraction(_parsed) is not { } fraction)
        {
            return (rows, null, null);
        }

        SplitRows split = SplitRows.Split(
            rows, fraction, _options.Seed(_parsed), _options.Missing(_parsed), caching, _host.Cancellation);
        if (_parsed.GetValue(_options.Report) is not null)
        {
            double[] places = [.. Enumerable.Range(0, (int)rows.CountRows(_host.Cancellation)).Select(i => (double)i)];
            _places = RowSplit.ByFraction(new InMemoryRows(places, 1), fraction, _options.Seed(_parsed)).Training;
        }

        return (split.Training, split.Test, split.Maxima);
    }

    /// <summary>Test rows that cannot be read are found before training, not after hours of it.</summary>
    private void RequireTestRows(IRowSource test)
    {
        try
        {
            if (RowBlock.CountByPass(new CheckedRows(test, _options.Missing(_parsed)), _host.Cancellation) == 0)
            {
                throw new BadDataException("no row is left of them; clean the data.");
            }
        }
        catch (BadDataException error)
        {
            throw new BadDataException($"Test rows: {error.Message}", error.Row, error.Column, error);
        }
    }

    private void NoteMissingCheckpoint(FitContext context)
    {
        if (context.Resume && !File.Exists(context.CheckpointPath))
        {
            Note($"there is no checkpoint {context.CheckpointPath} yet; training starts anew.");
        }
    }

    private void Note(string text) => _host.Error.WriteLine($"entropy-elbo: note: {Failure.OneLine(text)}");
}
