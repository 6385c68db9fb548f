namespace EntropyElbo.Numerics;

/// <summary>Adam (Kingma and Ba 2015, Algorithm 1) in double precision, for few parameters.</summary>
internal sealed class AdamVector(int length)
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;
    private readonly double[] _first = new double[length];
    private readonly double[] _second = new double[length];

    /// <summary>Updates applied so far.</summary>
    public long Steps { get; private set; }

    /// <summary>One update of the parameters.</summary>
    public void Step(Span<double> parameters, ReadOnlySpan<double> gradient, double learningRate)
    {
        Steps++;
        double rate = learningRate / (1 - Math.Pow(Beta1, Steps));
        double correction = 1 / (1 - Math.Pow(Beta2, Steps));
        for (int i = 0; i < _first.Length; i++)
        {
            _first[i] += (1 - Beta1) * (gradient[i] - _first[i]);
            _second[i] += (1 - Beta2) * ((gradient[i] * gradient[i]) - _second[i]);
            parameters[i] -= rate * _first[i] / (Math.Sqrt(correction * _second[i]) + Epsilon);
        }
    }

    /// <summary>Where it stands, so that it can go on from there to the same bits.</summary>
    public State Save() => new(Steps, [.. _first], [.. _second]);

    /// <summary>Goes on from a state of the same length.</summary>
    public void Restore(State state)
    {
        Steps = state.Steps;
        state.FirstMoment.CopyTo(_first, 0);
        state.SecondMoment.CopyTo(_second, 0);
    }

    /// <summary>Everything that it carries from one update to the next.</summary>
    /// <param name="Steps">Updates applied.</param>
    /// <param name="FirstMoment">Running mean of the gradient.</param>
    /// <param name="SecondMoment">Running mean of its squares.</param>
    public sealed record State(long Steps, double[] FirstMoment, double[] SecondMoment);
}
