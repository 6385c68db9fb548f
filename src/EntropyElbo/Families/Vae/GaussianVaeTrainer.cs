using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Affine;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Vae;

/// <summary>
/// Trains a Gaussian VAE with Adam on minibatches. Memory: the rows as floats (or a shuffling buffer, see
/// <see cref="RowCaching"/>), the parameters about <c>3 + min(8, batch / 128)</c> times at most, and one block of activations per
/// thread.
/// </summary>
/// <param name="options">The options; checked by <see cref="Fit"/>.</param>
public sealed class GaussianVaeTrainer(GaussianVaeOptions options) : ITrainer, IColumnUse, IVariedTrainer, IModelStart
{
    /// <summary>
    /// Columns up to which the affine reference is made unasked: a pass over the rows and a decomposition of their covariance.
    /// </summary>
    public const int MostReferenceColumns = 1024;

    private const string NoCertificate = "There is no certificate of rows with weights; whether the fit has converged is what its own rule says.";

    /// <summary>The options.</summary>
    public GaussianVaeOptions Options { get; } = options;

    bool IVariedTrainer.HasStarts => Options.From is null;

    int IVariedTrainer.EpochLimit(long rows) => Options.Training.EpochLimit(rows);

    ITrainer IVariedTrainer.Varied(int start, int? epochs) =>
        new GaussianVaeTrainer(Options with
        {
            Training = Options.Training with
            {
                Seed = unchecked(Options.Training.Seed + (ulong)start),
                Epochs = epochs ?? Options.Training.Epochs,
            },
        });

    bool IColumnUse.HasPlaces => Options.Images is not null || Options.From is not null;

    ITrainer IModelStart.StartingFrom(LatentModel model) => new GaussianVaeTrainer(
        Options with { From = ModelStart.Of<GaussianVaeModel>(model, GaussianVaeFamily.NameOf(Options.Variant)) });

