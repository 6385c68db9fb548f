using EntropyElbo.Data;
using EntropyElbo.Distributions;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Tests.Families.PoissonSparseCoding;

/// <summary>Counts drawn from known parameters.</summary>
internal static class MadeCounts
{
    /// <summary>Fields that share no column, each over as many as the next: field h raises columns h w to h w + w - 1.</summary>
    public static SparseCodingParameters Blocks(int latents, int width, double scale, double offset)
    {
        double[][] fields = [.. Enumerable.Range(0, latents).Select(
            h => Enumerable.Range(0, latents * width).Select(d => d / width == h ? 1.0 + (0.1 * (d % width)) : 0).ToArray())];
        return SparseCodingParameters.Of(
            fields, [.. Enumerable.Repeat(scale, latents)], 1, [.. Enumerable.Range(0, latents * width).Select(d => offset + (0.1 * d))]);
    }

    /// <summary>Random parameters.</summary>
    public static SparseCodingParameters Random(int columns, int latents, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 7);
        double[][] fields = [.. Enumerable.Range(0, latents).Select(_ => new double[columns])];
        double[] offsets = new double[columns];
        Array.ForEach(fields, f => random.FillGaussian(f));
        random.FillGaussian(offsets);
        double[] scales = [.. Enumerable.Range(0, latents).Select(h => 0.5 + (0.25 * h))];
        return SparseCodingParameters.Of(fields, scales, 1, [.. offsets.Select(b => 0.5 * b)]);
    }

    public static InMemoryRows Draw(SparseCodingParameters parameters, int rows, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 8);
        Laplace prior = new(parameters.Latents);
        double[] natural = Array.ConvertAll(parameters.Scales, s => -1 / s), z = new double[parameters.Latents], values = new double[rows * parameters.Columns];
        for (int i = 0; i < values.Length; i++)
        {
            int column = i % parameters.Columns;
            if (column == 0)
            {
                prior.Sample(natural, random, z);
            }

            values[i] = RandomVariates.Poisson(random, Math.Min(8, parameters.Mean[column] + VectorFold.Dot(parameters.Fields[column], z)));
        }

        return new InMemoryRows(values, parameters.Columns);
    }

    public static PoissonSparseCodingModel Model(SparseCodingParameters parameters, bool isDiagonal) => new(
        parameters.InOrder(), isDiagonal, 1e-12,
        new ModelHeader(
            Scaling.Identity(parameters.Columns), [.. Enumerable.Range(0, parameters.Columns).Select(d => $"c{d}")], TrainingRecord.Unfinished(0, 0)));
}
