using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>The rows of a block that are not done yet, the first of the matrices: a row that is done makes room for the last.</summary>
internal sealed class DiagonalRows(int rows, int latents)
{
    public MatrixView<double> Pulls { get; } = new Matrix<double>(rows, latents);

    public MatrixView<double> Means { get; } = new Matrix<double>(rows, latents);

    /// <summary>A nu.</summary>
    public MatrixView<double> Forces { get; } = new Matrix<double>(rows, latents);

    /// <summary>tau; 1 in the padding.</summary>
    public MatrixView<double> Deviations { get; } = new Matrix<double>(rows, latents);

    /// <summary>Derivatives of the bound by nu.</summary>
    public MatrixView<double> Gradients { get; } = new Matrix<double>(rows, latents);

    /// <summary>c.</summary>
    public MatrixView<double> Curvatures { get; } = new Matrix<double>(rows, latents);

    /// <summary>p, the direction of nu.</summary>
    public MatrixView<double> Directions { get; } = new Matrix<double>(rows, latents);

    /// <summary>A p.</summary>
    public MatrixView<double> Images { get; } = new Matrix<double>(rows, latents);

    /// <summary>Relative changes of the deviations.</summary>
    public MatrixView<double> Changes { get; } = new Matrix<double>(rows, latents);

    /// <summary>Where each row stands in the block.</summary>
    public int[] Places { get; } = new int[rows];

    /// <summary>Which share of a whole step is taken.</summary>
    public double[] Shares { get; } = new double[rows];

    /// <summary>Length of the latest step along the direction.</summary>
    public double[] Lengths { get; } = new double[rows];

    public double[] Bounds { get; } = new double[rows];

    public double[] HalfLogDeterminants { get; } = new double[rows];

    public double[] Misfits { get; } = new double[rows];

    /// <summary>Puts a row in the place of another.</summary>
    public void Move(int from, int to)
    {
        if (from == to)
        {
            return;
        }

        foreach (MatrixView<double> matrix in (ReadOnlySpan<MatrixView<double>>)[Pulls, Means, Forces, Deviations, Gradients, Curvatures, Directions, Images, Changes])
        {
            matrix.PaddedRow(from).CopyTo(matrix.PaddedRow(to));
        }

        Places[to] = Places[from];
        Shares[to] = Shares[from];
        Lengths[to] = Lengths[from];
        Bounds[to] = Bounds[from];
        HalfLogDeterminants[to] = HalfLogDeterminants[from];
        Misfits[to] = Misfits[from];
    }
}
