using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Models.LinearGaussians;
using EntropyElbo.Models.ProbabilisticPca;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Models.LinearVae;

/// <summary>A fit of a linear VAE: something to iterate, and the model it has reached.</summary>
internal interface ILinearVaeFit : IIterativeFit, IDisposable
{
    /// <summary>Parameter updates so far.</summary>
    long Steps { get; }

    /// <summary>Whether the variance floor is active.</summary>
    bool IsFloored { get; }

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

    /// <summary>Share of the residual tolerance by which the ELBO may still rise in a window.</summary>
    private const double SlopeShare = 1e-3;

    private readonly LinearVaeOptions _options;
    private readonly LinearVaeParameters _parameters;
    private readonly LinearVaeProblem _problem;
    private readonly LBfgs _optimizer;

    public LinearVaeLBfgsFit(LinearVaeOptions options, LinearVaeParameters parameters, RowMoments moments, LinearVaeObjectiveFactory? factory)
    {
        _options = options;
        _parameters = parameters;
        _problem = new LinearVaeProblem(parameters, moments, factory);
        _optimizer = new LBfgs(parameters.Length, Memory);
        if (options.Initialisation == LinearVaeInitialisation.Random)
        {
            parameters.Initialise(_optimizer.Point, options.Seed);
        }
        else
        {
            ProbabilisticPcaSolution solution = ProbabilisticPcaSolution.Solve(moments, options.Latents, options.VarianceFloor);
            double[] vector = new double[parameters.Length];
            parameters.Set(vector, LinearGaussian.WithPosterior(solution.Mean, solution.Loadings, solution.Variances()));
            _problem.ToCoordinates(vector, _optimizer.Point);
        }

        _optimizer.Start(_problem);
    }

    public IterationValues Current => _problem.Values;

    public long Steps => _optimizer.Iterations;

    public bool IsFloored => _parameters.IsFloored(_problem.ToParameters(_optimizer.Point));

    public bool HasVanishingResiduals =>
        Vanish(Current.PriorResidual, Current.NoiseResidual, Current.Elbo, Math.Max(_options.StationarityTolerance, 1e-9));

    public LinearGaussian Parameters() => _parameters.ToLinearGaussian(_problem.ToParameters(_optimizer.Point));

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        if (_optimizer.Step(_problem))
        {
            return IterationOutcome.Moved;
        }

        // The values are those of the last trial; back to the point that stays.
        _problem.Evaluate(_optimizer.Point, new double[_parameters.Length]);
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
        return rise < SlopeShare * tolerance * Math.Abs(last.Elbo)
            && Vanish(last.PriorResidual, last.NoiseResidual, last.Elbo, tolerance);
    }

    public void Write(ModelRecord record) => _optimizer.Write(record);

    public void Read(ModelRecord record) => _optimizer.Read(record);

    public void Dispose() => _problem.Dispose();

    /// <summary>Where the floor holds the variance, its residual cannot vanish.</summary>
    private bool Vanish(double prior, double noise, double elbo, double tolerance)
    {
        double bound = tolerance * Math.Abs(elbo);
        return Math.Abs(prior) < bound && (Math.Abs(noise) < bound || IsFloored);
    }
}
