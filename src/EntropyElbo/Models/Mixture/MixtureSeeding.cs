using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Models.Mixture;

/// <summary>
/// Starting points by k-means++ (Arthur and Vassilvitskii 2007) and a few rounds of k-means on a seeded sample of rows.
/// Rows are seen in deviations of their columns: gamma columns in logarithms, categorical columns as indicators. The
/// first M-step takes soft assignments, so that no component starts with a probability of 0 or without variance.
/// </summary>
internal sealed class MixtureSeeding
{
    private const int MaximumSample = 16384;
    private const int MaximumIndicators = 4096;
    private const int Rounds = 10;

    /// <summary>Share of a row that is spread over all components.</summary>
    private const double Spread = 0.1;

    private readonly Column[] _columns;
    private readonly int _components;
    private readonly double[] _centres;

    private MixtureSeeding(Column[] columns, int components)
    {
        _columns = columns;
        _components = components;
        Length = columns.Sum(c => c.Length);
        _centres = new double[components * Length];
    }

    /// <summary>Numbers that stand for a row.</summary>
    private int Length { get; }

    /// <summary>Finds seeds.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="rowWeights">Weight of each row, or null.</param>
    /// <param name="families">Families of the column ranges.</param>
    /// <param name="facts">Means and variances of the columns.</param>
    /// <param name="components">K, at most the number of rows.</param>
    /// <param name="random">Draws; one stream per restart.</param>
    public static MixtureSeeding Find(
        MixtureRows rows, double[]? rowWeights, IReadOnlyList<ColumnFamily> families, ColumnFacts facts, int components, RandomStream random)
    {
        MixtureSeeding seeding = new(Describe(families, facts), components);
        (double[] sample, double[] weights) = seeding.Sample(rows, rowWeights, random);
        seeding.PlusPlus(sample, weights, random);
        for (int round = 0; round < Rounds && seeding.Refine(sample, weights); round++)
        {
        }

        return seeding;
    }

    /// <summary>The rule of the first pass: most of a row belongs to its nearest seed.</summary>
    /// <param name="families">Families of the column ranges.</param>
    public ResponsibilityRule Rule(IReadOnlyList<ColumnFamily> families) => (rows, count, work) =>
    {
        int width = rows.Length / count;
        Span<double> row = new double[Length];
        for (int i = 0; i < count; i++)
        {
            Embed(rows.Slice(i * width, width), row);
            Span<double> r = work.Responsibilities[i];
            r.Fill(Spread / _components);
            r[Nearest(row).Index] += 1 - Spread;
        }

        Array.Clear(work.RowEntropies);
        for (int g = 0; g < families.Count; g++)
        {
            families[g].Load(rows, count, width, work.Scratches[g]);
        }
    };

    private static Column[] Describe(IReadOnlyList<ColumnFamily> families, ColumnFacts facts)
    {
        List<Column> columns = [];
        foreach (ColumnFamily family in families)
        {
            bool indicators = family is CategoricalFamily { Cells: <= MaximumIndicators };
            for (int d = 0; d < family.Count; d++)
            {
                int column = family.Range.Start + d;
                double deviation = facts.Variance[column] > 0 ? Math.Sqrt(facts.Variance[column]) : 1;
                columns.Add(
                    indicators ? new Column(column, (int)family.Reference[d], 0, 1, false)
                    : family is GammaFamily ? new Column(column, 1, facts.MeanLog[column], 1, true)
                    : new Column(column, 1, facts.Mean[column], 1 / deviation, false));
            }
        }

        return [.. columns];
    }

    /// <summary>Rows drawn without replacement, in order (Knuth's algorithm S).</summary>
    private (double[] Sample, double[] Weights) Sample(MixtureRows rows, double[]? rowWeights, RandomStream random)
    {
        int wanted = (int)Math.Min(rows.Count, Math.Max(MaximumSample, _components));
        double[] sample = new double[wanted * Length];
        double[] weights = new double[wanted];
        int taken = 0;
        using MixtureRows.Pass pass = rows.Open(1);
        while (taken < wanted && pass.Next() > 0)
        {
            ReadOnlySpan<double> segment = pass.Segment(0);
            long row = pass.FirstRow(0);
            for (int start = 0; start < segment.Length && taken < wanted; start += rows.Columns, row++)
            {
                long left = rows.Count - row;
                if (wanted == rows.Count || random.NextUniform() * left < wanted - taken)
                {
                    Embed(segment.Slice(start, rows.Columns), sample.AsSpan(taken * Length, Length));
                    weights[taken++] = rowWeights?[(int)row] ?? 1;
                }
            }
        }

        return (sample, weights);
    }

    private void PlusPlus(double[] sample, double[] weights, RandomStream random)
    {
        double[] chances = weights.ToArray();
        double[] distances = new double[weights.Length];
        Array.Fill(distances, double.PositiveInfinity);
        for (int k = 0; k < _components; k++)
        {
            // Where all rows stand on a seed already, any row will do.
            int chosen = VectorFold.Sum(chances) > 0 ? RandomChoice.Next(chances, random) : random.NextInt(weights.Length);
            Span<double> centre = _centres.AsSpan(k * Length, Length);
            sample.AsSpan(chosen * Length, Length).CopyTo(centre);
            for (int i = 0; i < distances.Length; i++)
            {
                distances[i] = Math.Min(distances[i], Distance(sample.AsSpan(i * Length, Length), centre));
                chances[i] = distances[i] * weights[i];
            }
        }
    }

    /// <summary>One round of k-means; false when nothing moved. A seed without rows stays.</summary>
    private bool Refine(double[] sample, double[] weights)
    {
        double[] sums = new double[_centres.Length];
        double[] counts = new double[_components];
        for (int i = 0; i < weights.Length; i++)
        {
            ReadOnlySpan<double> row = sample.AsSpan(i * Length, Length);
            int nearest = Nearest(row).Index;
            Span<double> sum = sums.AsSpan(nearest * Length, Length);
            TensorPrimitives.MultiplyAdd(row, weights[i], sum, sum);
            counts[nearest] += weights[i];
        }

        bool moved = false;
        for (int i = 0; i < sums.Length; i++)
        {
            double count = counts[i / Length];
            double centre = count > 0 ? sums[i] / count : _centres[i];
            moved |= centre != _centres[i];
            _centres[i] = centre;
        }

        return moved;
    }

    private (int Index, double Distance) Nearest(ReadOnlySpan<double> row)
    {
        int best = 0;
        double least = double.PositiveInfinity;
        for (int k = 0; k < _components; k++)
        {
            double distance = Distance(row, _centres.AsSpan(k * Length, Length));
            if (distance < least)
            {
                (best, least) = (k, distance);
            }
        }

        return (best, least);
    }

    private void Embed(ReadOnlySpan<double> row, Span<double> target)
    {
        int place = 0;
        foreach (Column column in _columns)
        {
            double value = row[column.Index];
            if (column.Length > 1)
            {
                target.Slice(place, column.Length).Clear();
                target[place + (int)value] = Math.Sqrt(0.5);
            }
            else
            {
                target[place] = ((column.IsLog ? Math.Log(value) : value) - column.Offset) * column.Factor;
            }

            place += column.Length;
        }
    }

    private static double Distance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double difference = a[i] - b[i];
            sum += difference * difference;
        }

        return sum;
    }

    private readonly record struct Column(int Index, int Length, double Offset, double Factor, bool IsLog);
}