    bool[] IColumnUse.Probabilities(int columns) => [.. Enumerable.Repeat(!Options.Likelihood.IsDensity, columns)];

    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default)
    {
        (rows, context) = FitRows.Keep(rows, context, cancellationToken, takesWeights: true);
        Options.Validate();
        ModelStart.RequireColumns(Options.From, rows);
        if (Options.Training.EarlyStoppingPatience > 0 && context.TestRows is null)
        {
            throw new BadOptionException(
                "early-stopping", "Early stopping watches the ELBO of test rows; give test rows, or leave it out.");
        }

        if (Options.Training.Objective != TrainingObjective.Elbo && !context.Engine.IsCpu)
        {
            throw new BadOptionException(
                "objective", $"{context.Engine.Description} trains the ELBO only; train on the CPU (--device cpu, UseCpu), or leave the "
                    + $"objective importance-weighted out.");
        }

        if (rows.HasWeights && Options.Training.Objective != TrainingObjective.Elbo)
        {
            throw RowWeights.Refused("The objective importance-weighted", "train the ELBO, or leave the weights out");
        }

        if (Options.Images?.Shape is { } image && image.Columns != rows.Columns)
        {
            throw new BadOptionException("image", $"The rows have {rows.Columns} columns, but an image of {image} has {image.Columns}.");
        }

        Stopwatch watch = Stopwatch.StartNew();
        SharedKey key = new(rows, Options.Likelihood, Options.EffectiveScaling, Options.Images is not null, Options.From?.Scaling);
        rows = SupportedRows.Of(rows, DecoderSupport.Of(Options.Likelihood));
        ColumnMoments moments = context.Once(
            (typeof(ColumnMoments), key),
            () => ColumnMoments.Read(new CheckedRows(rows, context.MissingValues), context.CancellationToken));
        Scaling scaling = ModelStart.Scaling(
            Options.From, Options.EffectiveScaling, kind => moments.ToScaling(kind, isShared: Options.Images is not null));
        using TrainingRows training = TrainingRows.Open(rows, scaling, Options.Training.BatchSize, Options.Training.Seed, context);
        FitReports.RequireRows(training.Count, 2);
        VaeNetwork network = new(Options.Architecture(rows.Columns));
        if (context.Engine.IsCpu)
        {
            RequireMemory(
                network,
                Math.Min(Options.Training.BatchSize, training.Count) * Options.Training.Samples,
                GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        }

        if (rows.HasWeights && network.Normalisations.Count > 0)
        {
            throw RowWeights.Refused(
                "A network of images normalises by its batches, and", "use dense networks (hidden), or leave the weights out");
        }

        GaussianVaeBlockObjective objective = new(network, Options.VarianceUpdate, Options.Training.Samples, Options.Training.Objective);
        TrainingState state = new(network.Layout);
        network.Initialise(
            state.Parameters.Span,
            Options.Training.Seed,
            network.Architecture.Spread == SpreadKind.Fixed ? Math.Log(Options.FixedVariance) : Options.EffectiveInitialLogVariance);

        if (!Options.Likelihood.IsGaussian)
        {
            network.Centre(state.Parameters.Span, moments);
        }

        AffineDecoder? affine = Affine(network.Architecture, rows, scaling, moments, key, context);
        if (Options.Start != NetworkStart.Random)
        {
            AffineStart.Apply(network, state.Parameters.Span, affine!);
        }

        Options.From?.Parameters.CopyTo(state.Parameters.Span);

        // A model keeps what it is made of: training goes on with other numbers.
        GaussianVaeModel ModelOf(AlignedBuffer<float> parameters, ModelHeader header) => new(network, parameters.Clone(), header);
        GaussianVaeModel Model(ModelHeader header) => ModelOf(state.Parameters, header);
        TrainingRecord unfinished = TrainingRecord.Unfinished(training.Count, training.Skipped);
        ModelHeader header = new(scaling, rows.ColumnNames, Reference(unfinished, network.Architecture, affine));
        MinibatchTrainer trainer = new(
            objective,
            Options.Training,
            context,
            Fingerprint(training.Count, moments, rows.Columns),
            context.TestRows is null ? null : parameters => FitReports.TestElbo(context, () => ModelOf(parameters, header))!(),
            (own, batches) => context.Engine.Start(new VaeStepsTask(network, Options, objective, own, batches, context.ThreadCount)));
        StopReason reason = trainer.Run(state, training);
        UnclosedResiduals? unclosed = null;
        if (reason != StopReason.Cancelled && !context.LeavesScales)
        {
            EvaluateOptions draws = FitReports.Options(context, training.Count, rows.Columns) with { Seed = ulong.MaxValue };
            GaussianVaeModel trained = Model(header);
            ElboStatistics? held = state.BestParameters is null ? null : trained.Sums(context.TestRows!, draws);
            unclosed = objective.SolveScales(state.Parameters, trained.Sums(rows, draws), held);
        }

        TimeSpan elapsed = watch.Elapsed;
        FitCourse course = FitReports.Course(state, reason, elapsed) with
        {
            Unclosed = unclosed,
            RiseWindow = StationarityRule.Window((training.Count + Options.Training.BatchSize - 1) / Options.Training.BatchSize),
            RiseHistory = state.BestParameters is not null && state.BestEpoch > 0 ? state.History[..state.BestEpoch] : null,
            Facts = rows.HasWeights ? null : report =>
                VaeCertificate.Measure(network, state.Parameters, Options.Training.KlWeight.Weight, header, rows, context)
                    .Held(state.BestParameters is not null && Options.Likelihood.IsGaussian ? network.LogVariance?.Tensor.Name : null) with
                {
                    Baseline = VaeBaseline.Elbo(network, Options.FixedVariance, moments, scaling, report.Summary),
                },
        };
        int bounded = network.Architecture.Spread == SpreadKind.Fixed ? 0 : network.LogVariance?.CountBounded(state.Parameters.Span) ?? 0;
        string[] warnings = [.. bounded > 0 ? [BoundWarning(bounded)] : (string[])[], .. rows.HasWeights ? [NoCertificate] : (string[])[]];
        return FitReports.Finish(
            Model(header), course with { Warnings = [.. warnings, .. trainer.Warnings], IsAtFloor = bounded > 0 }, rows, context);
    }

    private static string BoundWarning(int count) => FormattableString.Invariant(
        $"{count} variance{(count == 1 ? " of the decoder is" : "s of the decoder are")} at the least or greatest that single precision takes; the ELBO depends on this bound. Leave constant columns out, or use fewer latents.");

    /// <summary>
    /// Parameters, their gradient and the optimiser's two moments are in memory, and of images the maps of a whole batch: more than
    /// the machine has would end the process.
    /// </summary>
    /// <param name="network">The networks.</param>
    /// <param name="batch">Rows of a batch.</param>
    /// <param name="available">Bytes that the process may take.</param>
    /// <exception cref="BadOptionException">They do not fit; the message says how many would.</exception>
    internal static void RequireMemory(VaeNetwork network, long batch, long available)
    {
        long parameters = 4L * sizeof(float) * network.Layout.Length;
        if (parameters > available)
        {
            throw new BadOptionException(
                "hidden",
                FormattableString.Invariant($"Networks of {network.Layout.Length} parameters take {parameters / 1e9:F1} GB while training, and the machine has {available / 1e9:F1} GB; use smaller hidden layers."));
        }

        long perRow = new[] { network.Encoder, network.Decoder, network.Variances }.OfType<ConvolutionalNetwork>().Sum(
            n => n.TrainingBytesPerRow);
        if (batch * perRow > available)
        {
            throw new BadOptionException(
                "batch",
                FormattableString.Invariant($"A batch of {batch} images takes {batch * perRow / 1e9:F1} GB while training, and the machine has {available / 1e9:F1} GB; {available * 3 / 4 / perRow} images fit."));
        }
    }

    /// <summary>
    /// The reference line, where the closed form has the model's prior. An approximation at 0, where it is a start only, is none:
    /// it can exceed any likelihood.
    /// </summary>
    private static TrainingRecord Reference(TrainingRecord record, VaeArchitecture shape, AffineDecoder? affine) =>
        affine is null || shape.Prior == PriorKind.Laplace || affine is { Expansion: AffineExpansion.AtZero, Accuracy: ReferenceKind.Approximation } ? record : record with
        {
            AffineReference = affine.Elbo,
            AffineReferenceKind = affine.Accuracy,
            PredictedActiveLatents = affine.ActiveLatents,
        };

    /// <summary>
    /// The affine decoder in closed form: the start, where it is asked for, and a reference line for the report, where it is cheap
    /// and its prior is the model's.
    /// </summary>
    private AffineDecoder? Affine(
        VaeArchitecture shape, IRowSource rows, Scaling scaling, ColumnMoments moments, SharedKey key, FitContext context)
    {
        bool varies = Enumerable.Range(0, rows.Columns).Any(d => moments.Variance(d) > 0);
        bool cheap = rows.Columns <= MostReferenceColumns && Options.Latents <= rows.Columns && shape.Prior != PriorKind.Laplace && varies;
        if (!cheap && Options.Start == NetworkStart.Random)
        {
            return null;
        }

        double beta = Options.Training.KlWeight.Weight;
        double? variance = shape.Spread == SpreadKind.Fixed ? Options.FixedVariance : null;
        AffineExpansion expansion = Options.Start == NetworkStart.AffineAtZero ? AffineExpansion.AtZero : AffineExpansion.AtMeans;
        CheckedRows source = new(rows, context.MissingValues);
        return context.Once((key, Options.Latents, beta, variance, expansion), () => AffineDecoder.Solve(
            source,
            scaling,
            Options.Latents,
            Options.Likelihood,
            beta,
            variance,
            expansion,
            context.Threads,
            context.CancellationToken,
            context.Once(
                (typeof(RowMoments), key),
                () => RowMoments.Read(source, scaling, context.ThreadCount, context.CancellationToken))));
    }

    /// <summary>What moments of the rows depend on.</summary>
    private sealed record SharedKey(
        IRowSource Rows, ObservableLikelihood Likelihood, ScalingKind Scaling, bool HasOneScale, Scaling? Known);

    /// <summary>
    /// A checkpoint may be gone on from with another learning rate, as after a value that was not finite, and to another limit of
    /// epochs.
    /// </summary>
    private string Fingerprint(long rows, ColumnMoments moments, int columns)
    {
        GaussianVaeOptions lasting =
            Options with { Training = Options.Training with { LearningRate = MinibatchOptions.DefaultLearningRate, Epochs = null } };
        return CheckpointFile.Fingerprint(
            $"{JsonSerializer.Serialize(lasting, GaussianVaeOptionsJson.Default.GaussianVaeOptions)} rows {rows} columns {columns}{ModelStart.Mark(Options.From)}",
            [.. Enumerable.Range(0, columns).Select(moments.Mean)],
            [.. Enumerable.Range(0, columns).Select(moments.Variance)]);
    }
}
