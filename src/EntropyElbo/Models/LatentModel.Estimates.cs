using EntropyElbo.Data;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Models;

/// <content>Estimates of the ELBO and of the sum of entropies from some rows, each with its standard error (D Fig. 2, 6).</content>
public abstract partial class LatentModel
{
    /// <summary>
    /// The ELBO estimated from some rows: every row's own ELBO, with <see cref="EvaluateOptions.Samples"/> draws of its latents (1
    /// is enough) where the family needs any, else in closed form, and the samples are ignored.
    /// </summary>
    /// <param name="rows">The rows, drawn at random; the first rows of a table are so only where its order is.</param>
    /// <param name="options">How; null for defaults.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    /// <returns>
    /// The value that <see cref="Evaluate"/> reports for these rows, with a standard error that speaks for other rows too.
    /// </returns>
    /// <exception cref="BadDataException">
    /// Fewer than two rows, another width than the model's, or a value that the model refuses.
    /// </exception>
    /// <exception cref="BadOptionException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RowEstimate EstimateElbo(IRowSource rows, EvaluateOptions? options = null, CancellationToken cancellationToken = default) =>
        Estimate(rows, options, IsSampled, RowElbosDrawn, cancellationToken);

    /// <summary>
    /// The sum of entropies estimated from some rows: <c>H[q(z|x)] - H[p(z)] - H[p(x|z)] + log h(x)</c> of each. Nothing is drawn
    /// unless the entropy of p(x|z) depends on z (VAE-3, counts): for other families the samples are ignored. Where training has
    /// become stationary it is the ELBO of the training rows, and varies far less from row to row (D Fig. 2, 6); elsewhere, and on
    /// other rows, the two differ by the residuals of <see cref="ElboReport"/>, which no number of rows takes away.
    /// </summary>
    /// <param name="rows">The rows, drawn at random.</param>
    /// <param name="options">How; null for defaults.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    /// <returns>The value that <see cref="Evaluate"/> reports for these rows, with its standard error.</returns>
    /// <exception cref="BadDataException">
    /// Fewer than two rows, another width than the model's, or a value that the model refuses.
    /// </exception>
    /// <exception cref="BadOptionException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RowEstimate EstimateEntropySum(
        IRowSource rows, EvaluateOptions? options = null, CancellationToken cancellationToken = default) =>
        Estimate(rows, options, IsEntropySumSampled, RowEntropySums, cancellationToken);

    /// <summary>
    /// The log-likelihood estimated from some rows: exact where the family has it in closed form, else the importance-weighted
    /// estimate of <see cref="LogLikelihood"/> with <see cref="EvaluateOptions.Samples"/> samples a row, a lower bound in
    /// expectation that rises with them.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="options">How; null for defaults.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    /// <returns>The mean of the rows' values, with its standard error.</returns>
    /// <exception cref="BadDataException">
    /// Fewer than two rows, another width than the model's, or a value that the model refuses.
    /// </exception>
    /// <exception cref="BadOptionException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RowEstimate EstimateLogLikelihood(
        IRowSource rows, EvaluateOptions? options = null, CancellationToken cancellationToken = default) => Estimate(
            rows,
            options,
            IsLogLikelihoodSampled,
            (block, count, _, how, values) =>
                LogLikelihoodScaled(block[..(count * ObservedDimension)], count, how.Samples, how.Seed, values),
            cancellationToken);

    /// <summary>Whether the log-likelihood of a row is an estimate that rises with its samples.</summary>
    private protected virtual bool IsLogLikelihoodSampled => IsSampled;

    /// <summary>Whether the sum of entropies needs sampling.</summary>
    private protected virtual bool IsEntropySumSampled => false;

    /// <summary>
    /// ELBO of each row of a block, which begins with row <paramref name="firstRow"/> of the pass; where it is sampled, with draws
    /// of the row's own and those of <see cref="AccumulateScaled"/>. The default is that of families without sampling.
    /// </summary>
    private protected virtual void RowElbosDrawn(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, Span<double> elbos) =>
        RowElboScaled(rows, count, options.Samples, options.Seed, elbos);

    /// <summary>What each row of a block has for the sum of entropies: its mean over rows is that of <see cref="Summarise"/>.</summary>
    private protected abstract void RowEntropySums(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, Span<double> sums);

    private RowEstimate Estimate(
        IRowSource rows, EvaluateOptions? options, bool isSampled, RowValues values, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        options ??= new EvaluateOptions();
        if (options.MissingValues == MissingValues.Marginal && !TakesMissingEntries)
        {
            throw MissingEntries.NotAsked();
        }

        RequireSamples(options.Samples, 1);
        RequireWidth(rows.Columns);
        CheckedRows source = Checked(rows, options);
        using IRowCursor cursor = source.Open();
        EvaluationPass<SpreadSums> pass = new(cursor, source.HasWeights, Scaling, RowsPerBlock, () => new SpreadSums(), Add);
        SpreadSums sums = pass.Run(options.Threads > 0 ? options.Threads : Environment.ProcessorCount, cancellationToken);
        if (sums.Rows < 2)
        {
            throw new BadDataException($"A standard error takes at least 2 rows; there are {sums.Rows}.");
        }

        if (sums.Weight <= 1)
        {
            throw new BadDataException(FormattableString.Invariant(
                $"The weights of the rows sum to {sums.Weight:G4}, as of so many rows; a standard error takes more than 1: multiply them to have mean 1."));
        }

        return sums.Estimate(isSampled ? options.Samples : 0);

        void Add(ReadOnlySpan<double> block, ReadOnlySpan<double> weights, int count, long firstRow, SpreadSums target)
        {
            Span<double> own = stackalloc double[count];
            values(block, count, firstRow, options, own);
            RequireNumbers(own, "a value to estimate from");
            target.Add(own, weights);
        }
    }

    private delegate void RowValues(ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, Span<double> values);
}
