using System.Globalization;
using System.Numerics;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Families.Vae.Priors;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Vae;

/// <summary>
/// ELBO of a Gaussian VAE and its gradient (D eq. 3 to 5, 14): KL in closed form, reconstruction by the reparameterised
/// sample. Stateless; blocks and sums live in a <see cref="VaeWorkspace{T}"/>.
/// </summary>
internal sealed partial class GaussianVaeObjective<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public GaussianVaeObjective(VaeNetwork network)
    {
        Network = network;
        Prior = network.Prior<T>();
        Likelihood = network.Likelihood<T>();
        Meter = network.Meter<T>();
    }

    public VaeNetwork Network { get; }

    public LatentPrior<T> Prior { get; }

    public DecoderLikelihood<T> Likelihood { get; }

    /// <summary>The second meter, of reports only.</summary>
    public OutputMeter<T> Meter { get; }

    /// <summary>The likelihood's sums, and behind them the number of encoder log-variances at their bound.</summary>
    public int MomentCount => Likelihood.MomentCount + 1;

    /// <summary>The same, and behind them the second meter's sums: what reports keep.</summary>
    public int ReportMomentCount => MomentCount + Meter.MomentCount;

    private int Latents => Network.Architecture.Latents;

    public CollapseScale[] PriorScales(AlignedBuffer<T> parameters) => Prior.Scales(parameters);

    /// <summary>
    /// Gradient of minus the summed, weighted ELBO of the first <paramref name="rows"/> rows in the workspace,
    /// overwriting <paramref name="gradient"/>; adds un-weighted values to <paramref name="sums"/>. Rows and noise must be
    /// in place.
    /// </summary>
    public void Gradient(
        AlignedBuffer<T> parameters, AlignedBuffer<T> gradient, VaeWorkspace<T> work, int rows, StepWeights weights, ElboStatistics sums)
    {
        MatrixView<T> observed = work.Rows.Slice(0, rows);
        MatrixView<T> heads = work.Encode(parameters, rows);
        EncoderKernels.Reparameterise(heads, work.Deviations.Slice(0, rows), work.Noise.Slice(0, rows), work.Latents.Slice(0, rows));
        DecoderBlock<T> outputs = work.Decode(parameters, rows);

        sums.Rows += rows;
        sums.Reconstruction += Likelihood.Gradient(parameters, gradient, outputs, observed, work.OutputGradient(rows), Moments(sums));
        Backward(parameters, gradient, work, rows, weights, sums);
    }

    /// <summary>
    /// After <see cref="Gradient"/>: the same for rows drawn from <c>p(x|z)</c> at the latents at hand in place of the data's. What such
    /// gradients vary is the curvature by the Fisher matrix; those of the data would take errors still to be learned for noise.
    /// </summary>
    public void DrawnGradient(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        VaeWorkspace<T> work,
        StepWeights weights,
        DrawnRows<T> drawn,
        ElboStatistics sums)
    {
        int rows = drawn.Rows.Rows;
        Likelihood.Sample(parameters, Decoded(parameters, work, rows), drawn.Random, drawn.Values);
        ElementLoops.Load(drawn.Values, rows, drawn.Rows);
        DecoderBlock<T> outputs = Decoded(parameters, work, rows);
        Likelihood.Gradient(parameters, gradient, outputs, drawn.Rows, work.OutputGradient(rows), Moments(sums));
        Backward(parameters, gradient, work, rows, weights, sums);
    }

    /// <summary>What the decoder gives; a variance network's outputs are overwritten by who reads them, and made anew.</summary>
    private static DecoderBlock<T> Decoded(AlignedBuffer<T> parameters, VaeWorkspace<T> work, int rows) =>
        work.Variances is null ? work.Output(rows) : work.Decode(parameters, rows);

    /// <summary>From the gradient with respect to the decoder's outputs to all others.</summary>
    private void Backward(
        AlignedBuffer<T> parameters, AlignedBuffer<T> gradient, VaeWorkspace<T> work, int rows, StepWeights weights, ElboStatistics sums)
    {
        BackwardToHeads(parameters, gradient, work, rows);
        AddPrior(parameters, gradient, work, 0, rows, weights, sums);
        work.Encoder.Backward(parameters, gradient, work.EncoderInput(rows), default);
    }

    /// <summary>From the gradient with respect to the decoder's outputs to that of the likelihood by the encoder's.</summary>
    internal static void BackwardToHeads(AlignedBuffer<T> parameters, AlignedBuffer<T> gradient, VaeWorkspace<T> work, int rows)
    {
        MatrixView<T> latents = work.Latents.Slice(0, rows), deviations = work.Deviations.Slice(0, rows);
        MatrixView<T> latentGradient = work.LatentGradient.Slice(0, rows);
        work.Decoder.Backward(parameters, gradient, latents, latentGradient);
        if (work.Variances is not null)
        {
            MatrixView<T> more = work.VarianceLatentGradient.Slice(0, rows);
            work.Variances.Backward(parameters, gradient, latents, more);
            ElementLoops.Add(more, latentGradient);
        }

        EncoderKernels.Backward(latentGradient, deviations, work.Noise.Slice(0, rows), work.Encoder.OutputGradient(rows));
    }

    /// <summary>Adds what the KL divergence of some rows has in the gradient, by the encoder's outputs and by the prior.</summary>
    internal void AddPrior(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        VaeWorkspace<T> work,
        int first,
        int rows,
        StepWeights weights,
        ElboStatistics sums)
    {
        MatrixView<T> heads = work.Encoder.Output(first + rows).Slice(first, rows);
        MatrixView<T> headGradient = work.Encoder.OutputGradient(first + rows).Slice(first, rows);
        Prior.Gradient(parameters, gradient, heads, work.Deviations.Slice(first, rows), weights.Prior, headGradient, sums);
        if (weights.Entropy != weights.Prior)
        {
            // The KL divergence has the entropy with the prior's weight.
            EncoderKernels.AddToLogVariances(headGradient, Latents, T.CreateTruncating(0.5 * (weights.Prior - weights.Entropy)));
        }

        EncoderKernels.AddEntropies(heads, Latents, sums);
    }

    /// <summary>
    /// After <see cref="VaeWorkspace{T}.Encode"/>: one reparameterised sample with the noise in the workspace, decoded; log p(x|z) of each
    /// row into <paramref name="logLikelihoods"/>, the likelihood's moments added with the given weight.
    /// </summary>
    public void SampleLikelihood(
        AlignedBuffer<T> parameters, VaeWorkspace<T> work, int rows, double weight, Span<double> logLikelihoods, Span<double> moments)
    {
        DecoderBlock<T> outputs = DecodeSample(parameters, work, rows);
        Likelihood.Evaluate(parameters, outputs, work.Rows.Slice(0, rows), weight, logLikelihoods, moments);
    }

    private static DecoderBlock<T> DecodeSample(AlignedBuffer<T> parameters, VaeWorkspace<T> work, int rows)
    {
        MatrixView<T> heads = work.Encoder.Output(rows);
        EncoderKernels.Reparameterise(heads, work.Deviations.Slice(0, rows), work.Noise.Slice(0, rows), work.Latents.Slice(0, rows));
        return work.Decode(parameters, rows);
    }

    /// <summary>After <see cref="VaeWorkspace{T}.Encode"/>: KL divergence of each row, nats.</summary>
    public void RowKl(AlignedBuffer<T> parameters, VaeWorkspace<T> work, int rows, Span<double> kl)
    {
        MatrixView<T> heads = work.Encoder.Output(rows);
        for (int row = 0; row < rows; row++)
        {
            Span<T> head = heads[row];
            double sum = 0;
            for (int h = 0; h < Latents; h++)
            {
                sum += Prior.Evaluate(
                    parameters, h, double.CreateTruncating(head[h]), double.CreateTruncating(head[Latents + h])).Kl;
            }

            kl[row] = sum;
        }
    }

    /// <summary>
    /// After <see cref="VaeWorkspace{T}.Encode"/>: adds everything that depends on the encoder alone to the sums; a KL below a
    /// latent's threshold counts as collapsed.
    /// </summary>
    public void AddEncoderSums(
        AlignedBuffer<T> parameters, VaeWorkspace<T> work, int rows, ReadOnlySpan<double> klThresholds, ElboStatistics sums) =>
        AddEncoderSums(parameters, work.Encoder.Output(rows), klThresholds, sums);

    private void AddEncoderSums(
        AlignedBuffer<T> parameters, MatrixView<T> heads, ReadOnlySpan<double> klThresholds, ElboStatistics sums)
    {
        for (int row = 0; row < heads.Rows; row++)
        {
            Span<T> head = heads[row];
            for (int h = 0; h < Latents; h++)
            {
                double mean = double.CreateTruncating(head[h]);
                (double kl, double statistic) = Prior.Evaluate(
                    parameters, h, mean, double.CreateTruncating(head[Latents + h]));
                sums.Kl[h] += kl;
                sums.SecondMoment[h] += statistic;
                sums.Mean[h] += mean;
                sums.MeanSquare[h] += mean * mean;
                EncodersAtBound(sums) += Math.Abs(double.CreateTruncating(head[Latents + h])) >= EncoderKernels.LogVarianceBound ? 1 : 0;
                sums.CollapsedRows[h] += kl < klThresholds[h] ? 1 : 0;
            }
        }

        EncoderKernels.AddEntropies(heads, Latents, sums);
    }

    /// <summary>
    /// After <see cref="SampleLikelihood"/>: adds <c>log p(z) - log q(z|x)</c> of each row's sample to
    /// <paramref name="weights"/>, for importance weighting.
    /// </summary>
    public void AddLogPriorRatio(AlignedBuffer<T> parameters, VaeWorkspace<T> work, int rows, Span<double> weights)
    {
        MatrixView<T> heads = work.Encoder.Output(rows);
        for (int row = 0; row < rows; row++)
        {
            Span<T> z = work.Latents[row];
            Span<T> noise = work.Noise[row];
            Span<T> logVariances = heads[row].Slice(Latents, Latents);
            double sum = 0;
            for (int h = 0; h < Latents; h++)
            {
                double draw = double.CreateTruncating(noise[h]);
                sum += Prior.LogDensity(parameters, h, double.CreateTruncating(z[h]));
                sum += 0.5 * (SpecialFunctions.LogTwoPi + (draw * draw) + double.CreateTruncating(logVariances[h]));
            }

            weights[row] += sum;
        }
    }

    /// <summary>All sums of the rows in the workspace, with Monte-Carlo draws from the block's own stream.</summary>
    public void Accumulate(
        AlignedBuffer<T> parameters, VaeWorkspace<T> work, int rows, long block, EvaluateOptions options, ElboStatistics sums)
    {
        Span<double> values = stackalloc double[rows];
        Span<double> means = stackalloc double[rows];
        Span<double> squares = stackalloc double[rows];
        means.Clear();
        squares.Clear();
        work.Encode(parameters, rows);
        AddEncoderSums(parameters, work, rows, Thresholds(parameters, options), sums);
        RandomStream random = DrawsOf(block, options);
        for (int sample = 1; sample <= options.Samples; sample++)
        {
            work.FillNoise(random, rows);
            SampleLikelihood(parameters, work, rows, 1.0 / options.Samples, values, Moments(sums));
            Meter.Add(work.Output(rows).Means, work.Rows.Slice(0, rows), 1.0 / options.Samples, MeterSums(sums));
            Track(values, sample, means, squares);
        }

        sums.Rows += rows;
        for (int row = 0; row < rows; row++)
        {
            sums.Reconstruction += means[row];
            sums.SamplingVariance += squares[row] / (options.Samples - 1) / options.Samples;
        }
    }

    /// <summary>Welford: running mean and sum of squared deviations over the rows' samples.</summary>
    private static void Track(ReadOnlySpan<double> values, int sample, Span<double> means, Span<double> squares)
    {
        for (int row = 0; row < values.Length; row++)
        {
            double deviation = values[row] - means[row];
            means[row] += deviation / sample;
            squares[row] += deviation * (values[row] - means[row]);
        }
    }

    private double[] Thresholds(AlignedBuffer<T> parameters, EvaluateOptions options) =>
        Array.ConvertAll(Prior.Scales(parameters), s => s.KlThreshold(options.Thresholds));

    /// <summary>The random numbers of a block of a pass.</summary>
    public static RandomStream DrawsOf(long block, EvaluateOptions options) =>
        new(options.Seed, RandomPurpose.EvaluationNoise, 1, (ulong)block);

    /// <summary>Every latent's share of the prior residual.</summary>
    public double[] LatentResiduals(AlignedBuffer<T> parameters, ElboStatistics sums) =>
        [.. sums.SecondMoment.Select((statistic, h) => Prior.Residual(parameters, h, statistic / sums.Rows))];

    /// <summary>The likelihood's share of the moments.</summary>
    public Span<double> Moments(ElboStatistics sums) => sums.Moments.AsSpan(0, Likelihood.MomentCount);

    /// <summary>The second meter's sums.</summary>
    private Span<double> MeterSums(ElboStatistics sums) => sums.Moments.AsSpan(MomentCount, Meter.MomentCount);

    /// <summary>Encoder log-variances at their bound, counted behind the likelihood's sums.</summary>
    private ref double EncodersAtBound(ElboStatistics sums) => ref sums.Moments[Likelihood.MomentCount];

    /// <summary>The report of some sums; Rows, Samples and StandardError are the caller's.</summary>
    public ElboReport Summarise(AlignedBuffer<T> parameters, ElboStatistics sums)
    {
        (double entropy, double noiseResidual, double baseMeasure) = Likelihood.Summarise(parameters, Moments(sums), sums.Rows);
        double kl = sums.Kl.Sum() / sums.Rows;
        double reconstruction = sums.Reconstruction / sums.Rows;
        ElboReport report = new()
        {
            Elbo = reconstruction - kl,
            Reconstruction = reconstruction,
            Kl = kl,
            EncoderEntropy = sums.EncoderEntropy.Sum() / sums.Rows,
            PriorEntropy = Prior.Scales(parameters).Sum(s => s.Entropy),
            DecoderEntropy = entropy,
            BaseMeasure = baseMeasure,
            PriorResidual = Prior.Residual(parameters, sums.SecondMoment, sums.Rows),
            NoiseResidual = noiseResidual,
            StandardError = 0,
            Rows = sums.Rows,
            Samples = 0,
            Remark = Remark(sums),
        };
        return sums.Moments.Length < ReportMomentCount
            ? report
            : report with { PseudoEntropy = Meter.Summarise(parameters, MeterSums(sums), report) };
    }

    private string? Remark(ElboStatistics sums)
    {
        string? remark = Likelihood.Remark(Moments(sums), sums.Rows);
        double share = EncodersAtBound(sums) / sums.Rows / Latents;
        return share == 0 ? remark : string.Create(
            CultureInfo.InvariantCulture,
            $"{remark}{(remark is null ? "" : " ")}A share of {share:G3} of the encoder's log-variances lies at a bound, "
                + $"{EncoderKernels.LogVarianceBound} or its negative.");
    }
}
