using EntropyElbo;
using EntropyElbo.Data;
using EntropyElbo.Selection;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.EntropyElbo.Data;
using MLNet.EntropyElbo.Training;

namespace MLNet.EntropyElbo;

/// <content>Model selection.</content>
public sealed partial class LatentVariablesCatalog
{
    /// <summary>Any family by its name, with its settings by theirs.</summary>
    /// <param name="family">The tool's name of the family, for example <c>mixture:gaussian-full</c>.</param>
    /// <param name="outputColumnName">Column that takes the latent means (or responsibilities).</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents (or components), H.</param>
    /// <param name="settings">Further settings; null for the family's own.</param>
    /// <exception cref="BadOptionException">There is no such family.</exception>
    public LatentModelEstimator Model(
        string family,
        string outputColumnName,
        string? inputColumnName = null,
        int latents = LatentModelEstimator.Options.DefaultLatents,
        FitSettings? settings = null) =>
        Model(new LatentModelEstimator.Options
        {
            Family = family,
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            Latents = latents,
            Settings = settings ?? new FitSettings(),
        });

    /// <summary>Any family by its name, with all options.</summary>
    /// <param name="options">The options; copied.</param>
    /// <exception cref="BadOptionException">There is no such family.</exception>
    public LatentModelEstimator Model(LatentModelEstimator.Options options) => new(_ml, options);

    /// <summary>Tries estimators, ranks them by a criterion, and fits the best to all rows.</summary>
    /// <param name="data">The data, with the estimators' input column.</param>
    /// <param name="candidates">
    /// What to try, all with one input column; see <see cref="RandomCandidates"/> and <see cref="GridCandidates"/>.
    /// </param>
    /// <param name="options">
    /// Criterion, folds or held-out share, search, starts, trials at a time, study file, trial and time budget, progress; null for
    /// defaults. Rows with missing values are left out.
    /// </param>
    /// <param name="cancellationToken">Stops the selection; the trials so far are returned.</param>
    /// <returns>Ranked trials, also those that failed, with the reason, and the best model.</returns>
    /// <exception cref="BadOptionException">
    /// An option of the selection is out of range, there is no candidate, they have different input columns, or some give densities
    /// and others probabilities.
    /// </exception>
    /// <exception cref="BadDataException">The rows cannot be split.</exception>
    /// <exception cref="OperationCanceledException">
    /// Cancelled before any trial was done, or by the cancellation of the context (as by Microsoft.ML.AutoML).
    /// </exception>
    public LatentSelection Select(
        IDataView data,
        IReadOnlyList<LatentEstimator> candidates,
        SelectionOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(candidates);
        string[] columns = [.. candidates.Select(c => c.InputColumnName).Distinct(StringComparer.Ordinal)];
        if (columns.Length != 1)
        {
            throw new BadOptionException(
                "candidates",
                $"The candidates must have one input column in common; they have "
                    + $"{(columns.Length == 0 ? "none" : string.Join(", ", columns))}.");
        }

        string?[] weights = [.. candidates.Select(c => c.BaseOptions.ExampleWeightColumnName).Distinct(StringComparer.Ordinal)];
        if (weights.Length != 1)
        {
            throw new BadOptionException(
                nameof(LatentOptions.ExampleWeightColumnName),
                $"The candidates must have one column of weights in common, or none; they have "
                    + $"{string.Join(", ", weights.Select(w => w ?? "none"))}.");
        }

        IHost host = ((IHostEnvironment)_ml).Register(nameof(Select));
        using IChannel channel = host.Start("Selection");
        SelectionOptions given = options ?? new SelectionOptions();
        using CancellationWatch watch = new(_ml, cancellationToken.CanBeCanceled ? cancellationToken : given.CancellationToken);
        (IRowSource rows, RowCaching caching) = candidates[0].Place(DataViewRows.Open(data, columns[0], weights[0]), watch.Token);
        ITrainingEngine? engine = TrainingEngines.Find();
        SelectionResult result = ModelSelection.Run(rows, [.. candidates.Select(c => Candidate(c, engine))], given with
        {
            MissingValues = MissingValues.SkipRow,
            Caching = caching,
            FitProgress = new FitProgressRelay(_ml, channel, given.FitProgress),
            Progress = new SelectionRelay(_ml, channel, given.Progress),
        }, watch.Token);
        watch.ThrowIfContextCancelled();
        foreach (string warning in result.Warnings)
        {
            channel.WriteWarning(warning);
        }

        return new LatentSelection(
            result, result.Best is { } best ? candidates[best.Index] : null, e => e.Transformer(result.BestFit!, rows, watch.Token));
    }

