using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Tests.Families;

/// <summary>Rows and random parameters for the tests of linear Gaussian models.</summary>
internal static class LinearTestData
{
    /// <summary>The UCI digits: 1797 rows, 64 columns.</summary>
    public static IRowSource Digits() =>
        RowSources.Open(Path.Combine(AppContext.BaseDirectory, "Data", "digits.csv"), ColumnSelection.Parse("1-64"));

    public static double[] Gaussian(ulong seed, int length, double scale = 1)
    {
        double[] values = new double[length];
        RandomStream random = new(seed, RandomPurpose.Initialisation, 5);
        random.FillGaussian(values);
        return Array.ConvertAll(values, v => scale * v);
    }

    public static double[] Filled(int length, double value)
    {
        double[] values = new double[length];
        Array.Fill(values, value);
        return values;
    }

    public static ModelHeader Header(int columns) => new(
        Scaling.Identity(columns),
        [.. Enumerable.Range(0, columns).Select(c => $"c{c}")],
        new TrainingRecord { Converged = false, StopReason = StopReason.EpochLimit, Epochs = 0, Steps = 0, Rows = 0 });

    public static ProbabilisticPcaModel Pca(double[] mean, double[] loadings, double variance) =>
        new(LinearGaussian.WithPosterior(mean, loadings, Filled(mean.Length, variance)), Header(mean.Length));

    public static ProbabilisticPcaModel RandomPca(int columns, int latents, ulong seed) => Pca(
        Gaussian(seed, columns), Gaussian(seed + 100, columns * latents), 0.2 + (0.3 * seed));

    public static LinearVaeModel RandomVae(int columns, int latents, ulong seed) => new(
        LinearGaussian.WithEncoder(
            Gaussian(seed, columns),
            Gaussian(seed + 100, columns * latents),
            Filled(columns, 0.2 + (0.3 * seed)),
            Gaussian(seed + 200, columns * latents, 0.3),
            Array.ConvertAll(Gaussian(seed + 300, latents), Math.Exp)),
        Header(columns));

    /// <summary>
    /// log N(x; mu, W W' + sigma^2 I) from the D x D covariance itself (Tipping and Bishop 1999, eq. 4), by Gaussian
    /// elimination.
    /// </summary>
    public static double LogDensity(ReadOnlySpan<double> row, ReadOnlySpan<double> mean, ReadOnlySpan<double> loadings, double variance)
    {
        int columns = mean.Length;
        int latents = loadings.Length / columns;
        double[,] system = new double[columns, columns + 1];
        for (int a = 0; a < columns; a++)
        {
            for (int b = 0; b < columns; b++)
            {
                system[a, b] = a == b ? variance : 0;
                for (int h = 0; h < latents; h++)
                {
                    system[a, b] += loadings[(a * latents) + h] * loadings[(b * latents) + h];
                }
            }

            system[a, columns] = row[a] - mean[a];
        }

        double logDeterminant = 0;
        for (int k = 0; k < columns; k++)
        {
            logDeterminant += Math.Log(system[k, k]);
            for (int i = k + 1; i < columns; i++)
            {
                double factor = system[i, k] / system[k, k];
                for (int j = k; j <= columns; j++)
                {
                    system[i, j] -= factor * system[k, j];
                }
            }
        }

        double quadratic = 0;
        double[] solution = new double[columns];
        for (int k = columns - 1; k >= 0; k--)
        {
            double rest = system[k, columns];
            for (int j = k + 1; j < columns; j++)
            {
                rest -= system[k, j] * solution[j];
            }

            solution[k] = rest / system[k, k];
            quadratic += solution[k] * (row[k] - mean[k]);
        }

        return -0.5 * ((columns * Math.Log(2 * Math.PI)) + logDeterminant + quadratic);
    }
}
