using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearVae;

/// <summary>A fit of a linear VAE: something to iterate, and the model it has reached.</summary>
internal interface ILinearVaeFit : IIterativeFit, IDisposable
{
    /// <summary>Parameter updates so far.</summary>
    long Steps { get; }

    /// <summary>Whether the variance floor is active.</summary>
    bool IsFloored { get; }

    /// <summary>What to say where the ELBO is below the best that there is, or null.</summary>
    string? Shortfall { get; }

    /// <summary>The parameters reached.</summary>
    LinearGaussian Parameters();
}

/// <summary>A linear VAE by L-BFGS on the statistics of all rows.</summary>
internal sealed class LinearVaeLBfgsFit : ILinearVaeFit
{
    /// <summary>Correction pairs: the objective is cheap beside them only in memory (measured on the digits).</summary>
    private const int Memory = 30;

    /// <summary>Iterations over which the rise of the ELBO is judged.</summary>
    private const int Window = 50;

    /// <summary>Share of |ELBO| by which a fit may end below the optimum without a word.</summary>
    private const double ShortShare = 1e-3;

    /// <summary>Share of the residual tolerance by which the ELBO may still rise in a window.</summary>
    private const double SlopeShare = 1e-3;

    private readonly LinearVaeOptions _options;
    private readonly LinearVaeProblem _problem;
    private readonly LBfgs _optimizer;
    private readonly double _best;

    public LinearVaeLBfgsFit(LinearVaeOptions options, RowSpread spread, ComputeEngine engine)
    {
        _options = options;
        _problem = new LinearVaeProblem(spread, options.Latents, options.VarianceFloor, engine);
        _optimizer = new LBfgs(_problem.Dimension, Memory);
        _problem.Solve(_optimizer.Point);
        _problem.Evaluate(_optimizer.Point, new double[_problem.Dimension]);
        _best = _problem.Values.Elbo;
        if (options.From is { } known)
        {
            _problem.Begin(_optimizer.Point, known.Parameters);
        }
        else if (options.Initialisation == LinearVaeInitialisation.Random)
        {
            _problem.Initialise(_optimizer.Point, options.Seed);
        }

        _optimizer.Start(_problem);
    }

    public IterationValues Current => _problem.Values;

    public long Steps => _optimizer.Iterations;

    public bool IsFloored => _problem.IsFloored(_optimizer.Point);

    public bool HasVanishingResiduals =>
        Vanish(Current.PriorResidual, Current.NoiseResidual, Current.Elbo, Math.Max(_options.StationarityTolerance, 1e-9));

    public string? Shortfall => _best - Current.Elbo > ShortShare * Unit(_best)
        ? FormattableString.Invariant($"The ELBO is {_best - Current.Elbo:G3} nats per row below that of the closed form, which is the optimum (D Cor. 2). Allow more iterations, or start from the closed form.")
        : null;

    public LinearGaussian Parameters() => _problem.ToLinearGaussian(_optimizer.Point);

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        if (_optimizer.Step(_problem))
        {
            return IterationOutcome.Moved;
        }

        // The values are those of the last trial; back to the point that stays.
        _problem.Evaluate(_optimizer.Point, new double[_problem.Dimension]);
        return IterationOutcome.Stuck;
    }

    public bool IsStationary(IReadOnlyList<FitProgress> history)
    {
        double tolerance = _options.StationarityTolerance;
        if (tolerance <= 0 || history.Count <= Window)
        {
            return false;
        }

        FitProgress last = history[^1];
        double rise = last.Elbo - history[^(Window + 1)].Elbo;
        return rise < SlopeShare * tolerance * Unit(last.Elbo)
            && Vanish(last.PriorResidual, last.NoiseResidual, last.Elbo, tolerance);
    }

    public void Write(ModelRecord record) => OptimiserStates.Write(record, _optimizer.Save());

    public void Read(ModelRecord record) => OptimiserStates.Read(record, _optimizer);

    public void Dispose() => _problem.Dispose();

    /// <summary>The ELBO in units of the columns' mean variance: what is stationary must not depend on units.</summary>
    private double Unit(double elbo) => Math.Max(1, Math.Abs(elbo + _problem.LogUnits));

    /// <summary>Where the floor holds the variance, its residual cannot vanish.</summary>
    private bool Vanish(double prior, double noise, double elbo, double tolerance)
    {
        double bound = tolerance * Unit(elbo);
        return Math.Abs(prior) < bound && (Math.Abs(noise) < bound || IsFloored);
    }
}
