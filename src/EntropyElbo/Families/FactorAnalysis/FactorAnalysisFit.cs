using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Training;

namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>Factor analysis by EM or by Newton steps on the statistics of all rows: log noise variances are its whole state.</summary>
internal sealed class FactorAnalysisFit(FactorAnalysisOptions options, FactorAnalysisProfile profile) : IIterativeFit
{
    /// <summary>
    /// EM steps before the first Newton step: there are several optima, and without these Newton often ends at another
    /// one than EM (measured on the breast cancer table, where the difference is up to a nat).
    /// </summary>
    private const int FirstSteps = 10;

    private const double FirstDamping = 1e-3;
    private const double LeastDamping = 1e-12;
    private const double MostDamping = 1e8;
    private const double DampingFactor = 10;

    /// <summary>Largest size of a log variance in a checkpoint: the variance and its inverse stay finite.</summary>
    private const double MaxLogVariance = 700;

    /// <summary>Sum of derivatives, relative to |ELBO|, that rounding may leave where no better parameters can be found.</summary>
    private const double RoundingResidual = 1e-6;

    /// <summary>
    /// A noise variance below this share of its column's and still falling may be on its way to 0, which steps on the
    /// logarithm never reach (chosen here; others call less than 0.005 a Heywood case).
    /// </summary>
    private const double VanishingShare = 1e-3;

    /// <summary>How much nearer to the end than the tolerance asks a vanishing variance is tried at its floor.</summary>
    private const double SettledShare = 1000;

    private FactorAnalysisPoint _point = profile.Evaluate(profile.Start);
    private double _damping = FirstDamping;
    private int _iterations;

    public IterationValues Current => _point.ToValues(profile.Latents);

    public bool HasVanishingResiduals => Slope() < Math.Max(options.StationarityTolerance, RoundingResidual) * Unit;

    /// <summary>Latents, H.</summary>
    public int Latents => profile.Latents;

    /// <summary>Columns whose noise variance is at its floor.</summary>
    public int[] FlooredColumns =>
        [.. Enumerable.Range(0, profile.Columns).Where(d => _point.LogVariances[d] <= profile.LogFloors[d])];

    /// <summary>The ELBO of standardised columns: what is stationary must not depend on the columns' units.</summary>
    private double Unit => Math.Max(1, Math.Abs(_point.Elbo + profile.LogUnits));

