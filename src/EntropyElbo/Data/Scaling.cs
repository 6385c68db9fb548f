using System.Globalization;
using System.Numerics.Tensors;

namespace EntropyElbo.Data;

/// <summary>How columns are shifted and stretched before a model sees them.</summary>
public enum ScalingKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Each column to [0, 1].</summary>
    MinMax,

    /// <summary>Each column to mean 0 and standard deviation 1 (population: divided by N).</summary>
    Standard,
}

/// <summary>
/// An affine map per column, <c>scaled = (x - offset) * factor</c>. Immutable. A model keeps the scaling it was trained
/// with, so that new rows are scaled alike.
/// </summary>
public sealed class Scaling
{
    private readonly double[] _offset;
    private readonly double[] _factor;

    /// <summary>Makes a scaling from its numbers, as when a model file is read.</summary>
    /// <param name="kind">How the numbers came about.</param>
    /// <param name="offset">What is subtracted, one per column; finite.</param>
    /// <param name="factor">What the difference is multiplied by, one per column; finite and above 0.</param>
    /// <param name="constantColumns">Zero-based positions of columns that were constant in the fit, ascending; none when null.</param>
    /// <exception cref="BadOptionException">Unequal lengths, no column, or a number out of range.</exception>
    public Scaling(
        ScalingKind kind, ReadOnlySpan<double> offset, ReadOnlySpan<double> factor, IReadOnlyList<int>? constantColumns = null)
    {
        if (!Enum.IsDefined(kind))
        {
            throw new BadOptionException(nameof(kind), $"scaling kind {kind} is unknown; use None, MinMax or Standard.");
        }

        if (offset.IsEmpty || offset.Length != factor.Length)
        {
            throw new BadOptionException(
                nameof(factor), $"a scaling needs one offset and one factor per column; there are {offset.Length} and {factor.Length}.");
        }

        Kind = kind;
        _offset = offset.ToArray();
        _factor = factor.ToArray();
        ConstantColumns = Array.AsReadOnly(constantColumns?.ToArray() ?? []);
        RequireValid();
        foreach (double f in _factor)
        {
            LogVolume += Math.Log(f);
        }
    }

    /// <summary>How the numbers came about.</summary>
    public ScalingKind Kind { get; }

    /// <summary>Number of columns, D.</summary>
    public int Columns => _offset.Length;

    /// <summary>What is subtracted, per column.</summary>
    public ReadOnlySpan<double> Offset => _offset;

    /// <summary>What the difference is multiplied by, per column; above 0.</summary>
    public ReadOnlySpan<double> Factor => _factor;

    /// <summary>
    /// Zero-based positions of the columns that had one value only in the data of the fit, ascending. Their factor is 1
    /// (for <see cref="ScalingKind.MinMax"/> and <see cref="ScalingKind.Standard"/> they become 0).
    /// </summary>
    public IReadOnlyList<int> ConstantColumns { get; }

    /// <summary>
    /// Sum of log factor, nats per row: log density in original units = log density of the scaled row + LogVolume.
    /// Densities only; probabilities of counts or categories do not change.
    /// </summary>
    public double LogVolume { get; }

    /// <summary>The scaling that changes nothing.</summary>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <exception cref="BadOptionException">Fewer than 1 column.</exception>
    public static Scaling Identity(int columns)
    {
        double[] ones = new double[Math.Max(columns, 0)];
        Array.Fill(ones, 1);
        return new Scaling(ScalingKind.None, new double[ones.Length], ones);
    }

    /// <summary>Finds the scaling of the given kind in one pass over the rows.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="kind">How to scale.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    /// <returns>The scaling; a constant column gets factor 1 and is listed.</returns>
    /// <exception cref="BadDataException">
    /// No rows, a value that is missing or not finite, or a column whose range is not a finite number.
    /// </exception>
    public static Scaling Fit(IRowSource source, ScalingKind kind, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return ColumnMoments.Read(source, cancellationToken).ToScaling(kind);
    }

    /// <summary>Scales rows in place.</summary>
    /// <param name="rows">Whole rows of D values.</param>
    /// <exception cref="BadDataException">Not a whole number of rows.</exception>
    public void Apply(Span<double> rows) => Apply(rows, rows);

