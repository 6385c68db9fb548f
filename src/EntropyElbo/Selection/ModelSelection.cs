using EntropyElbo.Data;

namespace EntropyElbo.Selection;

/// <summary>Selects a model: tries candidates, ranks them by a criterion, and fits the best to all rows.</summary>
public static class ModelSelection
{
    /// <summary>Tries the candidates, several at a time, and ranks them.</summary>
    /// <param name="rows">
    /// The rows; read again for every trial. Text and compressed files are parsed once where a quarter of the memory holds their
    /// rows.
    /// </param>
    /// <param name="candidates">What to try; trials begin in this order.</param>
    /// <param name="options">How; null for defaults.</param>
    /// <param name="cancellationToken">Stops the selection; the trials so far are returned.</param>
    /// <returns>Ranked trials, also those that failed, with the reason, and the best model.</returns>
    /// <exception cref="BadOptionException">
    /// An option of the selection itself is out of range, there is no candidate, or some give densities and others
    /// probabilities and <see cref="SelectionOptions.MixedLikelihoods"/> refuses that.
    /// </exception>
    /// <exception cref="BadDataException">The rows cannot be read or split.</exception>
    /// <exception cref="ModelFileException">The study's file is none, is damaged, or cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before any trial was done.</exception>
    public static SelectionResult Run(
        IRowSource rows,
        IReadOnlyList<SelectionCandidate> candidates,
        SelectionOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(candidates);
        options ??= new SelectionOptions();
        options.Validate();
        options = cancellationToken.CanBeCanceled ? options with { CancellationToken = cancellationToken } : options;
        return candidates.Count > 0
            ? new SelectionRun(rows, candidates, options).Run()
            : throw new BadOptionException("candidates", "There are no candidates to select from; give at least one.");
    }

    /// <summary>Tries the models of a grid, all or as many as the search draws.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="grid">Families and settings.</param>
    /// <param name="options">How; null for defaults.</param>
    /// <param name="cancellationToken">Stops the selection; the trials so far are returned.</param>
    /// <returns>As above.</returns>
    /// <exception cref="BadOptionException">As above; or a family or setting is unknown, or a range is none.</exception>
    /// <exception cref="BadDataException">The rows cannot be read or split.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before any trial was done.</exception>
    public static SelectionResult Run(
        IRowSource rows, SettingsGrid grid, SelectionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grid);
        options ??= new SelectionOptions();
        options.Validate();
        return Run(rows, grid.Candidates(options), options, cancellationToken);
    }
}
