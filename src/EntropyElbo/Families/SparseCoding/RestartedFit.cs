using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// Several fits in turn, each to its end. The one of the highest ELBO is kept; where its iterations had run out before it was
/// stationary, it goes on with those that the others have left.
/// </summary>
internal sealed class RestartedFit : ISparseCodingFit, IDisposable
{
    private readonly RestartPlan _plan;
    private readonly List<double> _elbos = [];
    private ISparseCodingFit _fit;
    private SparseCodingParameters? _best;
    private double _bestElbo;
    private bool _isBestStationary;
    private bool _isFinal;
    private long _stepsBefore;
    private int _first;
    private int _done;
    private int _bestFirst;
    private int _bestEnd;

    private RestartedFit(RestartPlan plan)
    {
        _plan = plan;
        _fit = plan.Begin(plan.Start(0), false);
    }

    public IterationValues Current => _fit.Current;

    public long Steps => _stepsBefore + _fit.Steps;

    /// <summary>The best so far, should training be cut short.</summary>
    public SparseCodingParameters Parameters =>
        _best is not null && (_done == _first || !(_fit.Current.Elbo >= _bestElbo)) ? _best : _fit.Parameters;

    public bool HasVanishingResiduals => _fit.HasVanishingResiduals;

    /// <summary>One fit where there is one start.</summary>
    public static ISparseCodingFit Of(RestartPlan plan) => plan.Restarts == 1 ? plan.Begin(plan.Start(0), false) : new RestartedFit(plan);

    /// <summary>What the user should know of the starts of a fit, if there were several.</summary>
    public static IEnumerable<string> Notes(ISparseCodingFit fit)
    {
        if (fit is RestartedFit { _elbos: { Count: > 0 } elbos })
        {
            yield return FormattableString.Invariant(
                $"{elbos.Count} starts ended at ELBOs between {elbos.Min():G6} and {elbos.Max():G6} nats per row; the best is kept.");
        }
    }

    /// <summary>The iterations of the start that was kept; null where there was one only.</summary>
    public static IReadOnlyList<FitProgress>? Kept(ISparseCodingFit fit, IReadOnlyList<FitProgress> history) =>
        fit is not RestartedFit all ? null
        : all._isFinal && all._done == all._first ? [.. history.Take(all._bestEnd).Skip(all._bestFirst)]
        : [.. history.Skip(all._first)];

    /// <inheritdoc/>
    public void Dispose() => End();

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        IterationOutcome outcome = _fit.Iterate(cancellationToken);
        while (outcome == IterationOutcome.Stuck && !_isFinal)
        {
            Next(_fit.HasVanishingResiduals);
            outcome = _fit.Iterate(cancellationToken);
        }

        _done += outcome == IterationOutcome.Moved ? 1 : 0;
        return outcome;
    }

    public bool IsStationary(IReadOnlyList<FitProgress> history)
    {
        if (_isFinal && _isBestStationary)
        {
            return true;
        }

        FitProgress[] own = [.. history.Skip(_first)];
        bool isStationary = own.Length > 0 && _fit.IsStationary(own);
        if (_isFinal || !(isStationary || own.Length >= _plan.Limit))
        {
            return _isFinal && isStationary;
        }

        Next(isStationary);
        return _isFinal && _isBestStationary;
    }

    public void Write(ModelRecord record)
    {
        record.Set("restarts.isFinal", _isFinal);
        record.Set("restarts.isBestStationary", _isBestStationary);
        record.Set("restarts.steps", _stepsBefore);
        record.Set("restarts.first", _first);
        record.Set("restarts.done", _done);
        record.Set("restarts.bestFirst", _bestFirst);
        record.Set("restarts.bestEnd", _bestEnd);
        record.Set("restarts.ended", _elbos.Count);
        record.Add(ModelTensor.Of("restarts.elbos", [.. _elbos], _elbos.Count));
        if (_best is not null)
        {
            double[] packed = Pack(_best);
            record.Add(ModelTensor.Of("restarts.best", packed, packed.Length));
        }

        _fit.Write(record);
    }

    public void Read(ModelRecord record)
    {
        _isFinal = record.Get<bool>("restarts.isFinal");
        _isBestStationary = record.Get<bool>("restarts.isBestStationary");
        _stepsBefore = record.Count("restarts.steps");
        (_first, _done) = (record.SmallCount("restarts.first"), record.SmallCount("restarts.done"));
        (_bestFirst, _bestEnd) = (record.SmallCount("restarts.bestFirst"), record.SmallCount("restarts.bestEnd"));
        _elbos.AddRange(record.FiniteDoubles("restarts.elbos", record.SmallCount("restarts.ended")));
        if (_elbos.Count > 0)
        {
            SparseCodingParameters shape = _fit.Parameters;
            _best = Unpack(record.FiniteDoubles("restarts.best", Pack(shape).Length), shape.Latents, shape.Columns);
            _bestElbo = _elbos.Max();
            End();
            _fit = _isFinal ? _plan.Begin(_best, true) : _plan.Begin(_plan.Start(_elbos.Count), false);
        }

        _fit.Read(record);
    }

    /// <summary>The next start, or after the last the best.</summary>
    private void Next(bool isStationary)
    {
        double elbo = _fit.Current.Elbo;
        if (_best is null || elbo > _bestElbo)
        {
            (_best, _bestElbo, _isBestStationary) = (_fit.Parameters, elbo, isStationary);
            (_bestFirst, _bestEnd) = (_first, _done);
        }

        _elbos.Add(elbo);
        _stepsBefore += _fit.Steps;
        _first = _done;
        _isFinal = _elbos.Count == _plan.Restarts;
        End();
        _fit = _isFinal ? _plan.Begin(_best, true) : _plan.Begin(_plan.Start(_elbos.Count), false);
    }

    private void End() => (_fit as IDisposable)?.Dispose();

    private static double[] Pack(SparseCodingParameters p) =>
        [.. Enumerable.Range(0, p.Latents).SelectMany(p.Field), .. p.Scales, .. p.Mean, p.NoiseVariance];

    private static SparseCodingParameters Unpack(double[] packed, int latents, int columns)
    {
        double[][] fields = [.. Enumerable.Range(0, latents).Select(h => packed[(h * columns)..((h + 1) * columns)])];
        int scales = latents * columns, means = scales + latents;
        return SparseCodingParameters.OfUnitFields(fields, packed[scales..means], packed[^1], packed[means..^1]);
    }
}

/// <summary>Starts of a fit.</summary>
/// <param name="Restarts">How many.</param>
/// <param name="Limit">Iterations of each at most.</param>
/// <param name="Start">The first parameters of a start, by its number from 0.</param>
/// <param name="Begin">A fit from parameters; whether these have been trained already, so that scales are free from the start.</param>
internal sealed record RestartPlan(
    int Restarts, int Limit, Func<int, SparseCodingParameters> Start, Func<SparseCodingParameters, bool, ISparseCodingFit> Begin)
{
    /// <summary>Iterations of all starts at most.</summary>
    public static int TotalLimit(int restarts, int limit) => (int)Math.Min(int.MaxValue, (long)restarts * limit);
}
