using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Streaming;

/// <summary>
/// Probabilistic PCA of a stream, every number of latents at once, in one pass and in bounded memory: how many directions the rows vary in,
/// how well new rows fit, and whether the stream has changed (after D sec. 4 and App. A, with eigenvalues where the paper takes gradient
/// steps: no learning rate, and no lag beyond the memory). Rows are taken in the units they come in. Memory: about 40 D^2 bytes and a few
/// blocks of 256 rows. The same rows give the same bits however they are cut into calls. Not safe to share between threads.
/// </summary>
public sealed class StreamingPca
{
    private readonly StreamingPcaOptions _options;
    private readonly ForgettingMoments _moments;
    private readonly ChangeAlarm _alarm;
    private readonly double[] _block;
    private readonly double[] _centred;
    private readonly double[] _densities = new double[ForgettingMoments.BlockRows];
    private readonly int _mostLatents;
    private readonly long _readingRows;
    private readonly long _firstReading;
    private StreamSpectrum? _spectrum;
    private double _rowVariance;
    private double _elboSum;
    private long _elboRows;
    private long _sinceReading;
    private long? _changedAt;
    private int _filled;

    /// <summary>Starts without rows.</summary>
    /// <param name="columns">Columns of the rows, D: at least 2, at most 8,192.</param>
    /// <param name="options">Memory, readings, alarm; the defaults when null.</param>
    /// <exception cref="BadOptionException">An option or the number of columns is out of range.</exception>
    public StreamingPca(int columns, StreamingPcaOptions? options = null)
    {
        if (columns < 2 || columns > RowMoments.MaxColumns)
        {
            throw new BadOptionException(
                nameof(columns), $"A stream of {columns} columns; the learner takes 2 to {RowMoments.MaxColumns}.");
        }

        _options = options ?? new StreamingPcaOptions();
        _options.Validate(columns);
        _moments = new ForgettingMoments(columns, _options.Memory);
        _alarm = new ChangeAlarm(_options.AlarmThreshold, (long)Math.Ceiling(_options.Memory));
        _block = new double[ForgettingMoments.BlockRows * columns];
        _centred = new double[columns];
        _mostLatents = _options.MaxLatents > 0 ? _options.MaxLatents : Math.Min(columns - 1, 64);
        _readingRows = _options.ReadingRows > 0 ? _options.ReadingRows : Math.Max(1, (long)(_options.Memory / 10));

        // Fewer rows than this leave directions without variance.
        _firstReading = Math.Max(_readingRows, 2L * (columns + 1));
        _rowVariance = columns / 2.0;
    }

    /// <summary>Columns, D.</summary>
    public int Columns => _moments.Columns;

    /// <summary>Options of the learner.</summary>
    public StreamingPcaOptions Options => _options;

    /// <summary>Rows taken so far.</summary>
    public long Rows { get; private set; }

    /// <summary>The latest reading; null before the first.</summary>
    public StreamReading? Latest { get; private set; }

