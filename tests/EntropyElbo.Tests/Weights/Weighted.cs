using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Weights;

/// <summary>Rows with whole weights, and the same rows repeated as often.</summary>
internal sealed class Weighted
{
    private readonly double[] _values;
    private readonly int _columns;

    public Weighted(IRowSource rows)
    {
        (_values, int count) = rows.ReadAll();
        _columns = rows.Columns;
        Weights = [.. Enumerable.Range(0, count).Select(i => (double)(i * 7 % 5 % 4))]; // 0, 2, 0, 1, 3, ...
    }

    public double[] Weights { get; }

    public IRowSource Rows => new WeightedRows(new InMemoryRows(_values, _columns), Weights);

    /// <summary>Every row as often as its weight says.</summary>
    public IRowSource Repeated => Made(weight => (int)weight);

    /// <summary>The rows that count, once each.</summary>
    public IRowSource Counted => Made(weight => weight > 0 ? 1 : 0);

    /// <summary>The rows without weights.</summary>
    public IRowSource Plain => new InMemoryRows(_values, _columns);

    /// <summary>ELBOs of the rows under a model: they know its parameters, but no order of latents or signs.</summary>
    public double[] Elbos(LatentModel model)
    {
        double[] elbos = new double[Weights.Length];
        model.RowElbo(_values, elbos);
        return elbos;
    }

    public static double[] Noise(int length, ulong seed)
    {
        double[] noise = new double[length];
        new RandomStream(seed, RandomPurpose.Generation, 3).FillGaussian(noise);
        return noise;
    }

    private InMemoryRows Made(Func<double, int> copies)
    {
        List<double> values = [];
        for (int row = 0; row < Weights.Length; row++)
        {
            for (int copy = 0; copy < copies(Weights[row]); copy++)
            {
                values.AddRange(_values.AsSpan(row * _columns, _columns));
            }
        }

        return new InMemoryRows([.. values], _columns);
    }
}
