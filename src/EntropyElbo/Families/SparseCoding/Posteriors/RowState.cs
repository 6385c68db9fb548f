using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// One row's q and what follows from it. It is known by nu, the curvatures c of the prior and the weights e of the columns:
/// <c>P = W' diag(e) W + diag c</c>, and <c>T = P^-1</c>, or the inverse of P's diagonal.
/// </summary>
internal sealed class RowState
{
    public RowState(int columns, int latents)
    {
        int stride = MatrixView<double>.PaddedStride(latents);
        (Mean, Curvature, Target, Gradient, Size, Variance) =
            (new double[stride], new double[stride], new double[stride], new double[stride], new double[stride], new double[stride]);
        (Weight, WeightTarget, Linear, Spread, Slope) =
            (new double[columns], new double[columns], new double[columns], new double[columns], new double[columns]);
        Factor = new double[ArraySize.Of(latents, latents)];
        Images = new Matrix<double>(columns, latents);
        Array.Fill(Variance, 1);
    }

    /// <summary>nu, padded.</summary>
    public double[] Mean { get; }

    /// <summary>c.</summary>
    public double[] Curvature { get; }

    /// <summary>What c should be: the prior's curvature at this q.</summary>
    public double[] Target { get; }

    /// <summary>Derivatives of the bound by nu.</summary>
    public double[] Gradient { get; }

    /// <summary>E |z|.</summary>
    public double[] Size { get; }

    /// <summary>The diagonal of T; 1 in the padding.</summary>
    public double[] Variance { get; }

    /// <summary>e.</summary>
    public double[] Weight { get; }

    /// <summary>What e should be: the columns' weights at this q.</summary>
    public double[] WeightTarget { get; }

    /// <summary>m, the means of <c>b + W z</c>.</summary>
    public double[] Linear { get; }

    /// <summary>v, their variances.</summary>
    public double[] Spread { get; }

    /// <summary>Derivatives of the columns' terms by m.</summary>
    public double[] Slope { get; }

    /// <summary>The Cholesky factor of P.</summary>
    public double[] Factor { get; }

    /// <summary><c>W T</c>, [D, H].</summary>
    public MatrixView<double> Images { get; }

    /// <summary><c>1/2 log|T|</c>.</summary>
    public double HalfLogDeterminant { get; set; }

    /// <summary>F.</summary>
    public double Value { get; set; }

    /// <summary>The bound; not a number where there is none.</summary>
    public double Bound { get; set; }
}
