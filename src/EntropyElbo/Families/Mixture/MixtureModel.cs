using System.Collections.Concurrent;
using EntropyElbo.Data;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.Mixture.Em;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Mixture;

/// <summary>
/// A mixture of exponential-family distributions (LW Def. H and Prop. 5): <c>c ~ Cat(pi)</c>, <c>x|c</c> of the component's
/// family, independent between column ranges. The latents are the K components: a row's code is its responsibilities
/// <c>r = q(c|x)</c>, with variances r (1 - r); decoding weighs the components' means by the code. q is the exact
/// posterior, or its truncation to the best components of a row, so every figure is in closed form.
/// </summary>
/// <remarks>
/// The report of component k speaks of its indicator z_k: encoder entropy, prior entropy and KL are those of Bernoulli variables
/// with r_k and pi_k, activity is the variance of r_k over rows over pi_k (1 - pi_k). A component whose weight is less than half a
/// training row (or 0) is dead: collapsed by every criterion. Others are collapsed by entropy when the mean encoder entropy exceeds
/// the share of the prior entropy that D's threshold has for N(0, 1) (<c>1 - delta / 1.4189</c>, 0.70 by default); by KL when
/// nearly all rows have less than epsilon times the prior entropy over 1.4189; by activity when that does not exceed the threshold.
/// A value that no component allows because training did not see it (a new category, a 1 in a column of zeros) takes its column out
/// of that row's likelihood and code: <see cref="CountUnseen"/> counts such values, reports remark on them. A row whose values each
/// occurred, but together under no component, has ELBO -infinity and the weights pi for its code. A value outside the support of
/// its family (negative for gamma, a fraction for counts) has ELBO -infinity where rows are scored, and is an error where they are
/// encoded, evaluated or learnt from.
/// </remarks>
public sealed partial class MixtureModel : LatentModel
{
    private readonly ConcurrentBag<MixtureWorkspace> _workspaces = [];
    private readonly MixtureSpecification _specification;
    private readonly MixtureSupport _support;
    private readonly double[]? _rowWeights;
    private readonly double? _smoothingResidual;
    private readonly bool[] _isCertain;
    private readonly double[] _logWeights;
    private readonly double[] _logComplements;

    internal MixtureModel(
        MixtureSpecification specification, MixtureParameters parameters, int kept, ModelHeader header, double smoothing = 0)
        : base(header)
    {
        Smoothing = smoothing;
        _specification = specification;
        Parameters = parameters;
        _support = new MixtureSupport(parameters.Families);
        KeptComponents = kept;
        _isCertain = Array.ConvertAll(parameters.Weights, w => w is <= 0 or >= 1);
        _logWeights = Array.ConvertAll(parameters.Weights, Math.Log);
        _logComplements = Array.ConvertAll(parameters.Weights, w => SpecialFunctions.Log1P(-w));
    }

    private MixtureModel(MixtureModel model, double[]? rowWeights, double? smoothingResidual)
        : this(model._specification, model.Parameters, model.KeptComponents, model.Header, model.Smoothing)
    {
        _rowWeights = rowWeights;
        _smoothingResidual = smoothingResidual;
    }

    /// <inheritdoc/>
    public override string Family => _specification.Name;

    /// <summary>Number of components, K.</summary>
    public override int LatentDimension => Parameters.Components;

    /// <summary>
    /// Free parameters: K - 1 weights, and per component what its columns' families have; see
    /// <c>docs/parameter-counts.md</c>.
    /// </summary>
    public override int FreeParameters => Parameters.FreeParameters;

    /// <summary>Components that q keeps per row: K for the exact posterior.</summary>
    public int KeptComponents { get; }

    /// <summary>Pseudo-counts that training added (<see cref="MixtureOptions.Smoothing"/>).</summary>
    public double Smoothing { get; }

    /// <summary>The weights pi, K values that sum to 1.</summary>
    public ReadOnlySpan<double> Weights => Parameters.Weights;

    /// <summary>The column ranges with their families, in order of columns.</summary>
    public IReadOnlyList<ColumnRange> Ranges => [.. Parameters.Families.Select(f => f.Range)];

