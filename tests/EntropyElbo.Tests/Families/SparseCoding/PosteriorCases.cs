using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Families.SparseCoding;

/// <summary>Parameters and codes that the tests of posteriors share.</summary>
internal static class PosteriorCases
{
    /// <summary>Fields that overlap, as bars do.</summary>
    public static SparseCodingParameters Parameters(int side, int latents)
    {
        RandomStream random = new(9, RandomPurpose.Generation);
        double[][] fields = new double[latents][];
        for (int h = 0; h < latents; h++)
        {
            fields[h] = new double[side * side];
            random.FillGaussian(fields[h]);
            for (int d = 0; d < fields[h].Length; d++)
            {
                fields[h][d] = (0.3 * fields[h][d]) + (h < 2 * side && (h < side ? d / side == h : d % side == h - side) ? 1 : 0);
            }
        }

        return SparseCodingParameters.Of(fields, [.. Enumerable.Range(0, latents).Select(h => 0.8 + (0.2 * h))], 0.05, [.. Enumerable.Repeat(0.1, side * side)]);
    }

    /// <summary>The codes of rows.</summary>
    public static SparseCodingWorker Inferred(PosteriorModel model, SparseCodingParameters parameters, CovarianceShape shape, double[] rows)
    {
        int count = rows.Length / parameters.Columns;
        SparseCodingWorker worker = new(count, parameters.Columns, parameters.Latents, shape);
        worker.Use(model, parameters.Mean);
        worker.Load(rows, count);
        worker.Infer(count, isWarm: false, withSums: false);
        return worker;
    }

    /// <summary>A row's bound up to a constant, with weights of prior and noise.</summary>
    public static double Value(SparseCodingWorker worker, int row, SparseCodingParameters parameters, double prior, double noise)
    {
        double value = worker.Posterior.HalfLogDeterminants[row] - (0.5 * noise * worker.Error(row) / parameters.NoiseVariance);
        for (int h = 0; h < parameters.Latents; h++)
        {
            value -= prior * worker.Posterior.Sizes[row][h] / parameters.Scales[h];
        }

        return value;
    }
}
