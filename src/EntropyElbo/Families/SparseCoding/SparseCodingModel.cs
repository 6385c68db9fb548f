using System.Collections.Concurrent;
using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Distributions;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// Sparse coding (V eq. 5): <c>z_h ~ Laplace(lambda_h)</c>, <c>x|z ~ N(mu + W z, sigma^2 I)</c> with columns of W, the fields, of
/// length 1. A row's code is the normal distribution <c>N(nu, T)</c> whose ELBO is highest, found anew for every row: the bound is
/// concave, so there is one (with low-rank T it may be one of several). A model that learned with a network has codes by that. All
/// figures are in closed form. Latents are in the order of falling scales, and the largest entry of every field is positive.
/// </summary>
/// <remarks>
/// <c>PriorResidual = -sum_h (1 - m_h / lambda_h)</c>, m_h the mean of E|z_h|; <c>NoiseResidual = -D/2 (1 - s / sigma^2)</c>, s the
/// mean expected squared error of a value (V Theorem 1 and 2). Encoder entropy and KL in total are those of the joint q; a latent's
/// own are those of its marginal.
/// </remarks>
public sealed partial class SparseCodingModel : LatentModel
{
    private readonly ConcurrentBag<SparseCodingWorker> _workers = [];
    private readonly PosteriorModel _posterior;
    private readonly PosteriorModel _measure; // Whose E-step only measures where it starts.
    private readonly CovarianceShape _shape;
    private readonly MatrixView<double> _decoder;
    private readonly double[] _fields;

    internal SparseCodingModel(
        SparseCodingParameters parameters, CovarianceShape shape, double encodingTolerance, ModelHeader header, bool takesMissing = false)
        : base(header)
    {
        TakesMissingEntries = takesMissing;
        (Parameters, _shape, EncodingTolerance) = (parameters, shape, encodingTolerance);
        _posterior = new PosteriorModel(
            parameters.Fields, parameters.Scales, parameters.NoiseVariance)
        { Tolerance = encodingTolerance, MaxEvaluations = 1000 };
        _measure = new PosteriorModel(parameters.Fields, parameters.Scales, parameters.NoiseVariance) { MaxEvaluations = 1 };
        _decoder = new Matrix<double>(parameters.Latents, parameters.Columns);
        _fields = new double[ArraySize.Of(parameters.Latents, parameters.Columns)];
        for (int h = 0; h < parameters.Latents; h++)
        {
            double[] field = parameters.Field(h);
            field.CopyTo(_decoder[h]);
            field.CopyTo(_fields.AsSpan(h * field.Length));
        }
    }

    /// <inheritdoc/>
    public override string Family => SparseCodingFamily.Name;

    /// <inheritdoc/>
    public override int LatentDimension => Parameters.Latents;

    /// <summary>
    /// Free parameters of the generative model: D means, D - 1 numbers and a scale for each field, and one noise variance.
    /// </summary>
    public override int FreeParameters => checked((int)((long)ObservedDimension + ((long)LatentDimension * ObservedDimension) + 1));

    /// <inheritdoc/>
    public override bool TakesMissingEntries { get; }

    internal override bool KnowsMissingEntries => Encoder is null && _shape.Rank is null;

    /// <inheritdoc/>
    public override LatentModel WithMissingEntries()
    {
        if (TakesMissingEntries)
        {
            return this;
        }

        ObservedFit.Require(_shape, hasNetwork: Encoder is not null);
        return new SparseCodingModel(Parameters, _shape, EncodingTolerance, Header, takesMissing: true);
    }

    /// <summary>The fields, [H, D] row-major, each of length 1, in the model's units.</summary>
    public ReadOnlySpan<double> Fields => _fields;

    /// <summary>The scales lambda of the latents' Laplace distributions, H values, falling.</summary>
    public ReadOnlySpan<double> Scales => Parameters.Scales;

    /// <summary>The noise variance sigma^2.</summary>
    public double NoiseVariance => Parameters.NoiseVariance;

    /// <summary>The mean mu, D values.</summary>
    public ReadOnlySpan<double> Mean => Parameters.Mean;

    /// <summary>Whether the covariances of rows are diagonal.</summary>
    public bool IsDiagonal => _shape.IsDiagonal;

    /// <summary>Nats below which a rise of a row's bound ends its encoding.</summary>
    public double EncodingTolerance { get; }

    internal SparseCodingParameters Parameters { get; }

