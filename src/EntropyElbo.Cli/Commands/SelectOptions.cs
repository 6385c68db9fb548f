using System.CommandLine;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Selection;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Commands;

/// <summary>The command line of <c>select</c>.</summary>
internal sealed class SelectOptions
{
    private readonly Option<string?> _models = OptionParsers.Text(
        "--model", "M1,M2", $"The models to try, separated by commas. {SharedOptions.FamilyList()}.");

    private readonly Option<int[]?> _latents = OptionParsers.WholeList(
        "--latents", "LIST", "Numbers of latents to try, as in 2,4,8; components for models that have those in place of latents.");

    private readonly Option<int[]?> _components = OptionParsers.WholeList("--components", "LIST", "Numbers of mixture components to try.");
    private readonly Option<int[]?> _hidden = OptionParsers.WholeList(
        "--hidden", "LIST", "Hidden layer sizes of the encoder, as in 128,24, the same for all; none for linear maps.");

    private readonly ImageOptions _images = new();
    private readonly Option<int[]?> _batch = OptionParsers.WholeList("--batch", "LIST", "Rows per parameter update to try.");
    private readonly Option<double[]?> _learningRate = OptionParsers.RealList("--learning-rate", "LIST", "Learning rates of Adam to try.");
    private readonly Option<double[]?> _beta = OptionParsers.RealList("--beta", "LIST", "Weights of the KL term to try.");
    private readonly Option<int?> _epochs = OptionParsers.Whole<int>("--epochs", "E", "Passes over the rows at most.");
    private readonly Option<string?> _likelihood = OptionParsers.Text("--likelihood", "NAME", "Observable distribution, where the model has the choice.");
    private readonly Option<int?> _restarts = SharedOptions.Restarts();
    private readonly Option<double?> _smoothing = SharedOptions.Smoothing();
    private readonly Option<string?> _scale = OptionParsers.Text(
        "--scale", "KIND", "Scaling of the columns: none, minmax or standard. Default: each model's own.");

    private readonly Option<string?> _criterion = OptionParsers.Text(
        "--criterion", "NAME", "What to compare by: bic, aic or held-out. Default: bic.");

    private readonly Option<int?> _folds = OptionParsers.Whole<int>("--folds", "K", "Folds of cross-validation, for held-out.");
    private readonly Option<double?> _testFraction = OptionParsers.Real(
        "--test-fraction", "F", "Share of the rows to hold out, for held-out. Default: 0.2.");

    private readonly Option<bool> _mixedLikelihoods = OptionParsers.Switch(
        "--mixed-likelihoods", "Rank models that give densities and models that give probabilities in one list, though their scores do not compare. Default: each kind by itself, and no best of all.");

    private readonly Option<int?> _maxTrials = OptionParsers.Whole<int>("--max-trials", "N", "Combinations to try at most.");
    private readonly Option<double?> _time = OptionParsers.Real("--time", "SECONDS", "Time for the trials.");
    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly ReadingOptions _reading = new();
    private readonly Option<int?> _threads = SharedOptions.Threads();

    public Argument<string> Data { get; } = SharedOptions.Data();

    public Option<string?> Out { get; } = OptionParsers.Text("--out", "MODEL", "Write the best model, fitted to all rows, to MODEL.");

    public Option<bool> Json { get; } = OptionParsers.Switch("--json", "Print the trials as one JSON object.");

    /// <summary>Adds everything to the command.</summary>
    public void AddTo(Command command)
    {
        _models.Required = true;
        _scale.AcceptOnlyFromAmong("none", "minmax", "standard");
        _criterion.AcceptOnlyFromAmong("bic", "aic", "held-out");
        command.Arguments.Add(Data);
        Option[] all =
        [
            _models, _latents, _components, _hidden, .. _images.All, _epochs, _batch, _learningRate, _beta, _likelihood, _restarts, _smoothing, _scale, _criterion, _folds,
            _testFraction, _mixedLikelihoods, _maxTrials, _time, _seed, _threads, Out, Json,
        ];
        foreach (Option option in all)
        {
            command.Options.Add(option);
        }

        _reading.AddTo(command);
        OptionParsers.Exclude(command, _folds, _testFraction);
        _images.AddRules(command);
    }

    /// <summary>What to try.</summary>
    public IReadOnlyList<SelectionCandidate> Candidates(ParseResult parsed) => new SettingsGrid
    {
        Families = FamilyNames.Split(parsed.GetValue(_models)!),
        Latents = List(parsed, _latents),
        Components = List(parsed, _components),
        BatchSizes = List(parsed, _batch),
        LearningRates = parsed.GetResult(_learningRate) is null ? [] : parsed.GetValue(_learningRate)!,
        Betas = parsed.GetResult(_beta) is null ? [] : parsed.GetValue(_beta)!,
        Hidden = parsed.GetResult(_hidden) is null ? [] : [parsed.GetValue(_hidden)!],
        Images = _images.Networks(parsed) is { } images ? [images] : [],
        Common = new FitSettings
        {
            Epochs = parsed.GetValue(_epochs),
            Seed = Seed(parsed),
            Likelihood = parsed.GetValue(_likelihood),
            Restarts = parsed.GetValue(_restarts),
            Smoothing = parsed.GetValue(_smoothing),
            Scaling = parsed.GetValue(_scale) switch
            {
                "none" => ScalingKind.None,
                "minmax" => ScalingKind.MinMax,
                "standard" => ScalingKind.Standard,
                _ => null,
            },
        },
    }.Candidates();

    /// <summary>How to compare, but for progress.</summary>
    public SelectionOptions Selection(ParseResult parsed, CancellationToken cancellation) => new()
    {
        Criterion = parsed.GetValue(_criterion) switch
        {
            "aic" => SelectionCriterion.Aic,
            "held-out" => SelectionCriterion.HeldOut,
            _ => SelectionCriterion.Bic,
        },
        Folds = parsed.GetValue(_folds),
        HeldOutShare = parsed.GetValue(_testFraction),
        MixedLikelihoods = parsed.GetValue(_mixedLikelihoods) ? MixedLikelihoods.Together
            : parsed.GetValue(Out) is null ? MixedLikelihoods.Apart
            : MixedLikelihoods.Refuse,
        MaxTrials = parsed.GetValue(_maxTrials),
        TimeBudget = TimeBudget(parsed),
        Seed = Seed(parsed),
        Threads = SharedOptions.ThreadsOf(parsed, _threads),
        MissingValues = _reading.Missing(parsed),
        CancellationToken = cancellation,
    };

    /// <summary>How to read the rows.</summary>
    public CsvOptions Reading(ParseResult parsed) => _reading.Csv(parsed);

    private ulong Seed(ParseResult parsed) => parsed.GetValue(_seed) ?? 1;

    private TimeSpan? TimeBudget(ParseResult parsed) => parsed.GetValue(_time) switch
    {
        null => null,
        > 0 and <= 1e9 and double seconds => TimeSpan.FromSeconds(seconds),
        _ => throw new BadOptionException("time", "The time for the trials must be above 0 and at most 1e9 seconds."),
    };

    private static int[] List(ParseResult parsed, Option<int[]?> option) =>
        parsed.GetResult(option) is null ? [] : parsed.GetValue(option)!;
}
