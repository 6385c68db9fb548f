using System.CommandLine;
using System.Globalization;
using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Commands;

/// <summary>The command line of <c>fit</c>.</summary>
internal sealed class FitOptions
{
    private readonly Option<int?> _latents = OptionParsers.Whole<int>("--latents", "H", "Number of latents.");
    private readonly Option<int?> _components = OptionParsers.Whole<int>("--components", "K", "Number of mixture components.");
    private readonly Option<int[]?> _hidden = OptionParsers.WholeList(
        "--hidden", "LIST", "Hidden layer sizes of the encoder, as in 128,24; the decoder mirrors them; none for linear maps.");

    private readonly ImageOptions _images = new();
    private readonly Option<int?> _epochs = OptionParsers.Whole<int>("--epochs", "E", "Passes over the rows at most.");
    private readonly Option<int?> _batch = OptionParsers.Whole<int>("--batch", "B", "Rows per parameter update.");
    private readonly Option<double?> _learningRate = OptionParsers.Real("--learning-rate", "R", "Learning rate of Adam.");
    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly Option<string?> _likelihood = OptionParsers.Text(
        "--likelihood", "NAME", "Observable distribution: gaussian, bernoulli, binomial:N or poisson, where the model has the choice.");

    private readonly Option<double?> _beta = OptionParsers.Real(
        "--beta", "B", "Weight of the KL term while training; reports show the un-weighted ELBO.");

    private readonly Option<int?> _restarts = SharedOptions.Restarts();
    private readonly Option<double?> _smoothing = SharedOptions.Smoothing();

    private readonly Option<string?> _scale = OptionParsers.Text(
        "--scale", "KIND", "Scaling of the columns, kept in the model: none, minmax or standard. Default: the model's own, minmax as a rule.");

    private readonly Option<double?> _testFraction = OptionParsers.Real(
        "--test-fraction", "F", "Share of the rows to hold out and report on.");

    private readonly ReadingOptions _reading = new();
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<bool> _resume = OptionParsers.Switch(
        "--resume", "Go on from the checkpoint where it exists; ends with the same model as an uninterrupted fit.");

    private readonly Option<string?> _device = OptionParsers.Text(
        "--device", "DEVICE", "Where to train: auto, cpu or cuda:N. GPUs need a build with -p:Torch=cuda-linux or cuda-windows.");

    public Argument<string> Data { get; } = SharedOptions.Data();

    public Option<string?> Model { get; } = OptionParsers.Text("--model", "M", $"The model to fit. {SharedOptions.FamilyList()}.");

    public Option<string?> Test { get; } = OptionParsers.Text("--test", "FILE", "Rows to hold out and report on.");

    public Option<string?> Checkpoint { get; } = OptionParsers.Text(
        "--checkpoint", "FILE", "Keep the state of training in FILE, written after each epoch.");

    public Option<string?> Out { get; } = OptionParsers.Text(
        "--out", "MODEL", "Write the model to MODEL (usually *.eelbo); also when interrupted.");

    public Option<string?> Report { get; } = OptionParsers.Text("--report", "FILE.html", "Write a report with the course of training.");

    public Option<bool> Json { get; } = SharedOptions.Json();

    /// <summary>Adds everything to the command.</summary>
    public void AddTo(Command command)
    {
        Model.Required = true;
        Model.CompletionSources.Add([.. ModelFamilies.All.Select(f => f.Name)]);
        _scale.AcceptOnlyFromAmong("none", "minmax", "standard");
        RequireDevice(_device);
        command.Arguments.Add(Data);
        foreach (Option option in All())
        {
            command.Options.Add(option);
        }

        _reading.AddTo(command);
        OptionParsers.Exclude(command, Test, _testFraction);
        OptionParsers.Require(command, _resume, Checkpoint);
        _images.AddRules(command);
    }

    /// <summary>The settings that a family reads.</summary>
    public FitSettings Settings(ParseResult parsed) => new()
    {
        Latents = parsed.GetValue(_latents),
        Components = parsed.GetValue(_components),
        Hidden = parsed.GetResult(_hidden) is null ? null : parsed.GetValue(_hidden), // Lists not given come as empty ones.
        Images = _images.Networks(parsed),
        Epochs = parsed.GetValue(_epochs),
        BatchSize = parsed.GetValue(_batch),
        LearningRate = parsed.GetValue(_learningRate),
        Seed = Seed(parsed),
        Likelihood = parsed.GetValue(_likelihood),
        Beta = parsed.GetValue(_beta),
        Restarts = parsed.GetValue(_restarts),
        Smoothing = parsed.GetValue(_smoothing),
        Scaling = parsed.GetValue(_scale) switch
        {
            "none" => ScalingKind.None,
            "minmax" => ScalingKind.MinMax,
            "standard" => ScalingKind.Standard,
            _ => null,
        },
    };

    /// <summary>The surroundings of the fit, but for test rows and progress.</summary>
    public FitContext Context(ParseResult parsed, CancellationToken cancellation) => new()
    {
        Threads = SharedOptions.ThreadsOf(parsed, _threads),
        MissingValues = Missing(parsed),
        CancellationToken = cancellation,
        CheckpointPath = parsed.GetValue(Checkpoint),
        Resume = parsed.GetValue(_resume),
    };

    public ulong Seed(ParseResult parsed) => parsed.GetValue(_seed) ?? 1;

    public double? TestFraction(ParseResult parsed) => parsed.GetValue(_testFraction);

    /// <summary>How to read the rows.</summary>
    public CsvOptions Reading(ParseResult parsed) => _reading.Csv(parsed);

    public MissingValues Missing(ParseResult parsed) => _reading.Missing(parsed);

    /// <summary>The trainer on the device asked for; throws where that cannot be used.</summary>
    /// <param name="note">Takes a line for the user: why a GPU engine that is part of the build is not used.</param>
    public ITrainer OnDevice(ParseResult parsed, ITrainer trainer, Action<string> note)
    {
        string device = parsed.GetValue(_device) ?? "auto";
        if (device == "cpu")
        {
            return trainer;
        }

        ITrainingEngine? engine = TrainingEngines.Find();
        if (device == "auto")
        {
            if (engine?.Problem is not null)
            {
                note($"{Lack(engine)} Training goes on with the library's own engine.");
            }

            return TrainingEngines.Choose(trainer, engine, null, fallbackToCpu: true).Trainer;
        }

        int index = device.Length <= 5 ? 0 : int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int parsedIndex) ? parsedIndex : int.MaxValue;
        return engine is not null && index < engine.DeviceCount
            ? engine.Bind(trainer, index) ?? throw new BadOptionException("device", $"The GPU engine does not train this model, so it cannot train on {device}; take auto or cpu.")
            : throw new BadOptionException("device", $"There is no GPU engine that can train on {device} ({Lack(engine)}); take auto or cpu.");
    }

    private static string Lack(ITrainingEngine? engine) =>
        engine is null ? $"{TrainingEngines.AssemblyName} is not part of this build; build it with -p:Torch=cuda-linux or cuda-windows"
        : engine.Problem is { } problem ? $"{engine.Name} cannot be used: {problem}"
        : $"{engine.Name} finds {engine.DeviceCount} GPUs";

    private Option[] All() =>
    [
        Model, _latents, _components, _hidden, .. _images.All, _epochs, _batch, _learningRate, _seed, _likelihood, _beta, _restarts, _smoothing, _scale,
        Test, _testFraction, _threads, Checkpoint, _resume, _device, Out, Report, Json,
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
