using EntropyElbo.Files;

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

    /// <summary>Adds the state to a checkpoint.</summary>
    public void Write(ModelRecord record)
    {
        record.Set("adam.steps", Steps);
        record.Add(ModelTensor.Of("adam.first_moment", _first, _first.Length));
        record.Add(ModelTensor.Of("adam.second_moment", _second, _second.Length));
    }

    /// <summary>Takes the state from a checkpoint.</summary>
    public void Read(ModelRecord record)
    {
        Steps = record.Count("adam.steps");
        record.FiniteDoubles("adam.first_moment", _first.Length).CopyTo(_first, 0);
        record.Squares("adam.second_moment", _second.Length).CopyTo(_second, 0);
    }
}
