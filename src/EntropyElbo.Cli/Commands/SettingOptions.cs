using System.CommandLine;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;
using EntropyElbo.Selection;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Commands;

/// <summary>
/// The options for settings of families, made from the families' own lists: one for each common setting, and one that takes any other by
/// its name.
/// </summary>
internal sealed class SettingOptions
{
    private readonly bool _takesLists;
    private readonly (Setting Setting, Option Option)[] _flags;
    private readonly Option<string[]> _set = new(OptionNames.Set)
    {
        Description = "A setting by its name, as in 'entropy-elbo models'; may be given many times.",
        HelpName = "NAME=VALUE",
    };

    /// <summary>Makes the options.</summary>
    /// <param name="takesLists">Whether several values to try can be given, separated by commas.</param>
    public SettingOptions(bool takesLists)
    {
        _takesLists = takesLists;
        _flags = [.. Common().Select(s => (s, Flag(s)))];
        IEnumerable<Setting> rare = ModelFamilies.All.SelectMany(f => f.Settings).Where(s => !s.IsCommon).DistinctBy(s => s.Name);
        _set.CompletionSources.Add([.. rare.Select(s => s.Name + '=')]);
        _set.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(t => t.Value).Where(t => t.IndexOf('=', StringComparison.Ordinal) < 1))
            {
                result.AddError($"{OptionNames.Set} takes name=value, not '{text}'.");
            }
        });
    }

    /// <summary>The options of common settings.</summary>
    public IEnumerable<Option> Flags => _flags.Select(f => f.Option);

    /// <summary>Whether several values can be given.</summary>
    public bool TakesLists => _takesLists;

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach ((Setting setting, Option option) in _flags)
        {
            command.Options.Add(option);
            if (setting is { Needs: { } needed, NeededValue: null })
            {
                OptionParsers.Require(command, option, _flags.Single(f => f.Setting.Name == needed).Option);
            }
        }

        command.Options.Add(_set);
    }

    /// <summary>Settings for one family.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="family">The family.</param>
    /// <param name="basis">The settings without those of these options.</param>
    /// <param name="besides">A setting that the tool itself reads where the family does not have it, or null.</param>
    public FitSettings For(ParseResult parsed, ModelFamily family, FitSettings basis, string? besides = null) =>
        Given(parsed).Where(given => given.Name != besides || family.Find(given.Name) is not null).Aggregate(
            basis, (settings, given) => settings.With(given.Name, family.Setting(given.Name).Parse(given.Text)));

    /// <summary>What the command line says of a setting, or null.</summary>
    public string? Text(ParseResult parsed, string name) =>
        Given(parsed).Where(g => g.Name == name).Select(g => g.Text).FirstOrDefault();

    /// <summary>A grid of all values.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="basis">The grid without those of these options.</param>
    public SettingsGrid Grid(ParseResult parsed, SettingsGrid basis)
    {
        ModelFamily[] families = [.. basis.Families.Select(ModelFamilies.Find)];
        return Given(parsed).Aggregate(basis, (grid, given) => grid.With(given.Name, Values(families, given.Name, given.Text)));
    }

    /// <summary>Values to try; a list of sizes is one value. What no family knows is refused by the grid.</summary>
    private static object[] Values(ModelFamily[] families, string name, string text)
    {
        Setting? setting = families.Concat(ModelFamilies.All).Select(f => f.Find(name)).FirstOrDefault(s => s is not null);
        return setting is null ? [text]
            : setting.Kind == SettingKind.WholeList ? [setting.Parse(text)]
            : [.. text.Split(',').Select(t => RangeOf(setting, t.Trim()) ?? setting.Parse(t.Trim()))];
    }

    /// <summary>A range of numbers, where a text is one.</summary>
    private static SettingRange? RangeOf(Setting setting, string text) =>
        setting.Kind is SettingKind.Whole or SettingKind.Real ? SettingRange.TryParse(text) : null;

    /// <summary>Names and texts of what is on the command line.</summary>
    private List<(string Name, string Text)> Given(ParseResult parsed)
    {
        List<(string Name, string Text)> all =
        [
            .. _flags.Where(f => OptionParsers.Given(parsed.CommandResult, f.Option))
                .Select(f => (f.Setting.Name, TextOf(parsed, f.Option))),
            .. (parsed.GetValue(_set) ?? []).Select(t => t.Split('=', 2)).Select(p => (p[0].Trim(), p[1].Trim())),
        ];
        HashSet<string> names = [];
        foreach ((string name, _) in all)
        {
            if (name == SettingNames.Seed)
            {
                throw new BadOptionException(name, "The seed is that of the whole run; give it by --seed.");
            }

            if (!names.Add(name))
            {
                throw new BadOptionException(name, $"'{name}' is given twice; give it once.");
            }
        }

        return all;
    }

    private static string TextOf(ParseResult parsed, Option option) =>
        option is Option<bool> flag ? SettingType.Text(parsed.GetValue(flag)) : parsed.GetValue((Option<string?>)option)!;

    /// <summary>Common settings, each once: the one with the widest choice stands for all. The seed is an option of the run.</summary>
    private static IEnumerable<Setting> Common() => ModelFamilies.All.SelectMany(f => f.Settings)
        .Where(s => s.IsCommon && s.Name != SettingNames.Seed)
        .GroupBy(s => s.Name)
        .Select(same => same.MaxBy(s => s.Choices.Count == 1 ? 0 : 1)!);

    private Option Flag(Setting setting)
    {
        string name = "--" + setting.Name;
        if (setting.Kind == SettingKind.Switch)
        {
            return OptionParsers.Switch(name, setting.Help);
        }

        bool isList = _takesLists && setting.Kind != SettingKind.WholeList;
        Option<string?> option = OptionParsers.Text(name, isList ? setting.Placeholder + ",.." : setting.Placeholder, setting.Help);
        option.Validators.Add(result =>
        {
            string text = result.Tokens[0].Value;
            string[] values = isList ? text.Split(',') : [text];
            bool IsValue(string value) => IsOf(setting, value) || (isList && RangeOf(setting, value) is not null);
            if (setting.Kind != SettingKind.Text && !values.All(v => IsValue(v.Trim())))
            {
                string words = setting.Kind == SettingKind.Choice ? setting.Range : setting.Type.Noun;
                result.AddError($"{name} takes {words}{(isList ? ", or several separated by commas" : "")}; not '{text}'.");
            }
        });
        option.CompletionSources.Add([.. setting.Choices]);
        return option;
    }

    /// <summary>Whether a text is of the setting's kind; numbers out of range are bad input, not wrong usage.</summary>
    private static bool IsOf(Setting setting, string text) =>
        setting.Type.Read(text) is { } value && (setting.Kind != SettingKind.Choice || setting.Type.Allows(value));
}
