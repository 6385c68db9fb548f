using EntropyElbo.Data;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearVae;

/// <summary>
/// Online learning of a linear VAE from a stream of small batches (D sec. 4 and App. A): each batch gives one step of Adam
/// on its closed-form ELBO, and is forgotten. The evidence of the model comes from its variances alone (D Cor. 1), so
/// models of different size can be compared while the stream runs, without keeping rows. Rows are taken in the units they
/// come in. Not safe to share between threads.
/// </summary>
public sealed class LinearVaeLearner
{
    private readonly LinearVaeOptions _options;
    private readonly LinearVaeParameters _parameters;
    private readonly BatchStatistics _batch;
    private readonly ILinearVaeObjective _objective;
    private readonly Adam<double> _adam;
    private readonly AlignedBuffer<double> _vector;
    private readonly AlignedBuffer<double> _gradient;
    private long _seen;

    /// <summary>Starts at small random weights, mean 0 and unit variances.</summary>
    /// <param name="columns">Columns of the rows, D.</param>
    /// <param name="options">
    /// Latents, learning rate, seed or model to start from, and variance floor (absolute) are used. The floor holds the noise
    /// variance of a stream that varies in fewer directions than there are latents.
    /// </param>
    /// <exception cref="BadOptionException">
    /// An option is out of range, or there are not fewer latents than columns; or it starts from a model of other columns, or of scaled
    /// ones.
    /// </exception>
    public LinearVaeLearner(int columns, LinearVaeOptions options)
        : this(columns, options, (options ?? throw new ArgumentNullException(nameof(options))).VarianceFloor, ComputeEngine.Cpu)
    {
        ModelStart.RequireSame(options.From, "columns", options.From?.ObservedDimension, columns);
        BadOptionException.ThrowUnless(
            options.From is null or { Scaling.Kind: ScalingKind.None }, SettingNames.Scale,
            $"Rows of a stream are taken as they come, and the model to start from scales its columns; give one without scaling.");
        Start();
    }

    /// <summary>Starts from what is known of the rows: their mean and mean variance.</summary>
    internal LinearVaeLearner(LinearVaeOptions options, RowSpread spread, ComputeEngine engine)
        : this(spread.Columns, options, options.VarianceFloor * spread.Unit, engine)
    {
        Start();
        if (options.From is not null)
        {
            return;
        }

        double unit = Math.Sqrt(spread.Unit);
        Span<double> encoder = _parameters.Encoder(_vector.Span);
        Span<double> loadings = _parameters.Loadings(_vector.Span);
        System.Numerics.Tensors.TensorPrimitives.Divide(encoder, unit, encoder);
        System.Numerics.Tensors.TensorPrimitives.Multiply(loadings, unit, loadings);
        spread.Mean.CopyTo(_parameters.Mean(_vector.Span));
        _parameters.LogNoise(_vector.Span) = Math.Log(spread.Unit);
    }

    private LinearVaeLearner(int columns, LinearVaeOptions options, double varianceFloor, ComputeEngine engine)
    {
        options.Validate();
        TrainingMoments.RequireLatents(options.Latents, columns);
        _options = options;
        _parameters = new LinearVaeParameters(columns, options.Latents, varianceFloor);
        _batch = new BatchStatistics(columns, options.Latents);
        _objective = engine.Start(new LinearVaeObjectiveTask(_parameters, _batch));
        _adam = new Adam<double>(_parameters.Length);
        _vector = new AlignedBuffer<double>(_parameters.Length);
        _gradient = new AlignedBuffer<double>(_parameters.Length);
    }

    private void Start()
    {
        if (_options.From is { } known)
        {
            _parameters.Load(_vector.Span, known.Parameters);
        }
        else
        {
            _parameters.Initialise(_vector.Span, _options.Seed);
        }
    }

    /// <summary>Columns, D.</summary>
    public int Columns => _parameters.Columns;

    /// <summary>Latents, H.</summary>
    public int Latents => _parameters.Latents;

    /// <summary>Steps taken.</summary>
    public long Steps => _adam.Steps;

    /// <summary>The noise variance, sigma^2.</summary>
    public double NoiseVariance => _parameters.NoiseVariance(_vector.Span);

    /// <summary>The encoder's variances, tau_h^2: H values.</summary>
    public IReadOnlyList<double> LatentVariances =>
        Array.ConvertAll(_parameters.LogLatentVariances(_vector.Span).ToArray(), Math.Exp);

    /// <summary>
    /// Entropy sum, <c>1/2 sum log tau_h^2 - D/2 log(2 pi e sigma^2)</c> (D Cor. 1, eq. 20), nats per row: near the
    /// stationary point the log-likelihood of the stream's rows, from H + 1 variances and no data.
    /// </summary>
    public double EntropySum => _parameters.EntropySum(_vector.Span);

    /// <summary>Whether the variance floor is active.</summary>
    public bool IsFloored => _parameters.IsFloored(_vector.Span);

