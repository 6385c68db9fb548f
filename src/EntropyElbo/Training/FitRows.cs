using EntropyElbo.Data;

namespace EntropyElbo.Training;

/// <summary>Rows as a fit reads them.</summary>
internal static class FitRows
{
    /// <summary>
    /// Training and test rows that are parsed once, where the context lets rows be kept and memory suffices: moments, training and
    /// reports read what the first pass kept.
    /// </summary>
    /// <param name="rows">The training rows, as the user gave them.</param>
    /// <param name="context">Surroundings of the fit, or null for defaults.</param>
    /// <param name="cancellationToken">Ends the fit; the context's own where it can never be cancelled.</param>
    /// <param name="takesMissing">Whether the trainer knows rows with missing values.</param>
    /// <param name="takesWeights">Whether the trainer knows rows with weights.</param>
    /// <exception cref="BadOptionException">
    /// Missing values are to be left out of their rows, or rows have weights, and the trainer cannot.
    /// </exception>
    public static (IRowSource Rows, FitContext Context) Keep(
        IRowSource rows, FitContext? context, CancellationToken cancellationToken, bool takesMissing = false, bool takesWeights = false)
    {
        ArgumentNullException.ThrowIfNull(rows);
        context ??= new FitContext();
        if (rows.HasWeights)
        {
            RequireWeights(takesWeights, context.Engine);
        }

        if (context.MissingValues == MissingValues.Marginal && !takesMissing)
        {
            throw MissingEntries.Refused("to fit");
        }

        context = cancellationToken.CanBeCanceled ? context with { CancellationToken = cancellationToken } : context;
        return (Kept(rows, context.Caching), context with { TestRows = context.TestRows is { } test ? Kept(test, context.Caching) : null });
    }

    /// <summary>Rows that are parsed once, where they may be kept and memory suffices.</summary>
    public static IRowSource Kept(IRowSource rows, RowCaching caching) => caching == RowCaching.Memory ? KeptRows.Of(rows) : rows;

    /// <summary>Stops where weights would be passed over.</summary>
    private static void RequireWeights(bool takesWeights, ComputeEngine engine)
    {
        if (!takesWeights)
        {
            throw RowWeights.Refused("This model", "leave the weights out, or choose another model");
        }

        if (!engine.IsCpu)
        {
            throw RowWeights.Refused(engine.Description, "train on the CPU (--device cpu, UseCpu), or leave the weights out");
        }
    }
}
