using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.LinearVae;

/// <summary>The sampled ELBO of a linear VAE, the reference for its closed forms.</summary>
internal static class LinearVaeSampling
{
    /// <summary>Reconstruction by samples, KL in closed form (D eq. 3); nats per row.</summary>
    public static double Elbo(LinearGaussian model, ReadOnlySpan<double> rows, int samples, RandomStream random)
    {
        int columns = model.Columns;
        int count = rows.Length / columns;
        LinearGaussianWorkspace work = new(count, columns, model.Latents);
        model.Encode(rows, count, work);
        double[] deviations = [.. Enumerable.Range(0, model.Latents).Select(h => Math.Sqrt(model.LatentVariance(h)))];
        double[] latents = new double[model.Latents];
        double[] meanSquares = new double[columns];
        double secondMoment = model.Trace;
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<double> means = work.Means[row];
            secondMoment += VectorFold.SumOfSquares(means) / count;
            for (int sample = 0; sample < samples; sample++)
            {
                for (int h = 0; h < latents.Length; h++)
                {
                    latents[h] = means[h] + (deviations[h] * random.NextGaussian());
                }

                for (int d = 0; d < columns; d++)
                {
                    double output = VectorFold.Dot(
                        model.Loadings.AsSpan(d * latents.Length, latents.Length), latents);
                    double error = work.Rows[row][d] - output;
                    meanSquares[d] += error * error / ((double)samples * count);
                }
            }
        }

        return model.Reconstruction(meanSquares) - model.Kl(secondMoment);
    }
}
