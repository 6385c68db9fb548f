using System.Globalization;
using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// A Gaussian vector with full covariance:
/// <c>p(x) = exp(-1/2 (x - mu)' Sigma^-1 (x - mu)) / sqrt(det(2 pi Sigma)) = exp(eta_1' x + tr(eta_2 x x') - A)</c>,
/// <c>eta_1 = Sigma^-1 mu</c>, <c>eta_2 = -1/2 Sigma^-1</c>; the constant base measure is folded into A.
/// </summary>
/// <remarks>
/// Symmetric matrices are packed, so that no parameter is redundant: their lower triangle row by row, (0,0), (1,0), (1,1),
/// (2,0) .. Standard parameters: the d means, then the packed covariance. Natural parameters: eta_1, then the packed
/// weights of the products x_i x_j, which are the entries of eta_2 on the diagonal and twice its entries below it.
/// Sufficient statistics: x, then the packed products x_i x_j.
/// </remarks>
public sealed class GaussianFull : ExponentialFamily
{
    private const int StackLimit = 256;

    /// <summary>Creates the family for a dimension.</summary>
    /// <param name="dimension">Length d of an observation, from 1 to 20000.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimension"/> is outside its range.</exception>
    public GaussianFull(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimension, 20000);
        Dimension = dimension;
    }

    /// <inheritdoc/>
    public override string Name => "gaussian-full";

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int NaturalDimension => Dimension + (Dimension * (Dimension + 1) / 2);

    /// <inheritdoc/>
    public override int StandardDimension => NaturalDimension;

    /// <inheritdoc/>
    public override bool HasConstantBaseMeasure => true;

    /// <inheritdoc/>
    public override void ToNatural(ReadOnlySpan<double> standard, Span<double> natural)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Length(standard, StandardDimension, Name, "standard parameters");
        Span<double> precision = Matrix(stackalloc double[StackLimit]);
        Unpack(standard[Dimension..], precision, 1, 1);
        Factor(precision, "covariance");
        Invert(precision);
        Pack(precision, natural[Dimension..], -0.5, -1);
        for (int i = 0; i < Dimension; i++)
        {
            double sum = 0;
            for (int j = 0; j < Dimension; j++)
            {
                sum += precision[(i * Dimension) + j] * ParameterCheck.Finite(standard[j], Name, "mean");
            }

            natural[i] = sum;
        }
    }

    /// <inheritdoc/>
    public override void ToStandard(ReadOnlySpan<double> natural, Span<double> standard)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        Span<double> matrix = Matrix(stackalloc double[StackLimit]);
        FactorPrecision(natural, matrix);
        Mean(natural, matrix, standard[..Dimension]);
        Invert(matrix);
        Pack(matrix, standard[Dimension..], 1, 1);
    }

    /// <summary>
    /// With P = Sigma^-1: d eta_1 / d mu = P, dP / d Sigma_ab = -(P_a P_b' + P_b P_a'), halved on the diagonal.
    /// </summary>
    /// <inheritdoc/>
    public override void NaturalJacobian(ReadOnlySpan<double> standard, Span<double> jacobian)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(jacobian.Length, NaturalDimension * StandardDimension, Name, "jacobian");
        int n = Dimension;
        double[] precision = new double[n * n];
        double[] natural = new double[NaturalDimension];
        ToNatural(standard, natural);
        Unpack(natural.AsSpan(n), precision, -2, -1);
        jacobian.Clear();
        for (int i = 0; i < n; i++)
        {
            precision.AsSpan(i * n, n).CopyTo(jacobian.Slice(i * NaturalDimension, n));
        }

        int column = n;
        for (int a = 0; a < n; a++)
        {
            for (int b = 0; b <= a; b++, column++)
            {
                CovarianceColumn(
                    precision.AsSpan(a * n, n), precision.AsSpan(b * n, n), natural[a], natural[b], a == b, jacobian[column..]);
            }
        }
    }

    /// <summary>A = 1/2 mu' Sigma^-1 mu + 1/2 log det(2 pi Sigma).</summary>
    /// <inheritdoc/>
    public override double LogPartition(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        Span<double> factor = Matrix(stackalloc double[StackLimit]);
        Unpack(natural[Dimension..], factor, -2, -1);
        if (!Cholesky.TryFactor(factor, Dimension, out int badPivot))
        {
            return factor[..((badPivot + 1) * Dimension)].Contains(double.NaN) ? double.NaN : double.PositiveInfinity;
        }

        // With P = L L', mu' P mu is the square of L^-1 eta_1.
        Span<double> half = Dimension <= StackLimit ? stackalloc double[Dimension] : new double[Dimension];
        natural[..Dimension].CopyTo(half);
        Cholesky.SolveLower(factor, Dimension, half);
        return (Square(half) + (Dimension * SpecialFunctions.LogTwoPi) - Cholesky.LogDeterminant(factor, Dimension)) / 2;
    }

    /// <summary>E (x, x_i x_j) = (mu, Sigma_ij + mu_i mu_j).</summary>
    /// <inheritdoc/>
    public override void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(mean.Length, NaturalDimension, Name, "mean");
        ToStandard(natural, mean);
        int k = Dimension;
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                mean[k++] += mean[i] * mean[j];
            }
        }
    }

    /// <summary>T = (x, x_i x_j).</summary>
    /// <inheritdoc/>
    public override void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(statistics.Length, NaturalDimension, Name, "statistics");
        x[..Dimension].CopyTo(statistics);
        int k = Dimension;
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                statistics[k++] = x[i] * x[j];
            }
        }
    }

    /// <summary>H = 1/2 log det(2 pi e Sigma).</summary>
    /// <inheritdoc/>
    public override double Entropy(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        Span<double> factor = Matrix(stackalloc double[StackLimit]);
        FactorPrecision(natural, factor);
        return ((Dimension * (SpecialFunctions.LogTwoPi + 1)) - Cholesky.LogDeterminant(factor, Dimension)) / 2;
    }

    /// <inheritdoc/>
    public override double LogBaseMeasure(ReadOnlySpan<double> x)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        return 0;
    }

    /// <inheritdoc/>
    public override string? SupportViolation(ReadOnlySpan<double> x)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Length(x, Dimension, Name, "an observation");
        return ParameterCheck.FiniteViolation(x);
    }

    /// <summary>mu + L'^-1 times a standard normal vector, where the precision is L L'.</summary>
    /// <inheritdoc/>
    public override void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ArgumentNullException.ThrowIfNull(random);
        Span<double> factor = Matrix(stackalloc double[StackLimit]);
        FactorPrecision(natural, factor);

        // mu = L'^-1 L^-1 eta_1, so mean and noise share the second solve.
        natural[..Dimension].CopyTo(x);
        Cholesky.SolveLower(factor, Dimension, x[..Dimension]);
        for (int i = 0; i < Dimension; i++)
        {
            x[i] += random.NextGaussian();
        }

        Cholesky.SolveTransposed(factor, Dimension, x[..Dimension]);
    }

    /// <summary>Through x - mu, so that means far larger than deviations do not cancel.</summary>
    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x, ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        int n = Dimension;
        Span<double> factor = Matrix(stackalloc double[StackLimit]);
        FactorPrecision(natural, factor);
        Span<double> difference = n <= StackLimit ? stackalloc double[n] : new double[n];
        Mean(natural, factor, difference);
        for (int i = 0; i < n; i++)
        {
            difference[i] = x[i] - difference[i];
        }

        double square = 0;
        for (int j = 0; j < n; j++)
        {
            double product = 0;
            for (int i = j; i < n; i++)
            {
                product += factor[(i * n) + j] * difference[i];
            }

            square += product * product;
        }

        return (Cholesky.LogDeterminant(factor, n) - square - (n * SpecialFunctions.LogTwoPi)) / 2;
    }

    private static double Square(ReadOnlySpan<double> x)
    {
        double sum = 0;
        foreach (double value in x)
        {
            sum += value * value;
        }

        return sum;
    }

    /// <summary>One column of the Jacobian, for Sigma_ab: <paramref name="target"/> starts in its row 0.</summary>
    private void CovarianceColumn(
        ReadOnlySpan<double> rowA, ReadOnlySpan<double> rowB, double etaA, double etaB, bool diagonal, Span<double> target)
    {
        double share = diagonal ? 0.5 : 1;
        int row = Dimension;
        for (int i = 0; i < Dimension; i++)
        {
            target[i * NaturalDimension] = -share * ((rowA[i] * etaB) + (rowB[i] * etaA));
            for (int j = 0; j <= i; j++, row++)
            {
                double change = share * ((rowA[i] * rowB[j]) + (rowB[i] * rowA[j]));
                target[row * NaturalDimension] = i == j ? 0.5 * change : change;
            }
        }
    }

    private Span<double> Matrix(Span<double> stack) =>
        Dimension * Dimension <= stack.Length ? stack[..(Dimension * Dimension)] : new double[Dimension * Dimension];

    private void Unpack(ReadOnlySpan<double> packed, Span<double> matrix, double onDiagonal, double offDiagonal)
    {
        int k = 0;
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j <= i; j++, k++)
            {
                double value = packed[k] * (i == j ? onDiagonal : offDiagonal);
                matrix[(i * Dimension) + j] = value;
                matrix[(j * Dimension) + i] = value;
            }
        }
    }

    private void Pack(ReadOnlySpan<double> matrix, Span<double> packed, double onDiagonal, double offDiagonal)
    {
        int k = 0;
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j <= i; j++, k++)
            {
                packed[k] = matrix[(i * Dimension) + j] * (i == j ? onDiagonal : offDiagonal);
            }
        }
    }

    private void FactorPrecision(ReadOnlySpan<double> natural, Span<double> factor)
    {
        ParameterCheck.Length(natural, NaturalDimension, Name, "natural parameters");
        foreach (double eta1 in natural[..Dimension])
        {
            ParameterCheck.Finite(eta1, Name, "natural parameter eta_1");
        }

        Unpack(natural[Dimension..], factor, -2, -1);
        Factor(factor, "precision -2 eta_2");
    }

    private void Factor(Span<double> matrix, string what)
    {
        if (!Cholesky.TryFactor(matrix, Dimension, out int badPivot))
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"{Name}: the {what} is not positive definite: row {badPivot} depends on the rows before it or is not finite. ")
                + "Drop constant or repeated columns, use more rows, or raise the variance floor.");
        }
    }

    /// <summary>Replaces a factor by the inverse of the matrix it came from.</summary>
    private void Invert(Span<double> factor)
    {
        Span<double> inverse = Matrix(stackalloc double[StackLimit]);
        Cholesky.Inverse(factor, Dimension, inverse);
        inverse.CopyTo(factor);
    }

    private void Mean(ReadOnlySpan<double> natural, ReadOnlySpan<double> factor, Span<double> mean)
    {
        natural[..Dimension].CopyTo(mean);
        Cholesky.SolveLower(factor, Dimension, mean);
        Cholesky.SolveTransposed(factor, Dimension, mean);
    }
}
