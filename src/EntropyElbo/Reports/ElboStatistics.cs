using System.Numerics.Tensors;
using EntropyElbo.Numerics;

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

    /// <summary>What their weights sum to; 0 where they have none.</summary>
    public double Weight { get; private set; }

    /// <summary>The number of rows that sums which are not normalised are of.</summary>
    public double CountedRows => Weight > 0 ? Weight : Rows;

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
        Weight += other.Weight;
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

    /// <summary>Adds the sums of other rows, each of which counts as <paramref name="weight"/> rows.</summary>
    /// <param name="other">Sums of rows without weights of their own.</param>
    /// <param name="weight">Their weight.</param>
    public void Merge(ElboStatistics other, double weight)
    {
        Rows += other.Rows;
        Weight += weight * other.Rows;
        Reconstruction += weight * other.Reconstruction;

        // A row is drawn once, whatever it counts.
        SamplingVariance += weight * weight * other.SamplingVariance;
        Add(EncoderEntropy, other.EncoderEntropy, weight);
        Add(Kl, other.Kl, weight);
        Add(Mean, other.Mean, weight);
        Add(MeanSquare, other.MeanSquare, weight);
        Add(CollapsedRows, other.CollapsedRows, weight);
        Add(SecondMoment, other.SecondMoment, weight);
        Add(Moments, other.Moments, weight);
    }

    /// <summary>Counts the weights of rows whose sums have been added with them.</summary>
    public void AddWeights(ReadOnlySpan<double> weights) => Weight += VectorFold.Sum(weights);

    /// <summary>
    /// Makes weights those of mean 1, after the last row: sums over <see cref="Rows"/> are then weighted means. Nothing where rows have
    /// no weights.
    /// </summary>
    public void Normalise()
    {
        if (Weight == 0)
        {
            return;
        }

        double factor = Rows / Weight;
        Reconstruction *= factor;
        SamplingVariance *= factor * factor;
        foreach (double[] sums in (double[][])[EncoderEntropy, Kl, Mean, MeanSquare, CollapsedRows, SecondMoment, Moments])
        {
            TensorPrimitives.Multiply(sums, factor, sums);
        }
    }

    /// <summary>How many rows a normalised sum of counts stands for.</summary>
    public double Counted(double sum) => Weight == 0 ? sum : sum * (Weight / Rows);

    /// <summary>Back to no rows.</summary>
    public void Clear()
    {
        Rows = 0;
        Weight = 0;
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

    private static void Add(double[] to, double[] from, double weight) => TensorPrimitives.MultiplyAdd(from, weight, to, to);

    private static void Add(double[] to, double[] from)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] += from[i];
        }
    }
}
