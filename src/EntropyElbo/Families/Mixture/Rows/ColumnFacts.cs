using System.Numerics.Tensors;

namespace EntropyElbo.Families.Mixture.Rows;

/// <summary>What families need to know of the training rows before the first step: one number per column each.</summary>
internal sealed class ColumnFacts
{
    private readonly double[] _difference;
    private readonly double[] _rest;
    private readonly bool _needsLogs;

    private ColumnFacts(int columns, bool needsLogs)
    {
        _difference = new double[columns];
        _rest = new double[columns];
        _needsLogs = needsLogs;
        Mean = new double[columns];
        Variance = new double[columns];
        Maximum = new double[columns];
        MeanLog = new double[columns];
        Array.Fill(Maximum, double.NegativeInfinity);
    }

    /// <summary>What the weights of the rows sum to: their number where all count as one.</summary>
    public double Weight { get; private set; }

    /// <summary>Means.</summary>
    public double[] Mean { get; }

    /// <summary>Variances (divided by N); 0 for a constant column.</summary>
    public double[] Variance { get; }

    /// <summary>Largest values.</summary>
    public double[] Maximum { get; }

    /// <summary>Means of the logarithms, where asked for.</summary>
    public double[] MeanLog { get; }

    /// <summary>Reads all rows.</summary>
    /// <param name="rows">The rows, scaled.</param>
    /// <param name="needsLog">Which columns hold positive numbers whose logarithms are wanted.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    public static ColumnFacts Read(MixtureRows rows, Predicate<int> needsLog, CancellationToken cancellationToken)
    {
        bool[] logs = [.. Enumerable.Range(0, rows.Columns).Select(d => needsLog(d))];
        ColumnFacts facts = new(rows.Columns, logs.Contains(true));
        using MixtureRows.Pass pass = rows.Open();
        for (ReadOnlySpan<double> segment = pass.Next(out long row); !segment.IsEmpty; segment = pass.Next(out row))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int start = 0; start < segment.Length; start += rows.Columns, row++)
            {
                facts.Add(segment.Slice(start, rows.Columns), logs, rows.Weights?[(int)row] ?? 1);
            }
        }

        for (int d = 0; d < rows.Columns; d++)
        {
            facts.Variance[d] /= facts.Weight;
        }

        return facts;
    }

    /// <summary>Raises the largest values to those of more rows than these.</summary>
    public void RaiseMaxima(double[] maxima) => TensorPrimitives.Max(Maximum, maxima, Maximum);

    /// <summary>Welford's update, all columns at a time.</summary>
    private void Add(ReadOnlySpan<double> row, bool[] logs, double rowWeight)
    {
        Weight += rowWeight;
        double weight = rowWeight / Weight;
        TensorPrimitives.Subtract(row, Mean, _difference);
        TensorPrimitives.MultiplyAdd(_difference, weight, Mean, Mean);
        TensorPrimitives.Subtract(row, Mean, _rest);
        if (rowWeight != 1)
        {
            TensorPrimitives.Multiply(_rest, rowWeight, _rest);
        }

        TensorPrimitives.MultiplyAdd(_difference, _rest, Variance, Variance);
        TensorPrimitives.Max(row, Maximum, Maximum);
        for (int d = 0; d < row.Length && _needsLogs; d++)
        {
            if (logs[d])
            {
                MeanLog[d] += (Math.Log(row[d]) - MeanLog[d]) * weight;
            }
        }
    }
}
