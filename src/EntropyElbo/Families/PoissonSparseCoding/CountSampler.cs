using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.PoissonSparseCoding;

/// <summary>Log-likelihoods of rows by importance sampling from their q, without base measures; every row sees the same noise.</summary>
internal sealed class CountSampler(SparseCodingParameters parameters, bool isDiagonal, int samples, ulong seed)
{
    private readonly double[] _latents = new double[parameters.Latents];

    /// <summary>The estimate of a row.</summary>
    public double Estimate(RowState state, ReadOnlySpan<double> row)
    {
        RandomStream random = new(seed, RandomPurpose.EvaluationNoise);
        double offset = (0.5 * parameters.Latents * SpecialFunctions.LogTwoPi) + state.HalfLogDeterminant;
        double most = double.NegativeInfinity, sum = 0;
        for (int i = 0; i < samples; i++)
        {
            random.FillGaussian(_latents);
            double weight = offset + (0.5 * VectorFold.SumOfSquares(_latents));
            Place(state);
            weight += LogJoint(row);
            (most, sum) = weight > most ? (weight, (sum * Math.Exp(most - weight)) + 1) : (most, sum + Math.Exp(weight - most));
        }

        return most + Math.Log(sum / samples);
    }

    /// <summary>Turns standard normal numbers into a draw from q.</summary>
    private void Place(RowState state)
    {
        if (!isDiagonal)
        {
            Cholesky.SolveTransposed(state.Factor, _latents.Length, _latents);
        }

        for (int h = 0; h < _latents.Length; h++)
        {
            _latents[h] = state.Mean[h] + (isDiagonal ? _latents[h] * Math.Sqrt(state.Variance[h]) : _latents[h]);
        }
    }

    private double LogJoint(ReadOnlySpan<double> row)
    {
        double value = 0;
        for (int h = 0; h < _latents.Length; h++)
        {
            value -= Math.Log(2 * parameters.Scales[h]) + (Math.Abs(_latents[h]) / parameters.Scales[h]);
        }

        for (int d = 0; d < row.Length; d++)
        {
            double logRate = parameters.Mean[d] + VectorFold.Dot(parameters.Fields[d], _latents);
            value += (row[d] * logRate) - Math.Exp(logRate);
        }

        return value;
    }
}
