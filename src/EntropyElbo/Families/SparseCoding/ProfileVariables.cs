using System.Numerics.Tensors;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>What keeps the rows' codes between the E-steps of a profile.</summary>
internal interface IProfilePass
{
    /// <summary>Adds the codes to a checkpoint: where the next E-step starts from decides its last digits.</summary>
    void Write(ModelRecord record);

    /// <summary>Takes the codes from a checkpoint.</summary>
    void Read(ModelRecord record);
}

/// <summary>What the variables of a profile are counted from and in.</summary>
/// <param name="Origin">What mu, or b, is counted from: D values.</param>
/// <param name="Unit">The columns' mean variance.</param>
/// <param name="Floors">The least scales.</param>
/// <param name="Centre">Whether mu, or b, is learned; else it is 0.</param>
/// <param name="HasNoise">Whether there is a sigma^2; else it is 1.</param>
internal sealed record ProfileUnits(double[] Origin, double Unit, SparseCodingFloors Floors, bool Centre, bool HasNoise);

/// <summary>
/// The ELBO as a function of the generative parameters alone, every row's q at its optimum for them; by the envelope theorem its
/// gradient is that of the ELBO with q held still. Variables: the fields (their directions count, not their lengths), the logarithm
/// of lambda, one for all latents or one each, that of sigma^2, and mu, all in units of the columns' spread.
/// </summary>
internal abstract class ProfileVariables(int latents, ProfileUnits units, bool isShared) : IDifferentiable
{
    private readonly int _columns = units.Origin.Length;
    private readonly double _spread = Math.Sqrt(units.Unit);

    /// <summary>The least scales.</summary>
    public SparseCodingFloors Floors => units.Floors;

    /// <inheritdoc/>
    public int Dimension => MeanPlace + (units.Centre ? _columns : 0);

    /// <summary>Stops an evaluation.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>The values at the latest point.</summary>
    public IterationValues Values { get; protected set; }

    private int Scales => isShared ? 1 : latents;

    private int NoisePlace => (latents * _columns) + Scales;

    private int MeanPlace => NoisePlace + (units.HasNoise ? 1 : 0);

    /// <inheritdoc/>
    public abstract double Evaluate(ReadOnlySpan<double> point, Span<double> gradient);

    /// <summary>Writes parameters as a point.</summary>
    public void Write(SparseCodingParameters parameters, Span<double> point)
    {
        for (int h = 0; h < latents; h++)
        {
            parameters.Field(h).CopyTo(point[(h * _columns)..]);
        }

        for (int i = 0; i < Scales; i++)
        {
            point[(latents * _columns) + i] = Math.Log(Math.Max(parameters.Scales[i] - Floors.Scale, Floors.Scale) / _spread);
        }

        if (units.HasNoise)
        {
            point[NoisePlace] = Math.Log(Math.Max(parameters.NoiseVariance - Floors.Noise, Floors.Noise) / units.Unit);
        }

        for (int d = 0; d < _columns && units.Centre; d++)
        {
            point[MeanPlace + d] = (parameters.Mean[d] - units.Origin[d]) / _spread;
        }
    }

    /// <summary>The parameters of a point.</summary>
    public SparseCodingParameters At(ReadOnlySpan<double> point)
    {
        double[][] fields = new double[latents][];
        double[] scales = new double[latents], mean = new double[_columns];
        for (int h = 0; h < latents; h++)
        {
            fields[h] = point.Slice(h * _columns, _columns).ToArray();
            scales[h] = Floors.Scale + (_spread * Math.Exp(point[(latents * _columns) + (isShared ? 0 : h)]));
        }

        for (int d = 0; d < _columns && units.Centre; d++)
        {
            mean[d] = units.Origin[d] + (_spread * point[MeanPlace + d]);
        }

        double noise = units.HasNoise ? Floors.Noise + (units.Unit * Math.Exp(point[NoisePlace])) : 1;
        return SparseCodingParameters.Of(fields, scales, noise, mean);
    }

    /// <summary>Minus the derivatives of the ELBO by fields and scales.</summary>
    /// <param name="parameters">The parameters of the point.</param>
    /// <param name="fields">Derivatives by the columns of W along the unit spheres, [H, D].</param>
    /// <param name="sizes">Mean E|z|.</param>
    /// <param name="noiseResidual">Of which the slope along log sigma^2 follows.</param>
    /// <param name="gradient">Filled, but for the means.</param>
    protected void FillGradient(
        SparseCodingParameters parameters, MatrixView<double> fields, double[] sizes, double noiseResidual, Span<double> gradient)
    {
        gradient.Slice(latents * _columns, Scales).Clear();
        for (int h = 0; h < latents; h++)
        {
            double inverse = -1 / parameters.Lengths[h];
            TensorPrimitives.Multiply(fields[h], inverse, gradient.Slice(h * _columns, _columns));
            double scale = parameters.Scales[h], share = (scale - Floors.Scale) / scale;
            gradient[(latents * _columns) + (isShared ? 0 : h)] += share * (1 - (sizes[h] / scale));
        }

        if (units.HasNoise)
        {
            gradient[NoisePlace] = -noiseResidual * (parameters.NoiseVariance - Floors.Noise) / parameters.NoiseVariance;
        }
    }

    /// <summary>Where the means' derivatives go: D values, or none.</summary>
    protected Span<double> MeanPart(Span<double> gradient) => gradient[MeanPlace..];

    /// <summary>Turns derivatives by mu into minus those by its variables.</summary>
    protected void ScaleMeans(Span<double> means) => TensorPrimitives.Multiply(means, -_spread, means);
}
