using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Models;

/// <summary>
/// A trained latent-variable model: what every family can do. Immutable, safe to share between threads. Rows go in and
/// come out in the units of the data, row-major; the model scales them itself. All likelihoods are nats per row in the
/// model's units (see <see cref="ElboReport"/>).
/// </summary>
public abstract partial class LatentModel
{
    /// <summary>Rows of one block: the unit of work, and of a random stream.</summary>
    internal const int BlockRows = 256;

    /// <summary>Values of a block of very wide rows: 32 MB of doubles.</summary>
    private const int BlockValues = 1 << 22;

    /// <summary>Rows of a block of this model's: fewer than <see cref="BlockRows"/> where rows are very wide.</summary>
    internal int RowsPerBlock => RowsOfBlock(ObservedDimension);

    private protected LatentModel(ModelHeader header) => Header = header;

    /// <summary>Rows of a block of so many columns.</summary>
    internal static int RowsOfBlock(int columns) => Math.Clamp(BlockValues / columns, 1, BlockRows);

    /// <summary>The tool's name of the family, for example <c>vae-1</c>.</summary>
    public abstract string Family { get; }

    /// <summary>Number of observed columns, D.</summary>
    public int ObservedDimension => Scaling.Columns;

    /// <summary>Number of latents (or of mixture components), H.</summary>
    public abstract int LatentDimension { get; }

    /// <summary>Number of free parameters of the generative model (prior and decoder), as BIC and AIC count them.</summary>
    public abstract int FreeParameters { get; }

    /// <summary>The scaling that takes rows to the model's units; part of the model, so new rows are scaled alike.</summary>
    public Scaling Scaling => Header.Scaling;

    /// <summary>Names of the D columns it was trained on.</summary>
    public IReadOnlyList<string> ColumnNames => Header.ColumnNames;

    /// <summary>How columns of text became some of its columns; none as a rule.</summary>
    public IReadOnlyList<CategoricalColumn> Encodings => Header.Encodings;

    /// <summary>How it came about.</summary>
    public TrainingRecord Training => Header.Training;

    /// <summary>The final report over the training rows.</summary>
    /// <exception cref="InvalidOperationException">The model was learnt from a stream, of which no rows are left to report on.</exception>
    public Evaluation Report => Training.Report
        ?? throw new InvalidOperationException(
            "This model was learnt from a stream, which keeps no rows to report on; evaluate it on rows.");

    /// <summary>Scaling, column names and training record.</summary>
    internal ModelHeader Header { get; }

    /// <summary>Entropy and scale of each latent's prior.</summary>
    private protected abstract CollapseScale[] PriorScales { get; }

    /// <summary>Number of family-specific sums in <see cref="ElboStatistics.Moments"/>.</summary>
    private protected abstract int MomentCount { get; }

    /// <summary>Whether the ELBO of a row needs sampling.</summary>
    private protected abstract bool IsSampled { get; }

    /// <summary>Whether values that are not numbers count as missing ones: see <see cref="WithMissingEntries"/>.</summary>
    public virtual bool TakesMissingEntries => false;

    /// <summary>
    /// The same model, for which a value that is not a number (NaN) is a missing one: the row's likelihood, code and terms are then
    /// those of its other columns, and <see cref="Reconstruct"/> fills it in. Sparse coding only.
    /// </summary>
    /// <exception cref="BadOptionException">The family cannot leave values out.</exception>
    public virtual LatentModel WithMissingEntries() => throw MissingEntries.Refused(Family);

    /// <summary>Whether <see cref="WithMissingEntries"/> gives a model.</summary>
    internal virtual bool KnowsMissingEntries => false;

    /// <summary>Latent means and variances of rows.</summary>
    /// <param name="rows">[n, D], row-major.</param>
    /// <param name="means">[n, H], filled.</param>
    /// <param name="variances">[n, H], filled.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the model or each other.</exception>
    /// <exception cref="BadDataException">A value is not finite, or outside what the model allows.</exception>
    public void Encode(ReadOnlySpan<double> rows, Span<double> means, Span<double> variances)
    {
        int count = CountRows(rows.Length, nameof(rows));
        RequireLength(means.Length, count, LatentDimension, nameof(means));
        RequireLength(variances.Length, count, LatentDimension, nameof(variances));
        using ScaledRows scaled = new(this, rows);
        EncodeScaled(scaled.Span, count, means, variances);
        RequireFinite(means, LatentDimension, "a latent mean");
        RequireFinite(variances, LatentDimension, "a latent variance");
    }