    internal MixtureParameters Parameters { get; }

    private protected override RowSupport? Support => _support;

    private protected override CollapseScale[] PriorScales => Array.ConvertAll(Parameters.Weights, CollapseScale.Indicator);

    private protected override int MomentCount => Parameters.Layout.Length;

    private protected override bool IsSampled => false;

    internal override bool HasDiscreteLatents => true;

    /// <summary>
    /// Standard parameters of all components in one column range, in the model's units, C = the range's columns:
    /// gaussian-full: means [K, C], covariances [K, C, C]; gaussian-tied: means [K, C], covariance [C, C];
    /// gaussian-diagonal and gaussian-spherical: per component C means, then C variances; gamma: [K, C, 2] shape and rate;
    /// beta: [K, C, 2] a and b; bernoulli and binomial: [K, C, 2] probabilities of success and failure; exponential and
    /// poisson: [K, C] rates; categorical: per component the probabilities of each column's categories.
    /// </summary>
    /// <param name="range">Index into <see cref="Ranges"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such range.</exception>
    public ReadOnlySpan<double> StandardParameters(int range)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(range);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(range, Parameters.Ranges.Length);
        return Parameters.Ranges[range].Parameters;
    }

    /// <summary>Mean row of a component, D values in the units of the data.</summary>
    /// <param name="component">Index of the component.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component.</exception>
    public double[] ComponentMean(int component)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(component);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(component, LatentDimension);
        double[] row = new double[ObservedDimension];
        FillMean(component, row);
        Scaling.Invert(row);
        return row;
    }

    internal override bool[] Probabilities => MixtureSpecification.Probabilities(Ranges);

    internal override ModelRecord ToRecord() => MixtureFile.Write(this);

    internal override LatentModel WithHeader(ModelHeader header) =>
        new MixtureModel(_specification, Parameters, KeptComponents, header, Smoothing);

    /// <summary>
    /// The model that evaluates the training rows: it weighs them by their place, with weights of mean 1, and knows what
    /// pseudo-counts leave of the noise residual.
    /// </summary>
    internal MixtureModel WithTrainingWeights(double[]? weights, double? smoothingResidual) => new(this, weights, smoothingResidual);

    /// <summary>
    /// Values of rows that training did not see and that are left out of the rows' likelihoods and codes: new categories,
    /// and values that have probability 0 under every component.
    /// </summary>
    /// <param name="rows">[n, D], row-major.</param>
    /// <exception cref="BadDataException">The length does not fit the model's width.</exception>
    public override long CountUnseen(ReadOnlySpan<double> rows)
    {
        long unseen = base.CountUnseen(rows);
        int count = Parameters.Families.Any(f => f.MayBeUnseen) ? rows.Length / ObservedDimension : 0;
        MixtureWorkspace work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            // Families with such values take no scaling.
            int block = Posterior(rows, start, count, work);
            unseen += work.Unseen.AsSpan(0, block).ToArray().Sum(v => (long)v);
        }

        _workspaces.Add(work);
        return unseen;
    }

    private protected override void EncodeScaled(ReadOnlySpan<double> rows, int count, Span<double> means, Span<double> variances)
    {
        int components = LatentDimension;
        MixtureWorkspace work = Rent();
        _support.Require(rows, 0, ColumnNames);
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Posterior(rows, start, count, work);
            ElementLoops.Store(work.Responsibilities, 0, components, block, means.Slice(start * components, block * components));
        }

        for (int row = 0; row < count; row++)
        {
            FillVariances(means.Slice(row * components, components), variances.Slice(row * components, components));
        }

        _workspaces.Add(work);
    }

    private protected override void DecodeScaled(ReadOnlySpan<double> latents, int count, Span<double> rows)
    {
        double[] means = new double[LatentDimension * ObservedDimension];
        for (int k = 0; k < LatentDimension; k++)
        {
            FillMean(k, means.AsSpan(k * ObservedDimension, ObservedDimension));
        }

        rows.Clear();
        for (int i = 0; i < latents.Length; i++)
        {
            (int row, int k) = Math.DivRem(i, LatentDimension);
            Span<double> target = rows.Slice(row * ObservedDimension, ObservedDimension);
            System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(
                means.AsSpan(k * ObservedDimension, ObservedDimension), latents[i], target, target);
        }
    }

    private protected override void SampleScaled(int count, RandomStream random, Span<double> rows)
    {
        for (int row = 0; row < count; row++)
        {
            int component = RandomChoice.Next(Parameters.Weights, random);
            foreach (ColumnComponents range in Parameters.Ranges)
            {
                ColumnRange columns = range.Family.Range;
                range.Sample(component, random, rows.Slice((row * ObservedDimension) + columns.Start, columns.Count));
            }
        }
    }

    private protected override void RowElboScaled(ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> elbos) =>
        RowValues(rows, count, KeptComponents, elbos);

    private protected override void LogLikelihoodScaled(
        ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> logLikelihoods) =>
        RowValues(rows, count, LatentDimension, logLikelihoods);

    private protected override void AccumulateScaled(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, ElboStatistics sums)
    {
        ReadOnlySpan<double> weights = _rowWeights is null ? [] : _rowWeights.AsSpan((int)firstRow, count);
        AddRows(rows, count, weights, options, sums);
    }

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
        MixtureWorkspace work = Rent();
        Parameters.PosteriorOfNew(rows[..(count * ObservedDimension)], count, work, KeptComponents);
        double[] klThresholds = KlThresholds(options);
        sums.Rows += count;
        for (int row = 0; row < count; row++)
        {
            double weight = weights.IsEmpty ? 1 : weights[row];
            AddLatents(work.Responsibilities[row], weight, klThresholds, sums);
            double baseMeasure = LogBaseMeasure(rows.Slice(row * ObservedDimension, ObservedDimension)) - work.UnseenMeasure[row];
            sums.Moments[Parameters.Layout.BaseMeasure] += weight * baseMeasure;
            sums.Moments[Parameters.Layout.UnseenValues] += weight * work.Unseen[row];
            sums.Moments[Parameters.Layout.UnseenRows] += work.Unseen[row] > 0 ? weight : 0;
            sums.Moments[Parameters.Layout.Impossible] += double.IsNegativeInfinity(work.RowValues[row]) ? weight : 0;
        }

        Parameters.Layout.Add(Parameters.Families, work, count, weights, sums.Moments);
        _workspaces.Add(work);
    }

    private protected override LatentReport[] LatentReports(ElboStatistics sums, CollapseThresholds thresholds)
    {
        LatentReport[] reports = base.LatentReports(sums, thresholds);
        for (int k = 0; k < reports.Length; k++)
        {
            LatentReport report = reports[k];
            bool dead = IsDead(Weights[k]);
            reports[k] = report with
            {
                CollapsedByEntropy = dead || report.CollapsedByEntropy,
                CollapsedByKl = dead || report.CollapsedByKl,
                CollapsedByActivity = dead || report.CollapsedByActivity,
            };
        }

        return reports;
    }

    private protected override double[] LatentResiduals(ElboStatistics sums) => Parameters.PriorResiduals(sums.Moments);

    private protected override double[] ComponentResiduals(ElboStatistics sums) =>
        HasImpossibleRows(sums) ? [] : Parameters.NoiseResiduals(sums.Moments);

    private protected override ElboReport Summarise(ElboStatistics sums)
    {
        MixtureValues values = Parameters.Values(sums.Moments);
        double impossible = sums.Moments[Parameters.Layout.Impossible];
        bool any = HasImpossibleRows(sums);
        return new ElboReport
        {
            Elbo = any ? double.NegativeInfinity : values.Elbo,
            Reconstruction = any ? double.NegativeInfinity : values.Reconstruction,
            Kl = values.Kl,
            EncoderEntropy = values.EncoderEntropy,
            PriorEntropy = values.PriorEntropy,
            DecoderEntropy = values.DecoderEntropy,
            BaseMeasure = values.BaseMeasure,
            PriorResidual = values.PriorResidual,
            NoiseResidual = any ? double.PositiveInfinity : values.NoiseResidual,
            StandardError = 0,
            Rows = sums.Rows,
            Samples = 0,
            SmoothingResidual = _smoothingResidual,
            Remark = Remark(impossible, sums),
        };
    }

    private protected override bool HasImpossibleRows(ElboStatistics sums) => sums.Moments[Parameters.Layout.Impossible] > 0;

    private string? Remark(double impossible, ElboStatistics sums)
    {
        double values = sums.Moments[Parameters.Layout.UnseenValues];
        string[] remarks =
        [
            impossible > 0
                ? Text($"{sums.Counted(impossible)} rows hold values that have probability 0 together under every component, so the ELBO is -infinity.")
                : "",
            values > 0 ? Text($"{sums.Counted(values)} values in {sums.Counted(sums.Moments[Parameters.Layout.UnseenRows])} rows were not seen in training; their columns are left out of these rows' likelihoods.") : "",
            _smoothingResidual is { } part ? Text($"Pseudo-counts of {Smoothing} hold {part:G4} nats of the noise residual; the rest of it says how far training is from its end.") : "",
        ];
        string text = string.Join(' ', remarks.Where(r => r.Length > 0));
        return text.Length > 0 ? text : null;

        static string Text(FormattableString formattable) => FormattableString.Invariant(formattable);
    }

    private void AddLatents(ReadOnlySpan<double> responsibilities, double weight, ReadOnlySpan<double> klThresholds, ElboStatistics sums)
    {
        for (int k = 0; k < responsibilities.Length; k++)
        {
            double r = responsibilities[k];
            double entropy = BinaryEntropy(r);

            // Weights of 0 and 1 leave one value of r only.
            double kl = _isCertain[k] ? 0 : Math.Max(0, -entropy - (r * _logWeights[k]) - ((1 - r) * _logComplements[k]));
            sums.EncoderEntropy[k] += weight * entropy;
            sums.Kl[k] += weight * kl;
            sums.Mean[k] += weight * r;
            sums.MeanSquare[k] += weight * r * r;
            sums.SecondMoment[k] += weight * r;
            sums.CollapsedRows[k] += kl < klThresholds[k] ? weight : 0;
        }
    }

    private bool IsDead(double weight) => weight == 0 || weight * Training.CountedRows < 0.5 && Training.Rows > 0;

    private void RowValues(ReadOnlySpan<double> rows, int count, int kept, Span<double> values)
    {
        MixtureWorkspace work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Posterior(rows, start, count, work, kept);
            for (int row = 0; row < block; row++)
            {
                ReadOnlySpan<double> own = rows.Slice((start + row) * ObservedDimension, ObservedDimension);
                values[start + row] = _support.FirstOutside(own) is null
                    ? work.RowValues[row] + LogBaseMeasure(own) - work.UnseenMeasure[row]
                    : double.NegativeInfinity;
            }
        }

        _workspaces.Add(work);
    }

    private int Posterior(ReadOnlySpan<double> rows, int start, int count, MixtureWorkspace work, int? kept = null)
    {
        int block = Math.Min(RowsPerBlock, count - start);
        ReadOnlySpan<double> own = rows.Slice(start * ObservedDimension, block * ObservedDimension);
        Parameters.PosteriorOfNew(own, block, work, kept ?? KeptComponents);
        return block;
    }

    private double LogBaseMeasure(ReadOnlySpan<double> row)
    {
        double sum = 0;
        foreach (ColumnFamily family in Parameters.Families)
        {
            sum += family.HasConstantBaseMeasure ? 0 : family.LogBaseMeasure(row.Slice(family.Range.Start, family.Count));
        }

        return sum;
    }

    private void FillMean(int component, Span<double> row)
    {
        foreach (ColumnComponents range in Parameters.Ranges)
        {
            range.Mean(component, row.Slice(range.Family.Range.Start, range.Family.Count));
        }
    }

    /// <summary>To 1e-16 absolute.</summary>
    private static double BinaryEntropy(double p) =>
        p is <= 0 or >= 1 ? 0 : -(p * Math.Log(p)) - ((1 - p) * Math.Log(1 - p));

    private MixtureWorkspace Rent() => _workspaces.TryTake(out MixtureWorkspace? work)
        ? work
        : new MixtureWorkspace(Parameters.Families, LatentDimension, RowsPerBlock);
}
