using System.Numerics.Tensors;

namespace MLNet.EntropyElbo.Data;

/// <summary>What a pass over the rows tells of each column: its range, and whether it held any number at all.</summary>
internal sealed class ColumnFacts
{
    /// <summary>Steps of a Single over a column's range below which its digits are called lost.</summary>
    private const double LeastSteps = 1000;

    /// <summary>Largest whole number below which a double holds all of them.</summary>
    private const double LargestExact = 1L << 53;

    /// <summary>Largest relative distance of neighbouring Singles.</summary>
    private const double SingleStep = 1.0 / (1 << 23);

    /// <summary>How far one row must stretch a column's range to be named.</summary>
    private const double LeastStretch = 100;

    private readonly double[] _least;
    private readonly double[] _greatest;
    private readonly double[] _secondLeast;
    private readonly double[] _secondGreatest;
    private readonly double[] _scratch;

    public ColumnFacts(int columns)
    {
        _least = new double[columns];
        _greatest = new double[columns];
        _least.AsSpan().Fill(double.NaN);
        _greatest.AsSpan().Fill(double.NaN);
        _scratch = new double[columns];
        _secondLeast = new double[columns];
        _secondGreatest = new double[columns];
        _secondLeast.AsSpan().Fill(double.PositiveInfinity);
        _secondGreatest.AsSpan().Fill(double.NegativeInfinity);
    }

    /// <summary>Rows seen.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds a row; missing values are passed over.</summary>
    public void Add(ReadOnlySpan<double> row)
    {
        Rows++;
        AddToSeconds(row);
        TensorPrimitives.MinNumber<double>(_least, row, _least);
        TensorPrimitives.MaxNumber<double>(_greatest, row, _greatest);
    }

    /// <summary>Columns without a single number, where there are rows.</summary>
    public IEnumerable<int> MissingColumns() => Where(d => Rows > 0 && double.IsNaN(_least[d]));

    /// <summary>
    /// Columns whose range a Single resolves in fewer than <see cref="LeastSteps"/> steps, such as Unix seconds of one day.
    /// </summary>
    public IEnumerable<int> BeyondSingle() => Where(d =>
        double.IsFinite(_least[d]) && double.IsFinite(_greatest[d]) && _least[d] < _greatest[d]
        && Largest(d) * SingleStep * LeastSteps > _greatest[d] - _least[d]);

    /// <summary>Columns with numbers of which a double does not hold every whole one.</summary>
    public IEnumerable<int> BeyondDouble() => Where(d => Largest(d) > LargestExact);

    /// <summary>Columns of which all rows but one lie within a hundredth of the range.</summary>
    public IEnumerable<int> StretchedByOneRow() => Where(d =>
        double.IsFinite(_greatest[d] - _least[d]) && _secondLeast[d] < _secondGreatest[d]
        && _greatest[d] - _least[d] > LeastStretch * Math.Min(_greatest[d] - _secondLeast[d], _secondGreatest[d] - _least[d]));

    /// <summary>
    /// The second of each column is the greater of what it was and the lesser of the greatest and the new value; and the other way
    /// round.
    /// </summary>
    private void AddToSeconds(ReadOnlySpan<double> row)
    {
        if (Rows > 1 && TensorPrimitives.IsFiniteAll(row))
        {
            TensorPrimitives.MinNumber<double>(_greatest, row, _scratch);
            TensorPrimitives.MaxNumber<double>(_secondGreatest, _scratch, _secondGreatest);
            TensorPrimitives.MaxNumber<double>(_least, row, _scratch);
            TensorPrimitives.MinNumber<double>(_secondLeast, _scratch, _secondLeast);
        }
    }

    private double Largest(int column) => Math.Max(Math.Abs(_least[column]), Math.Abs(_greatest[column]));

    private IEnumerable<int> Where(Func<int, bool> holds) => Enumerable.Range(0, _least.Length).Where(holds);
}
