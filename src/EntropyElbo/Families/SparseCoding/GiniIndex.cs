using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// How sparse codes are, by the Gini index of Hurley and Rickard (2009): 0 where all latents have one size, 1 - 1 / H where one
/// alone is not 0.
/// </summary>
/// <param name="Mean">
/// Mean over rows, of draws from each row's q: as V has it, posterior means alone are sparser than what they stand for.
/// </param>
/// <param name="Deviation">Standard deviation over rows and draws.</param>
/// <param name="OfMeans">Mean over rows, of the latent means.</param>
public sealed record GiniIndex(double Mean, double Deviation, double OfMeans)
{
    /// <summary>The index of one vector; <paramref name="sizes"/>, which are not below 0, are put in order.</summary>
    internal static double Of(Span<double> sizes)
    {
        sizes.Sort();
        double sum = VectorFold.Sum(sizes), index = 1;
        for (int k = 0; k < sizes.Length && sum > 0; k++)
        {
            index -= 2 * sizes[k] / sum * (sizes.Length - k - 0.5) / sizes.Length;
        }

        return sum > 0 ? index : 0;
    }
}

/// <summary>The sums that a <see cref="GiniIndex"/> is made of.</summary>
internal sealed class GiniSums(int latents)
{
    /// <summary>Draws a row (V App. D.4).</summary>
    private const int Draws = 10;

    private readonly double[] _factor = new double[ArraySize.Of(latents, latents)];
    private readonly double[] _draw = new double[latents];
    private long _rows;
    private double _sum;
    private double _squares;
    private double _ofMeans;

    /// <summary>The index of all rows added.</summary>
    public GiniIndex Index()
    {
        double mean = _sum / (_rows * Draws);
        return new GiniIndex(mean, Math.Sqrt(Math.Max(0, (_squares / (_rows * Draws)) - (mean * mean))), _ofMeans / _rows);
    }

    /// <summary>Adds a row of a worker's latest block.</summary>
    public void Add(SparseCodingWorker work, int row, RandomStream random)
    {
        ReadOnlySpan<double> means = work.Posterior.Means[row];
        work.Posterior.Precision(row, _factor);
        if (!Cholesky.TryFactor(_factor, latents, out _))
        {
            throw new BadDataException(
                $"The code of row {_rows + 1} has no covariance: its values are too large for the model's arithmetic. Leave the row out.",
                _rows);
        }

        for (int i = 0; i < Draws; i++)
        {
            random.FillGaussian(_draw);
            Cholesky.SolveTransposed(_factor, latents, _draw);
            double index = Sized(means, _draw);
            _sum += index;
            _squares += index * index;
        }

        Array.Clear(_draw);
        _ofMeans += Sized(means, _draw);
        _rows++;
    }

    private static double Sized(ReadOnlySpan<double> means, Span<double> draw)
    {
        for (int h = 0; h < draw.Length; h++)
        {
            draw[h] = Math.Abs(draw[h] + means[h]);
        }

        return GiniIndex.Of(draw);
    }
}