    /// <summary>The parameters reached.</summary>
    public LinearGaussian Parameters() => profile.Parameters(_point);

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        IterationOutcome outcome =
            options.Optimizer == FactorAnalysisOptimizer.Em || _iterations < FirstSteps ? Maximise() : Newton(cancellationToken);
        return outcome == IterationOutcome.Cancelled || !DropVanishing() ? outcome : IterationOutcome.Moved;
    }

    public bool IsStationary(IReadOnlyList<FitProgress> history) =>
        history.Count > 0 && Slope() < options.StationarityTolerance * Unit;

    public void Write(ModelRecord record)
    {
        record.Set("iterations", _iterations);
        record.Add(ModelTensor.Of("log_variances", _point.LogVariances, profile.Columns));
        record.Add(ModelTensor.Of("damping", [_damping], 1));
    }

    public void Read(ModelRecord record)
    {
        double[] logs = record.FiniteDoubles("log_variances", profile.Columns);
        record.Require(Array.TrueForAll(logs, l => Math.Abs(l) <= MaxLogVariance), "log_variances", $"a logarithm beyond {MaxLogVariance}");
        _point = profile.Evaluate(logs);
        _iterations = record.SmallCount("iterations");
        double damping = record.FiniteDoubles("damping", 1)[0];

        // A search that found nothing ends one factor above the most. From 0 or below, factors never lead to the most.
        record.Require(
            damping > 0 && damping <= DampingFactor * MostDamping,
            "damping",
            FormattableString.Invariant($"{damping} where a number above 0 and up to {DampingFactor * MostDamping} belongs"));
        _damping = damping;
    }

    private IterationOutcome Maximise()
    {
        double[] next = profile.Maximised(_point);
        if (next.AsSpan().SequenceEqual(_point.LogVariances))
        {
            return IterationOutcome.Stuck;
        }

        _point = profile.Evaluate(next);
        _iterations++;
        return IterationOutcome.Moved;
    }

    /// <summary>A damped Newton step that does not lower the ELBO; damping rises until there is one.</summary>
    private IterationOutcome Newton(CancellationToken cancellationToken)
    {
        bool[] free = [.. Enumerable.Range(0, profile.Columns).Select(IsFree)];
        Func<double, double[]?> step = profile.Wide is { } rows
            ? new FactorAnalysisConjugate(rows, _point, free).Step
            : DenseStep(free);
        for (; _damping <= MostDamping; _damping *= DampingFactor)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return IterationOutcome.Cancelled;
            }

            if (step(_damping) is { } change && TryMove(change))
            {
                _damping = Math.Max(_damping / DampingFactor, LeastDamping);
                return IterationOutcome.Moved;
            }
        }

        return IterationOutcome.Stuck;
    }

    /// <summary>Steps by the matrix of second derivatives; by its positive part where that is not positive definite.</summary>
    private Func<double, double[]?> DenseStep(bool[] free)
    {
        FactorAnalysisPoint point = _point;
        double[] hessian = profile.IsExact ? FactorAnalysisNewton.Exact(point) : FactorAnalysisNewton.PositivePart(point);
        if (profile.IsExact && FactorAnalysisNewton.Step(point, hessian, free, _damping) is null)
        {
            hessian = FactorAnalysisNewton.PositivePart(point);
        }

        return damping => FactorAnalysisNewton.Step(point, hessian, free, damping);
    }

    private bool TryMove(double[] step)
    {
        double[] next = new double[step.Length];
        for (int d = 0; d < next.Length; d++)
        {
            next[d] = Math.Max(_point.LogVariances[d] + step[d], profile.LogFloors[d]);
        }

        FactorAnalysisPoint trial = profile.Evaluate(next);
        if (!(trial.Elbo >= _point.Elbo) || next.AsSpan().SequenceEqual(_point.LogVariances))
        {
            return false;
        }

        _point = trial;
        _iterations++;
        return true;
    }

    /// <summary>
    /// Near the end: puts a noise variance that is small and still falling to its floor, if the ELBO does not fall. Its
    /// slope on the logarithm vanishes on the way to 0, so it would pass for stationary anywhere there.
    /// </summary>
    private bool DropVanishing()
    {
        if (!(Slope() < SettledShare * Math.Max(options.StationarityTolerance, RoundingResidual) * Unit))
        {
            return false;
        }

        bool moved = false;
        foreach (int d in Enumerable.Range(0, profile.Columns).Where(IsVanishing))
        {
            double[] next = [.. _point.LogVariances];
            next[d] = profile.LogFloors[d];
            FactorAnalysisPoint trial = profile.Evaluate(next);
            if (trial.Elbo >= _point.Elbo)
            {
                _point = trial;
                moved = true;
            }
        }

        return moved;
    }

    private bool IsVanishing(int column) =>
        _point.Gradient[column] < 0 && _point.LogVariances[column] > profile.LogFloors[column]
        && _point.LogVariances[column] < profile.LogVariances[column] + Math.Log(VanishingShare);

    /// <summary>At the floor a variance may only rise.</summary>
    private bool IsFree(int column) =>
        _point.LogVariances[column] > profile.LogFloors[column] || _point.Gradient[column] > 0;

    private double Slope()
    {
        double sum = 0;
        for (int d = 0; d < profile.Columns; d++)
        {
            sum += IsFree(d) ? Math.Abs(_point.Gradient[d]) : 0;
        }

        return sum;
    }
}
