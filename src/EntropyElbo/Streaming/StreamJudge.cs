using System.Numerics.Tensors;
using EntropyElbo.Files;
using EntropyElbo.Numerics;

namespace EntropyElbo.Streaming;

/// <summary>
/// Compares what a model gave new rows with what it promised, in standard deviations of the mean of a block, whose size is learnt from
/// the stream: it begins with that of Gaussian rows, <c>sqrt(D / 2)</c> a row.
/// </summary>
internal sealed class StreamJudge
{
    private readonly ChangeAlarm _alarm;
    private readonly double _memory;
    private readonly int _blockRows;
    private double _rowVariance;
    private double _differences;
    private int _rows;

    /// <summary>Starts at rest.</summary>
    public StreamJudge(ChangeAlarm alarm, double memory, int columns)
    {
        _alarm = alarm;
        _memory = memory;
        _rowVariance = columns / 2.0;

        // Means of fewer rows are less Gaussian; a short memory cannot wait for as many.
        _blockRows = (int)Math.Clamp(memory / 8, 1, ForgettingMoments.BlockRows);
    }

    /// <summary>Takes the log densities of the next rows, which are used up; true where they are an alarm.</summary>
    public bool Add(Span<double> densities, double promise)
    {
        bool changed = false;
        for (int at = 0, count; at < densities.Length; at += count)
        {
            count = Math.Min(densities.Length - at, _blockRows - _rows);
            _differences += VectorFold.Sum(densities.Slice(at, count)) - (promise * count);
            _rows += count;
            if (_rows == _blockRows)
            {
                changed |= _alarm.Add(_differences / Math.Sqrt(_rowVariance * _rows), _rows);
                (_differences, _rows) = (0, 0);
            }
        }

        LearnSpread(densities, promise);
        return changed;
    }

    public void Write(ModelRecord record) =>
        record.Set("rowVariance", _rowVariance).Set("judgedDifferences", _differences).Set("judgedRows", _rows);

    public void Read(ModelRecord record)
    {
        _rowVariance = record.FiniteNumber("rowVariance");
        record.Require(_rowVariance > 0, "rowVariance", "a variance that is not above 0");
        _differences = record.Has("judgedDifferences") ? record.FiniteNumber("judgedDifferences") : 0;
        _rows = record.Has("judgedRows") ? record.SmallCount("judgedRows", 0, _blockRows - 1) : 0;
    }

    // About the mean of the rows, so that a change is no spread; a single row has none but about its promise.
    private void LearnSpread(Span<double> densities, double promise)
    {
        int count = densities.Length;
        double centre = count > 1 ? VectorFold.Sum(densities) / count : promise;
        TensorPrimitives.Subtract(densities, centre, densities);
        double variance = VectorFold.Dot(densities, densities) / Math.Max(1, count - 1);
        double share = Math.Min(1, 2 * count / (_memory + count));
        _rowVariance += share * (Math.Min(variance, 16 * _rowVariance) - _rowVariance);
    }
}
