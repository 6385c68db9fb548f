using System.Collections.Concurrent;
using System.Numerics.Tensors;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.LinearGaussians;

/// <summary>
/// A model with a linear decoder and Gaussian latents: <c>z ~ N(0, I)</c>, <c>x|z ~ N(W z + mu, diag sigma_d^2)</c>
/// (D eq. 18; LW Def. F and G). Its encoder is linear too, so the ELBO and all that belongs to it is in closed form:
/// reports need no sampling, and the log-likelihood is exact.
/// </summary>
public abstract partial class LinearGaussianModel : LatentModel
{
    private readonly ConcurrentBag<LinearGaussianWorkspace> _workspaces = [];

    private protected LinearGaussianModel(LinearGaussian parameters, ModelHeader header)
        : base(header) => Parameters = parameters;

    /// <inheritdoc/>
    public override int LatentDimension => Parameters.Latents;

    /// <summary>
    /// Free parameters of the generative model: D means, D H loadings less H (H - 1) / 2 for the rotations of the latents
    /// that change nothing, and one noise variance. (D App. A counts H D + 1.)
    /// </summary>
    public override int FreeParameters =>
        ObservedDimension + (ObservedDimension * LatentDimension) - (LatentDimension * (LatentDimension - 1) / 2) + 1;

    /// <summary>The mean mu, D values, in the model's units.</summary>
    public ReadOnlySpan<double> Mean => Parameters.Mean;

    /// <summary>The loadings W, [D, H] row-major, in the model's units.</summary>
    public ReadOnlySpan<double> Loadings => Parameters.Loadings;

    /// <summary>The encoder's weights V, [H, D] row-major: the latent means are <c>V (x - mu)</c>.</summary>
    public ReadOnlySpan<double> EncoderWeights => Parameters.Encoder;

    /// <summary>The covariance of the encoder distribution, [H, H], the same for every row.</summary>
    public ReadOnlySpan<double> LatentCovariance => Parameters.Covariance;

    /// <summary>Parameters of the generative model and of the encoder.</summary>
    internal LinearGaussian Parameters { get; }

    /// <summary>The same generative model with its exact posterior.</summary>
    private protected abstract LinearGaussian Posterior { get; }

    private protected override CollapseScale[] PriorScales => [.. Enumerable.Repeat(CollapseScale.StandardNormal, LatentDimension)];

    /// <summary>Per column: expected squared errors, errors of the means times values, squared values.</summary>
    private protected override int MomentCount => 3 * ObservedDimension;

    private protected override bool IsSampled => false;

