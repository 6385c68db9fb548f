using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// What stays the same for all rows whose bound is <c>1/2 log|T| - sum_h E|z_h| / lambda_h + F</c>, with F the terms of columns that
/// see the latents through <c>b_d + w_d'z</c>.
/// </summary>
internal sealed class RowBound
{
    /// <summary>
    /// Least curvature of the prior's part, as a share of that of a normal prior of its variance: keeps covariances finite where
    /// columns say nothing of a latent. It costs about its square in nats, a latent.
    /// </summary>
    private const double LeastCurvature = 1e-8;

    /// <param name="fields">W, [D, H], padded.</param>
    /// <param name="offsets">b, D values.</param>
    /// <param name="scales">lambda, H values.</param>
    /// <param name="terms">The columns' terms.</param>
    public RowBound(MatrixView<double> fields, double[] offsets, ReadOnlySpan<double> scales, ColumnTerms terms)
    {
        (Fields, Offsets, Terms) = (fields, offsets, terms);
        Weights = new double[fields.Stride];
        RidgeCurvatures = new double[scales.Length];
        Floors = new double[scales.Length];
        for (int h = 0; h < scales.Length; h++)
        {
            Weights[h] = 1 / scales[h];
            RidgeCurvatures[h] = 1 / (2 * scales[h] * scales[h]);
            Floors[h] = LeastCurvature * RidgeCurvatures[h];
        }
    }

    /// <summary>H.</summary>
    public int Latents => Fields.Columns;

    /// <summary>D.</summary>
    public int Columns => Fields.Rows;

    /// <summary>W, [D, H].</summary>
    public MatrixView<double> Fields { get; }

    /// <summary>b.</summary>
    public double[] Offsets { get; }

    /// <summary>The columns' terms.</summary>
    public ColumnTerms Terms { get; }

    /// <summary><c>1 / lambda</c>; 0 in the padding.</summary>
    public double[] Weights { get; }

    /// <summary>Curvatures of a normal prior of the Laplace prior's variance, <c>2 lambda^2</c>: where a row starts.</summary>
    public double[] RidgeCurvatures { get; }

    /// <summary>The least curvatures that a posterior is given.</summary>
    public double[] Floors { get; }

    /// <summary>Most evaluations of a row's bound.</summary>
    public int MaxEvaluations { get; init; } = 100;

    /// <summary>A row is done when its bound rises by less, nats.</summary>
    public double Tolerance { get; init; } = 1e-10;
}
