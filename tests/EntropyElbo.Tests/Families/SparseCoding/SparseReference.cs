using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Families.SparseCoding;

/// <summary>
/// The objectives of V, written down term by term for a few rows with full covariances: classical (eq. 123 to 125) and entropies (eq. 15 and 17), each with the
/// gradients that follow from it alone. The classical gradients know the given scales, those of the entropies come by the chain rule through the optimal ones.
/// </summary>
internal sealed class SparseReference
{
    public required double[][] Rows { get; init; }

    public required double[][] Fields { get; init; }

    public required double[] Mean { get; init; }

    public required double[][] Means { get; init; }

    /// <summary>T of every row, [H, H].</summary>
    public required double[][] Covariances { get; init; }

    public double[] Scales { get; set; } = [];

    public double Noise { get; set; }

    public int Latents => Fields.Length;

    public int Columns => Mean.Length;

    /// <summary>Random rows, parameters and q.</summary>
    public static SparseReference Random(int rows, int columns, int latents, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 17);
        double[] Draw(int length)
        {
            double[] values = new double[length];
            random.FillGaussian(values);
            return values;
        }

        double[] Covariance()
        {
            double[] root = Draw(latents * latents), covariance = new double[latents * latents];
            for (int i = 0; i < latents; i++)
            {
                for (int j = 0; j < latents; j++)
                {
                    covariance[(i * latents) + j] = (0.2 * VectorFold.Dot(root.AsSpan(i * latents, latents), root.AsSpan(j * latents, latents))) + (i == j ? 0.1 : 0);
                }
            }

            return covariance;
        }