    /// <summary>Mean rows for given latents.</summary>
    /// <param name="latents">[n, H], row-major.</param>
    /// <param name="rows">[n, D], filled.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the model or each other.</exception>
    /// <exception cref="BadDataException">A value is not finite.</exception>
    public void Decode(ReadOnlySpan<double> latents, Span<double> rows)
    {
        int count = CountRows(rows.Length, nameof(rows));
        RequireLength(latents.Length, count, LatentDimension, nameof(latents));
        RequireFinite(latents, LatentDimension, "a given latent");
        DecodeScaled(latents, count, rows);
        Scaling.Invert(rows);
        RequireFinite(rows, ObservedDimension, "a decoded value");
    }

    /// <summary>Rows decoded from their own latent means.</summary>
    /// <param name="rows">[n, D], row-major.</param>
    /// <param name="reconstructions">[n, D], filled.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the model or each other.</exception>
    /// <exception cref="BadDataException">A value is not finite, or outside what the model allows.</exception>
    public void Reconstruct(ReadOnlySpan<double> rows, Span<double> reconstructions)
    {
        int count = CountRows(rows.Length, nameof(rows));
        RequireLength(reconstructions.Length, count, ObservedDimension, nameof(reconstructions));
        if (2L * count * LatentDimension > Array.MaxLength)
        {
            throw new BadDataException($"The latents of {count} rows do not fit an array; reconstruct fewer rows at a time.");
        }

        double[] codes = new double[2 * count * LatentDimension];
        Span<double> means = codes.AsSpan(0, count * LatentDimension);
        Encode(rows, means, codes.AsSpan(count * LatentDimension));
        Decode(means, reconstructions);
    }

    /// <summary>Draws rows from the model: latents from the prior, then rows from the observable distribution.</summary>
    /// <param name="rows">[n, D], filled.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="ArgumentException">The length is no whole number of rows.</exception>
    /// <exception cref="BadDataException">A draw is not finite.</exception>
    public void Sample(Span<double> rows, ulong seed) => Sample(rows, seed, block: 0);

    /// <summary>As above; every block of a long table has its own random stream.</summary>
    internal void Sample(Span<double> rows, ulong seed, long block)
    {
        int count = CountRows(rows.Length, nameof(rows));
        SampleScaled(count, new RandomStream(seed, RandomPurpose.Sampling, minor: (ulong)block), rows);
        Scaling.Invert(rows);
        RequireFinite(rows, ObservedDimension, "a drawn value");
    }

    /// <summary>ELBO of each row, nats in the model's units.</summary>
    /// <param name="rows">[n, D], row-major.</param>
    /// <param name="elbos">[n], filled.</param>
    /// <param name="samples">Monte-Carlo samples per row where needed.</param>
    /// <param name="seed">Seed of the draws; every row sees the same noise, so a row's value does not depend on its neighbours.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the model or each other.</exception>
    /// <exception cref="BadDataException">A value is not finite, or outside what the model allows.</exception>
    public void RowElbo(ReadOnlySpan<double> rows, Span<double> elbos, int samples = EvaluateOptions.DefaultSamples, ulong seed = 1)
    {
        int count = CountRows(rows.Length, nameof(rows));
        RequireLength(elbos.Length, count, 1, nameof(elbos));
        RequireSamples(samples, 1);
        using ScaledRows scaled = new(this, rows);
        RowElboScaled(scaled.Span, count, samples, seed, elbos);
        RequireNumbers(elbos, "an ELBO");
    }

    /// <summary>Anomaly score of each row: minus its ELBO; higher is stranger.</summary>
    /// <param name="rows">[n, D], row-major.</param>
    /// <param name="scores">[n], filled.</param>
    /// <param name="samples">Monte-Carlo samples per row where needed.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the model or each other.</exception>
    /// <exception cref="BadDataException">A value is not finite, or outside what the model allows.</exception>
    public void AnomalyScore(ReadOnlySpan<double> rows, Span<double> scores, int samples = EvaluateOptions.DefaultSamples, ulong seed = 1)
    {
        RowElbo(rows, scores, samples, seed);
        foreach (ref double score in scores)
        {
            score = -score;
        }
    }

    /// <summary>
    /// Values of rows that training did not see and that are therefore left out of the rows' likelihoods and codes; 0 for
    /// families that know no such values.
    /// </summary>
    /// <param name="rows">[n, D], row-major.</param>
    /// <exception cref="ArgumentException">The length does not fit the model's width.</exception>
    public virtual long CountUnseen(ReadOnlySpan<double> rows)
    {
        CountRows(rows.Length, nameof(rows));
        return 0;
    }

