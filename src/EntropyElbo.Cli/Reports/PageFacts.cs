using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Reports;

/// <summary>What a page says of a fit beside its figures.</summary>
/// <param name="Family">The family.</param>
/// <param name="Settings">The settings as they were given.</param>
/// <param name="Data">The file of the rows.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Label">Name of the column of labels, or null.</param>
internal sealed record PageFacts(ModelFamily Family, FitSettings Settings, string Data, PageRows Rows, string? Label)
{
    /// <summary>Column of the rows' weights, as it was given, or null.</summary>
    public string? Weight { get; init; }

    /// <summary>The model that the fit started from, and its file; or null.</summary>
    public (string File, LatentModel Model)? From { get; init; }
}
