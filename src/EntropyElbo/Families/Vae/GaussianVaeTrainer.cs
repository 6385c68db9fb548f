using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Affine;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Files;
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
public sealed class GaussianVaeTrainer(GaussianVaeOptions options) : ITrainer, IColumnUse
{
    /// <summary>Columns up to which the affine reference is made unasked: a pass over the rows and a decomposition of their covariance.</summary>
    public const int MostReferenceColumns = 1024;

    /// <summary>The options.</summary>
    public GaussianVaeOptions Options { get; } = options;

    bool IColumnUse.HasPlaces => Options.Images is not null;

    bool[] IColumnUse.Probabilities(int columns) => [.. Enumerable.Repeat(!Options.Likelihood.IsGaussian, columns)];

    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default)
    {
        (rows, context) = FitRows.Keep(rows, context, cancellationToken);
        Options.Validate();
        if (Options.Training.EarlyStoppingPatience is not null && context.TestRows is null)
        {
            throw new BadOptionException("early-stopping", "Early stopping watches the ELBO of test rows; give test rows, or leave it out.");
        }

        if (Options.Images?.Shape is { } image && image.Columns != rows.Columns)
        {
            throw new BadOptionException("image", $"The rows have {rows.Columns} columns, but an image of {image} has {image.Columns}.");
        }

        Stopwatch watch = Stopwatch.StartNew();
        rows = SupportedRows.Of(rows, DecoderSupport.Of(Options.Likelihood));
        ColumnMoments moments = ColumnMoments.Read(new CheckedRows(rows, context.MissingValues), context.CancellationToken);
        Scaling scaling = moments.ToScaling(Options.EffectiveScaling, isShared: Options.Images is not null);
        using TrainingRows training = TrainingRows.Open(rows, scaling, Options.Training.BatchSize, Options.Training.Seed, context);
        FitReports.RequireRows(training.Count, 2);
        VaeNetwork network = new(Options.Architecture(rows.Columns));
        if (context.Engine.IsCpu)
        {
            RequireMemory(network, Math.Min(Options.Training.BatchSize, training.Count), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        }

        GaussianVaeBlockObjective objective = new(network, Options.VarianceUpdate);
        TrainingState state = new(network.Layout);
        network.Initialise(
            state.Parameters.Span,
            Options.Training.Seed,
            network.Architecture.Spread == SpreadKind.Fixed ? Math.Log(Options.FixedVariance) : Options.EffectiveInitialLogVariance);

        if (!Options.Likelihood.IsGaussian)
        {
            network.Centre(state.Parameters.Span, moments);
        }

        AffineDecoder? affine = Affine(network.Architecture, rows, scaling, moments, context);
        if (Options.Start == NetworkStart.AffineMaximumLikelihood)
        {
            AffineStart.Apply(network, state.Parameters.Span, affine!);
        }

        // A model keeps what it is made of: training goes on with other numbers.
        GaussianVaeModel Model(ModelHeader header) => new(network, state.Parameters.Clone(), header);
        TrainingRecord unfinished = TrainingRecord.Unfinished(training.Count, training.Skipped);
        ModelHeader header = new(scaling, rows.ColumnNames, unfinished with { AffineReference = IsReferenceABound ? affine?.Elbo : null });
        MinibatchTrainer trainer = new(
            objective,
            Options.Training,
            context,
            Fingerprint(training.Count, moments, rows.Columns),
            FitReports.TestElbo(context, () => Model(header)),
            (own, batches) => context.Engine.Start(new VaeStepsTask(network, Options, objective, own, batches, context.ThreadCount)));
        StopReason reason = trainer.Run(state, training);
        if (reason != StopReason.Cancelled && Options.Training.EarlyStoppingPatience is null)
        {
            // Under early stopping the parameters are the best on the test rows, and stay so.
            EvaluateOptions draws = FitReports.Options(context, training.Count, rows.Columns) with { Seed = ulong.MaxValue };
            objective.SolveScales(state.Parameters, Model(header).Sums(rows, draws));
        }

        TimeSpan elapsed = watch.Elapsed;
        FitCourse course = FitReports.Course(state, reason, elapsed);
        int bounded = network.Architecture.Spread == SpreadKind.Fixed ? 0 : network.LogVariance?.CountBounded(state.Parameters.Span) ?? 0;
        string[] warnings = bounded > 0 ? [BoundWarning(bounded)] : [];
        return FitReports.Finish(
            Model(header), course with { Warnings = [.. warnings, .. trainer.Warnings], IsAtFloor = bounded > 0 }, rows, context);
    }

    private static string BoundWarning(int count) => FormattableString.Invariant(
        $"{count} variance{(count == 1 ? " of the decoder is" : "s of the decoder are")} at the least or greatest that single precision takes; the ELBO depends on this bound. Leave constant columns out, or use fewer latents.");

    /// <summary>
    /// Parameters, their gradient and the optimiser's two moments are in memory, and of images the maps of a whole batch: more than the machine has would end
    /// the process.
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

        long perRow = new[] { network.Encoder, network.Decoder, network.Variances }.OfType<ConvolutionalNetwork>().Sum(n => n.TrainingBytesPerRow);
        if (batch * perRow > available)
        {
            throw new BadOptionException(
                "batch",
                FormattableString.Invariant($"A batch of {batch} images takes {batch * perRow / 1e9:F1} GB while training, and the machine has {available / 1e9:F1} GB; {available * 3 / 4 / perRow} images fit."));
        }
    }

    /// <summary>
    /// Whether the closed form is the affine decoder's ELBO or a bound on it (S Corollary 1). For counts without a limit it is neither: expanded about a
    /// rate of 1, it can exceed any likelihood.
    /// </summary>
    private bool IsReferenceABound => Options.Likelihood.IsGaussian || Options.Likelihood.Trials > 0;

    /// <summary>
    /// The affine decoder in closed form: the start, where it is asked for, and a reference line for the report, where it is cheap and its prior is the
    /// model's.
    /// </summary>
    private AffineDecoder? Affine(VaeArchitecture shape, IRowSource rows, Scaling scaling, ColumnMoments moments, FitContext context)
    {
        bool varies = Enumerable.Range(0, rows.Columns).Any(d => moments.Variance(d) > 0);
        bool cheap = rows.Columns <= MostReferenceColumns && Options.Latents <= rows.Columns && shape.Prior != PriorKind.Laplace && IsReferenceABound && varies;
        if (!cheap && Options.Start == NetworkStart.Random)
        {
            return null;
        }

        return AffineDecoder.Solve(
            new CheckedRows(rows, context.MissingValues),
            scaling,
            Options.Latents,
            Options.Likelihood,
            Options.Training.KlWeight.Weight,
            shape.Spread == SpreadKind.Fixed ? Options.FixedVariance : null,
            context.Threads,
            context.CancellationToken);
    }

    /// <summary>A checkpoint may be gone on from with another learning rate, as after a value that was not finite, and to another limit of epochs.</summary>
    private string Fingerprint(long rows, ColumnMoments moments, int columns)
    {
        GaussianVaeOptions lasting = Options with { Training = Options.Training with { LearningRate = MinibatchOptions.DefaultLearningRate, Epochs = null } };
        return CheckpointFile.Fingerprint(
            $"{JsonSerializer.Serialize(lasting, GaussianVaeOptionsJson.Default.GaussianVaeOptions)} rows {rows} columns {columns}",
            [.. Enumerable.Range(0, columns).Select(moments.Mean)],
            [.. Enumerable.Range(0, columns).Select(moments.Variance)]);
    }
}

