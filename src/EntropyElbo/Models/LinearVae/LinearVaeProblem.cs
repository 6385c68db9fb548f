using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Numerics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace EntropyElbo.Models.LinearVae;

/// <summary>
/// The objective in coordinates in which it is well conditioned whatever the units of the columns: the encoder acts on
/// whitened rows (<c>V = U S^(-1/2)</c>, so that <c>tr(V S V') = |U|^2</c>; directions without variance are left out), the
/// decoder is measured in the root of the columns' mean variance, mu_0 from the mean. A change of variables only: the
/// stationary points are the same.
/// </summary>
internal sealed unsafe class LinearVaeProblem : IDifferentiable, IDisposable
{
    /// <summary>Directions with less than this share of the largest variance count as without (rounding of the eigenvalues).</summary>
    private const double RankShare = 1e-12;

    private readonly AlignedBuffer<double>[] _owners = new AlignedBuffer<double>[3];
    private readonly ILinearVaeObjective _objective;
    private readonly LinearVaeParameters _parameters;
    private readonly LinearVaeStatistics _statistics;
    private readonly MatrixView<double> _whitening;
    private readonly MatrixView<double> _input;
    private readonly MatrixView<double> _output;
    private readonly double[] _vector;
    private readonly double[] _gradient;
    private readonly double _unit;

    public LinearVaeProblem(LinearVaeParameters parameters, RowMoments moments, LinearVaeObjectiveFactory? factory = null)
    {
        _parameters = parameters;
        _statistics = new CovarianceStatistics(moments);
        _objective = factory?.Invoke(parameters, _statistics) ?? new LinearVaeObjective(parameters, _statistics);
        double variance = _statistics.TotalVariance / parameters.Columns;
        _unit = variance > 0 ? Math.Sqrt(variance) : 1;
        (_owners[0], _whitening) = Whitening(moments);
        (_owners[1], _input) = AlignedBuffer<double>.Matrix(parameters.Columns, parameters.Latents);
        (_owners[2], _output) = AlignedBuffer<double>.Matrix(parameters.Columns, parameters.Latents);
        _vector = new double[parameters.Length];
        _gradient = new double[parameters.Length];
    }

    public int Dimension => _parameters.Length;

    /// <summary>After an evaluation: the values there.</summary>
    public Training.IterationValues Values => _objective.Values;

    /// <summary>Coordinates of parameters whose encoder has no part outside the rows' own space.</summary>
    public void ToCoordinates(Span<double> vector, Span<double> point)
    {
        Load(_parameters.Encoder(vector));
        _statistics.Multiply(_input, _output);
        for (int d = 0; d < _input.Rows; d++)
        {
            _output[d].CopyTo(_input[d]);
        }

        Whiten(_parameters.Encoder(point));
        TensorPrimitives.Divide(_parameters.Loadings(vector), _unit, _parameters.Loadings(point));
        Span<double> mean = _parameters.Mean(point);
        TensorPrimitives.Subtract(_parameters.Mean(vector), _statistics.Mean, mean);
        TensorPrimitives.Divide(mean, _unit, mean);
        _parameters.LogLatentVariances(vector).CopyTo(_parameters.LogLatentVariances(point));
        _parameters.LogNoise(point) = _parameters.LogNoise(vector) - (2 * Math.Log(_unit));
    }

    /// <summary>Parameters at a point; valid until the next call.</summary>
    public ReadOnlySpan<double> ToParameters(ReadOnlySpan<double> point)
    {
        Span<double> vector = _vector;
        Load(_parameters.Encoder(point));
        Whiten(_parameters.Encoder(vector));
        TensorPrimitives.Multiply(_parameters.Loadings(point), _unit, _parameters.Loadings(vector));
        TensorPrimitives.MultiplyAdd(_parameters.Mean(point), _unit, _statistics.Mean, _parameters.Mean(vector));
        _parameters.LogLatentVariances(point).CopyTo(_parameters.LogLatentVariances(vector));
        _parameters.LogNoise(vector) = point[^1] + (2 * Math.Log(_unit));
        return _vector;
    }

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        double value = _objective.Evaluate(ToParameters(point), _gradient);
        Load(_parameters.Encoder(_gradient));
        Whiten(_parameters.Encoder(gradient));
        TensorPrimitives.Multiply(_parameters.Loadings(_gradient), _unit, _parameters.Loadings(gradient));
        TensorPrimitives.Multiply(_parameters.Mean(_gradient), _unit, _parameters.Mean(gradient));
        _parameters.LogLatentVariances(_gradient).CopyTo(_parameters.LogLatentVariances(gradient));
        gradient[^1] = _gradient[^1];
        return value;
    }

    /// <inheritdoc/>
    public void Dispose() => _objective.Dispose();

    private void Load(ReadOnlySpan<double> matrix)
    {
        for (int d = 0; d < _input.Rows; d++)
        {
            matrix.Slice(d * _input.Columns, _input.Columns).CopyTo(_input[d]);
        }
    }

    private void Whiten(Span<double> result)
    {
        MatrixProduct.Multiply(_whitening, _input, _output, null, 1.0);
        for (int d = 0; d < _output.Rows; d++)
        {
            _output[d].CopyTo(result[(d * _output.Columns)..]);
        }
    }

    /// <summary>S^(-1/2) on the space in which the rows vary.</summary>
    private static (AlignedBuffer<double> Owner, MatrixView<double> View) Whitening(RowMoments moments)
    {
        int columns = moments.Columns;
        Evd<double> evd = Matrix<double>.Build.Dense(columns, columns, moments.Covariance()).Evd(Symmetricity.Symmetric);
        double[] vectors = evd.EigenVectors.ToColumnMajorArray();
        double least = RankShare * evd.EigenValues[columns - 1].Real;
        (AlignedBuffer<double> rootOwner, MatrixView<double> root) = AlignedBuffer<double>.Matrix(columns, columns);
        for (int i = 0; i < columns; i++)
        {
            double value = evd.EigenValues[i].Real;
            double factor = value > least && value > 0 ? Math.Pow(value, -0.25) : 0;
            TensorPrimitives.Multiply(vectors.AsSpan(i * columns, columns), factor, root[i]);
        }

        (AlignedBuffer<double> owner, MatrixView<double> whitening) = AlignedBuffer<double>.Matrix(columns, columns);
        MatrixProduct.MultiplyTransposedLeft(root, root, whitening);
        GC.KeepAlive(rootOwner);
        return (owner, whitening);
    }
}
