using System.CommandLine;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;
using EntropyElbo.Data;
using EntropyElbo.Selection;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Commands;

/// <summary>The command line of <c>select</c>.</summary>
internal sealed class SelectOptions
{
    private const string AllFamilies = "all";

    /// <summary>Numbers of latents that are tried where none are given and the columns decide the models.</summary>
    private static readonly int[] DefaultLatents = [1, 2, 4, 8];

    private readonly Option<string?> _models = OptionParsers.Text(
        "--model", "M1,M2", $"The models to try, separated by commas, or all for those that fit the columns: "
            + $"{SharedOptions.FamilyList()}.");

    private readonly SettingOptions _settings = new(takesLists: true);
    private readonly Option<string?> _criterion = OptionParsers.Text(
        "--criterion", "NAME", $"What to compare by: {string.Join(", ", CriterionFacts.Names)}. Default: bic.");

    private readonly Option<int?> _folds = OptionParsers.Whole<int>(
        "--folds", "K", "Folds of cross-validation, for held-out and importance-weighted.");

    private readonly Option<double?> _testFraction = OptionParsers.Real(
        "--test-fraction", "F", "Share of the rows to hold out, for held-out and importance-weighted. Default: 0.2.");

    private readonly Option<int?> _samples = OptionParsers.Whole<int>(
        "--samples", "L", $"Samples a row, for importance-weighted. Default: {SelectionOptions.DefaultImportanceSamples}.");

    private readonly Option<string?> _search = OptionParsers.Text(
        "--search", "NAME", "grid for all combinations, random for some of them, which may come from ranges as in 1e-4..1e-2, or halving: all "
            + "with few epochs, the better ones with more. Default: grid.");

    private readonly Option<int?> _factor = OptionParsers.Whole<int>(
        "--halving-factor", "F", $"In halving, one in F goes on, with F times the epochs. Default: {SelectionOptions.DefaultHalvingFactor}.");

    private readonly Option<int?> _starts = OptionParsers.Whole<int>(
        "--starts", "N", "Fits of a model with local optima from different seeds, the best of which counts. Default: 1.");

    private readonly Option<int?> _parallel = OptionParsers.Whole<int>(
        "--parallel", "P", "Trials at a time, which share the threads; results do not depend on it. Default: as many as threads.");

    private readonly Option<bool> _stream = SharedOptions.Stream();
    private readonly Option<bool> _mixedLikelihoods = OptionParsers.Switch(
        "--mixed-likelihoods", "Rank models that give densities and models that give probabilities in one list, though their scores do "
            + "not compare. Default: each kind by itself, and no best of all.");

    private readonly Option<int?> _maxTrials = OptionParsers.Whole<int>(
        "--max-trials", "N", $"Combinations to try at most. Default: all, and {SettingsGrid.DefaultDraws} of a random search.");

    private readonly Option<double?> _time = OptionParsers.Real("--time", "SECONDS", "Time for the trials.");
    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly ReadingOptions _reading = new();
    private readonly Option<int?> _threads = SharedOptions.Threads();

    public Argument<string?> Data { get; } = SharedOptions.Data();

    public Option<string?> Out { get; } = OptionParsers.Text("--out", "MODEL", "Write the best model, fitted to all rows, to MODEL.");

    public Option<string?> Study { get; } = OptionParsers.Text(
        "--study", "FILE", "Keep the trials in FILE, a line each, and go on from those that it has.");

    public Option<string?> Report { get; } = OptionParsers.Text("--report", "FILE.html", "Write a report of the trials with charts.");

    public Option<bool> Json { get; } = OptionParsers.Switch("--json", "Print the trials as one JSON object.");

    /// <summary>Makes the command with everything.</summary>
    public Command Create(string name, string description)
    {
        CommandWithSettings command = new(name, description, _settings);
        _models.Required = true;
        _models.Aliases.Add("--models");
        _criterion.AcceptOnlyFromAmong([.. CriterionFacts.Names]);
        _search.AcceptOnlyFromAmong("grid", "random", "halving");
        command.Arguments.Add(Data);
        Option[] all =
        [
            _models, _criterion, _folds, _testFraction, _samples, _mixedLikelihoods, _search, _factor, _starts, _maxTrials, _time, _seed,
            _threads, _parallel, _stream, Study, Out, Report, Json,
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

    /// <summary>Whether the columns decide which models are tried.</summary>
    public bool TriesAll(ParseResult parsed) => parsed.GetValue(_models) == AllFamilies;

    /// <summary>What to try, where the models are named.</summary>
    public SettingsGrid Grid(ParseResult parsed) => Grid(parsed, FamilyNames.Split(parsed.GetValue(_models)!));

    /// <summary>What to try of the models that fit the columns, with what is to be said of the others.</summary>
    public SettingsGrid Grid(ParseResult parsed, IRowSource rows, List<string> notes, CancellationToken cancellation)
    {
        SettingsGrid all = Grid(parsed, [.. ModelFamilies.All.Select(f => f.Name)]);
        FamilyChoice choice = FamilyChoice.Of(rows, all.Fixed, cancellation);
        notes.Add($"the columns are {choice.Kind}; these models fit them: {string.Join(", ", choice.Families)}.");
        notes.AddRange(choice.LeftOut.Select(l => $"{l.Key} is left out: {l.Value}"));
        SettingsGrid grid = all with { Families = choice.Families };
        grid = choice.Likelihood is { } likelihood && grid[SettingNames.Likelihood].Count == 0
            ? grid.With(SettingNames.Likelihood, [likelihood])
            : grid;
        return grid[SettingNames.Latents].Count > 0 || grid[SettingNames.Components].Count > 0 ? grid
            : grid with { Latents = [.. DefaultLatents.Where(h => h < Math.Max(2, rows.Columns))] };
    }

    private SettingsGrid Grid(ParseResult parsed, IReadOnlyList<string> families) => _settings.Grid(parsed, new SettingsGrid
    {
        Families = families,
        Common = new FitSettings { Seed = Seed(parsed) },
    });

    /// <summary>How to compare, but for progress.</summary>
    public SelectionOptions Selection(ParseResult parsed, CancellationToken cancellation) => new()
    {
        Criterion = CriterionFacts.Parse(parsed.GetValue(_criterion) ?? SelectionCriterion.Bic.Name()),
        Search = parsed.GetValue(_search) switch
        {
            "random" => SelectionSearch.Random,
            "halving" => SelectionSearch.Halving,
            _ => SelectionSearch.Grid,
        },
        HalvingFactor = parsed.GetValue(_factor) ?? SelectionOptions.DefaultHalvingFactor,
        Starts = parsed.GetValue(_starts) ?? 1,
        ImportanceSamples = parsed.GetValue(_samples) ?? SelectionOptions.DefaultImportanceSamples,
        ParallelTrials = parsed.GetValue(_parallel),
        Caching = SharedOptions.CachingOf(parsed, _stream, Reading(parsed)),
        StudyPath = parsed.GetValue(Study),
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
