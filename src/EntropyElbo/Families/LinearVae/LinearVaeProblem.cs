using System.Numerics.Tensors;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearVae;

/// <summary>
/// Minus the ELBO as a function of decoder and noise alone: for these the best encoder is the posterior
/// <c>V = (W'W + sigma^2)^-1 W'</c>, its best independent latents are W turned so that <c>W'W</c> is diagonal, and mu_0 is the
/// mean, so there the gradient of the ELBO by the decoder is that of the function (envelope theorem).
/// The coordinates are well conditioned whatever the columns' units: rows in their principal axes and in units of the root
/// of their mean variance, the decoder whitened, <c>W = S^(1/2) W^</c>, which at the optimum has columns of length 1 at most.
/// Directions without variance are left out. Holds its buffers: one per thread.
/// </summary>
internal sealed class LinearVaeProblem : IDifferentiable, IDisposable
{
    /// <summary>Longest row of the whitened decoder that a fit starts with (chosen here).</summary>
    private const double LongestStart = 10;

    private readonly RowSpread _spread;
    private readonly PrincipalAxes _axes;
    private readonly LinearVaeParameters _parameters;
    private readonly ILinearVaeObjective _objective;
    private readonly double[] _deviations;
    private readonly double[] _vector;
    private readonly double[] _gradient;
    private readonly double[] _turn;
    private readonly double[] _gram;
    private readonly double[] _work;
    private readonly double _unit;

    /// <param name="spread">The spread of the rows.</param>
    /// <param name="latents">Latents, H.</param>
    /// <param name="floorShare">Least noise variance as a share of the mean variance of the columns that vary.</param>
    /// <param name="engine">Computes ELBO and gradient.</param>
    public LinearVaeProblem(RowSpread spread, int latents, double floorShare, ComputeEngine engine)
    {
        _spread = spread;
        _axes = spread.VaryingAxes();
        _unit = Math.Sqrt(spread.Unit);
        _deviations = [.. _axes.Values.Select(v => Math.Sqrt(Math.Max(0, v)) / _unit)];
        _parameters = new LinearVaeParameters(_deviations.Length, latents, floorShare, spread.Columns);
        PrincipalStatistics statistics = new(_deviations, spread.TotalVariance / spread.Unit);
        _objective = engine.Start(new LinearVaeObjectiveTask(_parameters, statistics));
        _vector = new double[_parameters.Length];
        _gradient = new double[_parameters.Length];
        _turn = new double[latents * latents];
        _gram = new double[latents * latents];
        _work = new double[latents];
    }

    /// <summary>Entries of W^, row-major, and rho.</summary>
    public int Dimension => _parameters.Weights + 1;

    /// <summary>After an evaluation: the values there, in units of the rows.</summary>
    public IterationValues Values => _objective.Values with
    {
        Elbo = _objective.Values.Elbo - LogUnits,
        EntropySum = _objective.Values.EntropySum - LogUnits,
        Parts = _objective.Values.Parts?.InUnits(LogUnits),
        NoiseVariance = _objective.Values.NoiseVariance * _unit * _unit,
    };

    /// <summary>What the ELBO in the problem's own units has more than that of the rows.</summary>
    public double LogUnits => _spread.Columns * Math.Log(_unit);

    /// <summary>Small random weights; the noise has the rows' mean variance.</summary>
    public void Initialise(Span<double> point, ulong seed)
    {
        Span<double> weights = point[.._parameters.Weights];
        new RandomStream(seed, RandomPurpose.Initialisation).FillGaussian(weights);
        TensorPrimitives.Multiply(weights, LinearVaeParameters.InitialDeviation, weights);
        point[^1] = 0;
    }

    /// <summary>
    /// Decoder and noise of a model in units of these rows. What lies in directions in which the rows do not vary is left out, and
    /// where they vary by far less than the model says its loadings are cut: an optimum has none longer than 1.
    /// </summary>
    public void Begin(Span<double> point, LinearGaussian known)
    {
        int latents = _parameters.Latents;
        double[] coordinates = _axes.Coordinates(known.Loadings, latents);
        for (int i = 0; i < _deviations.Length; i++)
        {
            Span<double> row = point.Slice(i * latents, latents);
            coordinates.AsSpan(i * latents, latents).CopyTo(row);
            double unit = _deviations[i] * _unit, length = Math.Sqrt(VectorFold.Dot(row, row));
            TensorPrimitives.Multiply(row, length > LongestStart * unit ? LongestStart / length : length > 0 ? 1 / unit : 0, row);
        }

        point[^1] = LogNoise(known.NoiseVariances[0] / (_unit * _unit));
    }

    /// <summary>The optimum in closed form: probabilistic PCA (D Cor. 2).</summary>
    public void Solve(Span<double> point)
    {
        int latents = _parameters.Latents, taken = Math.Min(latents, _deviations.Length);
        double rest = _spread.TotalVariance / _spread.Unit;
        for (int h = 0; h < taken; h++)
        {
            rest -= _deviations[h] * _deviations[h];
        }

        double floor = _parameters.VarianceFloor;
        double noise = Math.Max(Math.Max(0, rest) / (_spread.Columns - latents), floor);
        point.Clear();
        for (int h = 0; h < taken; h++)
        {
            double share = noise / (_deviations[h] * _deviations[h]);
            point[(h * latents) + h] = Math.Sqrt(Math.Max(0, 1 - share));
        }

        point[^1] = LogNoise(noise);
    }

    /// <summary>rho of a noise variance.</summary>
    private double LogNoise(double noise) => Math.Log(Math.Max(noise - _parameters.VarianceFloor, 1e-9 * noise));

