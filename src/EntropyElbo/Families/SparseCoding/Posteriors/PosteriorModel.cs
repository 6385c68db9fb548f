using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// What stays the same for all rows of an E-step: with <c>r = x - mu - W nu</c> the bound of a row is, up to a constant,
/// <c>1/2 log|T| - sum_h w_h E|z_h| - 1/2 (delta / sigma^2) (|r|^2 + tr W'W T)</c>, <c>w_h = gamma / lambda_h</c>.
/// </summary>
internal sealed class PosteriorModel
{
    /// <summary>
    /// Least curvature of the prior's part, as a share of that of the observable's: keeps covariances finite where there are more
    /// latents than columns. It costs about its square in nats, a latent.
    /// </summary>
    private const double LeastCurvature = 1e-8;

    /// <summary>The same for inverses in the dimension of the columns, which lose as many digits as the share has.</summary>
    private const double LeastWideCurvature = 1e-6;

    /// <param name="fields">W, [D, H], padded.</param>
    /// <param name="scales">lambda, H values.</param>
    /// <param name="noiseVariance">sigma^2.</param>
    /// <param name="priorWeight">gamma.</param>
    /// <param name="noiseWeight">delta.</param>
    public PosteriorModel(
        MatrixView<double> fields, ReadOnlySpan<double> scales, double noiseVariance, double priorWeight = 1, double noiseWeight = 1)
    {
        int latents = fields.Columns;
        Fields = fields;
        NoisePrecision = noiseWeight / noiseVariance;
        CurvatureFloor = (latents > fields.Rows ? LeastWideCurvature : LeastCurvature) * NoisePrecision;
        Pulls = new Matrix<double>(fields.Rows, latents);
        for (int d = 0; d < fields.Rows; d++)
        {
            System.Numerics.Tensors.TensorPrimitives.Multiply(fields[d], NoisePrecision, Pulls[d]);
        }

        Precision = new Matrix<double>(latents, latents);
        MatrixProduct.MultiplyTransposedLeft(Pulls, fields, Precision);
        Weights = new double[latents];
        RidgeCurvatures = new double[latents];
        for (int h = 0; h < latents; h++)
        {
            Weights[h] = priorWeight / scales[h];
            RidgeCurvatures[h] = Math.Max(priorWeight / (2 * scales[h] * scales[h]), CurvatureFloor);
        }
    }

    /// <summary>H.</summary>
    public int Latents => Fields.Columns;

    /// <summary>D.</summary>
    public int Columns => Fields.Rows;

    /// <summary>W, [D, H].</summary>
    public MatrixView<double> Fields { get; }

    /// <summary>delta / sigma^2.</summary>
    public double NoisePrecision { get; }

    /// <summary><c>(delta / sigma^2) W</c>, [D, H]: centred rows times this are the rows' pulls.</summary>
    public MatrixView<double> Pulls { get; }

    /// <summary><c>(delta / sigma^2) W'W</c>, [H, H].</summary>
    public MatrixView<double> Precision { get; }

    /// <summary><c>gamma / lambda</c>.</summary>
    public double[] Weights { get; }

    /// <summary>
    /// Curvatures of a normal prior of the Laplace prior's variance, <c>2 lambda^2</c>: where a row starts that nothing is known
    /// of.
    /// </summary>
    public double[] RidgeCurvatures { get; }

    /// <summary>The least curvature that a posterior is given.</summary>
    public double CurvatureFloor { get; }

    /// <summary>What rounding may take from a bound or add to it, as a share of its parts.</summary>
    public double Rounding => Latents > Columns ? 1e-12 : 1e-14;

    /// <summary>Most evaluations of a row's bound.</summary>
    public int MaxEvaluations { get; init; } = 100;

    /// <summary>A row is done when its bound rises by less, nats.</summary>
    public double Tolerance { get; init; } = 1e-10;
}
