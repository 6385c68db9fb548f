using System.Collections.Concurrent;
using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Distributions;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.PoissonSparseCoding;

/// <summary>
/// Sparse coding of counts: <c>z_h ~ Laplace(lambda_h)</c>, <c>x_d|z ~ Poisson(exp(b_d + w_d'z))</c>, with columns of W, the fields,
/// of length 1. A row's code is the normal distribution <c>N(nu, T)</c> whose ELBO is highest, found anew for every row: the bound is
/// concave, so there is one. With <c>m = b + W nu</c> and <c>v = diag W T W'</c> the expected rates are <c>E = exp(m + v / 2)</c>, so
/// all figures are in closed form. Latents are in the order of falling scales, and the largest entry of every field is positive.
/// </summary>
/// <remarks>
/// The length of a field and the scale of its latent say one thing, so lengths are 1 and scales free: scales of latents are then in
/// units of log-rates, and can be compared. <c>PriorResidual = -sum_h (1 - m_h / lambda_h)</c>, m_h the mean of E|z_h|;
/// <c>NoiseResidual = mean sum_d [E_d v_d - (x_d - E_d) m_d]</c>, the slope along the common scale of weights and offsets, which
/// vanishes where these are stationary. Entropies of rows are pseudo entropies <c>e^eta (1 - eta)</c>, and the base measure
/// <c>1 / x!</c> counts apart. Encoder entropy and KL in total are those of the joint q; a latent's own are those of its marginal.
/// </remarks>
public sealed partial class PoissonSparseCodingModel : LatentModel
{
    private readonly ConcurrentBag<RowSolver> _solvers = [];
    private readonly RowBound _bound;
    private readonly double[] _fields;

    internal PoissonSparseCodingModel(SparseCodingParameters parameters, bool isDiagonal, double encodingTolerance, ModelHeader header)
        : base(header)
    {
        (Parameters, IsDiagonal, EncodingTolerance) = (parameters, isDiagonal, encodingTolerance);
        _bound = new RowBound(parameters.Fields, parameters.Mean, parameters.Scales, new PoissonTerms())
        {
            Tolerance = encodingTolerance,
            MaxEvaluations = 1000,
        };
        _fields = [.. Enumerable.Range(0, parameters.Latents).SelectMany(parameters.Field)];
    }

    /// <inheritdoc/>
    public override string Family => PoissonSparseCodingFamily.Name;

    /// <inheritdoc/>
    public override int LatentDimension => Parameters.Latents;

    /// <summary>Free parameters of the generative model: D offsets, and D - 1 numbers and a scale for each field.</summary>
    public override int FreeParameters => checked((int)((long)ObservedDimension + ((long)LatentDimension * ObservedDimension)));

    /// <summary>The fields, [H, D] row-major, each of length 1, in units of log-rates.</summary>
    public ReadOnlySpan<double> Fields => _fields;

    /// <summary>The scales lambda of the latents' Laplace distributions, H values, falling.</summary>
    public ReadOnlySpan<double> Scales => Parameters.Scales;

    /// <summary>The offsets b, D log-rates.</summary>
    public ReadOnlySpan<double> Offsets => Parameters.Mean;

    /// <summary>Whether the covariances of rows are diagonal.</summary>
    public bool IsDiagonal { get; }

    /// <summary>Nats below which a rise of a row's bound ends its encoding.</summary>
    public double EncodingTolerance { get; }

    internal SparseCodingParameters Parameters { get; }

    private protected override CollapseScale[] PriorScales => LaplaceLatents.CollapseScales(Parameters.Scales);

    private protected override RowSupport? Support => CountSupport.Instance;

    internal override bool[] Probabilities => [.. Enumerable.Repeat(true, ObservedDimension)];

    /// <summary>
    /// The joint entropy of q, log base measures, expected pseudo entropies, noise residuals, and rows whose E-step did not come to
    /// its end.
    /// </summary>
    private protected override int MomentCount => 5;

    private protected override bool IsSampled => false;

    private protected override bool IsLogLikelihoodSampled => true;

    internal override ModelRecord ToRecord() => PoissonSparseCodingFile.Write(this);

    internal override LatentModel WithHeader(ModelHeader header) =>
        new PoissonSparseCodingModel(Parameters, IsDiagonal, EncodingTolerance, header);

    private protected override void EncodeScaled(ReadOnlySpan<double> rows, int count, Span<double> means, Span<double> variances)
    {
        RowSolver solver = Rent();
        for (int row = 0; row < count; row++)
        {
            Infer(solver, rows, row);
            solver.State.Mean.AsSpan(0, LatentDimension).CopyTo(means[(row * LatentDimension)..]);
            solver.State.Variance.AsSpan(0, LatentDimension).CopyTo(variances[(row * LatentDimension)..]);
        }

        _solvers.Add(solver);
    }

    /// <summary>Rates of given latents.</summary>
    private protected override void DecodeScaled(ReadOnlySpan<double> latents, int count, Span<double> rows)
    {
        LogRates(latents, count, rows);
        VectorFunctions.Exp(rows[..(count * ObservedDimension)], rows);
    }

