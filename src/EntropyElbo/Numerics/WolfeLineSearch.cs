using System.Numerics.Tensors;

namespace EntropyElbo.Numerics;

/// <summary>A function with its gradient; optimisers minimise it.</summary>
internal interface IDifferentiable
{
    /// <summary>Number of variables.</summary>
    int Dimension { get; }

    /// <summary>The value at a point, its gradient written to <paramref name="gradient"/>. NaN or infinity: outside the domain.</summary>
    double Evaluate(ReadOnlySpan<double> point, Span<double> gradient);
}

/// <summary>What a line search found.</summary>
internal enum LineSearchOutcome
{
    /// <summary>A step that meets the strong Wolfe conditions.</summary>
    Wolfe,

    /// <summary>A step of sufficient decrease only.</summary>
    Decrease,

    /// <summary>No step that lowers the value.</summary>
    Failed,
}

/// <summary>
/// Line search for the strong Wolfe conditions (Nocedal and Wright 2006, algorithms 3.5 and 3.6), with safeguarded cubic
/// interpolation. Values that are not finite count as too high. Allocates nothing after construction.
/// </summary>
internal sealed class WolfeLineSearch(int dimension)
{
    /// <summary>c1, sufficient decrease (Nocedal and Wright, sec. 3.1).</summary>
    public const double DecreaseShare = 1e-4;

    /// <summary>c2, curvature, for quasi-Newton directions (ibid.).</summary>
    public const double CurvatureShare = 0.9;

    private const int MaxEvaluations = 40;
    private const double Expansion = 3;
    private const double EdgeShare = 0.1;
    private double[] _point = new double[dimension];
    private double[] _gradient = new double[dimension];
    private int _evaluations;

    /// <summary>Evaluations in all searches.</summary>
    public long Evaluations { get; set; }

    /// <summary>Value at the step found.</summary>
    public double Value { get; private set; }

    /// <summary>Point of the step found.</summary>
    public ReadOnlySpan<double> Point => _point;

    /// <summary>Gradient at the step found.</summary>
    public ReadOnlySpan<double> Gradient => _gradient;

    /// <summary>Exchanges the buffers of the step found with the caller's, which saves copying.</summary>
    public void Exchange(ref double[] point, ref double[] gradient)
    {
        (_point, point) = (point, _point);
        (_gradient, gradient) = (gradient, _gradient);
    }

    /// <summary>Searches along a direction of descent.</summary>
    /// <param name="function">The function.</param>
    /// <param name="origin">Where the line starts.</param>
    /// <param name="value">The value there.</param>
    /// <param name="direction">The direction.</param>
    /// <param name="slope">Derivative along it at the origin, below 0.</param>
    /// <param name="firstStep">The first step to try.</param>
    public LineSearchOutcome Search(
        IDifferentiable function, double[] origin, double value, double[] direction, double slope, double firstStep)
    {
        Line line = new(function, origin, direction, value, slope);
        Probe previous = new(0, value, slope);
        double step = firstStep;
        for (_evaluations = 0; _evaluations < MaxEvaluations;)
        {
            Probe probe = Evaluate(in line, step);
            if (line.IsTooHigh(probe) || (previous.Step > 0 && probe.Value >= previous.Value))
            {
                return Zoom(in line, previous, probe);
            }

            if (line.IsFlat(probe))
            {
                return LineSearchOutcome.Wolfe;
            }

            if (probe.Slope >= 0)
            {
                return Zoom(in line, probe, previous);
            }

            previous = probe;
            step *= Expansion;
        }

        return LineSearchOutcome.Decrease;
    }

    private LineSearchOutcome Zoom(in Line line, Probe low, Probe high)
    {
        while (_evaluations < MaxEvaluations && Math.Abs(high.Step - low.Step) > 1e-15 * Math.Max(low.Step, high.Step))
        {
            Probe probe = Evaluate(in line, Interpolate(low, high));
            if (line.IsTooHigh(probe) || probe.Value >= low.Value)
            {
                high = probe;
                continue;
            }

            if (line.IsFlat(probe))
            {
                return LineSearchOutcome.Wolfe;
            }

            high = probe.Slope * (high.Step - low.Step) >= 0 ? low : high;
            low = probe;
        }

        if (low.Step == 0)
        {
            return LineSearchOutcome.Failed;
        }

        Evaluate(in line, low.Step);
        return LineSearchOutcome.Decrease;
    }

    private Probe Evaluate(in Line line, double step)
    {
        TensorPrimitives.MultiplyAdd(line.Direction, step, line.Origin, _point);
        Value = line.Function.Evaluate(_point, _gradient);
        _evaluations++;
        Evaluations++;
        return new Probe(step, Value, VectorFold.Dot(_gradient, line.Direction));
    }

    /// <summary>Minimum of the cubic through both ends (Nocedal and Wright eq. 3.59), kept away from them; else the middle.</summary>
    private static double Interpolate(Probe low, Probe high)
    {
        double width = high.Step - low.Step;
        double middle = low.Step + (0.5 * width);
        double d1 = low.Slope + high.Slope - (3 * (low.Value - high.Value) / (low.Step - high.Step));
        double root = (d1 * d1) - (low.Slope * high.Slope);
        double d2 = Math.Sign(width) * Math.Sqrt(root);
        double step = high.Step - (width * ((high.Slope + d2 - d1) / (high.Slope - low.Slope + (2 * d2))));
        double share = (step - low.Step) / width;
        return share >= EdgeShare && share <= 1 - EdgeShare ? step
            : double.IsNaN(share) || double.IsInfinity(share) ? middle
            : low.Step + (width * Math.Clamp(share, EdgeShare, 1 - EdgeShare));
    }

    private readonly record struct Probe(double Step, double Value, double Slope);

    private readonly record struct Line(
        IDifferentiable Function, double[] Origin, double[] Direction, double Value, double Slope)
    {
        public bool IsTooHigh(Probe probe) =>
            !double.IsFinite(probe.Value) || !double.IsFinite(probe.Slope)
            || probe.Value > Value + (DecreaseShare * probe.Step * Slope);

        public bool IsFlat(Probe probe) => Math.Abs(probe.Slope) <= -CurvatureShare * Slope;
    }
}
