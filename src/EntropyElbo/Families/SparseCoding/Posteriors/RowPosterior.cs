using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// The E-step of a block of rows: the normal distribution of each row that is best for given parameters. The bound is jointly
/// concave in mean and Cholesky factor (Challis and Barber 2013), so there is one optimum; rows do not depend on each other. A
/// worker's own; the matrices hold a block.
/// </summary>
internal abstract class RowPosterior
{
    private protected RowPosterior(int rows, int latents, int? spreads = null)
    {
        Pulls = new Matrix<double>(rows, latents);
        Means = new Matrix<double>(rows, latents);
        Spreads = new Matrix<double>(rows, spreads ?? latents);
        Variances = new Matrix<double>(rows, latents);
        Sizes = new Matrix<double>(rows, latents);
        HalfLogDeterminants = new double[rows];
        Misfits = new double[rows];
        Evaluations = new int[rows];
    }

    /// <summary>Given: <c>(delta / sigma^2) W'(x - mu)</c>, a row each.</summary>
    public MatrixView<double> Pulls { get; }

    /// <summary>nu. Given where a row starts warm.</summary>
    public MatrixView<double> Means { get; }

    /// <summary>
    /// What, beside nu, a row is known by: c, where <c>T = ((delta / sigma^2) W'W + diag c)^-1</c>, or the deviations, or s and V,
    /// where <c>T = V V' + diag s^2</c>. Given where a row starts warm.
    /// </summary>
    public MatrixView<double> Spreads { get; }

    /// <summary>The diagonal of T.</summary>
    public MatrixView<double> Variances { get; }

    /// <summary>E |z|.</summary>
    public MatrixView<double> Sizes { get; }

    /// <summary><c>1/2 log|T|</c>.</summary>
    public double[] HalfLogDeterminants { get; }

    /// <summary><c>(delta / sigma^2) (|r|^2 + tr W'W T - |x - mu|^2)</c>.</summary>
    public double[] Misfits { get; }

    /// <summary>Evaluations of the bound that the row took.</summary>
    public int[] Evaluations { get; }

    /// <summary>A worker for a kind of covariance.</summary>
    public static RowPosterior Create(CovarianceShape shape, int rows, int columns, int latents) =>
        shape.Rank is { } rank ? new LowRankPosterior(rows, latents, rank)
        : shape.IsDiagonal ? new DiagonalPosterior(rows, latents) : new FullPosterior(rows, columns, latents);

    /// <summary>Takes the parameters.</summary>
    public abstract void Use(PosteriorModel model);

    /// <summary>Infers the first rows of the block.</summary>
    /// <param name="count">How many.</param>
    /// <param name="isWarm">Whether they start from <see cref="Means"/> and <see cref="Spreads"/>.</param>
    /// <param name="withCovariances">Whether the sum of covariances is wanted.</param>
    public abstract void Infer(int count, bool isWarm, bool withCovariances);

    /// <summary>Adds the sum over the block of T, [H, H], where it was asked for.</summary>
    public abstract void AddCovariances(MatrixView<double> sum);

    /// <summary>Fills T^-1 of a row of the last block, [H, H] row-major.</summary>
    public abstract void Precision(int row, Span<double> precision);
}
