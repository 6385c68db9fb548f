using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Streaming;

/// <summary>
/// A model of rows that keep coming, learnt in one pass and in bounded memory. New rows are judged by the model that has not seen them,
/// then learnt; the past fades. The same rows give the same bits however they are cut into calls, and whether or not the state is saved
/// and loaded between them. Rows are taken in the units they come in. Not safe to share between threads.
/// </summary>
public abstract class StreamLearner
{
    private readonly StreamOptions _options;
    private readonly ChangeAlarm _alarm;
    private readonly StreamJudge _judge;
    private readonly double[] _block;
    private readonly double[] _densities = new double[ForgettingMoments.BlockRows];
    private readonly long _readingRows;
    private readonly long _refreshRows;
    private double _elboSum;
    private long _elboRows;
    private long _sinceReading;
    private long _sinceRefresh;
    private long _learnt;
    private long? _changedAt;
    private int _changes;
    private int _filled;
    private IReadOnlyList<string>? _columnNames;

    private protected StreamLearner(int columns, StreamOptions options)
    {
        if (columns < 2 || columns > RowMoments.MaxColumns)
        {
            throw new BadOptionException(
                nameof(columns), $"A stream of {columns} columns; the learner takes 2 to {RowMoments.MaxColumns}.");
        }

        options.Validate(columns);
        _options = options;
        Columns = columns;
        _alarm = new ChangeAlarm(options.AlarmThreshold, (long)Math.Ceiling(options.Memory));
        _judge = new StreamJudge(_alarm, options.Memory, columns);
        _block = new double[ForgettingMoments.BlockRows * columns];
        long tenth = Math.Max(1, (long)(options.Memory / 10));
        _readingRows = options.ReadingRows > 0 ? options.ReadingRows : tenth;
        _refreshRows = Math.Min(_readingRows, tenth);
    }

    /// <summary>The tool's name of the family that is learnt, such as <c>ppca</c>.</summary>
    public abstract string Family { get; }

    /// <summary>Columns, D.</summary>
    public int Columns { get; }

    /// <summary>Rows taken so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Rows between two readings.</summary>
    public long ReadingRows => _readingRows;

    /// <summary>The latest reading; null before the first, and after the state was loaded.</summary>
    public StreamReading? Latest { get; private set; }

    /// <summary>Names of the columns, kept in the state and given to models; null for c0, c1, ...</summary>
    /// <exception cref="BadOptionException">Another number of names than columns.</exception>
    public IReadOnlyList<string>? ColumnNames
    {
        get => _columnNames;
        set
        {
            BadOptionException.ThrowUnless(
                value is null || value.Count == Columns, nameof(ColumnNames), $"There are {value?.Count} names for {Columns} columns.");
            _columnNames = value is null ? null : Array.AsReadOnly([.. value]);
        }
    }

    /// <summary>Rows that the memory amounts to now, <c>N_eff</c>.</summary>
    public abstract double EffectiveRows { get; }

    internal StreamOptions BaseOptions => _options;

    internal ChangeAlarm Alarm => _alarm;

    /// <summary>Goes on from a state of any kind of learner.</summary>
    /// <param name="path">A file that <see cref="Save"/> wrote.</param>
    /// <exception cref="ModelFileException">It cannot be read, is damaged, or is no stream's state.</exception>
    public static StreamLearner Open(string path) => StreamFile.Read(ModelFile.Read(path));

    /// <summary>Takes rows.</summary>
    /// <param name="rows">[n, D], row-major, any number of whole rows.</param>
    /// <param name="onReading">Called with each reading that falls among them, on this thread.</param>
    /// <exception cref="ArgumentException">Not whole rows.</exception>
    /// <exception cref="BadDataException">A value that is not finite; none of these rows is taken.</exception>
    /// <exception cref="TrainingException">No parameters follow from the rows.</exception>
    public void Add(ReadOnlySpan<double> rows, Action<StreamReading>? onReading = null)
    {
        if (rows.Length % Columns != 0)
        {
            throw new ArgumentException($"{rows.Length} values are not whole rows of {Columns}.", nameof(rows));
        }

        int bad = RowBlock.IndexOfNonFinite(rows);
        if (bad >= 0)
        {
            throw new BadDataException(
                $"Row {Rows + (bad / Columns) + 1} of the stream has no finite number in column {(bad % Columns) + 1}; leave such rows out.", bad / Columns);
        }

        while (!rows.IsEmpty)
        {
            int target = BlockTarget();
            int taken = Math.Min(rows.Length, Math.Max(1, target - _filled) * Columns);
            rows[..taken].CopyTo(_block.AsSpan(_filled * Columns));
            rows = rows[taken..];
            _filled += taken / Columns;
            Rows += taken / Columns;
            if (_filled >= target)
            {
                Take(onReading);
            }
        }
    }

    /// <summary>The model of the rows remembered, without a report: a stream keeps no rows to make one from.</summary>
    /// <param name="columnNames">One name per column; <see cref="ColumnNames"/> when null.</param>
    /// <exception cref="InvalidOperationException">There is no model yet.</exception>
    /// <exception cref="BadOptionException">Another number of names than columns.</exception>
    public abstract LatentModel ToModel(IReadOnlyList<string>? columnNames);