/// <summary>The parameter updates of a VAE's epochs.</summary>
internal sealed class VaeStepsTask(VaeNetwork network, GaussianVaeOptions options, BlockObjective objective, TrainingState state, TrainingRows rows, int threads)
    : EngineTask<IStepRunner>
{
    /// <summary>The networks.</summary>
    public VaeNetwork Network => network;

    /// <summary>How it is trained.</summary>
    public GaussianVaeOptions Options => options;

    /// <summary>Parameters and the optimiser, brought up to date by <see cref="IStepRunner.EndEpoch"/>.</summary>
    public TrainingState State => state;

    /// <summary>The training rows in batches.</summary>
    public TrainingRows Rows => rows;

    /// <inheritdoc/>
    public override IStepRunner OnCpu() => new StepRunner(objective, state, rows, threads, options.Training.BatchSize, options.Training.Seed);
}

/// <summary>The VAE as the minibatch loop sees it.</summary>
internal sealed class GaussianVaeBlockObjective(VaeNetwork network, VarianceUpdate update) : BlockObjective
{
    /// <summary>Share of the last batch in variances that have a closed form: an average over about ten.</summary>
    public const double LastBatchShare = 0.1;

    private readonly GaussianVaeObjective<float> _objective = new(network);

    public override ParameterLayout Layout => network.Layout;

    public override int Latents => network.Architecture.Latents;

    public override int MomentCount => _objective.MomentCount;

