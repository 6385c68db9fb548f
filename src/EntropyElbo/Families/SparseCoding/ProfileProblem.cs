using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// The ELBO as a function of the generative parameters alone, every row's q at its optimum for them; by the envelope theorem its
/// gradient is that of the ELBO with q held still. Variables: the fields (their directions count, not their lengths), the logarithm
/// of lambda, one for all latents or one each, that of sigma^2, and mu, all in units of the columns' spread.
/// </summary>
internal sealed class ProfileProblem(
    SparseCodingOptions options, SparseCodingColumns columns, SparseCodingPass pass, bool isShared) : IDifferentiable
{
    private readonly int _latents = options.Latents;
    private readonly int _columns = columns.Count;
    private readonly double _spread = Math.Sqrt(columns.Unit);
    private readonly MatrixView<double> _gradients = new Matrix<double>(options.Latents, columns.Count);

    /// <summary>The least scales.</summary>
    public SparseCodingFloors Floors { get; } = SparseCodingFloors.Of(options, columns);

    /// <inheritdoc/>
    public int Dimension => (_latents * _columns) + Scales + 1 + (options.Centre ? _columns : 0);

    /// <summary>Stops an evaluation.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>The ELBO's parts at the latest point.</summary>
    public SparseCodingObjective Objective { get; private set; } = null!;

    /// <summary>The parameters of the latest point.</summary>
    public SparseCodingParameters Parameters { get; private set; } = null!;

    private int Scales => isShared ? 1 : _latents;

    private int NoisePlace => (_latents * _columns) + Scales;

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        Parameters = At(point);
        if (!Parameters.IsFinite)
        {
            return double.NaN;
        }

        PosteriorModel model = new(Parameters.Fields, Parameters.Scales, Parameters.NoiseVariance) { Tolerance = options.InnerTolerance };
        SparseCodingSums sums = pass.Run(Parameters, model, Cancellation);
        Objective = new SparseCodingObjective(Parameters, sums);
        FillGradient(point, gradient);
        return -Objective.Elbo;
    }

    /// <summary>Writes parameters as a point.</summary>
    public void Write(SparseCodingParameters parameters, Span<double> point)
    {
        for (int h = 0; h < _latents; h++)
        {
            parameters.Field(h).CopyTo(point[(h * _columns)..]);
        }

        for (int i = 0; i < Scales; i++)
        {
            point[(_latents * _columns) + i] = Math.Log(Math.Max(parameters.Scales[i] - Floors.Scale, Floors.Scale) / _spread);
        }

        point[NoisePlace] = Math.Log(Math.Max(parameters.NoiseVariance - Floors.Noise, Floors.Noise) / columns.Unit);
        for (int d = 0; d < _columns && options.Centre; d++)
        {
            point[NoisePlace + 1 + d] = (parameters.Mean[d] - columns.Means[d]) / _spread;
        }
    }

    /// <summary>The parameters of a point.</summary>
    public SparseCodingParameters At(ReadOnlySpan<double> point)
    {
        double[][] fields = new double[_latents][];
        double[] scales = new double[_latents], mean = new double[_columns];
        for (int h = 0; h < _latents; h++)
        {
            fields[h] = point.Slice(h * _columns, _columns).ToArray();
            scales[h] = Floors.Scale + (_spread * Math.Exp(point[(_latents * _columns) + (isShared ? 0 : h)]));
        }

        for (int d = 0; d < _columns && options.Centre; d++)
        {
            mean[d] = columns.Means[d] + (_spread * point[NoisePlace + 1 + d]);
        }

        return SparseCodingParameters.Of(fields, scales, Floors.Noise + (columns.Unit * Math.Exp(point[NoisePlace])), mean);
    }

    /// <summary>Minus the derivatives of the ELBO.</summary>
    private void FillGradient(ReadOnlySpan<double> point, Span<double> gradient)
    {
        Objective.FieldGradients(1, _gradients);
        gradient.Slice(_latents * _columns, Scales).Clear();
        for (int h = 0; h < _latents; h++)
        {
            double inverse = -1 / Parameters.Lengths[h];
            System.Numerics.Tensors.TensorPrimitives.Multiply(_gradients[h], inverse, gradient.Slice(h * _columns, _columns));
            double scale = Parameters.Scales[h], share = (scale - Floors.Scale) / scale;
            gradient[(_latents * _columns) + (isShared ? 0 : h)] += share * (1 - (Objective.Sizes[h] / scale));
        }

        gradient[NoisePlace] = -Objective.NoiseResidual * (Parameters.NoiseVariance - Floors.Noise) / Parameters.NoiseVariance;
        if (options.Centre)
        {
            Span<double> means = gradient.Slice(NoisePlace + 1, _columns);
            Objective.MeanGradient(1, means);
            System.Numerics.Tensors.TensorPrimitives.Multiply(means, -_spread, means);
        }
    }
}