    /// <summary>
    /// Tries combinations of families and settings by name, all or as the search draws them, ranks them, and fits the best to all
    /// rows.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="outputColumnName">Column that takes the latent means (or responsibilities).</param>
    /// <param name="inputColumnName">Column of the rows.</param>
    /// <param name="grid">Families and settings; their common seed is used.</param>
    /// <param name="options">As above.</param>
    /// <param name="cancellationToken">As above.</param>
    /// <exception cref="BadOptionException">A family or setting is unknown, or an option is out of range.</exception>
    public LatentSelection Select(
        IDataView data,
        string outputColumnName,
        string inputColumnName,
        SettingsGrid grid,
        SelectionOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grid);
        SelectionOptions given = options ?? new SelectionOptions();
        given.Validate();
        return Select(
            data,
            [.. grid.Candidates(given).Select(candidate => Model(new LatentModelEstimator.Options
            {
                Family = candidate.Family,
                OutputColumnName = outputColumnName,
                InputColumnName = inputColumnName,
                Settings = candidate.FitSettings!,
                Latents = candidate.FitSettings!.Latents ?? candidate.FitSettings.Components ?? LatentModelEstimator.Options.DefaultLatents,
                Seed = (int)(candidate.FitSettings.Seed & int.MaxValue),
            }))],
            given,
            cancellationToken);
    }

    /// <summary>
    /// The given options, and estimators with options drawn at random from the ranges that the options class declares, no two
    /// alike.
    /// </summary>
    /// <typeparam name="TOptions">The options class.</typeparam>
    /// <param name="create">Makes an estimator from options, for example <c>catalog.GaussianVae</c>.</param>
    /// <param name="count">Number of candidates; fewer are returned where the ranges hold fewer.</param>
    /// <param name="basis">The first candidate, and the options that are not drawn; null for defaults.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="data">
    /// Data to draw for: no more latents than its columns allow (components, than its rows), and no larger batches than it has
    /// rows, where it knows their number; null for the whole ranges.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The data have no such input column, or <paramref name="count"/> is negative.
    /// </exception>
    public static IReadOnlyList<LatentEstimator> RandomCandidates<TOptions>(
        Func<TOptions, LatentEstimator> create, int count, TOptions? basis = null, ulong seed = 1, IDataView? data = null)
        where TOptions : LatentOptions, new()
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        TOptions common = basis ?? new TOptions();
        OptionLimits limits = OptionLimits.Of(common, data);
        return [.. OptionRanges.Draws(limits.Within(common), OptionRanges.Of(typeof(TOptions), limits), count, seed).Select(create)];
    }

    /// <summary>Estimators with all combinations of evenly spread values from the ranges that the options class declares.</summary>
    /// <typeparam name="TOptions">The options class.</typeparam>
    /// <param name="create">Makes an estimator from options, for example <c>catalog.GaussianVae</c>.</param>
    /// <param name="points">Values of each range at most.</param>
    /// <param name="basis">The options without a range; null for defaults.</param>
    /// <exception cref="BadOptionException">There are too many combinations.</exception>
    public static IReadOnlyList<LatentEstimator> GridCandidates<TOptions>(
        Func<TOptions, LatentEstimator> create, int points, TOptions? basis = null)
        where TOptions : LatentOptions, new()
    {
        ArgumentNullException.ThrowIfNull(create);
        TOptions common = basis ?? new TOptions();
        return [.. OptionRanges.Of(typeof(TOptions)).Grid(points).Select(values => create(OptionRanges.Apply(common, values)))];
    }

    private static SelectionCandidate Candidate(LatentEstimator estimator, ITrainingEngine? engine) => new(
        estimator.Family, estimator.Settings, estimator.CreateTrainer)
    {
        Engine = () => estimator.ChoosePlace(engine).Engine,
        Seed = estimator.Seed,
    };
}