    /// <summary>Rows of a batch depend on each other where it is normalised.</summary>
    public override bool TakesWholeBatches => network.Normalisations.Count > 0;

    public override BlockWorker CreateWorker(int maxRows, WorkerTeam team) => new Worker(_objective, maxRows, TakesWholeBatches ? team : null);

    public override ElboReport Summarise(AlignedBuffer<float> parameters, ElboStatistics sums) => _objective.Summarise(parameters, sums);

    public override double[] PriorEntropies(AlignedBuffer<float> parameters) => _objective.PriorEntropies(parameters);

    /// <summary>
    /// The objective times sigma^2, so that errors, not errors over a variance that moves by orders of magnitude, drive the
    /// networks; and for each log-scale a slope such as <c>1 - s / sigma^2</c>, bounded to [-1, 1]. Unit columns get the
    /// part of their gradient that is tangent to the sphere.
    /// </summary>
    public override float PrepareUpdate(AlignedBuffer<float> parameters, ReadOnlySpan<AlignedBuffer<float>> gradients, ElboStatistics sums)
    {
        foreach (BatchNormalisation normalisation in network.Normalisations)
        {
            normalisation.Track(parameters.Span, gradients[0].Span);
        }

        long rows = sums.Rows;
        double factor = _objective.Likelihood.GradientScale(parameters, _objective.Moments(sums), rows);
        foreach (ScaleParameters scale in network.Scales)
        {
            for (int entry = scale.Tensor.Offset; entry < scale.Tensor.Offset + scale.Tensor.Columns; entry++)
            {
                double slope = TakeGradient(gradients, entry);
                double bounded = Math.Clamp(scale.SlopeFactor * slope / rows, -1, 1);
                gradients[0][entry] = (float)(bounded * rows / factor);
            }
        }

        if (network.Variances is { } variances)
        {
            // Log-variances have slopes of order 1 as they are.
            ParameterTensor last = variances.LastBias;
            Divide(gradients, variances.FirstWeights.Offset, last.Offset + last.Length, (float)factor);
        }

        if (network.PriorScale is not null)
        {
            ProjectFirstLayer(parameters, gradients);
        }

        if (update == VarianceUpdate.ClosedForm)
        {
            SolveScales(parameters, gradients, sums);
        }

        return (float)factor;
    }

    /// <summary>
    /// Ends training: sets decoder variances and the scale of every latent to their optima for the final networks, in
    /// closed form (D eq. 76; for a standard normal prior by way of VAE-2's prior variance, folded back as in D eq. 6).
    /// Both only raise the ELBO. Draws for it differ from those of the final report, which so stays an independent check.
    /// </summary>
    /// <param name="parameters">Changed.</param>
    /// <param name="sums">The sums of all training rows.</param>
    public void SolveScales(AlignedBuffer<float> parameters, ElboStatistics sums)
    {
        _objective.Likelihood.SolveScales(parameters, _objective.Moments(sums), sums.Rows, 1);
        _objective.Prior.SolveScales(parameters, sums.SecondMoment, sums.Rows, 1);
        if (network.PriorScale is null)
        {
            network.RescaleLatents(parameters.Span, [.. sums.SecondMoment.Select(s => s / sums.Rows)]);
        }
    }

    /// <summary>Scales inside their bounds, first columns of length 1.</summary>
    public override void FinishUpdate(Span<float> parameters)
    {
        foreach (ScaleParameters scale in network.Scales)
        {
            scale.Bound(parameters);
        }

        if (network.PriorScale is not null)
        {
            network.Normalise(parameters);
        }
    }

    /// <summary>Sum of one entry of the shards' gradients, which become 0.</summary>
    private static double TakeGradient(ReadOnlySpan<AlignedBuffer<float>> gradients, int entry)
    {
        double sum = 0;
        foreach (AlignedBuffer<float> shard in gradients)
        {
            sum += shard[entry];
            shard[entry] = 0;
        }

        return sum;
    }

    /// <summary>Moves the scales to their optima and takes their gradients away.</summary>
    private void SolveScales(AlignedBuffer<float> parameters, ReadOnlySpan<AlignedBuffer<float>> gradients, ElboStatistics sums)
    {
        _objective.Likelihood.SolveScales(parameters, _objective.Moments(sums), sums.Rows, LastBatchShare);
        _objective.Prior.SolveScales(parameters, sums.SecondMoment, sums.Rows, LastBatchShare);
        IEnumerable<ParameterTensor> closed = network.Scales.Select(s => s.Tensor);
        foreach (ParameterTensor tensor in network.Variances is { } variances ? closed.Append(variances.LastBias) : closed)
        {
            foreach (AlignedBuffer<float> shard in gradients)
            {
                shard.Span.Slice(tensor.Offset, tensor.Length).Clear();
            }
        }
    }