    /// <summary>
    /// Bayesian information criterion <c>-2 N L + P log N</c> with <see cref="EntropySum"/> for L and the paper's count
    /// <c>P = H D + 1</c> (D eq. 27); lower is better.
    /// </summary>
    /// <param name="rows">N, the rows the likelihood speaks for; the paper takes the batch.</param>
    public double EntropyBic(int rows) => Bic(EntropySum, rows);

    /// <summary>The same criterion for any estimate of the log-likelihood.</summary>
    /// <param name="elbo">The estimate, nats per row.</param>
    /// <param name="rows">N, the rows the likelihood speaks for.</param>
    public double Bic(double elbo, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        return (-2.0 * rows * elbo) + (((Latents * Columns) + 1) * Math.Log(rows));
    }

    /// <summary>Learns from one batch: one step of Adam.</summary>
    /// <param name="rows">[n, D], row-major, n at least 1.</param>
    /// <returns>The batch's ELBO before the step, in closed form, nats per row.</returns>
    /// <exception cref="BadDataException">Not whole rows, or a value that is not finite; nothing is learnt.</exception>
    public double Step(ReadOnlySpan<double> rows)
    {
        Require(rows);
        return Step(rows, _options.LearningRate).Elbo;
    }

    /// <summary>ELBO of rows in closed form, nats per row; nothing is learnt.</summary>
    /// <param name="rows">[n, D], row-major, n at least 1.</param>
    /// <exception cref="BadDataException">Not whole rows, or a value that is not finite.</exception>
    public double Elbo(ReadOnlySpan<double> rows)
    {
        Require(rows);
        _batch.Load(rows);
        return -_objective.Evaluate(_vector.Span, _gradient.Span);
    }

    /// <summary>
    /// ELBO of rows by reparameterised samples, nats per row, as VAEs without a closed form estimate it: the reference of the
    /// paper's experiment (D App. A takes 100 samples).
    /// </summary>
    /// <param name="rows">[n, D], row-major, n at least 1.</param>
    /// <param name="samples">Samples per row, at least 1.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="BadDataException">Not whole rows, or a value that is not finite.</exception>
    public double SampledElbo(ReadOnlySpan<double> rows, int samples, ulong seed)
    {
        Require(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        return LinearVaeSampling.Elbo(ToLinearGaussian(), rows, samples, new RandomStream(seed, RandomPurpose.EvaluationNoise));
    }

    /// <summary>The model so far, without a report: a stream keeps no rows to make one from.</summary>
    /// <param name="columnNames">One name per column; c0, c1, ... when null.</param>
    /// <exception cref="BadOptionException">Another number of names than columns.</exception>
    public LinearVaeModel ToModel(IReadOnlyList<string>? columnNames = null)
    {
        InMemoryRows shape = new(Array.Empty<double>(), Columns, columnNames);
        TrainingRecord record = new()
        {
            Converged = false,
            StopReason = StopReason.Cancelled,
            Epochs = 1,
            Steps = Steps,
            Rows = _seen,
        };
        return new LinearVaeModel(ToLinearGaussian(), new ModelHeader(Scaling.Identity(Columns), shape.ColumnNames, record));
    }

    internal LinearGaussian ToLinearGaussian() => _parameters.ToLinearGaussian(_vector.Span);

    internal IterationValues Step(ReadOnlySpan<double> rows, double learningRate)
    {
        _batch.Load(rows);
        double value = _objective.Evaluate(_vector.Span, _gradient.Span);
        if (!double.IsFinite(value))
        {
            throw new TrainingException(
                $"The ELBO stopped being finite in step {Steps + 1}; lower the learning rate, or scale the columns (minmax or standard).");
        }

        _seen += rows.Length / Columns;
        _adam.BeginStep(learningRate);
        _adam.Apply(_vector, [_gradient], 1, 0, _adam.Length);
        return _objective.Values;
    }

    /// <summary>Lets go of what a given objective holds; nothing more is learnt.</summary>
    internal void Release() => _objective.Dispose();

    internal void Write(ModelRecord record)
    {
        record.Add(ModelTensor.Of("parameters", _vector.Span.ToArray(), _adam.Length));
        OptimiserStates.Write(record, _adam);
    }

    internal void Read(ModelRecord record)
    {
        record.FiniteDoubles("parameters", _adam.Length).CopyTo(_vector.Span);
        OptimiserStates.Read(record, _adam);
    }

    private void Require(ReadOnlySpan<double> rows)
    {
        if (rows.IsEmpty || rows.Length % Columns != 0)
        {
            throw new BadDataException($"The learner takes rows of {Columns} values; {rows.Length} values are not one or more whole rows.");
        }

        int bad = RowBlock.IndexOfNonFinite(rows);
        if (bad >= 0)
        {
            throw new BadDataException(
                $"Row {bad / Columns}, column {bad % Columns} of the batch is not a finite number; leave such rows out.", bad / Columns);
        }
    }
}
