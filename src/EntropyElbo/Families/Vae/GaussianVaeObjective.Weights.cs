using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae;

/// <content>Rows with weights: networks see whole blocks, likelihoods and priors one row after another.</content>
internal sealed partial class GaussianVaeObjective<T>
{
    /// <summary>As <see cref="Accumulate"/>, with the same draws, every row's sums by its weight.</summary>
    public void AccumulateWeighted(
        AlignedBuffer<T> parameters,
        VaeWorkspace<T> work,
        ReadOnlySpan<double> weights,
        long block,
        EvaluateOptions options,
        ElboStatistics sums)
    {
        int rows = weights.Length;
        double[] thresholds = Thresholds(parameters, options);
        ElboStatistics part = new(Latents, sums.Moments.Length);
        MatrixView<T> heads = work.Encode(parameters, rows);
        for (int row = 0; row < rows; row++)
        {
            part.Clear();
            part.Rows = 1;
            AddEncoderSums(parameters, heads.Slice(row, 1), thresholds, part);
            sums.Merge(part, weights[row]);
        }

        double[] values = new double[rows], means = new double[rows], squares = new double[rows];
        RandomStream random = DrawsOf(block, options);
        for (int sample = 1; sample <= options.Samples; sample++)
        {
            work.FillNoise(random, rows);
            DecoderBlock<T> outputs = DecodeSample(parameters, work, rows);
            for (int row = 0; row < rows; row++)
            {
                double share = weights[row] / options.Samples;
                DecoderBlock<T> own = outputs.Row(row);
                MatrixView<T> observed = work.Rows.Slice(row, 1);
                Likelihood.Evaluate(parameters, own, observed, share, values.AsSpan(row, 1), Moments(sums));
                Meter.Add(own.Means, observed, share, MeterSums(sums));
            }

            Track(values, sample, means, squares);
        }

        for (int row = 0; row < rows; row++)
        {
            sums.Reconstruction += weights[row] * means[row];
            sums.SamplingVariance += weights[row] * weights[row] * squares[row] / (options.Samples - 1) / options.Samples;
        }
    }
}