    /// <summary>ELBO of the optimum in closed form for some rows, nats per row in their units.</summary>
    public static double Optimum(RowSpread spread, LinearVaeOptions options)
    {
        using LinearVaeProblem problem = new(spread, options.Latents, options.VarianceFloor, ComputeEngine.Cpu);
        double[] point = new double[problem.Dimension];
        problem.Solve(point);
        problem.Evaluate(point, new double[problem.Dimension]);
        return problem.Values.Elbo;
    }

    /// <summary>Whether the floor makes up most of the noise variance.</summary>
    public bool IsFloored(ReadOnlySpan<double> point) => Math.Exp(point[^1]) < _parameters.VarianceFloor;

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        if (!Load(point))
        {
            return double.NaN;
        }

        double value = _objective.Evaluate(_vector, _gradient);
        int latents = _parameters.Latents;
        ReadOnlySpan<double> turned = _parameters.Loadings((ReadOnlySpan<double>)_gradient);
        for (int i = 0; i < _deviations.Length; i++)
        {
            Span<double> target = gradient.Slice(i * latents, latents);
            target.Clear();
            for (int k = 0; k < latents; k++)
            {
                TensorPrimitives.MultiplyAdd(
                    _turn.AsSpan(k * latents, latents), turned[(i * latents) + k] * _deviations[i], target, target);
            }
        }

        gradient[^1] = _gradient[^1];
        return value;
    }

    /// <summary>
    /// The model at a point, in units of the rows: latents in order of falling length, the largest loading of each positive.
    /// </summary>
    public LinearGaussian ToLinearGaussian(ReadOnlySpan<double> point)
    {
        Load(point);
        int columns = _spread.Columns, latents = _parameters.Latents;
        double[] loadings = _axes.Lift(_parameters.Loadings((ReadOnlySpan<double>)_vector), latents);
        TensorPrimitives.Multiply(loadings, _unit, loadings);
        LoadingSigns.Fix(loadings, latents);
        double variance = _parameters.NoiseVariance(_vector) * _spread.Unit;
        double[] noise = new double[columns], encoder = new double[latents * columns];
        double[] latentVariances = Array.ConvertAll(_parameters.LogLatentVariances((ReadOnlySpan<double>)_vector).ToArray(), Math.Exp);
        Array.Fill(noise, variance);
        for (int h = 0; h < latents; h++)
        {
            // 1 / (|w_h|^2 + sigma^2), without the square.
            double weight = latentVariances[h] / variance;
            for (int d = 0; d < columns; d++)
            {
                encoder[(h * columns) + d] = loadings[(d * latents) + h] * weight;
            }
        }

        return LinearGaussian.WithEncoder(_spread.Mean, loadings, noise, encoder, latentVariances);
    }

    /// <inheritdoc/>
    public void Dispose() => _objective.Dispose();

    /// <summary>The turned decoder with its encoder, as the objective takes them; false where a number overflows.</summary>
    private bool Load(ReadOnlySpan<double> point)
    {
        int latents = _parameters.Latents;
        Span<double> loadings = _parameters.Loadings(_vector.AsSpan());
        for (int i = 0; i < _deviations.Length; i++)
        {
            TensorPrimitives.Multiply(point.Slice(i * latents, latents), _deviations[i], loadings.Slice(i * latents, latents));
        }

        _parameters.LogNoise(_vector) = point[^1];
        double noise = _parameters.NoiseVariance(_vector);
        Gram(loadings);
        if (!double.IsFinite(noise) || !TensorPrimitives.IsFiniteAll<double>(_gram))
        {
            return false;
        }

        SymmetricEigen.Top(_gram, latents, latents).Vectors.CopyTo(_turn, 0);
        Turn(loadings);
        Array.Clear(_work);
        for (int i = 0; i < _deviations.Length; i++)
        {
            ReadOnlySpan<double> row = loadings.Slice(i * latents, latents);
            TensorPrimitives.MultiplyAdd(row, row, _work, _work);
        }

        TensorPrimitives.Add(_work, noise, _work);
        Span<double> encoder = _parameters.Encoder(_vector.AsSpan()), logs = _parameters.LogLatentVariances(_vector.AsSpan());
        for (int i = 0; i < encoder.Length; i++)
        {
            encoder[i] = loadings[i] / _work[i % latents];
        }

        for (int h = 0; h < latents; h++)
        {
            logs[h] = Math.Log(noise / _work[h]);
        }

        return true;
    }

    /// <summary>W'W.</summary>
    private void Gram(ReadOnlySpan<double> loadings)
    {
        int latents = _parameters.Latents;
        Array.Clear(_gram);
        for (int i = 0; i < loadings.Length; i += latents)
        {
            ReadOnlySpan<double> row = loadings.Slice(i, latents);
            for (int h = 0; h < latents; h++)
            {
                Span<double> target = _gram.AsSpan(h * latents, latents);
                TensorPrimitives.MultiplyAdd(row, row[h], target, target);
            }
        }
    }

    /// <summary>Turns the latents onto the eigenvectors of W'W, in place.</summary>
    private void Turn(Span<double> loadings)
    {
        int latents = _parameters.Latents;
        for (int i = 0; i < loadings.Length; i += latents)
        {
            Span<double> row = loadings.Slice(i, latents);
            row.CopyTo(_work);
            for (int k = 0; k < latents; k++)
            {
                row[k] = VectorFold.Dot(_work, _turn.AsSpan(k * latents, latents));
            }
        }
    }
}
