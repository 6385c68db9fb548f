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

    private readonly double[] _least;
    private readonly double[] _greatest;

    public ColumnFacts(int columns)
    {
        _least = new double[columns];
        _greatest = new double[columns];
        _least.AsSpan().Fill(double.NaN);
        _greatest.AsSpan().Fill(double.NaN);
    }

    /// <summary>Rows seen.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds a row; missing values are passed over.</summary>
    public void Add(ReadOnlySpan<double> row)
    {
        Rows++;
        TensorPrimitives.MinNumber<double>(_least, row, _least);
        TensorPrimitives.MaxNumber<double>(_greatest, row, _greatest);
    }

    /// <summary>Columns without a single number, where there are rows.</summary>
    public IEnumerable<int> MissingColumns() => Where(d => Rows > 0 && double.IsNaN(_least[d]));

    /// <summary>Columns whose range a Single resolves in fewer than <see cref="LeastSteps"/> steps, such as Unix seconds of one day.</summary>
    public IEnumerable<int> BeyondSingle() => Where(d =>
        double.IsFinite(_least[d]) && double.IsFinite(_greatest[d]) && _least[d] < _greatest[d]
        && Largest(d) * SingleStep * LeastSteps > _greatest[d] - _least[d]);

    /// <summary>Columns with numbers of which a double does not hold every whole one.</summary>
    public IEnumerable<int> BeyondDouble() => Where(d => Largest(d) > LargestExact);

    private double Largest(int column) => Math.Max(Math.Abs(_least[column]), Math.Abs(_greatest[column]));

    private IEnumerable<int> Where(Func<int, bool> holds) => Enumerable.Range(0, _least.Length).Where(holds);
}
