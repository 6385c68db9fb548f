using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Models.Mixture;

/// <summary>EM from one or several starting points, one after the other; keeps the parameters with the highest ELBO.</summary>
internal sealed class MixtureFit(MixtureProblem problem) : IIterativeFit
{
    /// <summary>Iterations over which the rise of the ELBO is judged.</summary>
    private const int Window = 10;

    private readonly MixtureUpdate _update = problem.Options.BatchSize is null ? new FullUpdate(problem) : new OnlineUpdate(problem);
    private readonly List<double> _elbos = [];
    private MixtureParameters? _parameters;
    private MixtureValues _after;
    private MixtureValues _before;
    private Candidate? _best;
    private MaximisationNotes _notes = new();
    private int _restart;
    private bool _isFinished;
    private bool _isStationary;

    /// <summary>Parameter updates so far.</summary>
    public long Steps { get; private set; }

    public IterationValues Current { get; private set; }

    /// <summary>Not asked for: EM never gets stuck.</summary>
    public bool HasVanishingResiduals => true;

    private int Iteration => _elbos.Count;

    /// <summary>The best parameters so far, or null before there are any.</summary>
    public Candidate? Best()
    {
        Candidate? current = _parameters is null ? null : new Candidate(_parameters, _after.Elbo, _isStationary, _notes);
        return _best is null || (Iteration > 0 && current is not null && current.Elbo > _best.Elbo) ? current ?? _best : _best;
    }

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        if (_isFinished)
        {
            _best = Best();
            _restart++;
            _parameters = null;
            _elbos.Clear();
            _isFinished = false;
            _isStationary = false;
        }

        _parameters ??= Begin(cancellationToken);
        if (_parameters is null || _update.Iterate(_parameters, _restart, Iteration, cancellationToken) is not { } step)
        {
            return IterationOutcome.Cancelled;
        }