    /// <summary>How sparse the codes of rows are.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    /// <exception cref="BadDataException">No rows, another width than the model's, or a value that is not finite.</exception>
    public GiniIndex Gini(IRowSource rows, ulong seed = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        RequireWidth(rows.Columns);
        using IRowCursor cursor = new CheckedRows(rows).Open();
        double[] block = new double[RowsPerBlock * ObservedDimension];
        GiniSums sums = new(LatentDimension);
        SparseCodingWorker work = Rent();
        long first = 0;
        for (int read = cursor.Read(block); read > 0; first += read, read = cursor.Read(block))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<double> values = block.AsSpan(0, read * ObservedDimension);
            Scaling.Apply(values);
            Infer(work, values, 0, read);
            for (int row = 0; row < read; row++)
            {
                sums.Add(work, row, new RandomStream(seed, RandomPurpose.EvaluationNoise, (ulong)(first + row)));
            }
        }

        _workers.Add(work);
        return first > 0 ? sums.Index() : throw new BadDataException("There are no rows to evaluate.");
    }

    private protected override CollapseScale[] PriorScales => LaplaceLatents.CollapseScales(Parameters.Scales);

    /// <summary>
    /// The joint entropy of q, the expected squared error, rows whose E-step did not come to its end, values that are there; with a
    /// network also the nats that its codes lose, and the rows that these were measured on.
    /// </summary>
    private protected override int MomentCount => Encoder is null ? 4 : 6;

    private protected override bool IsSampled => false;

    private protected override bool IsLogLikelihoodSampled => true;

    internal override ModelRecord ToRecord() => SparseCodingFile.Write(this);

    internal override LatentModel WithHeader(ModelHeader header) =>
        new SparseCodingModel(Parameters, _shape, EncodingTolerance, header, TakesMissingEntries) { Encoder = Encoder, Encoding = Encoding };

    private protected override void EncodeScaled(ReadOnlySpan<double> rows, int count, Span<double> means, Span<double> variances)
    {
        SparseCodingWorker work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Infer(work, rows, start, count);
            ElementLoops.Store(
                work.Posterior.Means, 0, LatentDimension, block, means.Slice(start * LatentDimension, block * LatentDimension));
            ElementLoops.Store(
                work.Posterior.Variances, 0, LatentDimension, block, variances.Slice(start * LatentDimension, block * LatentDimension));
        }

        _workers.Add(work);
    }

    private protected override void DecodeScaled(ReadOnlySpan<double> latents, int count, Span<double> rows)
    {
        MatrixView<double> codes = new Matrix<double>(Math.Min(count, RowsPerBlock), LatentDimension);
        MatrixView<double> outputs = new Matrix<double>(codes.Rows, ObservedDimension);
        for (int start = 0; start < count; start += codes.Rows)
        {
            int block = Math.Min(codes.Rows, count - start);
            ElementLoops.Load(latents[(start * LatentDimension)..], block, codes);
            MatrixProduct.Multiply(codes.Slice(0, block), _decoder, outputs.Slice(0, block));
            for (int row = 0; row < block; row++)
            {
                TensorPrimitives.Add(outputs[row], Parameters.Mean, rows.Slice((start + row) * ObservedDimension, ObservedDimension));
            }
        }
    }

    private protected override void SampleScaled(int count, RandomStream random, Span<double> rows)
    {
        DecodeScaled(LaplaceLatents.Draw(Parameters.Scales, count, random), count, rows);
        double deviation = Math.Sqrt(NoiseVariance);
        foreach (ref double value in rows)
        {
            value += deviation * random.NextGaussian();
        }
    }

    private protected override void RowElboScaled(ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> elbos)
    {
        SparseCodingWorker work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Infer(work, rows, start, count);
            for (int row = 0; row < block; row++)
            {
                elbos[start + row] = Entropy(work, row) + LaplaceLatents.LogPrior(Parameters.Scales, work.Posterior.Sizes[row])
                    + Reconstruction(work.Error(row), work.Observed(row));
            }
        }

        _workers.Add(work);
    }

    /// <summary>Importance sampling (Burda et al. 2016) with the row's q as proposal.</summary>
    private protected override void LogLikelihoodScaled(
        ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> logLikelihoods)
    {
        SparseCodingWorker work = Rent();
        ImportanceSampler sampler = new(Parameters, samples, seed);
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Infer(work, rows, start, count);
            for (int row = 0; row < block; row++)
            {
                logLikelihoods[start + row] = sampler.Estimate(work, row);
            }
        }

        _workers.Add(work);
    }

    private protected override void AccumulateScaled(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, ElboStatistics sums)
    {
        SparseCodingWorker work = Rent();
        double[] thresholds = KlThresholds(options);
        Infer(work, rows, 0, count);
        sums.Rows += count;
        for (int row = 0; row < count; row++)
        {
            sums.Moments[0] += Entropy(work, row);
            sums.Moments[1] += work.Error(row);
            sums.Moments[2] += work.Posterior.Evaluations[row] >= _posterior.MaxEvaluations ? 1 : 0;
            sums.Moments[3] += work.Observed(row);
            LaplaceLatents.Add(
                Parameters.Scales, work.Posterior.Means[row], work.Posterior.Variances[row], work.Posterior.Sizes[row], thresholds, sums);
        }

        _workers.Add(work);
        AddGaps(rows, count, firstRow, sums);
    }

    private protected override ElboReport Summarise(ElboStatistics sums)
    {
        double entropy = sums.Moments[0] / sums.Rows, error = sums.Moments[1] / sums.Rows;
        (double prior, double priorEntropy, double residual) = LaplaceLatents.Summarise(Parameters.Scales, sums);
        double observed = sums.Moments[3] / sums.Rows, reconstruction = Reconstruction(error, observed);
        return new ElboReport
        {
            Elbo = reconstruction + entropy + prior,
            Reconstruction = reconstruction,
            Kl = -entropy - prior,
            EncoderEntropy = entropy,
            PriorEntropy = priorEntropy,
            DecoderEntropy = Parameters.NoiseEntropy * (observed / ObservedDimension),
            BaseMeasure = 0,
            PriorResidual = residual,
            NoiseResidual = observed == 0 ? 0 : -0.5 * observed * (1 - (error / (observed * NoiseVariance))),
            StandardError = 0,
            Rows = sums.Rows,
            Samples = 0,
            AmortisationGap = Gap(sums),
            Remark = LaplaceLatents.Remark(sums.Moments[2], sums.Rows, _posterior.MaxEvaluations),
        };
    }

    /// <summary>A latent that explains next to nothing counts as not active, whatever its codes do.</summary>
    private protected override LatentReport[] LatentReports(ElboStatistics sums, CollapseThresholds thresholds)
    {
        LatentReport[] reports = base.LatentReports(sums, thresholds);
        double explained = NoiseVariance + Parameters.Scales.Sum(LaplaceLatents.Variance);
        for (int h = 0; h < reports.Length; h++)
        {
            if (LaplaceLatents.Variance(Parameters.Scales[h]) < CollapsedShare * explained)
            {
                reports[h] = reports[h] with { CollapsedByActivity = true };
            }
        }

        return reports;
    }

    /// <summary>Every latent's share: how far its scale is from the mean size of its codes.</summary>
    private protected override double[] LatentResiduals(ElboStatistics sums) =>
        LaplaceLatents.Residuals(Parameters.Scales, sums);

    /// <summary>Share of the explained variance below which a latent does nothing (chosen here).</summary>
    private const double CollapsedShare = 1e-3;

    private double Entropy(SparseCodingWorker work, int row) =>
        work.Posterior.HalfLogDeterminants[row] + (LatentDimension * SpecialFunctions.StandardNormalEntropy);

    private double Reconstruction(double error, double observed) =>
        -0.5 * ((observed * (SpecialFunctions.LogTwoPi + Math.Log(NoiseVariance))) + (error / NoiseVariance));

    /// <summary>Infers up to a block of rows from <paramref name="start"/> on and returns how many.</summary>
    private int Infer(SparseCodingWorker work, ReadOnlySpan<double> rows, int start, int count)
    {
        int block = Math.Min(RowsPerBlock, count - start);
        if (Encoder is not null)
        {
            InferFromNetwork(work, rows.Slice(start * ObservedDimension, block * ObservedDimension), block);
            return block;
        }

        work.Use(_posterior, Parameters.Mean);
        if (TakesMissingEntries)
        {
            work.InferObserved(rows.Slice(start * ObservedDimension, block * ObservedDimension), block, _posterior, Parameters);
            return block;
        }

        work.Load(rows[(start * ObservedDimension)..], block);
        work.Infer(block, isWarm: false, withSums: false);
        return block;
    }

    private SparseCodingWorker Rent() => _workers.TryTake(out SparseCodingWorker? work)
        ? work
        : new SparseCodingWorker(RowsPerBlock, ObservedDimension, LatentDimension, _shape);
}