    private static void Divide(ReadOnlySpan<AlignedBuffer<float>> gradients, int start, int end, float factor)
    {
        foreach (AlignedBuffer<float> shard in gradients)
        {
            Span<float> part = shard.Span[start..end];
            System.Numerics.Tensors.TensorPrimitives.Divide(part, factor, part);
        }
    }

    private void ProjectFirstLayer(AlignedBuffer<float> parameters, ReadOnlySpan<AlignedBuffer<float>> gradients)
    {
        ParameterTensor weights = network.Decoder.FirstWeights;
        for (int h = 0; h < weights.Rows; h++)
        {
            int start = weights.Offset + (h * weights.Stride);
            double along = 0;
            foreach (AlignedBuffer<float> shard in gradients)
            {
                for (int i = start; i < start + weights.Columns; i++)
                {
                    along += (double)shard[i] * parameters[i];
                }
            }

            for (int i = start; i < start + weights.Columns; i++)
            {
                gradients[0][i] -= (float)(along * parameters[i]);
            }
        }
    }

    private sealed class Worker(GaussianVaeObjective<float> objective, int maxRows, WorkerTeam? team) : BlockWorker
    {
        private readonly VaeWorkspace<float> _work = new(objective.Network, maxRows, withGradients: true, team);

        public override MatrixView<float> Rows => _work.Rows;

        public override void Gradient(
            AlignedBuffer<float> parameters, AlignedBuffer<float> gradient, int rows, double klWeight, RandomStream noise, ElboStatistics sums)
        {
            Augment(noise, rows);
            _work.FillNoise(noise, rows);
            objective.Gradient(parameters, gradient, _work, rows, klWeight, sums);
        }

        public override (string Place, int Row) FindNonFinite(int rows)
        {
            IEnumerable<(string Place, MatrixView<float> Values, int LinesPerRow)> flow = [
                ("the scaled rows", _work.Rows.Slice(0, rows), 1),
                .. Layers("encoder", _work.Encoder, rows),
                ("the sampled latents", _work.Latents.Slice(0, rows), 1),
                .. Layers("decoder", _work.Decoder, rows),
                .. _work.Variances is { } variances ? Layers("variance network", variances, rows) : []];
            foreach ((string place, MatrixView<float> values, int linesPerRow) in flow)
            {
                for (int line = 0; line < values.Rows; line++)
                {
                    if (!System.Numerics.Tensors.TensorPrimitives.IsFiniteAll<float>(values[line]))
                    {
                        return (place, line / linesPerRow);
                    }
                }
            }

            return FindOverflow(rows);
        }

        /// <summary>Every value is finite, so squares or sums of them are not.</summary>
        private (string Place, int Row) FindOverflow(int rows)
        {
            (string Place, MatrixView<float> Values)[] squared = [
                ("the squares of the scaled rows", _work.Rows),
                ("the squares of the latents", _work.Latents),
                ("the squares of the decoder's outputs", _work.Output(rows).Means)];
            foreach ((string place, MatrixView<float> values) in squared)
            {
                for (int row = 0; row < rows; row++)
                {
                    float sum = 0;
                    foreach (float value in values[row])
                    {
                        sum += value * value;
                    }

                    if (!float.IsFinite(sum))
                    {
                        return (place, row);
                    }
                }
            }

            return ("the log-likelihood or the KL divergence", -1);
        }

        /// <summary>Turns every image about its vertical axis or not, by the toss of a coin.</summary>
        private void Augment(RandomStream random, int rows)
        {
            if (objective.Network.Architecture.Images is not { HorizontalFlips: true } images)
            {
                return;
            }

            for (int row = 0; row < rows; row++)
            {
                if ((random.NextBits() & 1) == 1)
                {
                    images.Shape.FlipHorizontally(_work.Rows[row]);
                }
            }
        }

        private static IEnumerable<(string Place, MatrixView<float> Values, int LinesPerRow)> Layers(string name, NetworkWorkspace<float> work, int rows)
        {
            IReadOnlyList<(MatrixView<float> Values, int LinesPerRow)> layers = work.Layers(rows);
            return layers.Select((layer, i) => ($"the outputs of layer {i + 1} of {layers.Count} of the {name}", layer.Values, layer.LinesPerRow));
        }
    }
}
