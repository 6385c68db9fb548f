using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Streaming;

/// <summary>
/// A mixture of Gaussians of a stream by online EM (Cappe and Moulines 2009) with forgetting: the statistics of past rows fade, those of
/// a block of new rows are added, and the exact M-step follows. Its entropies need no rows either. Memory: the statistics of the
/// components, and the rows that the mixture begins from.
/// </summary>
/// <remarks>
/// Sums are taken about the centre of the first rows, so a stream that moves away by 10^5 deviations and more loses digits: begin it anew.
/// </remarks>
public sealed class StreamingMixture : StreamLearner
{
    internal const string StateName = ModelRecord.StreamFamilies + "mixture";
    private const string Current = "current";
    private readonly StreamingMixtureOptions _options;
    private readonly double[] _powers;
    private readonly StreamStart _start;
    private MixtureState? _state;
    private bool _isLoaded;

    /// <summary>Starts without rows.</summary>
    /// <param name="columns">Columns of the rows, D: at least 2, at most 8,192.</param>
    /// <param name="options">Components, memory, readings, alarm.</param>
    /// <exception cref="BadOptionException">An option or the number of columns is out of range.</exception>
    public StreamingMixture(int columns, StreamingMixtureOptions options)
        : base(columns, options ?? throw new ArgumentNullException(nameof(options)))
    {
        _options = options;
        _powers = ForgettingMoments.Powers(options.Memory);
        _start = new StreamStart(columns, options.RowsOfStart);
        _state = options.Start is { } model ? new MixtureState(model.Parameters) : null;
    }

    /// <inheritdoc/>
    public override string Family => MixtureSpecification.Parse(_options.Components).Name;

    /// <summary>Options of the learner.</summary>
    public StreamingMixtureOptions Options => _options;

    /// <inheritdoc/>
    public override double EffectiveRows => _state?.EffectiveRows ?? 0;

    private protected override bool HasModel => _state is { Weight: > 0 };

    private protected override double Promise => _state!.Values.Elbo - (_state.Parameters.FreeParameters / EffectiveRows);

    /// <inheritdoc/>
    public override LatentModel ToModel(IReadOnlyList<string>? columnNames = null)
    {
        MixtureParameters parameters = (_state ?? throw new InvalidOperationException("There is no model yet; add more rows.")).Parameters;
        return new MixtureModel(
            MixtureSpecification.Parse(_options.Components), parameters, parameters.Components, Header(columnNames, StopReason.Cancelled));
    }

    internal static StreamingMixture Create(ModelRecord record) => new(
        record.SmallCount("columns"),
        StreamFile.Shared(record, new StreamingMixtureOptions
        {
            Components = record.Get<string>("components"),
            Count = record.SmallCount("count"),
            StartRows = record.SmallCount("startRows"),
            Seed = record.Get<ulong>("seed"),
        }));

    private protected override void LogDensities(ReadOnlySpan<double> rows, Span<double> densities)
    {
        _state!.Posterior(rows, densities.Length);
        _isLoaded = true;
        _state.RowValues[..densities.Length].CopyTo(densities);
    }

    private protected override void Learn(ReadOnlySpan<double> rows)
    {
        if (_state is null)
        {
            if (_start.Add(rows))
            {
                Begin();
            }

            return;
        }

        LearnBlock(rows);
        _state.Maximise();
    }

    /// <summary>
    /// The past is left no more weight than parameters need that are to be estimated from it and the first rows after the change.
    /// </summary>
    private protected override void Forget() =>
        _state!.Limit(Math.Max(ForgettingMoments.BlockRows, _state.Parameters.FreeParameters));

    private protected override void Refresh()
    {
        // The M-step follows every block.
    }

    private protected override StreamReading Describe()
    {
        MixtureState state = _state!;
        double rows = EffectiveRows;
        return new StreamReading
        {
            Rows = Rows,
            EffectiveRows = rows,
            Latents = state.Parameters.Weights.Count(w => w * rows >= 0.5),
            Elbo = double.NaN,
            EntropySum = state.Values.EntropySum,
            NoiseVariance = double.NaN,
            EntropySums = [state.Values.EntropySum],
            Bic = [(-2 * rows * state.Values.Elbo) + (state.Parameters.FreeParameters * Math.Log(rows))],
            ChangedAt = null,
            IsFloored = state.IsFloored,
        };
    }

