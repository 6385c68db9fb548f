using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Affine;

/// <summary>What S section 3 needs of a family of exponential dispersion: F and its derivatives at 0 (S Table 2), the constant D, the Taylor remainder.</summary>
/// <param name="Trials">Trials of a binomial distribution, 1 for Bernoulli, 0 for Poisson, -1 for Gaussian.</param>
internal sealed record AffineFamily(int Trials)
{
    /// <summary>F(0).</summary>
    public double Zeroth => Trials switch { -1 => 0, 0 => 1, _ => Trials * Math.Log(2) };

    /// <summary>F'(0).</summary>
    public double FirstDerivative => Trials switch { -1 => 0, 0 => 1, _ => 0.5 * Trials };

    /// <summary>F''(0).</summary>
    public double SecondDerivative => Trials is -1 or 0 ? 1 : 0.25 * Trials;

    /// <summary>Whether columns are Gaussian, and phi their variance.</summary>
    public bool IsGaussian => Trials == -1;

    public static AffineFamily Of(ObservableLikelihood likelihood) => new(likelihood.IsGaussian ? -1 : likelihood.Trials);

    /// <summary>D(phi), S eq. 33; for Poisson columns with log x! where Table 2 prints log x.</summary>
    public double Constant(AffineMoments moments, double dispersion)
    {
        int columns = moments.Mean.Length;
        if (IsGaussian)
        {
            return columns * Math.Log(2 * Math.PI * dispersion);
        }

        // The covariance of the rows themselves has trace Total F''(0)^2.
        double squares = moments.Total * SecondDerivative * SecondDerivative;
        foreach (double mean in moments.Mean)
        {
            squares += (mean - FirstDerivative) * (mean - FirstDerivative);
        }

        return (2 * columns * Zeroth) - (squares / SecondDerivative) - (2 * moments.LogBaseMeasure);
    }

    /// <summary>A row's share of <see cref="Constant"/>.</summary>
    public double RowConstant(ReadOnlySpan<double> row, BaseMeasureTable baseMeasure, double dispersion)
    {
        if (IsGaussian)
        {
            return row.Length * Math.Log(2 * Math.PI * dispersion);
        }

        double sum = 2 * ((row.Length * Zeroth) - baseMeasure.Sum(row));
        foreach (double value in row)
        {
            double difference = value - FirstDerivative;
            sum -= difference * difference / SecondDerivative;
        }

        return sum;
    }

    /// <summary>
    /// Bounds on the mean of <c>F(0) + F'(0) t + F''(0) t^2 / 2 - F(t)</c> for a normal t (S Corollary 1): for n trials 0 and
    /// <c>n / 192 E t^4</c>, for Poisson <c>-E t^3 e^t / 6</c> and <c>-E t^3 / 6</c>.
    /// </summary>
    public (double Lower, double Upper) Remainder(double mean, double variance)
    {
        if (Trials > 0)
        {
            double square = mean * mean;
            return (0, Trials / 192.0 * ((square * square) + (6 * square * variance) + (3 * variance * variance)));
        }

        double tilted = mean + variance;
        double third = (tilted * tilted * tilted) + (3 * tilted * variance);
        return (-Math.Exp(mean + (0.5 * variance)) * third / 6, -((mean * mean * mean) + (3 * mean * variance)) / 6);
    }
}

/// <summary>What the closed form needs of the rows.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Mean">Mean of the scaled rows.</param>
/// <param name="Pairs">Largest eigenvalues, falling, and eigenvectors of the covariance of <c>(x - F'(0)) / F''(0)</c>.</param>
/// <param name="Total">Sum of all its eigenvalues.</param>
/// <param name="LogBaseMeasure">Mean over rows of the summed log base measure K(x, 1) of counts; 0 for Gaussian columns.</param>
internal sealed record AffineMoments(long Rows, double[] Mean, EigenPairs Pairs, double Total, double LogBaseMeasure)
{
    public static AffineMoments Read(
        IRowSource rows,
        Scaling scaling,
        int latents,
        ObservableLikelihood likelihood,
        AffineFamily family,
        int threads,
        CancellationToken cancellationToken)
    {
        RowMoments moments = RowMoments.Read(rows, scaling, threads > 0 ? threads : Environment.ProcessorCount, cancellationToken);
        if (moments.Rows < 2)
        {
            throw new BadDataException("There is a single row; a covariance needs two rows at least.");
        }

        double[] covariance = moments.Covariance();
        double factor = 1 / (family.SecondDerivative * family.SecondDerivative);
        System.Numerics.Tensors.TensorPrimitives.Multiply(covariance, factor, covariance);
        double total = Enumerable.Range(0, rows.Columns).Sum(d => covariance[(d * rows.Columns) + d]);
        EigenPairs pairs = SymmetricEigen.Top(covariance, rows.Columns, latents);
        double[] values = [.. pairs.Values.Select(v => Math.Max(0, v))];
        BaseMeasureTable baseMeasure = new(likelihood);
        double logBase = baseMeasure.IsConstant ? 0 : MeanLogBaseMeasure(rows, baseMeasure, cancellationToken);
        return new AffineMoments(moments.Rows, moments.Mean.ToArray(), pairs with { Values = values }, total, logBase);
    }

    private static double MeanLogBaseMeasure(IRowSource rows, BaseMeasureTable baseMeasure, CancellationToken cancellationToken)
    {
        double[] block = RowBlock.Allocate(rows.Columns);
        double sum = 0;
        long count = 0;
        using IRowCursor cursor = rows.Open();
        for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum += baseMeasure.Sum<double>(block.AsSpan(0, read * rows.Columns));
            count += read;
        }

        return sum / count;
    }
}