    /// <summary>Takes rows.</summary>
    /// <param name="rows">[n, D], row-major, any number of whole rows.</param>
    /// <param name="onReading">Called with each reading that falls among them, on this thread.</param>
    /// <exception cref="ArgumentException">Not whole rows.</exception>
    /// <exception cref="BadDataException">A value that is not finite; none of these rows is taken.</exception>
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
            int taken = Math.Min(rows.Length, _block.Length - (_filled * Columns));
            rows[..taken].CopyTo(_block.AsSpan(_filled * Columns));
            rows = rows[taken..];
            _filled += taken / Columns;
            Rows += taken / Columns;
            if (_filled == ForgettingMoments.BlockRows)
            {
                Learn(onReading);
            }
        }
    }

    /// <summary>The model of the rows remembered, without a report: a stream keeps no rows to make one from.</summary>
    /// <param name="latents">H, from 1 to the most latents compared; the recommended number (at least 1) when null.</param>
    /// <param name="columnNames">One name per column; c0, c1, ... when null.</param>
    /// <exception cref="InvalidOperationException">There was no reading yet.</exception>
    /// <exception cref="BadOptionException">A number out of range, or another number of names than columns.</exception>
    public ProbabilisticPcaModel ToModel(int? latents = null, IReadOnlyList<string>? columnNames = null)
    {
        StreamSpectrum spectrum = _spectrum ?? throw new InvalidOperationException(
            "There is no model before the first reading; add more rows.");
        int count = latents ?? Math.Max(1, spectrum.Latents);
        if (count < 1 || count > _mostLatents)
        {
            throw new BadOptionException(nameof(latents), $"{count} latents; the stream was learnt for 1 to {_mostLatents}.");
        }

        double noise = spectrum.NoiseVariance(count);
        double[] loadings = new double[Columns * count];
        for (int h = 0; h < count; h++)
        {
            double length = Math.Sqrt(Math.Max(0, spectrum.Values[h] - noise));
            for (int d = 0; d < Columns; d++)
            {
                loadings[(d * count) + h] = spectrum.Vectors[(h * Columns) + d] * length;
            }
        }

        LoadingSigns.Fix(loadings, count);
        double[] variances = new double[Columns];
        Array.Fill(variances, noise);
        InMemoryRows shape = new(Array.Empty<double>(), Columns, columnNames);
        TrainingRecord record = new() { Converged = true, StopReason = StopReason.ClosedForm, Epochs = 1, Steps = 1, Rows = Rows };
        return new ProbabilisticPcaModel(
            LinearGaussian.WithPosterior(spectrum.Mean, loadings, variances),
            new ModelHeader(Scaling.Identity(Columns), shape.ColumnNames, record));
    }

    /// <summary>Writes the state: a learner read from it goes on with the same bits.</summary>
    /// <param name="path">The file; what was there stays whole where writing fails.</param>
    /// <exception cref="ModelFileException">The file cannot be written.</exception>
    public void Save(string path) => ModelFile.Write(path, ToRecord());

    /// <summary>Goes on from a state.</summary>
    /// <param name="path">A file that <see cref="Save"/> wrote.</param>
    /// <exception cref="ModelFileException">It cannot be read, is damaged, or is no stream's state.</exception>
    public static StreamingPca Load(string path) => StreamingPcaFile.Read(ModelFile.Read(path));

    internal ModelRecord ToRecord()
    {
        ModelRecord record = StreamingPcaFile.Start(this);
        StreamingPcaFile.Write(record, _moments);
        StreamingPcaFile.Write(record, _alarm);
        if (_spectrum is not null)
        {
            StreamingPcaFile.Write(record, _spectrum);
        }

        record.Set("rowVariance", _rowVariance).Set("elboSum", _elboSum).Set("elboRows", _elboRows).Set("sinceReading", _sinceReading);
        record.Set("changedAt", _changedAt ?? -1L);
        return record.Add(ModelTensor.Of("pending_rows", _block[..(_filled * Columns)], _filled, Columns));
    }

    internal void Restore(ModelRecord record)
    {
        StreamingPcaFile.Read(record, _moments);
        StreamingPcaFile.Read(record, _alarm);
        _spectrum = StreamingPcaFile.ReadSpectrum(record, Columns, _mostLatents, _options);
        Rows = record.Count("rows");
        _rowVariance = record.FiniteNumber("rowVariance");
        record.Require(_rowVariance > 0, "rowVariance", "a variance that is not above 0");
        _elboSum = record.FiniteNumber("elboSum");
        _elboRows = record.Count("elboRows");
        _sinceReading = record.Count("sinceReading");
        _changedAt = record.Count("changedAt", -1) is var row && row < 0 ? null : row;
        double[] pending = record.FiniteDoubles("pending_rows", -1, Columns);
        record.Require(pending.Length < _block.Length, "pending_rows", "more rows than a block");
        pending.CopyTo(_block, 0);
        _filled = pending.Length / Columns;
    }

    // New rows are judged by the model that has not seen them, then learnt.
    private void Learn(Action<StreamReading>? onReading)
    {
        Judge();
        _moments.Add(_block);
        _filled = 0;
        _sinceReading += ForgettingMoments.BlockRows;
        if (Rows >= _firstReading && _sinceReading >= _readingRows)
        {
            Read(onReading);
        }
    }

    private void Judge()
    {
        if (_spectrum is not { } spectrum)
        {
            return;
        }

        Span<double> densities = _densities;
        spectrum.LogDensities(_block, _centred, densities);
        double mean = VectorFold.Sum(densities) / densities.Length;
        double deviation = Math.Sqrt(_rowVariance / densities.Length);
        if (_alarm.Add((mean - spectrum.Promise) / deviation, densities.Length))
        {
            _changedAt = Rows;
        }

        _elboSum += mean * densities.Length;
        _elboRows += densities.Length;
        LearnSpread(densities, mean);
    }

    // The spread of rows' log densities: D / 2 for Gaussian rows (where it starts), what it is for others.
    private void LearnSpread(Span<double> densities, double mean)
    {
        TensorPrimitives.Subtract(densities, mean, densities);
        double variance = VectorFold.Dot(densities, densities) / (densities.Length - 1);
        double share = Math.Min(1, 2 * densities.Length / (_options.Memory + densities.Length));
        _rowVariance += share * (Math.Min(variance, 16 * _rowVariance) - _rowVariance);
    }

    private void Read(Action<StreamReading>? onReading)
    {
        _spectrum = StreamSpectrum.Of(_moments, _mostLatents, _options);
        int latents = _spectrum.Latents;
        Latest = new StreamReading
        {
            Rows = Rows,
            EffectiveRows = _spectrum.EffectiveRows,
            Latents = latents,
            Elbo = _elboRows > 0 ? _elboSum / _elboRows : double.NaN,
            EntropySum = _spectrum.EntropySums[latents],
            NoiseVariance = _spectrum.NoiseVariance(latents),
            EntropySums = Array.AsReadOnly(_spectrum.EntropySums),
            Bic = Array.AsReadOnly(_spectrum.Bic),
            ChangedAt = _changedAt,
            IsFloored = _spectrum.TrailingMean(latents) < _spectrum.Floor,
        };
        (_elboSum, _elboRows, _sinceReading, _changedAt) = (0, 0, 0, null);
        onReading?.Invoke(Latest);
    }
}
