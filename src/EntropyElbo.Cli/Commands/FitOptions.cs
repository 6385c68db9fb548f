using System.CommandLine;
using System.Globalization;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;
using EntropyElbo.Cli.Reports;
using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Commands;

/// <summary>The command line of <c>fit</c>.</summary>
internal sealed class FitOptions
{
    private readonly SettingOptions _settings = new(takesLists: false);
    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly Option<double?> _testFraction = OptionParsers.Real(
        "--test-fraction", "F", "Share of the rows to hold out and report on.");

    private readonly ReadingOptions _reading = new(takesEntries: true);
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<bool> _stream = SharedOptions.Stream();
    private readonly Option<bool> _resume = OptionParsers.Switch(
        "--resume", "Go on from the checkpoint where it exists; ends with the same model as an uninterrupted fit.");

    private readonly Option<string?> _certificate = OptionParsers.Text(
        "--certificate", "yes|no", "Measure how far the fit is from converged: one more pass over the rows, or four E-steps of EM; yes unless said.");

    private readonly Option<string?> _device = OptionParsers.Text(
        "--device", "DEVICE", "Where to train: auto, cpu or cuda:N. GPUs need a build with -p:Torch=cuda-linux or cuda-windows.");

    public Argument<string?> Data { get; } = SharedOptions.Data();

    public Option<string?> Model { get; } = OptionParsers.Text("--model", "M", $"The model to fit: {SharedOptions.FamilyList()}.");

    public Option<string?> Test { get; } = OptionParsers.Text("--test", "FILE", "Rows to hold out and report on.");

    public Option<string?> Checkpoint { get; } = OptionParsers.Text(
        "--checkpoint", "FILE", "Keep the state of training in FILE, written after each epoch.");

    public Option<string?> From { get; } = OptionParsers.Text(
        "--from", "MODEL",
        "Start from a saved model of the same family, columns and shape, whose scaling is kept; sparse coding takes more or fewer latents.");

    public Option<string?> Out { get; } = OptionParsers.Text(
        "--out", "MODEL", "Write the model to MODEL (usually *.eelbo); also when interrupted.");

    public Option<string?> Report { get; } = OptionParsers.Text("--report", "FILE.html", "Write a report with the course of training.");

    public Option<string?> Label { get; } = OptionParsers.Text(
        "--label", "COLUMN", "A column, by position or name, that is no data but names rows: the report's points are coloured by it.");

    public Option<string?> Trace { get; } = OptionParsers.Text(
        "--trace", "FILE.csv", "Write the course of training, a line an epoch: ELBO, entropies, residuals, test ELBO, each latent.");

    public Option<string?> Fields { get; } = OptionParsers.Text(
        "--fields", "FILE.png",
        "Write a picture of a linear model's fields, in the order of falling scales; --image says what image a row is.");

    public Option<bool> Json { get; } = SharedOptions.Json();

    /// <summary>Makes the command with everything.</summary>
    public Command Create(string name, string description)
    {
        CommandWithSettings command = new(name, description, _settings);
        Model.Required = true;
        Model.CompletionSources.Add([.. ModelFamilies.All.Select(f => f.Name)]);
        RequireDevice(_device);
        _certificate.AcceptOnlyFromAmong("yes", "no");
        command.Arguments.Add(Data);
        foreach (Option option in All())
        {
            command.Options.Add(option);
        }

        _reading.AddTo(command);
        _settings.AddTo(command);
        OptionParsers.Exclude(command, Test, _testFraction);
        OptionParsers.Require(command, _resume, Checkpoint);
        OptionParsers.Require(command, Label, Report);
        return command;
    }

    /// <summary>The settings for a family.</summary>
    public FitSettings Settings(ParseResult parsed, ModelFamily family) =>
        _settings.For(parsed, family, new FitSettings { Seed = Seed(parsed) }, FieldPictures.Has(family.Name) ? SettingNames.Image : null);

    /// <summary>What image a row is, where the command line says.</summary>
    public ImageShape? Image(ParseResult parsed) =>
        _settings.Text(parsed, SettingNames.Image) is { } text ? ImageShape.Parse(text) : null;

    /// <summary>The surroundings of the fit, but for test rows and progress.</summary>
    public FitContext Context(ParseResult parsed, CancellationToken cancellation) => new()
    {
        Threads = SharedOptions.ThreadsOf(parsed, _threads),
        MissingValues = Missing(parsed),
        CancellationToken = cancellation,
        CheckpointPath = parsed.GetValue(Checkpoint),
        Resume = parsed.GetValue(_resume),
        Certificate = parsed.GetValue(_certificate) != "no",
        Caching = SharedOptions.CachingOf(parsed, _stream, Reading(parsed)),
    };

    public ulong Seed(ParseResult parsed) => parsed.GetValue(_seed) ?? 1;

    public double? TestFraction(ParseResult parsed) => parsed.GetValue(_testFraction);

    /// <summary>How to read the rows.</summary>
    public DataRequest Reading(ParseResult parsed) => _reading.Request(parsed, parsed.GetValue(Data));

    public MissingValues Missing(ParseResult parsed) => _reading.Missing(parsed);

    /// <summary>The engine for the device asked for; throws where that cannot be used.</summary>
    /// <param name="note">Takes a line for the user: why a GPU engine that is part of the build is not used.</param>
    public ComputeEngine Engine(ParseResult parsed, Action<string> note)
    {
        string device = parsed.GetValue(_device) ?? "auto";
        if (device == "cpu")
        {
            return ComputeEngine.Cpu;
        }

        ITrainingEngine? engine = TrainingEngines.Find();
        if (device == "auto")
        {
            if (engine?.Problem is not null)
            {
                note($"{Lack(engine)} Training goes on with the library's own engine.");
            }

            return TrainingEngines.Choose(engine, null, fallbackToCpu: true).Engine;
        }

        int index = device.Length <= 5
            ? 0
            : int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int parsedIndex)
                ? parsedIndex
                : int.MaxValue;
        return engine is not null && index < engine.DeviceCount
            ? engine.OnGpu(index)
            : throw new BadOptionException(
                "device", $"There is no GPU engine that can train on {device} ({Lack(engine)}); take auto or cpu.");
    }

    private static string Lack(ITrainingEngine? engine) =>
        engine is null ? $"{TrainingEngines.AssemblyName} is not part of this build; build it with -p:Torch=cuda-linux or cuda-windows"
        : engine.Problem is { } problem ? $"{engine.Name} cannot be used: {problem}"
        : $"{engine.Name} finds {engine.DeviceCount} GPUs";

    private Option[] All() =>
    [
        Model, _seed, Test, _testFraction, _threads, _stream, Checkpoint, _resume, _certificate, _device, From, Out, Report, Label, Trace, Fields, Json,
    ];

    private static void RequireDevice(Option<string?> device) => device.Validators.Add(result =>
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        bool cuda = text == "cuda" || (text.StartsWith("cuda:", StringComparison.Ordinal)
            && text.Length > 5 && text.AsSpan(5).IndexOfAnyExceptInRange('0', '9') < 0);
        if (!cuda && text is not ("auto" or "cpu"))
        {
            result.AddError($"--device takes auto, cpu or cuda:N, not '{text}'.");
        }
    });
}
