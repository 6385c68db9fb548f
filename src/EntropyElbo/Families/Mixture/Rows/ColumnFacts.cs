using System.Numerics.Tensors;

namespace EntropyElbo.Families.Mixture.Rows;

/// <summary>What families need to know of the training rows before the first step: one number per column each.</summary>
internal sealed class ColumnFacts
{
    private readonly double[] _difference;
    private readonly double[] _rest;
    private readonly bool _needsLogs;
    private long _rows;

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

    /// <summary>Number of rows.</summary>
    public long Rows => _rows;

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
        for (ReadOnlySpan<double> segment = pass.Next(out _); !segment.IsEmpty; segment = pass.Next(out _))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int start = 0; start < segment.Length; start += rows.Columns)
            {
                facts.Add(segment.Slice(start, rows.Columns), logs);
            }
        }

        for (int d = 0; d < rows.Columns; d++)
        {
            facts.Variance[d] /= facts._rows;
        }

        return facts;
    }

    /// <summary>Raises the largest values to those of more rows than these.</summary>
    public void RaiseMaxima(double[] maxima) => TensorPrimitives.Max(Maximum, maxima, Maximum);

    /// <summary>Welford's update, all columns at a time.</summary>
    private void Add(ReadOnlySpan<double> row, bool[] logs)
    {
        double weight = 1.0 / ++_rows;
        TensorPrimitives.Subtract(row, Mean, _difference);
        TensorPrimitives.MultiplyAdd(_difference, weight, Mean, Mean);
        TensorPrimitives.Subtract(row, Mean, _rest);
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
