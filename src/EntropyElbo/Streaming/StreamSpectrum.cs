using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Streaming;

/// <summary>
/// Probabilistic PCA of every size at once from one eigendecomposition (D App. A; Tipping and Bishop 1999): entropy sums, the criterion,
/// and the density of new rows under the recommended size.
/// </summary>
internal sealed class StreamSpectrum
{
    private const double LogTwoPiE = SpecialFunctions.LogTwoPi + 1;
    private readonly double[] _vectors;

    /// <summary>A spectrum as it is.</summary>
    /// <param name="mean">D values.</param>
    /// <param name="values">The largest eigenvalues, falling.</param>
    /// <param name="vectors">Their eigenvectors, one a row.</param>
    /// <param name="trace">Total variance.</param>
    /// <param name="floor">Least noise variance.</param>
    /// <param name="effectiveRows">N of the criterion.</param>
    /// <param name="countAsPaper">Whether the criterion counts H D + 1 parameters.</param>
    public StreamSpectrum(
        double[] mean, double[] values, double[] vectors, double trace, double floor, double effectiveRows, bool countAsPaper)
    {
        Mean = mean;
        Values = values;
        _vectors = vectors;
        Trace = trace;
        Floor = floor;
        EffectiveRows = effectiveRows;
        CountAsPaper = countAsPaper;
        EntropySums = new double[values.Length + 1];
        Bic = new double[values.Length + 1];
        FillCriterion();
    }

    public double[] Mean { get; }

    public double[] Values { get; }

    public ReadOnlySpan<double> Vectors => _vectors;

    public double Trace { get; }

    public double Floor { get; }

    public double EffectiveRows { get; }

    public bool CountAsPaper { get; }

    /// <summary>For 0, 1, 2, ... latents.</summary>
    public double[] EntropySums { get; }

    /// <summary>For 0, 1, 2, ... latents.</summary>
    public double[] Bic { get; }

    /// <summary>The number with the least criterion.</summary>
    public int Latents { get; private set; }

    /// <summary>
    /// What new rows of the same distribution should reach on average: the entropy sum less the optimism of the rows learnt from, P / N
    /// (half of it because they fitted their own noise, half because the parameters are off for others).
    /// </summary>
    public double Promise => EntropySums[Latents] - (FreeParameters(Latents) / EffectiveRows);

    private int Columns => Mean.Length;

    /// <summary>The spectrum of a covariance.</summary>
    /// <param name="moments">The moments.</param>
    /// <param name="most">The most latents.</param>
    /// <param name="options">Floor and count.</param>
    public static StreamSpectrum Of(ForgettingMoments moments, int most, StreamingPcaOptions options)
    {
        double[] covariance = moments.Covariance();
        double[] variances = new double[moments.Columns];
        for (int d = 0; d < variances.Length; d++)
        {
            variances[d] = covariance[(d * variances.Length) + d];
        }

        EigenPairs pairs = most == 0 ? new EigenPairs([], []) : SymmetricEigen.Top(covariance, variances.Length, most);
        return new StreamSpectrum(
            (double[])moments.Mean.Clone(),
            pairs.Values,
            pairs.Vectors,
            VectorFold.Sum(variances),
            options.VarianceFloor * VarianceFloors.Unit(variances),
            moments.EffectiveRows,
            options.CountAsPaper);
    }

    /// <summary>Noise variance with so many latents, before the floor.</summary>
    public double TrailingMean(int latents) =>
        Math.Max(0, Trace - VectorFold.Sum(Values.AsSpan(0, latents))) / (Columns - latents);

    /// <summary>Noise variance with so many latents.</summary>
    public double NoiseVariance(int latents) => Math.Max(Floor, TrailingMean(latents));

    /// <summary>Parameters that a model with so many latents has.</summary>
    public int FreeParameters(int latents) => CountAsPaper
        ? (latents * Columns) + 1
        : Columns + (latents * Columns) - (latents * (latents - 1) / 2) + 1;

    /// <summary>Log determinant of the covariance with so many latents.</summary>
    public double LogDeterminant(int latents)
    {
        double noise = NoiseVariance(latents);
        double sum = (Columns - latents) * Math.Log(noise);
        for (int h = 0; h < latents; h++)
        {
            sum += Math.Log(Math.Max(Values[h], noise));
        }

        return sum;
    }

    // With a floor above the trailing mean the expected squared error is less than D: the entropy sum alone would be too low.
    private double Likelihood(int latents)
    {
        double noise = NoiseVariance(latents);
        double expected = (Columns - latents) * (TrailingMean(latents) / noise);
        for (int h = 0; h < latents; h++)
        {
            expected += Values[h] / Math.Max(Values[h], noise);
        }

        return -0.5 * (LogDeterminant(latents) + (Columns * SpecialFunctions.LogTwoPi) + expected);
    }

    private void FillCriterion()
    {
        double logRows = Math.Log(EffectiveRows);
        for (int h = 0; h < Bic.Length; h++)
        {
            EntropySums[h] = -0.5 * (LogDeterminant(h) + (Columns * LogTwoPiE));
            Bic[h] = (-2 * EffectiveRows * Likelihood(h)) + (FreeParameters(h) * logRows);
            Latents = Bic[h] < Bic[Latents] ? h : Latents;
        }
    }
}