    private protected override void EncodeScaled(ReadOnlySpan<double> rows, int count, Span<double> means, Span<double> variances)
    {
        int latents = LatentDimension;
        LinearGaussianWorkspace work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - start);
            Parameters.Encode(rows[(start * ObservedDimension)..], block, work);
            ElementLoops.Store(work.Means, 0, latents, block, means.Slice(start * latents, block * latents));
        }

        for (int i = 0; i < variances.Length; i++)
        {
            variances[i] = Parameters.LatentVariance(i % latents);
        }

        _workspaces.Add(work);
    }

    private protected override void DecodeScaled(ReadOnlySpan<double> latents, int count, Span<double> rows)
    {
        LinearGaussianWorkspace work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - start);
            ElementLoops.Load(latents[(start * LatentDimension)..], block, work.Means);
            MatrixProduct.Multiply(
                work.Means.Slice(0, block), Parameters.LoadingsTransposed, work.Outputs.Slice(0, block));
            for (int row = 0; row < block; row++)
            {
                TensorPrimitives.Add(
                    work.Outputs[row], Parameters.Mean, rows.Slice((start + row) * ObservedDimension, ObservedDimension));
            }
        }

        _workspaces.Add(work);
    }

    private protected override void SampleScaled(int count, RandomStream random, Span<double> rows)
    {
        double[] latents = new double[count * LatentDimension];
        random.FillGaussian(latents);
        DecodeScaled(latents, count, rows);
        double[] deviations = Array.ConvertAll(Parameters.NoiseVariances, Math.Sqrt);
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] += deviations[i % deviations.Length] * random.NextGaussian();
        }
    }

    private protected override void RowElboScaled(ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> elbos) =>
        RowElbos(Parameters, rows, count, elbos);

    private protected override void LogLikelihoodScaled(
        ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> logLikelihoods) =>
        RowElbos(Posterior, rows, count, logLikelihoods);

    private protected override void AccumulateScaled(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, ElboStatistics sums) =>
        AddRows(rows, count, [], options, sums);

    private protected override void AccumulateWeighted(
        ReadOnlySpan<double> rows, ReadOnlySpan<double> weights, long firstRow, EvaluateOptions options, ElboStatistics sums)
    {
        AddRows(rows, weights.Length, weights, options, sums);
        sums.AddWeights(weights);
    }

    /// <summary>Adds rows; all count as one where there are no weights.</summary>
    private void AddRows(
        ReadOnlySpan<double> rows, int count, ReadOnlySpan<double> weights, EvaluateOptions options, ElboStatistics sums)
    {
        double[] scaled = weights.IsEmpty ? [] : new double[ObservedDimension];
        LinearGaussianWorkspace work = Rent();
        Parameters.Encode(rows, count, work);
        Parameters.Subtract(count, work);
        sums.Rows += count;
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<double> errors = work.Rows[row], values = rows.Slice(row * ObservedDimension, ObservedDimension);
            Span<double> squares = Moments(sums, 0), products = Moments(sums, 1), observed = Moments(sums, 2);
            double weight = weights.IsEmpty ? 1 : weights[row];
            ReadOnlySpan<double> own = Scaled(errors, weight, scaled);
            TensorPrimitives.MultiplyAdd(own, errors, squares, squares);
            TensorPrimitives.MultiplyAdd(Parameters.ExpectedErrors, weight, squares, squares);
            TensorPrimitives.MultiplyAdd(own, values, products, products);
            own = Scaled(values, weight, scaled);
            TensorPrimitives.MultiplyAdd(own, values, observed, observed);
            AddLatents(work.Means[row], weight, options.Thresholds.KlEpsilon, sums);
        }

        _workspaces.Add(work);
    }

    /// <summary>Totals use the encoder's full covariance; a latent's own figures are those of its marginal.</summary>
    private protected override ElboReport Summarise(ElboStatistics sums)
    {
        double[] means = Array.ConvertAll(sums.Moments, m => m / sums.Rows);
        ReadOnlySpan<double> meanSquares = means.AsSpan(0, ObservedDimension);
        double secondMoment = sums.SecondMoment.Sum() / sums.Rows;
        double reconstruction = Parameters.Reconstruction(meanSquares);
        double kl = Parameters.Kl(secondMoment);
        return new ElboReport
        {
            Elbo = reconstruction - kl,
            Reconstruction = reconstruction,
            Kl = kl,
            EncoderEntropy = (LatentDimension * SpecialFunctions.StandardNormalEntropy) + (0.5 * Parameters.LogDeterminant),
            PriorEntropy = LatentDimension * SpecialFunctions.StandardNormalEntropy,
            DecoderEntropy = Parameters.DecoderEntropy,
            BaseMeasure = 0,
            PriorResidual = -0.5 * (LatentDimension - secondMoment),
            NoiseResidual = Parameters.NoiseResidual(meanSquares),
            StandardError = 0,
            Rows = sums.Rows,
            Samples = 0,
            PseudoEntropy = Parameters.PseudoEntropies(
                meanSquares, means.AsSpan(ObservedDimension, ObservedDimension), means.AsSpan(2 * ObservedDimension)),
        };
    }

    private protected Span<double> Moments(ElboStatistics sums, int which) =>
        sums.Moments.AsSpan(which * ObservedDimension, ObservedDimension);

    private protected override double[] LatentResiduals(ElboStatistics sums) =>
        Array.ConvertAll(sums.SecondMoment, moment => -0.5 * (1 - (moment / sums.Rows)));

    private static ReadOnlySpan<double> Scaled(ReadOnlySpan<double> row, double weight, Span<double> target)
    {
        if (target.IsEmpty)
        {
            return row;
        }

        TensorPrimitives.Multiply(row, weight, target);
        return target;
    }

    private void AddLatents(ReadOnlySpan<double> means, double weight, double klEpsilon, ElboStatistics sums)
    {
        for (int h = 0; h < means.Length; h++)
        {
            double variance = Parameters.LatentVariance(h);
            double square = means[h] * means[h];
            double kl = 0.5 * (square + variance - 1 - Math.Log(variance));
            sums.EncoderEntropy[h] += weight * 0.5 * (SpecialFunctions.LogTwoPi + 1 + Math.Log(variance));
            sums.Kl[h] += weight * kl;
            sums.Mean[h] += weight * means[h];
            sums.MeanSquare[h] += weight * square;
            sums.SecondMoment[h] += weight * (square + variance);
            sums.CollapsedRows[h] += kl < klEpsilon ? weight : 0;
        }
    }

    private void RowElbos(LinearGaussian parameters, ReadOnlySpan<double> rows, int count, Span<double> elbos)
    {
        LinearGaussianWorkspace work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - start);
            parameters.Encode(rows[(start * ObservedDimension)..], block, work);
            parameters.Subtract(block, work);
            for (int row = 0; row < block; row++)
            {
                elbos[start + row] = parameters.RowElbo(work.Means[row], work.Rows[row]);
            }
        }

        _workspaces.Add(work);
    }

    private LinearGaussianWorkspace Rent() => _workspaces.TryTake(out LinearGaussianWorkspace? work)
        ? work
        : new LinearGaussianWorkspace(RowsPerBlock, ObservedDimension, LatentDimension);
}
