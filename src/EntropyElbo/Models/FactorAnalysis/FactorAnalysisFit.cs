using EntropyElbo.Files;
using EntropyElbo.Models.LinearGaussians;
using EntropyElbo.Training;

namespace EntropyElbo.Models.FactorAnalysis;

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

    /// <summary>Largest size of a log variance in a checkpoint: the variance and its inverse stay finite.</summary>
    private const double MaxLogVariance = 700;

    /// <summary>Sum of derivatives, relative to |ELBO|, that rounding may leave where no better parameters can be found.</summary>
    private const double RoundingResidual = 1e-6;

    private FactorAnalysisPoint _point = profile.Evaluate(profile.Start);
    private double _damping = FirstDamping;
    private int _iterations;

    public IterationValues Current => _point.ToValues(profile.Latents);

    public bool HasVanishingResiduals => Slope() < Math.Max(options.StationarityTolerance, RoundingResidual) * Unit;

    /// <summary>Columns whose noise variance is at its floor.</summary>
    public int[] FlooredColumns =>
        [.. Enumerable.Range(0, profile.Columns).Where(d => _point.LogVariances[d] <= profile.LogFloors[d])];

    private double Unit => Math.Max(1, Math.Abs(_point.Elbo));

    /// <summary>The parameters reached.</summary>
    public LinearGaussian Parameters() => profile.Parameters(_point);

    public IterationOutcome Iterate(CancellationToken cancellationToken) =>
        options.Optimizer == FactorAnalysisOptimizer.Em || _iterations < FirstSteps ? Maximise() : Newton(cancellationToken);

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
        _damping = record.FiniteDoubles("damping", 1)[0];
    }

    /// <summary>An EM step: each noise variance becomes the mean expected squared error of its column (LW Prop. 4).</summary>
    private IterationOutcome Maximise()
    {
        double[] next = new double[profile.Columns];
        for (int d = 0; d < next.Length; d++)
        {
            next[d] = Math.Max(_point.LogVariances[d] + Math.Log(_point.Ratios[d]), profile.LogFloors[d]);
        }

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
        double[] hessian = profile.IsExact ? FactorAnalysisNewton.Exact(_point) : FactorAnalysisNewton.PositivePart(_point);
        double[]? step = FactorAnalysisNewton.Step(_point, hessian, free, _damping);
        if (step is null && profile.IsExact)
        {
            hessian = FactorAnalysisNewton.PositivePart(_point);
        }

        for (; _damping <= MostDamping; _damping *= 10)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return IterationOutcome.Cancelled;
            }

            step = FactorAnalysisNewton.Step(_point, hessian, free, _damping);
            if (step is not null && TryMove(step))
            {
                _damping = Math.Max(_damping / 10, LeastDamping);
                return IterationOutcome.Moved;
            }
        }

        return IterationOutcome.Stuck;
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
