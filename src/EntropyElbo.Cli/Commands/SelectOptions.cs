using System.CommandLine;
using EntropyElbo.Cli.Host;
using EntropyElbo.Data;
using EntropyElbo.Selection;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Commands;

/// <summary>The command line of <c>select</c>.</summary>
internal sealed class SelectOptions
{
    private readonly Option<string?> _models = OptionParsers.Text(
        "--model", "M1,M2", $"The models to try, separated by commas: {SharedOptions.FamilyList()}.");

    private readonly SettingOptions _settings = new(takesLists: true);
    private readonly Option<string?> _criterion = OptionParsers.Text(
        "--criterion", "NAME", "What to compare by: bic, aic or held-out. Default: bic.");

    private readonly Option<int?> _folds = OptionParsers.Whole<int>("--folds", "K", "Folds of cross-validation, for held-out.");
    private readonly Option<double?> _testFraction = OptionParsers.Real(
        "--test-fraction", "F", "Share of the rows to hold out, for held-out. Default: 0.2.");

    private readonly Option<bool> _mixedLikelihoods = OptionParsers.Switch(
        "--mixed-likelihoods", "Rank models that give densities and models that give probabilities in one list, though their scores do "
            + "not compare. Default: each kind by itself, and no best of all.");

    private readonly Option<int?> _maxTrials = OptionParsers.Whole<int>("--max-trials", "N", "Combinations to try at most.");
    private readonly Option<double?> _time = OptionParsers.Real("--time", "SECONDS", "Time for the trials.");
    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly ReadingOptions _reading = new();
    private readonly Option<int?> _threads = SharedOptions.Threads();

    public Argument<string?> Data { get; } = SharedOptions.Data();

    public Option<string?> Out { get; } = OptionParsers.Text("--out", "MODEL", "Write the best model, fitted to all rows, to MODEL.");

    public Option<bool> Json { get; } = OptionParsers.Switch("--json", "Print the trials as one JSON object.");

    /// <summary>Makes the command with everything.</summary>
    public Command Create(string name, string description)
    {
        CommandWithSettings command = new(name, description, _settings);
        _models.Required = true;
        _criterion.AcceptOnlyFromAmong("bic", "aic", "held-out");
        command.Arguments.Add(Data);
        Option[] all =
        [
            _models, _criterion, _folds, _testFraction, _mixedLikelihoods, _maxTrials, _time, _seed, _threads, Out, Json,
        ];
        foreach (Option option in all)
        {
            command.Options.Add(option);
        }

        _reading.AddTo(command);
        _settings.AddTo(command);
        OptionParsers.Exclude(command, _folds, _testFraction);
        return command;
    }

    /// <summary>What to try.</summary>
    public IReadOnlyList<SelectionCandidate> Candidates(ParseResult parsed) => _settings.Grid(parsed, new SettingsGrid
    {
        Families = FamilyNames.Split(parsed.GetValue(_models)!),
        Common = new FitSettings { Seed = Seed(parsed) },
    }).Candidates();

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
    public DataRequest Reading(ParseResult parsed) => _reading.Request(parsed, parsed.GetValue(Data));

    private ulong Seed(ParseResult parsed) => parsed.GetValue(_seed) ?? 1;

    private TimeSpan? TimeBudget(ParseResult parsed) => parsed.GetValue(_time) switch
    {
        null => null,
        > 0 and <= 1e9 and double seconds => TimeSpan.FromSeconds(seconds),
        _ => throw new BadOptionException("time", "The time for the trials must be above 0 and at most 1e9 seconds."),
    };
}
