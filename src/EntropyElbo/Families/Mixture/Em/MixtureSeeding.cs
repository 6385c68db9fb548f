using System.Numerics.Tensors;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Em;

/// <summary>
/// Seeds by greedy k-means++ (Arthur and Vassilvitskii 2007: of several candidates the one that lowers the distances most)
/// and rounds of k-means. The first M-step takes slightly soft assignments, so that no component starts with a probability
/// of 0 or without variance.
/// </summary>
internal sealed class MixtureSeeding
{
    private const int Rounds = 20;

    private readonly SeedingColumns _columns;
    private readonly int _components;
    private readonly double[] _centres;

    private MixtureSeeding(SeedingColumns columns, int components)
    {
        _columns = columns;
        _components = components;
        _centres = new double[components * columns.Length];
    }

    /// <summary>Finds seeds.</summary>
    /// <param name="columns">How rows are seen.</param>
    /// <param name="rows">Embedded rows.</param>
    /// <param name="weights">Weight of each row.</param>
    /// <param name="components">K, at most the number of rows.</param>
    /// <param name="random">Draws; one stream per restart.</param>
    public static MixtureSeeding Find(SeedingColumns columns, double[] rows, double[] weights, int components, RandomStream random)
    {
        MixtureSeeding seeding = new(columns, components);
        seeding.PlusPlus(rows, weights, random);
        for (int round = 0; round < Rounds && seeding.Refine(rows, weights); round++)
        {
        }

        return seeding;
    }

    /// <summary>The rule of the first pass: most of a row belongs to its nearest seed.</summary>
    /// <param name="families">Families of the column ranges.</param>
    /// <param name="spread">Share of a row that is spread over all components.</param>
    public ResponsibilityRule Rule(IReadOnlyList<ColumnFamily> families, double spread) => (rows, count, work) =>
    {
        int width = rows.Length / count;
        Span<double> row = new double[_columns.Length];
        for (int i = 0; i < count; i++)
        {
            _columns.Embed(rows.Slice(i * width, width), row);
            Span<double> r = work.Responsibilities[i];
            r.Fill(spread / _components);
            r[Nearest(row)] += 1 - spread;
        }

        Array.Clear(work.RowEntropies);
        for (int g = 0; g < families.Count; g++)
        {
            families[g].Load(rows, count, width, work.Scratches[g]);
        }
    };

    private void PlusPlus(double[] rows, double[] weights, RandomStream random)
    {
        int candidates = 2 + (int)Math.Log(_components);
        double[] distances = new double[weights.Length];
        double[] chances = weights.ToArray();
        Array.Fill(distances, double.PositiveInfinity);
        double[] trial = new double[weights.Length];
        double[] best = new double[weights.Length];
        for (int k = 0; k < _components; k++)
        {
            double least = double.PositiveInfinity;
            for (int c = 0; c < (k == 0 ? 1 : candidates); c++)
            {
                // Where all rows stand on a seed already, any row will do.
                int chosen = VectorFold.Sum(chances) > 0 ? RandomChoice.Next(chances, random) : random.NextInt(weights.Length);
                ReadOnlySpan<double> centre = Row(rows, chosen);
                double sum = Approach(rows, weights, centre, distances, trial);
                if (c == 0 || sum < least)
                {
                    least = sum;
                    (trial, best) = (best, trial);
                    centre.CopyTo(Centre(k));
                }
            }

            (distances, best) = (best, distances);
            TensorPrimitives.Multiply(distances, weights, chances);
        }
    }

    /// <summary>Distances of the rows when there is one more seed, and their weighted sum.</summary>
    private double Approach(double[] rows, double[] weights, ReadOnlySpan<double> centre, double[] distances, double[] target)
    {
        double sum = 0;
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = Math.Min(distances[i], VectorFold.SquaredDistance(Row(rows, i), centre));
            sum += target[i] * weights[i];
        }

        return sum;
    }

    /// <summary>One round of k-means; false when nothing moved. A seed without rows stays.</summary>
    private bool Refine(double[] rows, double[] weights)
    {
        double[] sums = new double[_centres.Length];
        double[] counts = new double[_components];
        for (int i = 0; i < weights.Length; i++)
        {
            ReadOnlySpan<double> row = Row(rows, i);
            int nearest = Nearest(row);
            Span<double> sum = sums.AsSpan(nearest * _columns.Length, _columns.Length);
            TensorPrimitives.MultiplyAdd(row, weights[i], sum, sum);
            counts[nearest] += weights[i];
        }

        bool moved = false;
        for (int i = 0; i < sums.Length; i++)
        {
            double count = counts[i / _columns.Length];
            double centre = count > 0 ? sums[i] / count : _centres[i];
            moved |= centre != _centres[i];
            _centres[i] = centre;
        }

        return moved;
    }

    private int Nearest(ReadOnlySpan<double> row)
    {
        int best = 0;
        double least = double.PositiveInfinity;
        for (int k = 0; k < _components; k++)
        {
            double distance = VectorFold.SquaredDistance(row, Centre(k));
            if (distance < least)
            {
                (best, least) = (k, distance);
            }
        }

        return best;
    }

    private ReadOnlySpan<double> Row(double[] rows, int index) => rows.AsSpan(index * _columns.Length, _columns.Length);

    private Span<double> Centre(int component) => _centres.AsSpan(component * _columns.Length, _columns.Length);
}
