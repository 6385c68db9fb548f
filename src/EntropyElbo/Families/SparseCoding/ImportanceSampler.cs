using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>Log-likelihoods of rows by importance sampling from their q; every row sees the same noise.</summary>
internal sealed class ImportanceSampler(SparseCodingParameters parameters, int samples, ulong seed)
{
    private readonly double[] _factor = new double[ArraySize.Of(parameters.Latents, parameters.Latents)];
    private readonly double[] _latents = new double[parameters.Latents];

    /// <summary>The estimate of a row of a worker's latest block.</summary>
    public double Estimate(SparseCodingWorker work, int row)
    {
        int latents = parameters.Latents;
        work.Precision(row, _factor);
        if (!Cholesky.TryFactor(_factor, latents, out _))
        {
            return double.NaN;
        }

        RandomStream random = new(seed, RandomPurpose.EvaluationNoise);
        double offset = 0.5 * ((latents * SpecialFunctions.LogTwoPi) - Cholesky.LogDeterminant(_factor, latents)), most = double.NegativeInfinity, sum = 0;
        for (int i = 0; i < samples; i++)
        {
            random.FillGaussian(_latents);
            double weight = offset + (0.5 * VectorFold.SumOfSquares(_latents));
            Cholesky.SolveTransposed(_factor, latents, _latents);
            weight += LogJoint(work, row);
            (most, sum) = weight > most ? (weight, (sum * Math.Exp(most - weight)) + 1) : (most, sum + Math.Exp(weight - most));
        }

        return most + Math.Log(sum / samples);
    }

    /// <summary>log p(x, z) of a centred row at z = nu + what <see cref="_latents"/> holds.</summary>
    private double LogJoint(SparseCodingWorker work, int place)
    {
        ReadOnlySpan<double> row = work.Rows[place], means = work.Posterior.Means[place];
        double value = -0.5 * work.Observed(place) * (SpecialFunctions.LogTwoPi + Math.Log(parameters.NoiseVariance)), error = 0;
        for (int h = 0; h < means.Length; h++)
        {
            _latents[h] += means[h];
            value -= Math.Log(2 * parameters.Scales[h]) + (Math.Abs(_latents[h]) / parameters.Scales[h]);
        }

        for (int d = 0; d < row.Length; d++)
        {
            double difference = row[d] - VectorFold.Dot(parameters.Fields[d], _latents);
            error += work.Holes is { } holes && holes.IsMissing(place, d) ? 0 : difference * difference;
        }

        return value - (error / (2 * parameters.NoiseVariance));
    }
}