    /// <summary>A rate that is no finite number gives an infinite count, which the caller refuses.</summary>
    private protected override void SampleScaled(int count, RandomStream random, Span<double> rows)
    {
        LogRates(LaplaceLatents.Draw(Parameters.Scales, count, random), count, rows);
        foreach (ref double value in rows)
        {
            value = double.IsFinite(Math.Exp(value)) ? RandomVariates.Poisson(random, value) : double.PositiveInfinity;
        }
    }

    private protected override void RowElboScaled(ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> elbos)
    {
        RowSolver solver = Rent();
        for (int row = 0; row < count; row++)
        {
            Infer(solver, rows, row);
            elbos[row] = Entropy(solver.State) + LaplaceLatents.LogPrior(Parameters.Scales, solver.State.Size) + solver.State.Value
                + LogBaseMeasure(Row(rows, row));
        }

        _solvers.Add(solver);
    }

    /// <summary>Importance sampling (Burda et al. 2016) with the row's q as proposal.</summary>
    private protected override void LogLikelihoodScaled(
        ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> logLikelihoods)
    {
        RowSolver solver = Rent();
        CountSampler sampler = new(Parameters, IsDiagonal, samples, seed);
        for (int row = 0; row < count; row++)
        {
            Infer(solver, rows, row);
            logLikelihoods[row] = sampler.Estimate(solver.State, Row(rows, row)) + LogBaseMeasure(Row(rows, row));
        }

        _solvers.Add(solver);
    }

    private protected override void AccumulateScaled(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, ElboStatistics sums)
    {
        RowSolver solver = Rent();
        double[] thresholds = KlThresholds(options);
        sums.Rows += count;
        for (int row = 0; row < count; row++)
        {
            int evaluations = Infer(solver, rows, row);
            RowState state = solver.State;
            sums.Reconstruction += state.Value;
            sums.Moments[0] += Entropy(state);
            sums.Moments[1] += LogBaseMeasure(Row(rows, row));
            sums.Moments[2] += _bound.Terms.Entropy(state.Linear, state.Spread, state.WeightTarget);
            sums.Moments[3] += _bound.Terms.Residual(state.Linear, state.Spread, state.Slope, state.WeightTarget);
            sums.Moments[4] += evaluations >= _bound.MaxEvaluations ? 1 : 0;
            LaplaceLatents.Add(Parameters.Scales, state.Mean, state.Variance, state.Size, thresholds, sums);
        }

        _solvers.Add(solver);
    }

    private protected override ElboReport Summarise(ElboStatistics sums)
    {
        double entropy = sums.Moments[0] / sums.Rows, measure = sums.Moments[1] / sums.Rows;
        (double prior, double priorEntropy, double residual) = LaplaceLatents.Summarise(Parameters.Scales, sums);
        double reconstruction = (sums.Reconstruction / sums.Rows) + measure;
        return new ElboReport
        {
            Elbo = reconstruction + entropy + prior,
            Reconstruction = reconstruction,
            Kl = -entropy - prior,
            EncoderEntropy = entropy,
            PriorEntropy = priorEntropy,
            DecoderEntropy = sums.Moments[2] / sums.Rows,
            BaseMeasure = measure,
            PriorResidual = residual,
            NoiseResidual = sums.Moments[3] / sums.Rows,
            StandardError = 0,
            Rows = sums.Rows,
            Samples = 0,
            Remark = LaplaceLatents.Remark(sums.Moments[4], sums.Rows, _bound.MaxEvaluations),
        };
    }

    /// <summary>Every latent's share: how far its scale is from the mean size of its codes.</summary>
    private protected override double[] LatentResiduals(ElboStatistics sums) =>
        LaplaceLatents.Residuals(Parameters.Scales, sums);

    private static double LogBaseMeasure(ReadOnlySpan<double> row)
    {
        double sum = 0;
        foreach (double count in row)
        {
            sum -= SpecialFunctions.LogGamma(count + 1);
        }

        return sum;
    }

    private double Entropy(RowState state) => state.HalfLogDeterminant + (LatentDimension * SpecialFunctions.StandardNormalEntropy);

    private void LogRates(ReadOnlySpan<double> latents, int count, Span<double> rows)
    {
        for (int row = 0; row < count; row++)
        {
            Span<double> target = rows.Slice(row * ObservedDimension, ObservedDimension);
            Parameters.Mean.CopyTo(target);
            for (int h = 0; h < LatentDimension; h++)
            {
                TensorPrimitives.MultiplyAdd(
                    _fields.AsSpan(h * ObservedDimension, ObservedDimension), latents[(row * LatentDimension) + h], target, target);
            }
        }
    }

    private ReadOnlySpan<double> Row(ReadOnlySpan<double> rows, int row) => rows.Slice(row * ObservedDimension, ObservedDimension);

    private int Infer(RowSolver solver, ReadOnlySpan<double> rows, int row) => solver.Infer(Row(rows, row), isWarm: false);

    private RowSolver Rent()
    {
        if (_solvers.TryTake(out RowSolver? solver))
        {
            return solver;
        }

        solver = new RowSolver(ObservedDimension, LatentDimension, IsDiagonal);
        solver.Use(_bound);
        return solver;
    }
}