    /// <summary>Writes the state: a learner read from it goes on with the same bits.</summary>
    /// <param name="path">The file; what was there stays whole where writing fails.</param>
    /// <exception cref="ModelFileException">The file cannot be written.</exception>
    public void Save(string path) => ModelFile.Write(path, ToRecord());

    internal ModelRecord ToRecord()
    {
        ModelRecord record = StreamFile.Start(this);
        WriteState(record);
        _judge.Write(record);
        record.Set("elboSum", _elboSum).Set("elboRows", _elboRows).Set("sinceReading", _sinceReading).Set("sinceRefresh", _sinceRefresh);
        record.Set("learnt", _learnt).Set("changedAt", _changedAt ?? -1L).Set("changes", _changes);
        return record.Add(ModelTensor.Of("pending_rows", _block[..(_filled * Columns)], _filled, Columns));
    }

    internal void Restore(ModelRecord record)
    {
        Rows = record.Count("rows");
        ReadState(record);
        _judge.Read(record);
        _elboSum = record.FiniteNumber("elboSum");
        _elboRows = record.Count("elboRows");
        _sinceReading = record.Count("sinceReading");
        _sinceRefresh = record.Has("sinceRefresh") ? record.Count("sinceRefresh") : Math.Min(_sinceReading, _refreshRows - 1);
        _changedAt = record.Count("changedAt", -1) is var row && row < 0 ? null : row;
        _changes = record.Has("changes") ? record.SmallCount("changes") : _changedAt is null ? 0 : 1;
        double[] pending = record.FiniteDoubles("pending_rows", -1, Columns);
        record.Require(pending.Length < _block.Length, "pending_rows", "more rows than a block");
        pending.CopyTo(_block, 0);
        _filled = pending.Length / Columns;
        _learnt = record.Has("learnt") ? record.Count("learnt") : Rows - _filled;
        record.Require(Rows >= _filled, "pending_rows", "more rows than there were");
    }

    private protected abstract bool HasModel { get; }

    /// <summary>Rows of the past, or since it was cut off, from which a model can be made.</summary>
    private protected virtual long LeastRows => 1;

    /// <summary>What new rows of the same distribution should reach on average.</summary>
    private protected abstract double Promise { get; }

    /// <summary>Log densities (or ELBOs) of rows under the model; asked for before the same rows are learnt.</summary>
    private protected abstract void LogDensities(ReadOnlySpan<double> rows, Span<double> densities);

    /// <summary>Takes a block of rows into the statistics.</summary>
    private protected abstract void Learn(ReadOnlySpan<double> rows);

    /// <summary>Cuts the memory off.</summary>
    private protected abstract void Forget();

    /// <summary>Makes the model of the statistics.</summary>
    private protected abstract void Refresh();

    /// <summary>What the model says; rows, ELBO and changes are filled in here.</summary>
    private protected abstract StreamReading Describe();

    private protected abstract void WriteState(ModelRecord record);

    private protected abstract void ReadState(ModelRecord record);

    private protected TrainingRecord Record(StopReason reason) => new()
    {
        Converged = reason == StopReason.ClosedForm,
        StopReason = reason,
        Epochs = 1,
        Steps = 1,
        Rows = Rows,
    };

    private protected ModelHeader Header(IReadOnlyList<string>? columnNames, StopReason reason)
    {
        InMemoryRows shape = new(Array.Empty<double>(), Columns, columnNames ?? ColumnNames);
        return new ModelHeader(Scaling.Identity(Columns), shape.ColumnNames, Record(reason));
    }

    // A block ends where a reading or a new model is due, so that both come at their rows exactly.
    private int BlockTarget()
    {
        long due = Math.Min(_readingRows - _sinceReading, _refreshRows - _sinceRefresh);
        return (int)Math.Clamp(due, 1, ForgettingMoments.BlockRows);
    }

    // New rows are judged by the model that has not seen them, then learnt.
    private void Take(Action<StreamReading>? onReading)
    {
        ReadOnlySpan<double> rows = _block.AsSpan(0, _filled * Columns);
        int count = _filled;
        _filled = 0;
        if (HasModel)
        {
            Judge(rows, count);
        }

        Learn(rows);
        _learnt += count;
        _sinceReading += count;
        _sinceRefresh += count;
        bool reads = _sinceReading >= _readingRows;
        if (reads || _sinceRefresh >= _refreshRows)
        {
            _sinceRefresh = 0;
            if (_learnt >= LeastRows)
            {
                Refresh();
            }
        }

        if (reads)
        {
            _sinceReading = 0;
            Read(onReading);
        }
    }

    private void Judge(ReadOnlySpan<double> rows, int count)
    {
        Span<double> densities = _densities.AsSpan(0, count);
        LogDensities(rows, densities);
        _elboSum += VectorFold.Sum(densities);
        _elboRows += count;
        if (!_judge.Add(densities, Promise))
        {
            return;
        }

        _changedAt = Rows;
        _changes++;
        if (_options.ForgetsAtChange)
        {
            _learnt = 0;
            Forget();
        }
    }

    private void Read(Action<StreamReading>? onReading)
    {
        if (!HasModel)
        {
            return;
        }

        Latest = Describe() with
        {
            Rows = Rows,
            Elbo = _elboRows > 0 ? _elboSum / _elboRows : double.NaN,
            ChangedAt = _changedAt,
            Changes = _changes,
        };
        (_elboSum, _elboRows, _changedAt, _changes) = (0, 0, null, 0);
        onReading?.Invoke(Latest);
    }
}
