using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Streaming;

/// <summary>
/// Probabilistic PCA of a stream, every number of latents at once, in one pass and in bounded memory: how many directions the rows vary in,
/// how well new rows fit, and whether the stream has changed (after D sec. 4 and App. A, with eigenvalues where the paper takes gradient
/// steps: no learning rate, and no lag beyond the memory). Rows are taken in the units they come in. Memory: about 40 D^2 bytes and a few
/// blocks of 256 rows. The same rows give the same bits however they are cut into calls. Not safe to share between threads.
/// </summary>
public sealed class StreamingPca : StreamLearner
{
    private readonly StreamingPcaOptions _options;
    private readonly ForgettingMoments _moments;
    private readonly StreamDensities _densities;
    private readonly int _mostLatents;
    private StreamSpectrum? _spectrum;

    /// <summary>Starts without rows.</summary>
    /// <param name="columns">Columns of the rows, D: at least 2, at most 8,192.</param>
    /// <param name="options">Memory, readings, alarm; the defaults when null.</param>
    /// <exception cref="BadOptionException">An option or the number of columns is out of range.</exception>
    public StreamingPca(int columns, StreamingPcaOptions? options = null)
        : base(columns, options ??= new StreamingPcaOptions())
    {
        _options = options;
        _moments = new ForgettingMoments(columns, options.Memory);
        _mostLatents = options.MaxLatents > 0 ? options.MaxLatents : Math.Min(columns - 1, 64);
        _densities = new StreamDensities(columns, _mostLatents);
    }

    /// <inheritdoc/>
    public override string Family => ProbabilisticPcaFamily.Name;

    /// <summary>Options of the learner.</summary>
    public StreamingPcaOptions Options => _options;

    /// <inheritdoc/>
    public override double EffectiveRows => _moments.EffectiveRows;

    private protected override bool HasModel => _spectrum is not null;

    /// <summary>Fewer rows than this leave directions without variance.</summary>
    private protected override long LeastRows => 2L * (Columns + 1);

    private protected override double Promise => _spectrum!.Promise;

    /// <summary>The model of the rows remembered, without a report: a stream keeps no rows to make one from.</summary>
    /// <param name="latents">H, from 1 to the most latents compared; the recommended number (at least 1) when null.</param>
    /// <param name="columnNames">One name per column; <see cref="StreamLearner.ColumnNames"/> when null.</param>
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
        return new ProbabilisticPcaModel(
            LinearGaussian.WithPosterior(spectrum.Mean, loadings, variances), Header(columnNames, StopReason.ClosedForm));
    }

    /// <inheritdoc/>
    public override LatentModel ToModel(IReadOnlyList<string>? columnNames) => ToModel(null, columnNames);

    /// <summary>Goes on from a state.</summary>
    /// <param name="path">A file that <see cref="StreamLearner.Save"/> wrote.</param>
    /// <exception cref="ModelFileException">It cannot be read, is damaged, or is no such stream's state.</exception>
    public static StreamingPca Load(string path) => StreamingPcaFile.Read(ModelFile.Read(path));

    private protected override void LogDensities(ReadOnlySpan<double> rows, Span<double> densities) =>
        _densities.Fill(_spectrum!, rows, densities);

    private protected override void Learn(ReadOnlySpan<double> rows) => _moments.Add(rows);

    private protected override void Forget() => _moments.Forget();

    private protected override void Refresh()
    {
        _spectrum = StreamSpectrum.Of(_moments, _mostLatents, _options);
        _densities.Use(_spectrum);
    }

    private protected override StreamReading Describe() => new()
    {
        Rows = Rows,
        EffectiveRows = _spectrum!.EffectiveRows,
        Latents = _spectrum.Latents,
        Elbo = double.NaN,
        EntropySum = _spectrum.EntropySums[_spectrum.Latents],
        NoiseVariance = _spectrum.NoiseVariance(_spectrum.Latents),
        EntropySums = Array.AsReadOnly(_spectrum.EntropySums),
        Bic = Array.AsReadOnly(_spectrum.Bic),
        ChangedAt = null,
        IsFloored = _spectrum.TrailingMean(_spectrum.Latents) < _spectrum.Floor,
    };

    private protected override void WriteState(ModelRecord record)
    {
        StreamingPcaFile.WriteOptions(record, _options);
        StreamFile.Write(record, _moments);
        if (_spectrum is not null)
        {
            StreamingPcaFile.Write(record, _spectrum);
        }
    }

    private protected override void ReadState(ModelRecord record)
    {
        StreamFile.Read(record, _moments);
        _spectrum = StreamingPcaFile.ReadSpectrum(record, Columns, _mostLatents, _options);
        if (_spectrum is not null)
        {
            _densities.Use(_spectrum);
        }
    }
}
