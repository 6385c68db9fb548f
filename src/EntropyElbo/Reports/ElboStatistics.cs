namespace EntropyElbo.Reports;

/// <summary>
/// Sums over rows from which a report is made: accumulate in blocks, merge in any grouping, summarise once. Merging adds,
/// so two halves merged are the whole, to rounding.
/// </summary>
internal sealed class ElboStatistics : IRowSums<ElboStatistics>
{
    /// <summary>Empty sums.</summary>
    /// <param name="latents">Number of latents, H.</param>
    /// <param name="moments">Number of further sums; their meaning is the family's.</param>
    public ElboStatistics(int latents, int moments)
    {
        EncoderEntropy = new double[latents];
        Kl = new double[latents];
        Mean = new double[latents];
        MeanSquare = new double[latents];
        CollapsedRows = new double[latents];
        SecondMoment = new double[latents];
        Moments = new double[moments];
    }

    /// <summary>Rows seen.</summary>
    public long Rows { get; set; }

    /// <summary>Sum of expected log-likelihoods.</summary>
    public double Reconstruction { get; set; }

    /// <summary>Sum over rows of the sampling variance of the row's ELBO.</summary>
    public double SamplingVariance { get; set; }

    /// <summary>Per latent: sum of encoder entropies.</summary>
    public double[] EncoderEntropy { get; }

    /// <summary>Per latent: sum of KL divergences.</summary>
    public double[] Kl { get; }

    /// <summary>Per latent: sum of encoder means.</summary>
    public double[] Mean { get; }

    /// <summary>Per latent: sum of squared encoder means.</summary>
    public double[] MeanSquare { get; }

    /// <summary>Per latent: rows whose KL is below the KL criterion's epsilon.</summary>
    public double[] CollapsedRows { get; }

    /// <summary>Per latent: sum of E T(z) of the prior's sufficient statistic, z^2 for a Gaussian prior.</summary>
    public double[] SecondMoment { get; }

    /// <summary>Further sums of the family.</summary>
    public double[] Moments { get; }

    /// <summary>Whether the sums that the ELBO is made of are finite.</summary>
    public bool IsFinite
    {
        get
        {
            double sum = Reconstruction;
            foreach (double kl in Kl)
            {
                sum += kl;
            }

            return double.IsFinite(sum);
        }
    }

    /// <summary>Adds the sums of other rows.</summary>
    public void Merge(ElboStatistics other)
    {
        Rows += other.Rows;
        Reconstruction += other.Reconstruction;
        SamplingVariance += other.SamplingVariance;
        Add(EncoderEntropy, other.EncoderEntropy);
        Add(Kl, other.Kl);
        Add(Mean, other.Mean);
        Add(MeanSquare, other.MeanSquare);
        Add(CollapsedRows, other.CollapsedRows);
        Add(SecondMoment, other.SecondMoment);
        Add(Moments, other.Moments);
    }

    /// <summary>Back to no rows.</summary>
    public void Clear()
    {
        Rows = 0;
        Reconstruction = 0;
        SamplingVariance = 0;
        Array.Clear(EncoderEntropy);
        Array.Clear(Kl);
        Array.Clear(Mean);
        Array.Clear(MeanSquare);
        Array.Clear(CollapsedRows);
        Array.Clear(SecondMoment);
        Array.Clear(Moments);
    }

    /// <summary>One report per latent.</summary>
    public LatentReport[] Latents(ReadOnlySpan<CollapseScale> scales, CollapseThresholds thresholds)
    {
        LatentReport[] latents = new LatentReport[EncoderEntropy.Length];
        for (int h = 0; h < latents.Length; h++)
        {
            double entropy = EncoderEntropy[h] / Rows;
            double mean = Mean[h] / Rows;
            double activity = scales[h].Activity((MeanSquare[h] / Rows) - (mean * mean));
            latents[h] = new LatentReport
            {
                Index = h,
                EncoderEntropy = entropy,
                PriorEntropy = scales[h].Entropy,
                Kl = Kl[h] / Rows,
                Activity = activity,
                CollapsedByEntropy = scales[h].IsCollapsed(entropy, thresholds),
                CollapsedByKl = CollapsedRows[h] / Rows >= 1 - thresholds.KlDelta,
                CollapsedByActivity = activity <= thresholds.Activity,
            };
        }

        return latents;
    }

    private static void Add(double[] to, double[] from)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] += from[i];
        }
    }
}