        return new SparseReference
        {
            Rows = [.. Enumerable.Range(0, rows).Select(_ => Draw(columns))],
            Fields = [.. Enumerable.Range(0, latents).Select(_ => Unit(Draw(columns)))],
            Mean = Draw(columns),
            Means = [.. Enumerable.Range(0, rows).Select(_ => Draw(latents))],
            Covariances = [.. Enumerable.Range(0, rows).Select(_ => Covariance())],
            Scales = [.. Draw(latents).Select(s => 0.3 + Math.Abs(s))],
            Noise = 0.4,
        };
    }

    public static double[] Unit(double[] v) => [.. v.Select(x => x / Math.Sqrt(v.Sum(y => y * y)))];

    public static double Size(double mean, double variance)
    {
        double deviation = Math.Sqrt(variance), ratio = mean / deviation;
        return (deviation * Math.Sqrt(2 / Math.PI) * Math.Exp(-0.5 * ratio * ratio)) + (mean * ErrorFunction.Erf(ratio / Math.Sqrt(2)));
    }

    public double MeanSize(int latent) => Enumerable.Range(0, Rows.Length).Average(n => Size(Means[n][latent], Covariances[n][(latent * Latents) + latent]));

    public double MeanError() => Enumerable.Range(0, Rows.Length).Average(n => Error(n)) / Columns;

    public double Entropy() => Enumerable.Range(0, Rows.Length).Average(n => 0.5 * (LogDeterminant(Covariances[n]) + (Latents * Math.Log(2 * Math.PI * Math.E))));

    public double Classical()
    {
        double value = Entropy() - (0.5 * Columns * Math.Log(2 * Math.PI * Noise)) - (0.5 * Columns * MeanError() / Noise);
        return value - Enumerable.Range(0, Latents).Sum(h => Math.Log(2 * Scales[h]) + (MeanSize(h) / Scales[h]));
    }

    public double Entropies(double prior = 1, double noise = 1) => Entropy()
        - (prior * Enumerable.Range(0, Latents).Sum(h => Math.Log(2 * Math.E * MeanSize(h))))
        - (noise * 0.5 * Columns * Math.Log(2 * Math.PI * Math.E * MeanError()));

    /// <summary>Derivatives by nu of a row; of the entropies where scales are not given.</summary>
    public double[] ByMean(int n, bool classical, double prior = 1, double noise = 1)
    {
        double[] residual = Residual(n), gradient = new double[Latents];
        for (int h = 0; h < Latents; h++)
        {
            double sign = ErrorFunction.Erf(Means[n][h] / Math.Sqrt(2 * Covariances[n][(h * Latents) + h])) / Rows.Length;
            double pull = VectorFold.Dot(Fields[h], residual) / Rows.Length;
            gradient[h] = classical
                ? (pull / Noise) - (sign / Scales[h])
                : (noise * pull / MeanError()) - (prior * sign / MeanSize(h));
        }

        return gradient;
    }

    /// <summary>Derivatives by T of a row, [H, H], symmetric.</summary>
    public double[] ByCovariance(int n, bool classical, double prior = 1, double noise = 1)
    {
        double[] covariance = Covariances[n], gradient = Inverse(covariance);
        for (int i = 0; i < Latents; i++)
        {
            for (int j = 0; j < Latents; j++)
            {
                double gram = VectorFold.Dot(Fields[i], Fields[j]), deviation = Math.Sqrt(covariance[(i * Latents) + i]);
                double bend = i == j ? Math.Sqrt(2 / Math.PI) * Math.Exp(-Means[n][i] * Means[n][i] / (2 * deviation * deviation)) / deviation : 0;
                double rest = classical
                    ? (gram / Noise) + (bend / Scales[i])
                    : (noise * gram / MeanError()) + (prior * bend / MeanSize(i));
                gradient[(i * Latents) + j] = (gradient[(i * Latents) + j] - rest) / (2 * Rows.Length);
            }
        }

        return gradient;
    }

    /// <summary>Derivatives by a field along the unit sphere.</summary>
    public double[] ByField(int h, bool classical, double noise = 1)
    {
        double[] gradient = new double[Columns];
        for (int n = 0; n < Rows.Length; n++)
        {
            double[] residual = Residual(n);
            for (int d = 0; d < Columns; d++)
            {
                double spread = Enumerable.Range(0, Latents).Sum(k => Fields[k][d] * Covariances[n][(k * Latents) + h]);
                gradient[d] += ((residual[d] * Means[n][h]) - spread) / Rows.Length;
            }
        }

        double factor = classical ? 1 / Noise : noise / MeanError(), along = VectorFold.Dot(gradient, Fields[h]);
        return [.. gradient.Select((g, d) => factor * (g - (along * Fields[h][d])))];
    }

    /// <summary>The library's objective for the same q.</summary>
    public SparseCodingObjective Objective() => new(SparseCodingParameters.OfUnitFields(Fields, Scales, Noise, Mean), Sums());

    /// <summary>Other parameters, and the same q in their coordinates.</summary>
    public SparseReference With(SparseCodingParameters parameters, double[] lengths) => new()
    {
        Rows = Rows,
        Fields = [.. Enumerable.Range(0, Latents).Select(parameters.Field)],
        Mean = parameters.Mean,
        Means = [.. Means.Select(m => m.Select((x, h) => x * lengths[h]).ToArray())],
        Covariances = [.. Covariances.Select(c => c.Select((x, i) => x * lengths[i / Latents] * lengths[i % Latents]).ToArray())],
        Scales = parameters.Scales,
        Noise = parameters.NoiseVariance,
    };

    /// <summary>The sums that an E-step with this q would give, rows counted from an origin, or from the mean.</summary>
    public SparseCodingSums Sums(double[]? origin = null)
    {
        origin ??= Mean;
        SparseCodingSums sums = new(Columns, Latents) { Rows = Rows.Length, Entropy = Rows.Length * Entropy(), Errors = Rows.Length * Columns * MeanError() };
        for (int n = 0; n < Rows.Length; n++)
        {
            double[] centred = [.. Rows[n].Select((x, d) => x - origin[d])];
            for (int h = 0; h < Latents; h++)
            {
                sums.Means[h] += Means[n][h];
                sums.Sizes[h] += Size(Means[n][h], Covariances[n][(h * Latents) + h]);
                for (int d = 0; d < Columns; d++)
                {
                    sums.Products[h][d] += Means[n][h] * centred[d];
                }

                for (int k = 0; k < Latents; k++)
                {
                    sums.Seconds[h][k] += (Means[n][h] * Means[n][k]) + Covariances[n][(h * Latents) + k];
                }
            }

            for (int d = 0; d < Columns; d++)
            {
                sums.Centred[d] += centred[d];
                sums.Squares += centred[d] * centred[d];
            }
        }

        return sums;
    }

    private double[] Residual(int n) =>
        [.. Enumerable.Range(0, Columns).Select(d => Rows[n][d] - Mean[d] - Enumerable.Range(0, Latents).Sum(h => Fields[h][d] * Means[n][h]))];

    private double Error(int n)
    {
        double error = Residual(n).Sum(r => r * r);
        for (int i = 0; i < Latents; i++)
        {
            for (int j = 0; j < Latents; j++)
            {
                error += VectorFold.Dot(Fields[i], Fields[j]) * Covariances[n][(i * Latents) + j];
            }
        }

        return error;
    }

    private double LogDeterminant(double[] covariance)
    {
        double[] factor = [.. covariance];
        Assert.IsTrue(Cholesky.TryFactor(factor, Latents, out _));
        return Cholesky.LogDeterminant(factor, Latents);
    }

    private double[] Inverse(double[] covariance)
    {
        double[] factor = [.. covariance], inverse = new double[covariance.Length];
        Assert.IsTrue(Cholesky.TryFactor(factor, Latents, out _));
        Cholesky.Inverse(factor, Latents, inverse);
        return inverse;
    }
}