    /// <summary>Scales rows.</summary>
    /// <param name="rows">Whole rows of D values, in original units.</param>
    /// <param name="scaled">Takes as many values; may be the same memory.</param>
    /// <exception cref="BadDataException">Not a whole number of rows.</exception>
    public void Apply(ReadOnlySpan<double> rows, Span<double> scaled)
    {
        RequireRows(rows.Length, scaled.Length);
        for (int start = 0; start < rows.Length; start += Columns)
        {
            Span<double> target = scaled.Slice(start, Columns);
            TensorPrimitives.Subtract(rows.Slice(start, Columns), _offset, target);
            TensorPrimitives.Multiply(target, _factor, target);
        }
    }

    /// <summary>Scales rows in double precision and rounds the result to single.</summary>
    /// <param name="rows">Whole rows of D values, in original units.</param>
    /// <param name="scaled">Takes as many values.</param>
    /// <exception cref="BadDataException">Not a whole number of rows.</exception>
    public void Apply(ReadOnlySpan<double> rows, Span<float> scaled)
    {
        RequireRows(rows.Length, scaled.Length);
        for (int start = 0; start < rows.Length; start += _offset.Length)
        {
            for (int i = 0; i < _offset.Length; i++)
            {
                scaled[start + i] = (float)((rows[start + i] - _offset[i]) * _factor[i]);
            }
        }
    }

    /// <summary>Takes scaled rows back to original units, in place.</summary>
    /// <param name="rows">Whole rows of D values.</param>
    /// <exception cref="BadDataException">Not a whole number of rows.</exception>
    public void Invert(Span<double> rows) => Invert(rows, rows);

    /// <summary>Takes scaled rows back to original units.</summary>
    /// <param name="scaled">Whole rows of D scaled values.</param>
    /// <param name="rows">Takes as many values; may be the same memory.</param>
    /// <exception cref="BadDataException">Not a whole number of rows.</exception>
    public void Invert(ReadOnlySpan<double> scaled, Span<double> rows)
    {
        RequireRows(scaled.Length, rows.Length);
        for (int start = 0; start < scaled.Length; start += _offset.Length)
        {
            for (int i = 0; i < _offset.Length; i++)
            {
                rows[start + i] = (scaled[start + i] / _factor[i]) + _offset[i];
            }
        }
    }

    /// <summary>Takes scaled rows of single precision back to original units.</summary>
    /// <param name="scaled">Whole rows of D scaled values.</param>
    /// <param name="rows">Takes as many values.</param>
    /// <exception cref="BadDataException">Not a whole number of rows.</exception>
    public void Invert(ReadOnlySpan<float> scaled, Span<double> rows)
    {
        RequireRows(scaled.Length, rows.Length);
        for (int start = 0; start < scaled.Length; start += _offset.Length)
        {
            for (int i = 0; i < _offset.Length; i++)
            {
                rows[start + i] = (scaled[start + i] / _factor[i]) + _offset[i];
            }
        }
    }

    /// <summary>Takes variances in scaled units back to original units: divides by the squared factor.</summary>
    /// <param name="variances">Whole rows of D variances, in place.</param>
    /// <exception cref="BadDataException">Not a whole number of rows.</exception>
    public void InvertVariance(Span<double> variances)
    {
        RequireRows(variances.Length, variances.Length);
        for (int i = 0; i < variances.Length; i++)
        {
            double factor = _factor[i % _factor.Length];
            variances[i] = variances[i] / factor / factor;
        }
    }

    /// <summary>Stops where data has another width than the scaling.</summary>
    internal void RequireColumns(int columns)
    {
        if (columns != Columns)
        {
            throw new BadDataException(
                $"the rows have {columns} columns and the scaling is for {Columns}; use the columns the model was trained on.");
        }
    }

    private void RequireRows(int length, int target)
    {
        if (length % Columns != 0 || target < length)
        {
            throw new BadDataException(
                $"{length} values are not whole rows of {Columns} columns with room for the result ({target}); check the number of columns.");
        }
    }

    private void RequireValid()
    {
        for (int i = 0; i < _offset.Length; i++)
        {
            if (!double.IsFinite(_offset[i]) || !double.IsFinite(_factor[i]) || _factor[i] <= 0)
            {
                throw new BadOptionException("factor", string.Create(
                    CultureInfo.InvariantCulture,
                    $"column {i + 1} has offset {_offset[i]} and factor {_factor[i]}; both must be finite and the factor above 0."));
            }
        }

        int last = -1;
        foreach (int i in ConstantColumns)
        {
            if (i <= last || i >= Columns)
            {
                throw new BadOptionException("constantColumns", $"constant column {i} is out of order or not below {Columns}.");
            }

            last = i;
        }
    }
}
