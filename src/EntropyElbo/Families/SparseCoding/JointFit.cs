using System.Numerics.Tensors;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// V's own way for full covariances: L-BFGS on fields, mu, and nu and L of every row together, by the entropy form of the ELBO, in
/// which the scales are at their optima. Kept for comparison: a row has H (H + 3) / 2 variables, and an optimum takes hundreds of
/// steps.
/// </summary>
internal sealed class JointFit : ISparseCodingFit, IDifferentiable, IDisposable
{
    /// <summary>Correction pairs: V's 200 would take 3,200 bytes a variable.</summary>
    private const int Memory = 30;

    /// <summary>Iterations over which the rise of the ELBO is judged.</summary>
    private const int Window = 20;

    private readonly SparseCodingOptions _options;
    private readonly SparseCodingColumns _columns;
    private readonly JointRows _rows;
    private readonly SparseCodingFloors _floors;
    private readonly LBfgs _optimizer;
    private readonly MatrixView<double> _gradients;
    private readonly double[] _variables;
    private readonly double[] _slopes;
    private readonly double _spread;
    private SparseCodingObjective _objective = null!;
    private CancellationToken _cancellation;

    public JointFit(SparseCodingOptions options, SparseCodingColumns columns, double[] values, SparseCodingParameters start, int threads)
    {
        (_options, _columns, _spread) = (options, columns, Math.Sqrt(columns.Unit));
        _rows = new JointRows(values, (int)columns.Rows, columns.Count, options.Latents, threads);
        _floors = SparseCodingFloors.Of(options, columns);
        _gradients = new Matrix<double>(options.Latents, columns.Count);
        _variables = new double[ArraySize.Of(columns.Rows, _rows.Width)];
        _slopes = new double[_variables.Length];
        Fields = options.Latents * columns.Count;
        Dimension = checked(Fields + (options.Centre ? columns.Count : 0) + _variables.Length);
        _optimizer = new LBfgs(Dimension, Memory);
        for (int h = 0; h < options.Latents; h++)
        {
            start.Field(h).CopyTo(_optimizer.Point[(h * columns.Count)..]);
        }

        _rows.Start(start, _variables);
        _variables.CopyTo(_optimizer.Point[(Dimension - _variables.Length)..]);
        _optimizer.Start(this);
    }

    public int Dimension { get; }

    public IterationValues Current => _objective.Values();

    public long Steps => _optimizer.Iterations;

    public SparseCodingParameters Parameters
    {
        get
        {
            Evaluate(_optimizer.Point, new double[Dimension]);
            return _objective.Parameters;
        }
    }

    public bool HasVanishingResiduals => true;

    private int Fields { get; }

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        _cancellation = cancellationToken;
        try
        {
            return _optimizer.Step(this) ? IterationOutcome.Moved : IterationOutcome.Stuck;
        }
        catch (OperationCanceledException)
        {
            return IterationOutcome.Cancelled;
        }
        finally
        {
            _cancellation = default;
        }
    }

    public bool IsStationary(IReadOnlyList<FitProgress> history) => _options.StationarityTolerance > 0
        && history.Count > Window
        && history[^1].Elbo - history[^(Window + 1)].Elbo < _options.StationarityTolerance * _columns.Size(history[^1].Elbo);

    /// <summary>Minus the entropy form, and its derivatives: by V Theorem 3 those of the classical form at the best scales.</summary>
    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        point[(Dimension - _variables.Length)..].CopyTo(_variables);
        double[][] fields = new double[_options.Latents][];
        double[] mean = new double[_columns.Count];
        for (int h = 0; h < fields.Length; h++)
        {
            fields[h] = point.Slice(h * mean.Length, mean.Length).ToArray();
        }

        for (int d = 0; d < mean.Length && _options.Centre; d++)
        {
            mean[d] = _columns.Means[d] + (_spread * point[Fields + d]);
        }

        double[] ones = new double[fields.Length];
        Array.Fill(ones, 1);
        SparseCodingParameters guess = SparseCodingParameters.Of(fields, ones, 1, mean);
        SparseCodingSums sums = _rows.Sum(guess, _variables, _cancellation);
        _objective = new SparseCodingObjective(WithScales(guess, sums), sums);
        FillGradient(gradient);
        return -_objective.Elbo;
    }

    public void Write(ModelRecord record) => OptimiserStates.Write(record, _optimizer.Save());

    public void Read(ModelRecord record) => OptimiserStates.Read(record, _optimizer);

    public void Dispose() => _rows.Dispose();

    /// <summary>The scales that are best for these q, or their floors.</summary>
    private SparseCodingParameters WithScales(SparseCodingParameters guess, SparseCodingSums sums)
    {
        double[] scales = [.. Enumerable.Range(0, guess.Latents).Select(h => Math.Max(sums.Sizes[h] / sums.Rows, _floors.Scale))];
        return guess.With(scales, Math.Max(sums.Errors / sums.Rows / guess.Columns, _floors.Noise));
    }

    private void FillGradient(Span<double> gradient)
    {
        SparseCodingParameters parameters = _objective.Parameters;
        _objective.FieldGradients(1, _gradients);
        for (int h = 0; h < parameters.Latents; h++)
        {
            TensorPrimitives.Multiply(
                _gradients[h], -1 / parameters.Lengths[h], gradient.Slice(h * parameters.Columns, parameters.Columns));
        }

        if (_options.Centre)
        {
            Span<double> mean = gradient.Slice(Fields, parameters.Columns);
            _objective.MeanGradient(1, mean);
            TensorPrimitives.Multiply(mean, -_spread, mean);
        }

        _rows.Differentiate(parameters, _variables, _slopes, _cancellation);
        TensorPrimitives.Negate(_slopes, gradient[(Dimension - _slopes.Length)..]);
    }
}
