using EntropyElbo;
using EntropyElbo.Data;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.EntropyElbo.Data;
using MLNet.EntropyElbo.Training;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo;

/// <summary>
/// Base of the estimators: everything but the family's own options. Holds no state of a fit: <see cref="Fit"/> twice
/// gives two independent, equal models.
/// </summary>
public abstract class LatentEstimator : IEstimator<LatentTransformer>
{
    /// <summary>Share of the available memory that <see cref="DataCaching.Auto"/> may fill.</summary>
    private const double CacheShare = 0.25;

    private readonly MLContext _ml;
    private readonly LatentOptions _options;

    /// <summary>Copies the options; the derived constructor ends with <see cref="RequireValidOptions"/>.</summary>
    private protected LatentEstimator(MLContext ml, LatentOptions options)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentNullException.ThrowIfNull(options);
        _ml = ml;
        _options = options.Copy();
        _options.Outputs.Validate();
        if (_options.ElboSamples is < 1 or > 1_000_000)
        {
            throw new BadOptionException(
                nameof(LatentOptions.ElboSamples),
                FormattableString.Invariant($"ElboSamples is {_options.ElboSamples}; it must be between 1 and 1,000,000."));
        }

        RequireContamination();
        if (_options.UseCpu && _options.GpuDeviceId is { } gpu)
        {
            throw new BadOptionException(
                nameof(LatentOptions.UseCpu),
                FormattableString.Invariant($"UseCpu asks for the CPU and GpuDeviceId for GPU {gpu}; leave one of them out."));
        }

        if (_options.CheckpointEpochs < 1)
        {
            throw new BadOptionException(
                nameof(LatentOptions.CheckpointEpochs),
                FormattableString.Invariant($"CheckpointEpochs is {_options.CheckpointEpochs}; it must be at least 1."));
        }

        if (_options.Resume && _options.CheckpointPath is null)
        {
            throw new BadOptionException(nameof(LatentOptions.Resume), "Resume needs the CheckpointPath to go on from; give it.");
        }

