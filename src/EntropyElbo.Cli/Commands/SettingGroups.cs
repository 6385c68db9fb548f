using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Commands;

/// <summary>A setting with the families that have it.</summary>
/// <param name="Setting">The setting of the first of them.</param>
/// <param name="Families">The families.</param>
internal sealed record SharedSetting(Setting Setting, IReadOnlyList<ModelFamily> Families)
{
    /// <summary>What it is, with its default where the families agree on one.</summary>
    public string Help => Families.Select(f => f.Find(Setting.Name)!.Default).Distinct().Count() == 1 && Setting.Default is { } value
        ? $"{Setting.Help} Default: {value}."
        : Setting.Help;

    /// <summary>How the command line says it.</summary>
    public string Usage => Usages.Of(Setting);
}

/// <summary>Settings under the heading of the families that have them.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Settings">The settings.</param>
internal sealed record SettingGroup(string Title, IReadOnlyList<SharedSetting> Settings)
{
    /// <summary>
    /// All settings of the library but the seed, which is the run's: those that mean the same to several kinds of families first,
    /// each once, then those of each kind.
    /// </summary>
    public static IReadOnlyList<SettingGroup> All()
    {
        SharedSetting[] all = [.. ModelFamilies.All.SelectMany(f => f.Settings.Select(s => (Family: f, Setting: s)))
            .Where(p => p.Setting.Name != SettingNames.Seed)
            .GroupBy(p => (p.Setting.Name, p.Setting.Help))
            .Select(same => new SharedSetting(same.First().Setting, [.. same.Select(p => p.Family)]))];
        ILookup<string, SharedSetting> byKind = all.ToLookup(
            s => s.Families.All(f => f.Kind == s.Families[0].Kind) ? s.Families[0].Kind : "");
        return
        [
            new("several models", [.. byKind[""]]),
            .. byKind.Where(k => k.Key.Length > 0).Select(k => new SettingGroup(k.Key, [.. k])),
        ];
    }
}

/// <summary>Which of some families have a setting, and how it is given.</summary>
internal static class Usages
{
    /// <summary>How the command line says a setting: by an option of its own, or by its name.</summary>
    public static string Of(Setting setting)
    {
        string value = setting.Choices.Count > 1 ? string.Join('|', setting.Choices)
            : setting.Kind == SettingKind.Switch ? "yes|no"
            : $"<{setting.Placeholder}>";
        return !setting.IsCommon ? $"{OptionNames.Set} {setting.Name}={value}"
            : setting.Kind == SettingKind.Switch ? $"--{setting.Name}"
            : $"--{setting.Name} {value}";
    }

    /// <summary>The families that have a setting, by kinds where a whole kind has it; empty where all do.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="among">The families that are spoken of.</param>
    public static string Owners(SharedSetting setting, IReadOnlyList<ModelFamily> among)
    {
        string[] owners = Names(among, [.. among.Where(setting.Families.Contains)]);
        string[] others = Names(among, [.. among.Where(f => !setting.Families.Contains(f))]);
        return others.Length == 0 ? "" : others.Length < owners.Length ? $"all but {string.Join(", ", others)}" : string.Join(", ", owners);
    }

    private static string[] Names(IReadOnlyList<ModelFamily> all, ModelFamily[] some) =>
        [.. some.GroupBy(f => f.Kind).SelectMany(
            kind => kind.Count() == all.Count(f => f.Kind == kind.Key) ? [kind.Key] : kind.Select(f => f.Name))];
}
