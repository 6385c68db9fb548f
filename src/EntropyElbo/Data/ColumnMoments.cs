using System.Numerics.Tensors;

namespace EntropyElbo.Data;

/// <summary>
/// Minimum, maximum, mean and sum of squared deviations of each column in one pass: Welford's update of the differences
/// from the first row, which keeps full precision at large offsets.
/// </summary>
internal sealed class ColumnMoments
{
    /// <summary>Squares of smaller deviations lose their digits.</summary>
    private const double LeastDeviation = 1e-145;

    private readonly IReadOnlyList<string> _names;
    private readonly double[] _first;
    private readonly double[] _minimum;
    private readonly double[] _maximum;
    private readonly double[] _mean;
    private readonly double[] _squares;
    private readonly double[] _shifted;
    private readonly double[] _difference;
    private double _weight;

    private ColumnMoments(IReadOnlyList<string> names)
    {
        _names = names;
        _first = new double[names.Count];
        _minimum = new double[names.Count];
        _maximum = new double[names.Count];
        _mean = new double[names.Count];
        _squares = new double[names.Count];
        _shifted = new double[names.Count];
        _difference = new double[names.Count];
    }

    /// <summary>Number of rows.</summary>
    public long Rows { get; private set; }

    /// <summary>What their weights sum to; null where they have none.</summary>
    public double? RowWeight { get; private set; }

    /// <summary>Mean of a column.</summary>
    public double Mean(int column) => _first[column] + _mean[column];

    /// <summary>Variance of a column, divided by N.</summary>
    public double Variance(int column) => _squares[column] / _weight;

    /// <summary>Reads all rows of a source, which must be finite.</summary>
    public static ColumnMoments Read(IRowSource source, CancellationToken cancellationToken)
    {
        ColumnMoments moments = new(source.ColumnNames);
        using IRowCursor cursor = new CheckedRows(source).Open();
        double[] block = RowBlock.Allocate(source.Columns), weights = RowBlock.AllocateWeights(source);
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int i = 0; i < read; i++)
            {
                moments.Add(block.AsSpan(i * source.Columns, source.Columns), weights.Length == 0 ? 1 : weights[i]);
            }
        }

        if (moments.Rows == 0)
        {
            throw RowWeights.NoRows(source, "the data has no rows; at least one is needed.");
        }

        RowWeights.RequireSum(moments._weight);
        moments.RowWeight = source.HasWeights ? moments._weight : null;
        return moments;
    }

    /// <summary>The scaling that these moments give.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="isShared">Whether all columns get the same, from their common range or mean and variance.</param>
    public Scaling ToScaling(ScalingKind kind, bool isShared = false) =>
        isShared && kind != ScalingKind.None ? ToSharedScaling(kind) : ToColumnScaling(kind);

    private Scaling ToSharedScaling(ScalingKind kind)
    {
        double[] means = [.. Enumerable.Range(0, _mean.Length).Select(Mean)];
        double mean = means.Average();
        double variance = means.Select((m, i) => Variance(i) + ((m - mean) * (m - mean))).Average();
        double least = _minimum.Min(), spread = kind == ScalingKind.MinMax ? _maximum.Max() - least : Math.Sqrt(variance);
        bool isConstant = spread == 0 || !double.IsFinite(1 / spread);
        if (!double.IsFinite(spread))
        {
            throw new BadDataException(
                FormattableString.Invariant(
                    $"the columns span from {least:R} to {_maximum.Max():R}, too far to be scaled; change their unit."));
        }

        double[] offset = new double[_mean.Length], factor = new double[_mean.Length];
        Array.Fill(offset, kind == ScalingKind.MinMax ? least : mean);
        Array.Fill(factor, isConstant ? 1 : 1 / spread);
        int[] constant = [.. Enumerable.Range(0, _mean.Length).Where(i => _minimum[i] == _maximum[i])];
        return new Scaling(kind, offset, factor, constant);
    }

    private Scaling ToColumnScaling(ScalingKind kind)
    {
        double[] offset = new double[_mean.Length];
        double[] factor = new double[_mean.Length];
        List<int> constant = [];
        for (int i = 0; i < offset.Length; i++)
        {
            RequireRange(i);
            double spread = kind switch
            {
                ScalingKind.MinMax => _maximum[i] - _minimum[i],
                ScalingKind.Standard => Math.Sqrt(_squares[i] / _weight),
                _ => 1,
            };
            offset[i] = kind switch
            {
                ScalingKind.MinMax => _minimum[i],
                ScalingKind.Standard => _first[i] + _mean[i],
                _ => 0,
            };
            factor[i] = 1 / spread;
            if (_minimum[i] == _maximum[i] || (kind != ScalingKind.None && !double.IsFinite(1 / (_maximum[i] - _minimum[i]))))
            {
                factor[i] = 1;
                constant.Add(i);
            }
            else if (spread < LeastDeviation && kind == ScalingKind.Standard)
            {
                throw new BadDataException(
                    FormattableString.Invariant($"column '{_names[i]}' spans from {_minimum[i]:R} to {_maximum[i]:R}, too little for a variance in double precision; change its unit, scale by minmax, or leave it out."),
                    column: _names[i]);
            }
        }

        return new Scaling(kind, offset, factor, constant);
    }

    private void Add(ReadOnlySpan<double> row, double weight)
    {
        _weight += weight;
        if (Rows++ == 0)
        {
            row.CopyTo(_first);
            row.CopyTo(_minimum);
            row.CopyTo(_maximum);
        }

        TensorPrimitives.Min(_minimum, row, _minimum);
        TensorPrimitives.Max(_maximum, row, _maximum);
        TensorPrimitives.Subtract(row, _first, _shifted);
        TensorPrimitives.Subtract(_shifted, _mean, _difference);
        TensorPrimitives.MultiplyAdd(_difference, weight / _weight, _mean, _mean);
        TensorPrimitives.Subtract(_shifted, _mean, _shifted);
        if (weight != 1)
        {
            TensorPrimitives.Multiply(_shifted, weight, _shifted);
        }

        TensorPrimitives.MultiplyAdd(_difference, _shifted, _squares, _squares);
    }

    private void RequireRange(int column)
    {
        if (!double.IsFinite(_squares[column]) || !double.IsFinite(_maximum[column] - _minimum[column]))
        {
            throw new BadDataException(
                FormattableString.Invariant(
                    $"column '{_names[column]}' spans from {_minimum[column]:R} to {_maximum[column]:R}, too far to be scaled; ")
                + "change its unit or leave it out.",
                column: _names[column]);
        }
    }
}