    /// <summary>
    /// Log-likelihood of each row, nats: exact where the family has it in closed form, else the importance-weighted
    /// estimate of Burda et al. 2016 with the encoder as proposal, a lower bound in expectation that rises with
    /// <paramref name="samples"/>.
    /// </summary>
    /// <param name="rows">[n, D], row-major.</param>
    /// <param name="logLikelihoods">[n], filled.</param>
    /// <param name="samples">Importance samples per row.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the model or each other.</exception>
    /// <exception cref="BadDataException">A value is not finite, or outside what the model allows.</exception>
    public void LogLikelihood(ReadOnlySpan<double> rows, Span<double> logLikelihoods, int samples = 1000, ulong seed = 1)
    {
        int count = CountRows(rows.Length, nameof(rows));
        RequireLength(logLikelihoods.Length, count, 1, nameof(logLikelihoods));
        RequireSamples(samples, 1);
        using ScaledRows scaled = new(this, rows);
        LogLikelihoodScaled(scaled.Span, count, samples, seed, logLikelihoods);
        RequireNumbers(logLikelihoods, "a log-likelihood");
    }

    /// <summary>
    /// The ELBO, its entropy sum and the gap by cause over all rows, with the state of every latent. Streams: memory is
    /// a few blocks of rows.
    /// </summary>
    /// <param name="rows">The rows, in the units of the data.</param>
    /// <param name="options">How; null for defaults.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    /// <exception cref="BadDataException">
    /// No rows, another width than the model's, a value that is not finite, or figures that are not though every row is possible.
    /// </exception>
    /// <exception cref="BadOptionException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Evaluation Evaluate(IRowSource rows, EvaluateOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new EvaluateOptions();
        options = cancellationToken.CanBeCanceled ? options with { CancellationToken = cancellationToken } : options;
        Evaluation evaluation = Figures(rows, options, out bool anyImpossible);
        if (!evaluation.IsFinite && !anyImpossible)
        {
            throw new BadDataException(FormattableString.Invariant(
                $"The figures of these rows are not all finite numbers (ELBO {evaluation.Summary.Elbo}, entropy sum {evaluation.Summary.EntropySum}): values this far from those the model was trained on, or the model's own parameters, are too large for its arithmetic. Leave such rows out, or train with scaled columns."));
        }

