using System.Numerics.Tensors;

namespace EntropyElbo.Numerics;

/// <summary>
/// Limited-memory BFGS (Nocedal and Wright 2006, algorithms 7.4 and 7.5) with a strong Wolfe line search: minimises one
/// step at a time, so that the caller decides when to stop, and can be written to a checkpoint and resumed to the same
/// bits. Memory: <c>8 (2 m + 5)</c> bytes a variable, allocated as the history fills; nothing is allocated per step after
/// that.
/// </summary>
internal sealed class LBfgs
{
    /// <summary>Default number of correction pairs, m (the usual one).</summary>
    public const int DefaultMemory = 10;

    private readonly List<Pair> _pairs;
    private readonly Stack<Pair> _spare = [];
    private readonly double[] _weights;
    private readonly int _memory;
    private readonly WolfeLineSearch _search;
    private readonly double[] _direction;
    private double[] _point;
    private double[] _gradient;

    /// <summary>At the origin; set <see cref="Point"/>, then call <see cref="Start"/>.</summary>
    /// <param name="dimension">Number of variables.</param>
    /// <param name="memory">Correction pairs, m.</param>
    public LBfgs(int dimension, int memory = DefaultMemory)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(memory, 1);
        _memory = memory;
        _pairs = new List<Pair>(memory);
        _weights = new double[memory];
        _point = new double[dimension];
        _gradient = new double[dimension];
        _direction = new double[dimension];
        _search = new WolfeLineSearch(dimension);
    }

    /// <summary>Most correction pairs, m.</summary>
    public int Memory => _memory;

    /// <summary>Number of variables.</summary>
    public int Dimension => _point.Length;

    /// <summary>The best point so far.</summary>
    public Span<double> Point => _point;

    /// <summary>Gradient at <see cref="Point"/>.</summary>
    public ReadOnlySpan<double> Gradient => _gradient;

    /// <summary>Value at <see cref="Point"/>.</summary>
    public double Value { get; private set; }

    /// <summary>Steps taken.</summary>
    public int Iterations { get; private set; }

    /// <summary>Evaluations of the function.</summary>
    public long Evaluations => _search.Evaluations;

    /// <summary>Evaluates the function at <see cref="Point"/> and forgets all history.</summary>
    /// <exception cref="TrainingException">The value or the gradient is not finite there.</exception>
    public void Start(IDifferentiable function)
    {
        Forget();
        Iterations = 0;
        _search.Evaluations = 1;
        Value = function.Evaluate(_point, _gradient);
        if (!double.IsFinite(Value) || !TensorPrimitives.IsFiniteAll<double>(_gradient))
        {
            throw new TrainingException("The objective is not finite at the starting point; scale the columns (minmax or standard).");
        }
    }

    /// <summary>
    /// One step. When it is taken, the function's last evaluation was at the new <see cref="Point"/>.
    /// </summary>
    /// <returns>False when no lower value can be found, at the precision of the arithmetic; the point is then unchanged.</returns>
    public bool Step(IDifferentiable function)
    {
        LineSearchOutcome outcome = Search(function);
        if (outcome == LineSearchOutcome.Failed && _pairs.Count > 0)
        {
            // The history may be stale: once more along the steepest descent.
            Forget();
            outcome = Search(function);
        }

        if (outcome == LineSearchOutcome.Failed)
        {
            return false;
        }

        Remember();
        Value = _search.Value;
        _search.Exchange(ref _point, ref _gradient);
        Iterations++;
        return true;
    }

    /// <summary>Where it stands, so that it can go on from there to the same bits.</summary>
    public State Save() =>
        new(Iterations, Evaluations, Value, [.. _point], [.. _gradient], [.. _pairs.Select(p => (p.Step.ToArray(), p.Change.ToArray()))]);

    /// <summary>Goes on from a state of the same dimension.</summary>
    /// <returns>Whether every pair has a curvature above 0, as it must; where one has not, nothing is changed.</returns>
    public bool Restore(State state)
    {
        Pair[] pairs = [.. state.Pairs.Select(p => new Pair(p.Step, p.Change))];
        foreach (Pair pair in pairs)
        {
            pair.Measure();
            if (!(pair.Curvature > 0 && double.IsFinite(pair.Curvature)))
            {
                return false;
            }
        }

        state.Point.CopyTo(_point, 0);
        state.Gradient.CopyTo(_gradient, 0);
        _pairs.Clear();
        _pairs.AddRange(pairs);
        Value = state.Value;
        Iterations = state.Iterations;
        _search.Evaluations = state.Evaluations;
        return true;
    }

    private LineSearchOutcome Search(IDifferentiable function)
    {
        SetDirection();
        double slope = VectorFold.Dot(_direction, _gradient);
        if (!(slope < 0))
        {
            return LineSearchOutcome.Failed;
        }

        double first = _pairs.Count > 0 ? 1 : Math.Min(1, 1 / VectorFold.Norm(_gradient));
        return _search.Search(function, _point, Value, _direction, slope, first);
    }

    /// <summary>The two-loop recursion (Nocedal and Wright, algorithm 7.4).</summary>
    private void SetDirection()
    {
        TensorPrimitives.Negate<double>(_gradient, _direction);
        for (int i = _pairs.Count - 1; i >= 0; i--)
        {
            _weights[i] = VectorFold.Dot(_pairs[i].Step, _direction) / _pairs[i].Curvature;
            TensorPrimitives.MultiplyAdd<double>(_pairs[i].Change, -_weights[i], _direction, _direction);
        }

        if (_pairs.Count > 0)
        {
            TensorPrimitives.Multiply<double>(_direction, _pairs[^1].Scale, _direction);
        }

        for (int i = 0; i < _pairs.Count; i++)
        {
            double weight = _weights[i] - (VectorFold.Dot(_pairs[i].Change, _direction) / _pairs[i].Curvature);
            TensorPrimitives.MultiplyAdd<double>(_pairs[i].Step, weight, _direction, _direction);
        }
    }

    /// <summary>Keeps the step just found, unless its curvature is not clearly positive.</summary>
    private void Remember()
    {
        Pair pair;
        if (_pairs.Count == _memory)
        {
            pair = _pairs[0];
            _pairs.RemoveAt(0);
        }
        else if (!_spare.TryPop(out pair!))
        {
            pair = new Pair(new double[Dimension], new double[Dimension]);
        }

        TensorPrimitives.Subtract(_search.Point, _point, pair.Step);
        TensorPrimitives.Subtract(_search.Gradient, _gradient, pair.Change);
        pair.Measure();
        if (pair.Curvature > 1e-12 * VectorFold.Norm(pair.Step) * VectorFold.Norm(pair.Change))
        {
            _pairs.Add(pair);
        }
        else
        {
            _spare.Push(pair);
        }
    }

    /// <summary>Leaves the memory of the history to the next one.</summary>
    private void Forget()
    {
        _pairs.ForEach(_spare.Push);
        _pairs.Clear();
    }

    private sealed class Pair(double[] step, double[] change)
    {
        public double[] Step { get; } = step;

        public double[] Change { get; } = change;

        public double Curvature { get; private set; }

        public double Scale { get; private set; }

        public void Measure()
        {
            Curvature = VectorFold.Dot(Step, Change);
            Scale = Curvature / VectorFold.SumOfSquares(Change);
        }
    }

    /// <summary>Everything that it carries from one step to the next.</summary>
    /// <param name="Iterations">Steps taken.</param>
    /// <param name="Evaluations">Evaluations of the function.</param>
    /// <param name="Value">Value at the point.</param>
    /// <param name="Point">The best point so far.</param>
    /// <param name="Gradient">Gradient there.</param>
    /// <param name="Pairs">Steps and changes of the gradient along them, the oldest first.</param>
    public sealed record State(
        int Iterations,
        long Evaluations,
        double Value,
        double[] Point,
        double[] Gradient,
        IReadOnlyList<(double[] Step, double[] Change)> Pairs);
}
