using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Models.GaussianVae;

/// <summary>
/// Trains a Gaussian VAE with Adam on minibatches. Memory: the rows as floats (or a shuffling buffer, see
/// <see cref="RowCaching"/>), the parameters about <c>3 + min(8, batch / 128)</c> times, and one block of activations per
/// thread.
/// </summary>
/// <param name="options">The options; checked by <see cref="Fit"/>.</param>
public sealed class GaussianVaeTrainer(GaussianVaeOptions options) : ITrainer
{
    /// <summary>The options.</summary>
    public GaussianVaeOptions Options { get; } = options;

    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        context ??= new FitContext();
        Options.Validate();
        if (Options.Training.EarlyStoppingPatience is not null && context.TestRows is null)
        {
            throw new BadOptionException("early-stopping", "Early stopping watches the ELBO of test rows; give test rows, or leave it out.");
        }

        Stopwatch watch = Stopwatch.StartNew();
        Scaling scaling = Scaling.Fit(new CheckedRows(rows, context.MissingValues), Options.Scaling, context.CancellationToken);
        using TrainingRows training = TrainingRows.Open(rows, scaling, Options.Training.BatchSize, Options.Training.Seed, context);
        FitReports.RequireRows(training.Count, 2);
        VaeNetwork network = new(new VaeArchitecture(Options.Variant, rows.Columns, Options.Latents, Options.Hidden));
        GaussianVaeBlockObjective objective = new(network);
        TrainingState state = new(network.Layout);
        network.Initialise(
            state.Parameters.Span,
            Options.Training.Seed,
            Options.Variant == VaeVariant.FixedVariance ? Math.Log(Options.FixedVariance) : Options.InitialLogVariance);

        GaussianVaeModel Model(ModelFrame frame) => new(network, state.Parameters, frame);
        ModelFrame frame = new(scaling, rows.ColumnNames, FitReports.Unfinished(training));
        MinibatchTrainer trainer = new(
            objective, Options.Training, context, Fingerprint(training.Count, rows.Columns), FitReports.TestElbo(context, _ => Model(frame)));
        StopReason reason = trainer.Run(state, training);
        if (reason != StopReason.Cancelled && Options.Training.EarlyStoppingPatience is null)
        {
            // Under early stopping the parameters are the best on the test rows, and stay so.
            Model(frame).CloseScales(rows, FitReports.Options(context, training.Count) with { Seed = ulong.MaxValue });
        }

        TimeSpan elapsed = watch.Elapsed;
        return FitReports.Finish(Model(frame), state, reason, rows, context, elapsed);
    }

    private string Fingerprint(long rows, int columns) =>
        $"{JsonSerializer.Serialize(Options)} rows {rows} columns {columns}";
}

/// <summary>The VAE as the minibatch loop sees it.</summary>
internal sealed unsafe class GaussianVaeBlockObjective(VaeNetwork network) : BlockObjective
{
    private readonly GaussianVaeObjective<float> _objective = new(network);

    public override ParameterLayout Layout => network.Layout;

    public override int Latents => network.Architecture.Latents;

    public override int MomentCount => _objective.MomentCount;

    public override BlockWorker CreateWorker(int maxRows) => new Worker(_objective, maxRows);

    public override ElboReport Summarise(float* parameters, ElboStatistics sums) => _objective.Summarise(parameters, sums);

    public override double[] PriorEntropies(float* parameters) => _objective.PriorEntropies(parameters);

    /// <summary>
    /// The objective times sigma^2, so that errors, not errors over a variance that moves by orders of magnitude, drive the
    /// networks; and for the log-variance the slope <c>1 - s / sigma^2</c>, bounded to [-1, 1].
    /// </summary>
    public override float PrepareUpdate(float* parameters, ReadOnlySpan<nint> gradients, int batchRows)
    {
        int entry = network.LogVariance.Offset;
        double variance = Math.Exp(parameters[entry]);
        double slope = 0;
        foreach (nint shard in gradients)
        {
            slope += ((float*)shard)[entry];
            ((float*)shard)[entry] = 0;
        }

        double bounded = Math.Clamp(2 * slope / batchRows / network.Architecture.Columns, -1, 1);
        ((float*)gradients[0])[entry] = (float)(bounded * batchRows / variance);
        return (float)variance;
    }

    private sealed class Worker(GaussianVaeObjective<float> objective, int maxRows) : BlockWorker
    {
        private readonly VaeWorkspace<float> _work = new(objective.Network, maxRows, withGradients: true);

        public override MatrixView<float> Rows => _work.Rows;

        public override void Gradient(
            float* parameters, float* gradient, int rows, double klWeight, RandomStream noise, ElboStatistics sums)
        {
            _work.FillNoise(noise, rows);
            objective.Gradient(parameters, gradient, _work, rows, klWeight, sums);
        }
    }
}
