using EntropyElbo.Families.Mixture.Rows;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Em;

/// <summary>Rows drawn without replacement, in order (Knuth's algorithm S): all where there are few.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="RowWeights">Their weights, or null where all are equal.</param>
internal sealed record MixtureSample(MixtureRows Rows, double[]? RowWeights)
{
    private const int MaximumRows = 16384;

    /// <summary>Weight of each row.</summary>
    public double[] Weights { get; } = RowWeights ?? Ones((int)Rows.Count);

    /// <summary>Draws rows.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="rowWeights">Weight of each row, or null.</param>
    /// <param name="components">K, which the sample does not fall short of.</param>
    /// <param name="seed">Seed of the draws.</param>
    public static MixtureSample Draw(MixtureRows rows, double[]? rowWeights, int components, ulong seed)
    {
        int wanted = (int)Math.Min(rows.Count, Math.Max(MaximumRows, components));
        if (wanted == rows.Count && rows.Values is not null)
        {
            return new MixtureSample(rows, rowWeights);
        }

        RandomStream random = new(seed, RandomPurpose.Initialisation, ulong.MaxValue);
        double[] values = new double[wanted * rows.Columns];
        double[]? weights = rowWeights is null ? null : new double[wanted];
        int taken = 0;
        using MixtureRows.Pass pass = rows.Open();
        while (taken < wanted && pass.Next(out long row) is { IsEmpty: false } segment)
        {
            for (int start = 0; start < segment.Length && taken < wanted; start += rows.Columns, row++)
            {
                if (wanted < rows.Count && random.NextUniform() * (rows.Count - row) >= wanted - taken)
                {
                    continue;
                }

                segment.Slice(start, rows.Columns).CopyTo(values.AsSpan(taken * rows.Columns));
                if (weights is not null)
                {
                    weights[taken] = rowWeights![(int)row];
                }

                taken++;
            }
        }

        return new MixtureSample(new MixtureRows(values, taken, rows.Columns), weights);
    }

    private static double[] Ones(int count)
    {
        double[] ones = new double[count];
        Array.Fill(ones, 1);
        return ones;
    }
}
