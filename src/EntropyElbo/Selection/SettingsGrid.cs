using System.Collections.Immutable;
using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Networks;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>
/// Every combination of families and settings. A setting goes to the families that have it; for a family that has
/// components in place of latents, <see cref="Latents"/> are its components unless <see cref="Components"/> are given.
/// </summary>
/// <example><c>new SettingsGrid { Families = ["sbn"], Latents = [2, 4], ["states"] = [16, 32] }</c></example>
public sealed partial record SettingsGrid
{
    /// <summary>Most candidates of one grid.</summary>
    public const int MaxCandidates = 10_000;

    private ImmutableSortedDictionary<string, IReadOnlyList<object>> _lists =
        ImmutableSortedDictionary.Create<string, IReadOnlyList<object>>(StringComparer.Ordinal);

    /// <summary>Names of the families.</summary>
    public required IReadOnlyList<string> Families { get; init; }

    /// <summary>
    /// Values of a setting by its name, as <see cref="FitSettings"/> takes them, and ranges (<see cref="SettingRange"/>) of whole
    /// numbers, or of any numbers where values are drawn; empty for the common setting.
    /// </summary>
    /// <param name="name">Name of the setting.</param>
    public IReadOnlyList<object> this[string name]
    {
        get => _lists.GetValueOrDefault(name, []);
        init => _lists = value is { Count: > 0 } ? _lists.SetItem(name, value) : _lists.Remove(name);
    }

    /// <summary>Numbers of latents; empty for the common setting.</summary>
    public IReadOnlyList<int> Latents { get => List<int>(SettingNames.Latents); init => this[SettingNames.Latents] = Boxed(value); }

    /// <summary>Numbers of mixture components; empty for the common setting.</summary>
    public IReadOnlyList<int> Components { get => List<int>(SettingNames.Components); init => this[SettingNames.Components] = Boxed(value); }

    /// <summary>Hidden layer sizes; empty for the common setting.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Hidden { get => List<IReadOnlyList<int>>(SettingNames.Hidden); init => this[SettingNames.Hidden] = Boxed(value); }

    /// <summary>Convolutional networks, for rows that are images; empty for the common setting.</summary>
    public IReadOnlyList<ImageNetworks> Images { get => List<ImageNetworks>(SettingNames.Image); init => this[SettingNames.Image] = Boxed(value); }

    /// <summary>Batch sizes; empty for the common setting.</summary>
    public IReadOnlyList<int> BatchSizes { get => List<int>(SettingNames.Batch); init => this[SettingNames.Batch] = Boxed(value); }

    /// <summary>Learning rates; empty for the common setting.</summary>
    public IReadOnlyList<double> LearningRates { get => List<double>(SettingNames.LearningRate); init => this[SettingNames.LearningRate] = Boxed(value); }

    /// <summary>Weights of the KL term; empty for the common setting.</summary>
    public IReadOnlyList<double> Betas { get => List<double>(SettingNames.Beta); init => this[SettingNames.Beta] = Boxed(value); }

    /// <summary>What all candidates have in common.</summary>
    public FitSettings Common { get; init; } = new();

    /// <summary>This grid with other values of a setting.</summary>
    /// <param name="name">Name of the setting.</param>
    /// <param name="values">The values; empty for the common setting.</param>
    public SettingsGrid With(string name, IReadOnlyList<object> values) =>
        this with { _lists = values is { Count: > 0 } ? _lists.SetItem(name, values) : _lists.Remove(name) };

    /// <summary>The candidates, families outermost, in the order of the lists.</summary>
    /// <exception cref="BadOptionException">
    /// There is no such family, no family given has a setting that is given, or there are too many combinations.
    /// </exception>
    public IReadOnlyList<SelectionCandidate> Candidates()
    {
        ModelFamily[] families = Known();
        List<SelectionCandidate> candidates = [];
        foreach (ModelFamily family in families)
        {
            foreach (FitSettings settings in Combinations(family))
            {
                candidates.Add(SelectionCandidate.Of(family.Name, settings));
                if (candidates.Count > MaxCandidates)
                {
                    throw new BadOptionException(
                        "grid", $"The lists make more than {MaxCandidates} combinations; shorten them, or draw at random.");
                }
            }
        }

        RequireUsed(families, candidates);
        return candidates;
    }

    /// <summary>Lists in the order of the family's settings: a setting comes after those that it needs.</summary>
    private IEnumerable<FitSettings> Combinations(ModelFamily family)
    {
        SettingsGrid grid = ForLatentsOf(family);
        IEnumerable<FitSettings> all = [grid.Common];
        foreach (string name in family.Settings.Select(s => s.Name).Where(grid._lists.ContainsKey))
        {
            all = all.SelectMany(s => family.Takes(name, s) ? grid.Values(family, name).Select(value => s.With(name, value)) : [s]);
        }

        return all.Select(family.Only);
    }

    /// <summary>Numbers of latents under the name of what the family has in their place.</summary>
    private SettingsGrid ForLatentsOf(ModelFamily family)
    {
        string name = family.LatentSetting.Name;
        bool given = _lists.ContainsKey(name) || Common[name] is not null;
        return name == SettingNames.Latents || given ? this
            : With(name, this[SettingNames.Latents]) with { Common = Common.With(name, Common[SettingNames.Latents]) };
    }

    /// <summary>A setting that reaches no candidate is a mistake.</summary>
    private void RequireUsed(ModelFamily[] families, List<SelectionCandidate> candidates)
    {
        HashSet<string> used = [.. candidates.SelectMany(c => c.FitSettings!.Values.Keys), SettingNames.Seed];
        foreach (string option in _lists.Keys.Concat(Common.Values.Keys))
        {
            bool isUsed = used.Contains(option)
                || (option == SettingNames.Latents && used.Overlaps(families.Select(f => f.LatentSetting.Name)));
            if (!isUsed)
            {
                throw new BadOptionException(option, Unused(families, option));
            }
        }
    }

    private string Unused(ModelFamily[] families, string option)
    {
        string models = $"models {string.Join(", ", Families)}";
        return families.Select(f => f.Find(option)).FirstOrDefault(s => s is not null) is { } setting
            ? setting.Lacks($"the {models}")
            : $"None of the {models} has a setting '{option}'; leave it out. The nearest that they have are "
                + $"{NearNames.List(option, families.SelectMany(f => f.Settings).Select(s => s.Name))}.";
    }

    private T[] List<T>(string name) => [.. this[name].OfType<T>()];

    private static object[] Boxed<T>(IReadOnlyList<T> values)
        where T : notnull => [.. values.Cast<object>()];
}