        Seed = (ulong)(_options.Seed ?? ((IHostEnvironment)ml).Register(GetType().Name).Rand.Next());
    }

    /// <summary>The tool's name of the family, for example <c>vae-1</c>.</summary>
    public abstract string Family { get; }

    /// <summary>Column of the rows.</summary>
    public string InputColumnName => _options.InputColumnName;

    /// <summary>Seed of every fit of this estimator.</summary>
    public ulong Seed { get; }

    /// <summary>The context.</summary>
    internal MLContext Context => _ml;

    /// <summary>The options, this estimator's own copy.</summary>
    internal LatentOptions BaseOptions => _options;

    /// <summary>Trains a model.</summary>
    /// <param name="input">Data with the input column; rows with missing values are left out and counted.</param>
    /// <returns>The model as a transformer, with its report.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The input column is missing or is no vector of numbers of known size, or that of the weights is missing or no number.
    /// </exception>
    /// <exception cref="BadDataException">There are too few rows, or rows that the family cannot take.</exception>
    /// <exception cref="BadOptionException">An option is out of range, or a GPU is asked for and there is none.</exception>
    /// <exception cref="TrainingException">A value stopped being finite.</exception>
    /// <exception cref="OperationCanceledException">
    /// Cancelled by the token or the cancellation of the context (as by Microsoft.ML.AutoML).
    /// </exception>
    public LatentTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        IHost host = ((IHostEnvironment)_ml).Register(GetType().Name);
        using IChannel channel = host.Start("Training");
        using CancellationWatch watch = new(_ml, _options.CancellationToken);
        DataViewRows view = DataViewRows.Open(input, InputColumnName, _options.ExampleWeightColumnName);
        FitLog.WarnOfSize(channel, CreateTrainer(), view.Columns);
        (IRowSource rows, RowCaching caching) = Place(view, watch.Token);
        FitResult result = Train(
            ChoosePlace(_options.UseCpu ? null : TrainingEngines.Find()), view, rows, FitContext(channel, watch.Token) with { Caching = caching }, channel);
        return Transformer(result, rows, watch.Token);
    }

    /// <summary>The schema after this estimator.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or is no vector of numbers of known size.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        FeatureColumn.Require(inputSchema, InputColumnName);
        if (_options.ExampleWeightColumnName is { } weights)
        {
            WeightReader.Require(inputSchema, weights);
        }

        return OutputShape.Add(_ml, inputSchema, _options.Outputs);
    }

    /// <summary>The family's trainer with the options bound, and with the model to start from.</summary>
    internal ITrainer CreateTrainer() =>
        _options.From is { } model ? ModelStart.Apply(FamilyTrainer(), model, _options.Scaling) : FamilyTrainer();

    /// <summary>The family's trainer with the options bound.</summary>
    private protected abstract ITrainer FamilyTrainer();

    /// <summary>What distinguishes the options from their defaults, for reports.</summary>
    internal virtual IReadOnlyList<KeyValuePair<string, string>> Settings => OptionRanges.Differences(_options);

    /// <summary>
    /// Throws where an option is out of range, so that it shows when the estimator is made and not after a pipeline in front has
    /// run.
    /// </summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    private protected void RequireValidOptions()
    {
        TrainerFacts.Validate(CreateTrainer());
        if (_options.Whiten && Family.StartsWith(MixtureSpecification.Prefix, StringComparison.Ordinal))
        {
            throw new BadOptionException(
                nameof(LatentOptions.Whiten), "Responsibilities add up to 1 and cannot be whitened; leave Whiten out for mixtures.");
        }

        if (_options is NetworkOptions { TestData: null } network && (network.EarlyStoppingPatience > 0 || network.StopsByTestData))
        {
            string option = network.StopsByTestData ? nameof(NetworkOptions.StopsByTestData) : nameof(NetworkOptions.EarlyStoppingPatience);
            throw new BadOptionException(option, $"Early stopping watches the ELBO of TestData; give it, or leave {option} out.");
        }
    }

    /// <summary>The GPU or the CPU, as options and context ask.</summary>
    internal TrainingPlace ChoosePlace(ITrainingEngine? engine) => _options.UseCpu
        ? new TrainingPlace(ComputeEngine.Cpu, "CPU (UseCpu)", false)
        : TrainingEngines.Choose(engine, _options.GpuDeviceId ?? _ml.GpuDeviceId, _options.FallbackToCpu ?? _ml.FallbackToCpu);

    /// <summary>Rows where the options ask for them.</summary>
    internal (IRowSource Rows, RowCaching Caching) Place(IRowSource view, CancellationToken cancellationToken)
    {
        long limit = _options.Caching switch
        {
            DataCaching.Memory => long.MaxValue,
            DataCaching.Stream => 0,
            DataCaching.Auto => (long)(CacheShare * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
            _ => throw new BadOptionException(
                nameof(LatentOptions.Caching), $"The caching {_options.Caching} is unknown; use Auto, Memory or Stream."),
        };
        ChunkedRows? cached = limit == 0 ? null : ChunkedRows.Read(view, limit, cancellationToken);
        return cached is null ? (view, RowCaching.Stream) : (cached, RowCaching.Memory);
    }

    /// <summary>A trained model as this estimator's transformer.</summary>
    /// <param name="result">The model.</param>
    /// <param name="rows">The rows that it was trained on, for what is learnt from their scores.</param>
    /// <param name="cancellationToken">Stops the pass over them.</param>
    internal LatentTransformer Transformer(FitResult result, IRowSource rows, CancellationToken cancellationToken)
    {
        OutputColumns outputs = _options.Outputs;
        EncodingPlan plan = new(
            outputs.Reconstruction is not null,
            outputs.Elbo is not null || outputs.AnomalyScore is not null,
            _options.ElboSamples,
            Seed: 1)
        {
            ColumnScores = outputs.ColumnScores is not null,
            Kl = outputs.Kl is not null,
        };
        if (_options.Whiten)
        {
            plan = plan with { Whitening = Whitening.Learn(new RowEncoder(result.Model, plan), rows, cancellationToken) };
        }

        float? threshold = _options.Contamination is { } share
            ? AnomalyThreshold.Learn(new RowEncoder(result.Model, plan), rows, share, cancellationToken)
            : null;
        return new LatentTransformer(_ml, result, plan, InputColumnName, outputs, threshold);
    }

    private void RequireContamination()
    {
        if (_options.Contamination is { } share && share is not (>= 0 and < 1))
        {
            throw new BadOptionException(
                nameof(LatentOptions.Contamination),
                FormattableString.Invariant($"Contamination is {share}; it must be a share of the rows, from 0 to below 1."));
        }

        if (_options.PredictedLabelColumnName is not null && _options.Contamination is null)
        {
            throw new BadOptionException(
                nameof(LatentOptions.PredictedLabelColumnName),
                "PredictedLabelColumnName needs Contamination, the share of the training rows to call anomalies; give it.");
        }
    }

    private FitResult Train(TrainingPlace place, DataViewRows view, IRowSource rows, FitContext context, IChannel channel)
    {
        channel.WriteInfo($"Training {Family} on {place.Description}");
        try
        {
            ITrainer trainer = CreateTrainer();
            FitResult result = trainer.Fit(rows, context with { Engine = place.Engine });
            FitLog.Write(channel, result);
            FitLog.WarnOfLostDigits(
                channel, view, result.Model, TrainerFacts.ComputesInSingles(trainer), _options.ReconstructionColumnName);
            return result;
        }
        catch (BadDataException error) when (view.Facts?.MissingColumns().ToArray() is { Length: > 0 } missing)
        {
            // Every row lacks a value then, and "no rows" would not say why.
            throw new BadDataException(
                FormattableString.Invariant($"{(missing.Length == 1 ? "Column" : $"{missing.Length} columns, the first of them")} '{view.ColumnNames[missing[0]]}' holds no value in any of the {view.Facts!.Rows} rows, so no row is left to train on; leave such columns out, or replace their missing values."),
                column: view.ColumnNames[missing[0]],
                inner: error);
        }
    }

    private FitContext FitContext(IChannel channel, CancellationToken cancellationToken) => new()
    {
        ThrowsWhenCancelled = true,
        TestRows = _options.TestData is { } test ? DataViewRows.Open(test, InputColumnName, _options.ExampleWeightColumnName) : null,
        StopsByTestRows = _options is NetworkOptions { StopsByTestData: true },
        CheckpointPath = _options.CheckpointPath,
        CheckpointEpochs = _options.CheckpointEpochs,
        Resume = _options.Resume,
        Threads = _options.Threads,
        MissingValues = MissingValues.SkipRow,
        Progress = new FitProgressRelay(_ml, channel, _options.Progress),
        CancellationToken = cancellationToken,
        TimeBudget = _options.TimeBudget,
        Certificate = _options.Certificate,
    };
}
