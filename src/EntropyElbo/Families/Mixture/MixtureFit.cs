using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.Mixture.Em;
using EntropyElbo.Files;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Mixture;

/// <summary>EM from the best of several starting points.</summary>
internal sealed class MixtureFit(MixtureProblem problem) : IIterativeFit
{
    /// <summary>Iterations over which the rise of the ELBO is judged.</summary>
    private const int Window = 10;

    private readonly MixtureUpdate _update = problem.Options.BatchSize is null ? new FullUpdate(problem) : new OnlineUpdate(problem);
    private readonly List<double> _elbos = [];
    private MixtureParameters? _parameters;
    private MixtureValues _after;
    private MixtureValues _before;
    private MaximisationNotes _notes = new();

    /// <summary>Parameter updates so far.</summary>
    public long Steps { get; private set; }

    public IterationValues Current { get; private set; }

    /// <summary>Not asked for: EM never gets stuck.</summary>
    public bool HasVanishingResiduals => true;

    private int Iteration => _elbos.Count;

    /// <summary>The parameters so far, or null before there are any.</summary>
    public Candidate? Best() => _parameters is null ? null : new Candidate(_parameters, _notes);

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        _parameters ??= Begin(cancellationToken);
        if (_parameters is null || _update.Iterate(_parameters, Iteration, cancellationToken) is not { } step)
        {
            return IterationOutcome.Cancelled;
        }

        (_parameters, _after, _before, _notes) = step;
        _elbos.Add(_after.Elbo);
        Steps += _update.Steps;
        Current = new IterationValues(
            _after.Elbo, _after.EntropySum, _after.PriorResidual, _after.NoiseResidual, _parameters.Weights.Count(
                w => w * problem.Rows.Weight < 0.5))
        {
            Parts = new(
                _after.Reconstruction, _after.Kl, _after.EncoderEntropy, _after.PriorEntropy, _after.DecoderEntropy, _after.BaseMeasure),
        };
        return IterationOutcome.Moved;
    }

    /// <summary>Where a floor or bound is active its residual cannot vanish.</summary>
    public bool IsStationary(IReadOnlyList<FitProgress> history)
    {
        double tolerance = problem.Options.StationarityTolerance;
        if (tolerance <= 0 || Iteration <= Window)
        {
            return false;
        }

        double bound = tolerance * Math.Max(1, Math.Abs(_after.Elbo));
        bool held = _notes.Floored.Count + _notes.Bounded.Count > 0;
        bool monotone = problem.Options.BatchSize is null && !problem.IsSmoothed;
        double rise = _elbos[^1] - _elbos[^(Window + 1)];
        return (monotone ? rise : Math.Abs(rise)) < bound
            && Math.Abs(_before.PriorResidual) < bound
            && (held || Math.Abs(_before.NoiseResidual - _before.SmoothingResidual) < bound);
    }

    public void Write(ModelRecord record)
    {
        record.Set("steps", Steps);
        record.Set("figures", new[] { Figures(_after), Figures(_before) });
        record.Add(ModelTensor.Of("elbos", [.. _elbos]));
        record.Set("floored", _notes.Floored.ToArray());
        record.Set("bounded", _notes.Bounded.ToArray());
        record.Set("begun", _parameters is not null);
        if (_parameters is not null)
        {
            MixtureFile.WriteParameters(record, "current", _parameters);
        }

        _update.Write(record);
    }

    public void Read(ModelRecord record)
    {
        Steps = record.Count("steps");
        double[][] figures = record.Get<double[][]>("figures");
        if (figures is not [{ Length: 9 }, { Length: 9 }])
        {
            throw new ModelFileException(record.Source, "holds figures of another length; start without it.");
        }

        record.Require(figures.All(f => Array.TrueForAll(f, double.IsFinite)), "figures", "a figure that is not finite");
        _after = Values(figures[0]);
        _before = Values(figures[1]);
        _elbos.Clear();
        _elbos.AddRange(record.FiniteDoubles("elbos", -1));
        _notes = new MaximisationNotes();
        _notes.Floored.UnionWith(record.Get<int[]>("floored"));
        _notes.Bounded.UnionWith(record.Get<int[]>("bounded"));
        _parameters = record.Get<bool>("begun")
            ? MixtureFile.ReadParameters(record, "current", problem.Families, problem.Options.Components)
            : null;
        _update.Read(record);
    }

    /// <summary>
    /// The parameters of the model to start from, or the best of several starts; online EM begins from its statistics over all rows.
    /// </summary>
    private MixtureParameters? Begin(CancellationToken cancellationToken)
    {
        MixtureParameters? best = problem.Options.From is { } known
            ? MixtureFirst.Of(known.Parameters, problem.Families)
            : new MixtureStarts(problem).Find(cancellationToken);
        if (best is null || problem.Options.BatchSize is null)
        {
            return best;
        }

        if (problem.Sum(best, new MixtureBatch(problem.Rows, problem.RowWeights), cancellationToken) is not { } statistics)
        {
            return null;
        }

        _update.Begin(statistics);
        return problem.Maximise(statistics, best, new MaximisationNotes());
    }

    private static double[] Figures(MixtureValues v) =>
        [v.Reconstruction, v.Kl, v.EncoderEntropy, v.PriorEntropy, v.DecoderEntropy, v.BaseMeasure, v.PriorResidual, v.NoiseResidual, v.SmoothingResidual];

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
        SmoothingResidual = f[8],
    };

    /// <summary>Parameters and what their M-step noted.</summary>
    internal sealed record Candidate(MixtureParameters Parameters, MaximisationNotes Notes);
}
