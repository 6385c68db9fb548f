using EntropyElbo.Reports;

namespace EntropyElbo.TorchSharp;

/// <summary>Where the sums of a batch lie in the one tensor that comes back from the device.</summary>
/// <param name="Latents">Number of latents, H.</param>
/// <param name="LikelihoodSums">Number of the likelihood's own sums.</param>
internal readonly record struct BatchSums(int Latents, int LikelihoodSums)
{
    private const int Reconstruction = 0;

    /// <summary>Numbers in all.</summary>
    public int Length => Likelihood + LikelihoodSums;

    private static int Kl => Reconstruction + 1;

    private int SecondMoment => Kl + Latents;

    private int EncoderEntropy => SecondMoment + Latents;

    private int Likelihood => EncoderEntropy + Latents;

    /// <summary>Adds the values to a report's sums.</summary>
    public void AddTo(ElboStatistics sums, double[] values)
    {
        sums.Reconstruction += values[Reconstruction];
        for (int h = 0; h < Latents; h++)
        {
            sums.Kl[h] += values[Kl + h];
            sums.SecondMoment[h] += values[SecondMoment + h];
            sums.EncoderEntropy[h] += values[EncoderEntropy + h];
        }

        for (int i = 0; i < LikelihoodSums; i++)
        {
            sums.Moments[i] += values[Likelihood + i];
        }
    }
}