    private protected override void WriteState(ModelRecord record)
    {
        record.Set("components", _options.Components).Set("count", _options.Count);
        record.Set("startRows", _options.StartRows).Set("seed", _options.Seed);
        record.Add(ModelTensor.Of("start_rows", _start.Rows.ToArray(), _start.Count, Columns));
        if (_state is { } state)
        {
            record.Set("weight", state.Weight).Set("squaredWeight", state.SquaredWeight).Set("floored", state.IsFloored);
            record.Add(ModelTensor.Of("statistics", state.Statistics, state.Statistics.Length));
            MixtureFile.WriteParameters(record, Current, state.Parameters);
            MixtureFile.WriteReferences(record, state.Parameters);
        }
    }

    private protected override void ReadState(ModelRecord record)
    {
        double[] rows = record.FiniteDoubles("start_rows", -1, Columns);
        record.Require(rows.Length / Columns <= _options.RowsOfStart, "start_rows", "more rows than the mixture begins from");
        _start.Restore(rows);
        if (!record.HasTensor("statistics"))
        {
            return;
        }

        ColumnFamily[] families = MixtureFile.ReadFamilies(record, MixtureSpecification.Parse(_options.Components).Resolve(Columns));
        _state = new MixtureState(MixtureFile.ReadParameters(record, Current, families, _options.Count));
        double[] statistics = record.FiniteDoubles("statistics", _state.Statistics.Length);
        record.Require(statistics.Take(_options.Count).All(w => w >= 0), "statistics", "a weight below 0");
        (double weight, double squared) = StreamFile.Weights(record);
        record.Require(weight == 0 || statistics.Take(_options.Count).Sum() > 0, "statistics", "no weight for the rows learnt");
        _state.Restore(statistics, weight, squared, record.Get<bool>("floored"));
    }

    /// <summary>Fits the first rows as a data set, then takes their statistics.</summary>
    private void Begin()
    {
        double[] rows = _start.Rows.ToArray();
        MixtureOptions options = new()
        {
            Family = _options.Components,
            Components = _options.Count,
            Scaling = ScalingKind.None,
            VarianceFloor = _options.VarianceFloor,
            Seed = _options.Seed,
        };
        FitContext context = new() { Threads = 1, Certificate = false };
        MixtureModel model = (MixtureModel)new MixtureTrainer(options).Fit(new InMemoryRows(rows, Columns), context).Model;
        _state = new MixtureState(model.Parameters);
        for (int at = 0; at < rows.Length; at += ForgettingMoments.BlockRows * Columns)
        {
            LearnBlock(rows.AsSpan(at, Math.Min(ForgettingMoments.BlockRows * Columns, rows.Length - at)));
        }

        _state.Judge();
        _start.Clear();
    }

    private void LearnBlock(ReadOnlySpan<double> rows)
    {
        if (!_isLoaded)
        {
            _state!.Posterior(rows, rows.Length / Columns);
        }

        _isLoaded = false;
        _state!.Add(rows.Length / Columns, _powers);
    }
}

/// <summary>The first rows of a stream, kept until there are enough to begin with.</summary>
internal sealed class StreamStart(int columns, int wanted)
{
    private readonly List<double> _rows = [];

    /// <summary>Rows kept.</summary>
    public int Count => _rows.Count / columns;

    /// <summary>The rows.</summary>
    public ReadOnlySpan<double> Rows => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_rows);

    /// <summary>Takes rows; true when there are enough.</summary>
    public bool Add(ReadOnlySpan<double> rows)
    {
        _rows.AddRange(rows);
        return Count >= wanted;
    }

    /// <summary>Takes the place where another instance stopped.</summary>
    public void Restore(ReadOnlySpan<double> rows)
    {
        _rows.Clear();
        _rows.AddRange(rows);
    }

    /// <summary>Lets go of the rows.</summary>
    public void Clear()
    {
        _rows.Clear();
        _rows.TrimExcess();
    }
}