        return evaluation;
    }

    /// <summary>As <see cref="Evaluate"/>, but the figures are what they are.</summary>
    internal Evaluation Figures(IRowSource rows, EvaluateOptions? options, out bool anyImpossible)
    {
        ArgumentNullException.ThrowIfNull(rows);
        options ??= new EvaluateOptions();
        if (options.MissingValues == MissingValues.Marginal && !TakesMissingEntries)
        {
            return WithMissingEntries().Figures(rows, options, out anyImpossible);
        }

        RequireSamples(options.Samples, 2);
        RequireWidth(rows.Columns);
        ElboStatistics sums = Accumulate(Checked(rows, options), options);
        if (sums.Rows == 0)
        {
            throw RowWeights.NoRows(rows, "There are no rows to evaluate.");
        }

        ElboReport report = Summarise(sums) with
        {
            Rows = sums.Rows,
            RowWeight = sums.Weight > 0 ? sums.Weight : null,
            Samples = IsSampled ? options.Samples : 0,
            StandardError = Math.Sqrt(sums.SamplingVariance) / sums.Rows,
        };
        anyImpossible = HasImpossibleRows(sums);
        return new Evaluation(report, WithResiduals(LatentReports(sums, options.Thresholds), sums), FreeParameters)
        {
            Columns = [.. ColumnResiduals(sums).Select((residual, d) => new ColumnReport { Index = d, NoiseResidual = residual })],
            LayerResiduals = LayerResiduals(sums),
        };
    }

    /// <summary>Saves the model: written beside, then renamed, so an existing file stays whole if anything fails.</summary>
    /// <exception cref="ModelFileException">
    /// The file cannot be written, or another process claims it: a run of the tool that will write it, say.
    /// </exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelRecord record = ToRecord();
        using FileClaim? claim = ModelFile.Claim(path);
        ModelFile.Rewrite(path, record);
    }

    /// <summary>Which columns have probabilities in the likelihood; the others have densities.</summary>
    internal virtual bool[] Probabilities => new bool[ObservedDimension];

    /// <summary>Whether latents are components or units: their entropies have no unit, those of continuous latents do.</summary>
    internal virtual bool HasDiscreteLatents => false;

    /// <summary>The model as a family-neutral record.</summary>
    internal abstract ModelRecord ToRecord();

    /// <summary>The same model with another header: how a trainer attaches the final report.</summary>
    internal abstract LatentModel WithHeader(ModelHeader header);

    private protected abstract void EncodeScaled(ReadOnlySpan<double> rows, int count, Span<double> means, Span<double> variances);

    private protected abstract void DecodeScaled(ReadOnlySpan<double> latents, int count, Span<double> rows);

    private protected abstract void SampleScaled(int count, RandomStream random, Span<double> rows);

    private protected abstract void RowElboScaled(ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> elbos);

    private protected abstract void LogLikelihoodScaled(
        ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> logLikelihoods);

    /// <summary>The support of the observable distribution; null where that is every finite number.</summary>
    private protected virtual RowSupport? Support => null;

    /// <summary>The rows, checked against the support and for missing values as they are read.</summary>
    private protected CheckedRows Checked(IRowSource rows, EvaluateOptions options) =>
        new(SupportedRows.Of(rows, Support), options.MissingValues) { OffersMarginal = KnowsMissingEntries };

    /// <summary>
    /// Adds the sums of a block, which begins with row <paramref name="firstRow"/> of the pass and draws from its own stream.
    /// </summary>
    private protected abstract void AccumulateScaled(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, ElboStatistics sums);

    /// <summary>Report from sums; Rows, Samples and StandardError are filled in by the caller.</summary>
    private protected abstract ElboReport Summarise(ElboStatistics sums);

    /// <summary>Whether the model gives some of the rows no probability at all, so that infinite figures are right.</summary>
    private protected virtual bool HasImpossibleRows(ElboStatistics sums) => false;

    /// <summary>One report per latent, from sums.</summary>
    private protected virtual LatentReport[] LatentReports(ElboStatistics sums, CollapseThresholds thresholds) =>
        sums.Latents(PriorScales, thresholds);

    /// <summary>Per latent, the KL divergence below which a row counts as collapsed.</summary>
    private protected double[] KlThresholds(EvaluateOptions options) =>
        Array.ConvertAll(PriorScales, s => s.KlThreshold(options.Thresholds));

    /// <summary>
    /// The shares of the prior residual that vanish one by one, one per latent; none where the family does not have them apart.
    /// </summary>
    private protected virtual double[] LatentResiduals(ElboStatistics sums) => [];

    /// <summary>The shares of the noise residual that vanish one by one, one per component of a mixture; else none.</summary>
    private protected virtual double[] ComponentResiduals(ElboStatistics sums) => [];

    /// <summary>
    /// The shares of the noise residual that vanish one by one, one per column; none where one parameter serves all columns.
    /// </summary>
    private protected virtual double[] ColumnResiduals(ElboStatistics sums) => [];

    /// <summary>Residuals of the conditionals of a net with several layers; none for other families.</summary>
    private protected virtual double[] LayerResiduals(ElboStatistics sums) => [];

    private LatentReport[] WithResiduals(LatentReport[] latents, ElboStatistics sums)
    {
        double[] prior = LatentResiduals(sums), noise = ComponentResiduals(sums);
        return [.. latents.Select((latent, h) => latent with
        {
            PriorResidual = prior.Length > 0 ? prior[h] : null,
            NoiseResidual = noise.Length > 0 ? noise[h] : null,
        })];
    }

    private protected void RequireWidth(int columns)
    {
        if (columns != ObservedDimension)
        {
            throw new BadDataException(
                $"The model was trained on {ObservedDimension} columns, the rows have {columns}; choose the same columns "
                    + $"({ColumnHint()}).");
        }
    }

    /// <summary>The sums of all rows, in blocks merged in order.</summary>
    private protected ElboStatistics Accumulate(CheckedRows rows, EvaluateOptions options)
    {
        using IRowCursor cursor = rows.Open();
        EvaluationPass<ElboStatistics> pass = new(
            cursor,
            rows.HasWeights,
            Scaling,
            RowsPerBlock,
            () => new ElboStatistics(LatentDimension, MomentCount),
            (block, weights, count, firstRow, sums) => Accumulate(block, weights, count, firstRow, options, sums));
        ElboStatistics total = pass.Run(options.Threads > 0 ? options.Threads : Environment.ProcessorCount, options.CancellationToken);
        total.Normalise();
        return total;
    }
}
