using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Streaming;

/// <summary>
/// Factor analysis of a stream by EM with forgetting. Mean and scatter of the rows remembered hold all that an E-step needs, whatever
/// the parameters, so every step is an exact EM step on these rows and nothing in it is stale. Memory: about 40 D^2 bytes and a few
/// blocks of 256 rows.
/// </summary>
public sealed class StreamingFactorAnalysis : StreamLearner
{
    internal const string StateName = ModelRecord.StreamFamilies + "factor-analysis";
    private readonly StreamingFactorAnalysisOptions _options;
    private readonly ForgettingMoments _moments;
    private readonly LinearGaussianWorkspace _work;
    private double[]? _logVariances;
    private LinearGaussian? _model;
    private Figures _figures;

    /// <summary>Starts without rows.</summary>
    /// <param name="columns">Columns of the rows, D: at least 2, at most 8,192.</param>
    /// <param name="options">Latents, memory, readings, alarm.</param>
    /// <exception cref="BadOptionException">An option or the number of columns is out of range.</exception>
    public StreamingFactorAnalysis(int columns, StreamingFactorAnalysisOptions options)
        : base(columns, options ?? throw new ArgumentNullException(nameof(options)))
    {
        _options = options;
        _moments = new ForgettingMoments(columns, options.Memory);
        _work = new LinearGaussianWorkspace(ForgettingMoments.BlockRows, columns, options.Latents);
    }

    /// <inheritdoc/>
    public override string Family => FactorAnalysisFamily.Name;

    /// <summary>Options of the learner.</summary>
    public StreamingFactorAnalysisOptions Options => _options;

    /// <inheritdoc/>
    public override double EffectiveRows => _moments.EffectiveRows;

    private protected override bool HasModel => _model is not null;

    /// <summary>Fewer rows than this leave directions without variance.</summary>
    private protected override long LeastRows => 2L * (Columns + 1);

    /// <summary>The mean log-likelihood of the rows remembered, less the optimism of the rows learnt from.</summary>
    private protected override double Promise => _figures.Elbo - (FreeParameters / _figures.Rows);

    private double FreeParameters => Math.Min(
        FactorAnalysisModel.CountParameters(Columns, _options.Latents), FactorAnalysisModel.CountMoments(Columns));

    /// <inheritdoc/>
    public override LatentModel ToModel(IReadOnlyList<string>? columnNames = null)
    {
        LinearGaussian model = _model ?? throw new InvalidOperationException("There is no model yet; add more rows.");
        return new FactorAnalysisModel(model, [], Header(columnNames, StopReason.Cancelled));
    }

    internal static StreamingFactorAnalysis Create(ModelRecord record) => new(
        record.SmallCount("columns"),
        StreamFile.Shared(record, new StreamingFactorAnalysisOptions
        {
            Latents = record.SmallCount("latents"),
            Steps = record.SmallCount("steps"),
        }));

    private protected override void LogDensities(ReadOnlySpan<double> rows, Span<double> densities)
    {
        _model!.Encode(rows, densities.Length, _work);
        _model.Subtract(densities.Length, _work);
        for (int i = 0; i < densities.Length; i++)
        {
            densities[i] = _model.RowElbo(_work.Means[i], _work.Rows[i]);
        }
    }

    private protected override void Learn(ReadOnlySpan<double> rows) => _moments.Add(rows);

    private protected override void Forget()
    {
        _moments.Forget();
        _logVariances = null; // Steps from variances of other rows might end at another optimum.
    }

    private protected override void Refresh()
    {
        FactorAnalysisProfile profile = new(
            new CovarianceSpread((double[])_moments.Mean.Clone(), _moments.Covariance(), (long)_moments.EffectiveRows),
            new FactorAnalysisOptions { Latents = _options.Latents, VarianceFloor = _options.VarianceFloor });
        double[] logs = profile.Start;
        if (_logVariances is { } last)
        {
            logs = [.. last.Zip(profile.LogFloors, (v, floor) => Math.Max(v, floor))];
        }

        FactorAnalysisPoint point = profile.Evaluate(logs);
        for (int step = 0; step < _options.Steps; step++)
        {
            point = profile.Evaluate(profile.Maximised(point));
        }

        _logVariances = point.LogVariances;
        _model = profile.Parameters(point);
        double entropySum = point.ToValues(_options.Latents).EntropySum;
        bool floored = point.LogVariances.Zip(profile.LogFloors, (v, floor) => v <= floor).Any(f => f);
        _figures = new Figures(point.Elbo, entropySum, _moments.EffectiveRows, floored);
    }

    private protected override StreamReading Describe() => new()
    {
        Rows = Rows,
        EffectiveRows = _figures.Rows,
        Latents = _options.Latents,
        Elbo = double.NaN,
        EntropySum = _figures.EntropySum,
        NoiseVariance = Math.Exp(_model!.NoiseVariances.Average(v => Math.Log(v))),
        EntropySums = [_figures.EntropySum],
        Bic = [(-2 * _figures.Rows * _figures.Elbo) + (FreeParameters * Math.Log(_figures.Rows))],
        ChangedAt = null,
        IsFloored = _figures.IsFloored,
    };

    private protected override void WriteState(ModelRecord record)
    {
        record.Set("latents", _options.Latents).Set("steps", _options.Steps);
        StreamFile.Write(record, _moments);
        if (_logVariances is not null)
        {
            record.Add(ModelTensor.Of("log_variances", _logVariances, Columns));
        }

        if (_model is not null)
        {
            record.Set("elbo", _figures.Elbo).Set("entropySum", _figures.EntropySum);
            record.Set("effectiveRows", _figures.Rows).Set("floored", _figures.IsFloored);
            record.Add(ModelTensor.Of("model_mean", _model.Mean, Columns));
            record.Add(ModelTensor.Of("loadings", _model.Loadings, Columns, _options.Latents));
            record.Add(ModelTensor.Of("noise_variances", _model.NoiseVariances, Columns));
        }
    }

    private protected override void ReadState(ModelRecord record)
    {
        StreamFile.Read(record, _moments);
        _logVariances = record.HasTensor("log_variances") ? record.FiniteDoubles("log_variances", Columns) : null;
        if (!record.HasTensor("loadings"))
        {
            return;
        }

        double[] mean = record.FiniteDoubles("model_mean", Columns);
        double[] loadings = record.FiniteDoubles("loadings", Columns, _options.Latents);
        double[] variances = LinearGaussianFile.Variances(record, "noise_variances", Columns);
        _model = LinearGaussianFile.Build(() => LinearGaussian.WithPosterior(mean, loadings, variances), record.Source);
        _figures = new Figures(
            record.FiniteNumber("elbo"), record.FiniteNumber("entropySum"), record.FiniteNumber("effectiveRows"), record.Get<bool>("floored"));
        record.Require(_figures.Rows > 0, "effectiveRows", "rows that are not above 0");
    }

    private readonly record struct Figures(double Elbo, double EntropySum, double Rows, bool IsFloored);
}
