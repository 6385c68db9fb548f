using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>A fit of sparse coding on all rows: something to iterate, and the parameters it has reached.</summary>
internal interface ISparseCodingFit : IIterativeFit
{
    /// <summary>Parameter updates so far.</summary>
    long Steps { get; }

    /// <summary>The parameters reached.</summary>
    SparseCodingParameters Parameters { get; }

    /// <summary>Mean over the batches of the latest epoch of their entropy forms; null where there are no batches.</summary>
    double? BatchEntropySum => null;
}

/// <summary>What a fit by profile L-BFGS is made of.</summary>
/// <param name="Pass">Keeps the codes of the rows.</param>
/// <param name="Problem">The profile with one scale for all latents, or one each.</param>
/// <param name="Size">The size of an ELBO, which a tolerance is a share of.</param>
/// <param name="Tolerance">The stationarity tolerance.</param>
internal sealed record ProfileSetup(
    IProfilePass Pass, Func<bool, ProfileVariables> Problem, Func<double, double> Size, double Tolerance);

/// <summary>Profile L-BFGS; with one scale for all latents first, if so asked, then with one each.</summary>
internal sealed class ProfileFit : ISparseCodingFit
{
    /// <summary>Correction pairs.</summary>
    private const int Memory = 30;

    /// <summary>Iterations over which the rise of the ELBO is judged.</summary>
    private const int Window = 20;

    /// <summary>Rise of the ELBO in a window, nats per row, below which a shared scale has done its work.</summary>
    private const double SharedRise = 0.02;

    private readonly ProfileSetup _setup;
    private ProfileVariables _problem = null!;
    private LBfgs _optimizer = null!;
    private bool _isShared;
    private int _stageStart;

    public ProfileFit(SparseCodingOptions options, SparseCodingColumns columns, SparseCodingPass pass, SparseCodingParameters start)
        : this(
            new ProfileSetup(
                pass, isShared => new ProfileProblem(options, columns, pass, isShared), columns.Size, options.StationarityTolerance),
            start, options.ScaleStart)
    {
    }

    public ProfileFit(ProfileSetup setup, SparseCodingParameters start, ScaleStart scaleStart)
    {
        _setup = setup;
        Begin(start, scaleStart == ScaleStart.Shared);
    }

    public IterationValues Current => _problem.Values;

    public long Steps { get; private set; }

    public SparseCodingParameters Parameters => _problem.At(_optimizer.Point);

    public bool HasVanishingResiduals => Vanish(
        Current.PriorResidual, Current.NoiseResidual, Current.Elbo, Math.Max(_setup.Tolerance, 1e-7));

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        _problem.Cancellation = cancellationToken;
        try
        {
            if (_optimizer.Step(_problem))
            {
                Steps++;
                return IterationOutcome.Moved;
            }

            if (_isShared)
            {
                Begin(Parameters, isShared: false);
                return IterationOutcome.Moved;
            }

            // The values are those of the last trial; back to the point that stays.
            _problem.Evaluate(_optimizer.Point, new double[_problem.Dimension]);
            return IterationOutcome.Stuck;
        }
        catch (OperationCanceledException)
        {
            return IterationOutcome.Cancelled;
        }
    }

    public bool IsStationary(IReadOnlyList<FitProgress> history)
    {
        if (history.Count - _stageStart <= Window)
        {
            return false;
        }

        FitProgress last = history[^1];
        double rise = last.Elbo - history[^(Window + 1)].Elbo;
        if (_isShared)
        {
            if (rise < SharedRise)
            {
                _stageStart = history.Count;
                Begin(Parameters, isShared: false);
            }

            return false;
        }

        double tolerance = _setup.Tolerance;
        return tolerance > 0
            && rise < tolerance * _setup.Size(last.Elbo)
            && Vanish(last.PriorResidual, last.NoiseResidual, last.Elbo, tolerance);
    }

    public void Write(ModelRecord record)
    {
        record.Set("isShared", _isShared);
        record.Set("stageStart", _stageStart);
        record.Set("steps", Steps);
        OptimiserStates.Write(record, _optimizer.Save());
        _setup.Pass.Write(record);
    }

    public void Read(ModelRecord record)
    {
        bool isShared = record.Get<bool>("isShared");
        if (isShared != _isShared)
        {
            Begin(Parameters, isShared);
        }

        _stageStart = record.SmallCount("stageStart");
        Steps = record.Count("steps");
        OptimiserStates.Read(record, _optimizer);
        _setup.Pass.Read(record);
    }

    private void Begin(SparseCodingParameters parameters, bool isShared)
    {
        _isShared = isShared;
        _problem = _setup.Problem(isShared);
        _optimizer = new LBfgs(_problem.Dimension, Memory);
        _problem.Write(parameters, _optimizer.Point);
        _optimizer.Start(_problem);
    }

    private bool Vanish(double prior, double noise, double elbo, double tolerance)
    {
        double bound = 10 * tolerance * _setup.Size(elbo);
        return Math.Abs(prior) < bound && (Math.Abs(noise) < bound || _problem.Floors.HoldNoise(Parameters));
    }
}