        (_parameters, _after, _before, _notes) = step;
        _elbos.Add(_after.Elbo);
        Steps += _update.Steps;
        Current = new IterationValues(
            _after.Elbo, _after.EntropySum, _after.PriorResidual, _after.NoiseResidual, _parameters.Weights.Count(w => w * problem.Rows.Count < 0.5));
        _isStationary = HasBecomeStationary();
        _isFinished = _isStationary || Iteration >= problem.Options.Iterations;
        return IterationOutcome.Moved;
    }

    /// <summary>Whether the last restart has come to its end, stationary or not: the trainer tells which.</summary>
    public bool IsStationary(IReadOnlyList<FitProgress> history) => _isFinished && _restart + 1 >= problem.Options.Restarts;

    public void Write(ModelRecord record)
    {
        record.Set("restart", _restart);
        record.Set("steps", Steps);
        record.Set("finished", _isFinished);
        record.Set("stationary", _isStationary);
        record.Set("figures", new[] { Figures(_after), Figures(_before) });
        record.Add(ModelTensor.Of("elbos", [.. _elbos]));
        WriteParameters(record, "current", _parameters, _notes);
        WriteParameters(record, "best", _best?.Parameters, _best?.Notes);
        if (_best is not null)
        {
            record.Set("bestElbo", _best.Elbo);
            record.Set("bestStationary", _best.IsStationary);
        }

        _update.Write(record);
    }

    public void Read(ModelRecord record)
    {
        _restart = record.SmallCount("restart", 0, problem.Options.Restarts - 1);
        Steps = record.Count("steps");
        _isFinished = record.Get<bool>("finished");
        _isStationary = record.Get<bool>("stationary");
        double[][] figures = record.Get<double[][]>("figures");
        if (figures is not [{ Length: 8 }, { Length: 8 }])
        {
            throw new ModelFileException(record.Source, "holds figures of another length; start without it.");
        }

        record.Require(figures.All(f => Array.TrueForAll(f, double.IsFinite)), "figures", "a figure that is not finite");
        _after = Values(figures[0]);
        _before = Values(figures[1]);
        _elbos.Clear();
        _elbos.AddRange(record.FiniteDoubles("elbos", -1));
        (_parameters, _notes) = ReadParameters(record, "current");
        (MixtureParameters? best, MaximisationNotes notes) = ReadParameters(record, "best");
        _best = best is null ? null : new Candidate(best, record.FiniteNumber("bestElbo"), record.Get<bool>("bestStationary"), notes);
        _update.Read(record);

        // A fit that ended at a smaller limit goes on.
        _isFinished = _isStationary || Iteration >= problem.Options.Iterations;
    }

    private MixtureParameters? Begin(CancellationToken cancellationToken)
    {
        MixtureOptions options = problem.Options;
        if (options.Start is { } start)
        {
            _update.Begin(null);
            ColumnComponents[] ranges =
                [.. problem.Families.Select((f, g) => f.Create(options.Components, start.Parameters.Ranges[g].Parameters.ToArray()))];
            return new MixtureParameters(start.Parameters.Weights.ToArray(), ranges);
        }

        RandomStream random = new(options.Seed, RandomPurpose.Initialisation, (ulong)_restart);
        MixtureSeeding seeding = MixtureSeeding.Find(
            problem.Rows, problem.RowWeights, problem.Families, problem.Facts, options.Components, random);
        if (problem.Sum(seeding.Rule(problem.Families), cancellationToken) is not { } statistics)
        {
            return null;
        }

        _update.Begin(statistics);
        return problem.Maximise(statistics, null, new MaximisationNotes());
    }

    /// <summary>Where a floor or bound is active its residual cannot vanish.</summary>
    private bool HasBecomeStationary()
    {
        double tolerance = problem.Options.StationarityTolerance;
        if (tolerance <= 0 || Iteration <= Window)
        {
            return false;
        }

        double bound = tolerance * Math.Max(1, Math.Abs(_after.Elbo));
        bool held = _notes.Floored.Count + _notes.Bounded.Count > 0;
        bool online = problem.Options.BatchSize is not null;
        double rise = _elbos[^1] - _elbos[^(Window + 1)];
        return (online ? Math.Abs(rise) : rise) < bound
            && Math.Abs(_before.PriorResidual) < bound
            && (held || Math.Abs(_before.NoiseResidual) < bound);
    }

    private static double[] Figures(MixtureValues v) =>
        [v.Reconstruction, v.Kl, v.EncoderEntropy, v.PriorEntropy, v.DecoderEntropy, v.BaseMeasure, v.PriorResidual, v.NoiseResidual];

    private static MixtureValues Values(double[] f) => new()
    {
        Reconstruction = f[0],
        Kl = f[1],
        EncoderEntropy = f[2],
        PriorEntropy = f[3],
        DecoderEntropy = f[4],
        BaseMeasure = f[5],
        PriorResidual = f[6],
        NoiseResidual = f[7],
    };

    private static void WriteParameters(ModelRecord record, string name, MixtureParameters? parameters, MaximisationNotes? notes)
    {
        record.Set($"{name}.floored", notes?.Floored.ToArray() ?? []);
        record.Set($"{name}.bounded", notes?.Bounded.ToArray() ?? []);
        record.Set($"{name}.present", parameters is not null);
        if (parameters is not null)
        {
            MixtureFile.WriteParameters(record, name, parameters);
        }
    }

    private (MixtureParameters? Parameters, MaximisationNotes Notes) ReadParameters(ModelRecord record, string name)
    {
        MaximisationNotes notes = new();
        notes.Floored.UnionWith(record.Get<int[]>($"{name}.floored"));
        notes.Bounded.UnionWith(record.Get<int[]>($"{name}.bounded"));
        MixtureParameters? parameters = record.Get<bool>($"{name}.present")
            ? MixtureFile.ReadParameters(record, name, problem.Families, problem.Options.Components, record.Source)
            : null;
        return (parameters, notes);
    }

    /// <summary>Parameters with their ELBO.</summary>
    internal sealed record Candidate(MixtureParameters Parameters, double Elbo, bool IsStationary, MaximisationNotes Notes);
}
