using EntropyElbo.Models;
using Microsoft.ML;

namespace MLNet.EntropyElbo.Zip;

/// <summary>Finds the vectors that a zip's chain makes of its model's, under their names outside, and names their slots.</summary>
internal sealed class ZipOutputs(LatentModel model)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private string? _concatenated;

    /// <summary>Notes a step: a zip concatenates each vector under its own name, and the step behind cuts it to its size under the name outside.</summary>
    /// <param name="before">The schema before the step.</param>
    /// <param name="after">The schema after it.</param>
    public void Note(DataViewSchema before, DataViewSchema after)
    {
        string? added = after.Select(column => column.Name).Distinct(StringComparer.Ordinal).FirstOrDefault(
            name => after.Count(column => column.Name == name) > before.Count(column => column.Name == name));
        if (added is ReservedColumns.Means or ReservedColumns.Variances or ReservedColumns.Reconstruction
            or ReservedColumns.ColumnScores or ReservedColumns.Kl)
        {
            _concatenated = added;
        }
        else if (added is not null && _concatenated is not null)
        {
            _names[_concatenated] = added;
            _concatenated = null;
        }
    }

    /// <summary>The view with slot names, as a transformer in memory has them.</summary>
    public IDataView Name(IDataView view)
    {
        if (!_names.TryGetValue(ReservedColumns.Means, out string? means))
        {
            return view;
        }

        return new NamedSlotsView(view, _names.ToDictionary(pair => pair.Value, pair => pair.Key switch
        {
            ReservedColumns.Means or ReservedColumns.Variances => OutputColumns.SlotNames(model.LatentDimension, means),
            ReservedColumns.Kl => OutputColumns.SlotNames(model.LatentTerms, pair.Value),
            _ => [.. model.ColumnNames.Select(name => name.AsMemory())],
        }));
    }
}
