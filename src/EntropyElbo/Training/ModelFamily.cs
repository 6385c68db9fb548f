using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Training;

/// <summary>
/// One family of models: its name, its settings, and how to train and to read it. The tool, model files and selection know families
/// through this only.
/// </summary>
public sealed record ModelFamily
{
    private readonly Func<FitSettings, ITrainer> _train;

    private ModelFamily(
        string name,
        string summary,
        string kind,
        IReadOnlyList<Setting> settings,
        Func<FitSettings,
        ITrainer> train,
        Func<ModelRecord,
        string,
        LatentModel> read)
    {
        Name = name;
        Summary = summary;
        Kind = kind;
        Settings = settings;
        _train = train;
        Read = read;
    }

    /// <summary>The tool's name, for example <c>vae-1</c>.</summary>
    public string Name { get; }

    /// <summary>One line for help texts.</summary>
    public string Summary { get; }

    /// <summary>What families with the same options have in common, for headings.</summary>
    public string Kind { get; }

    /// <summary>The settings that it has, in the order of help texts.</summary>
    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>Makes a model from its record.</summary>
    internal Func<ModelRecord, string, LatentModel> Read { get; }

    /// <summary>The setting that is the number of latents, or of what stands for them.</summary>
    internal Setting LatentSetting => Settings.First(s => s.CountsLatents);

    /// <summary>A family whose settings are bound to an options record.</summary>
    /// <typeparam name="TOptions">The options record.</typeparam>
    /// <param name="name">The tool's name.</param>
    /// <param name="summary">One line for help texts.</param>
    /// <param name="kind">What families with the same options have in common.</param>
    /// <param name="basis">The options without any setting.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="train">Makes a trainer from options.</param>
    /// <param name="read">Makes a model from its record.</param>
    internal static ModelFamily Of<TOptions>(
        string name, string summary, string kind, TOptions basis, IEnumerable<Setting<TOptions>> settings,
        Func<TOptions, ITrainer> train, Func<ModelRecord, string, LatentModel> read)
    {
        IReadOnlyList<Setting<TOptions>> all =
            [.. settings.Select(s => s with { Default = s.IsRequired ? null : s.Default ?? Text(s.Get(basis)) })];
        return new ModelFamily(name, summary, kind, all, given => train(Bind(basis, all, given)), read);
    }

    /// <summary>Makes a trainer.</summary>
    /// <param name="settings">Settings; those not given are the family's own.</param>
    /// <exception cref="BadOptionException">
    /// The family does not have a setting that is given, needs one that is not, or a value is out of range.
    /// </exception>
    public ITrainer CreateTrainer(FitSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach ((string name, object value) in settings.Values.Where(v => Find(v.Key) is not null || v.Key != SettingNames.Seed))
        {
            Setting setting = Setting(name);
            setting.Check(setting.Read(value));
            RequireCompanions(setting, settings);
        }

        return Settings.FirstOrDefault(s => s.IsRequired && settings[s.Name] is null) is { } missing
            ? throw new BadOptionException(missing.Name, $"The model {Name} needs '{missing.Name}': {missing.Help}")
            : _train(settings);
    }

    /// <summary>A setting by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="BadOptionException">The family has none of that name; the message lists the nearest.</exception>
    public Setting Setting(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Find(name) ?? throw new BadOptionException(
            name,
            name == SettingNames.Latents
                ? $"The model {Name} has {LatentSetting.Name} in place of latents; use '{LatentSetting.Name}'."
                : $"The model {Name} has no setting '{name}'; leave it out. The nearest that it has are "
                    + $"{NearNames.List(name, Settings.Select(s => s.Name))}.");
    }

    /// <summary>A setting by its name; null where the family has none of that name.</summary>
    internal Setting? Find(string name) => Settings.FirstOrDefault(s => s.Name == name);

    /// <summary>Whether a setting means something beside others: the family has it, and they hold what it needs.</summary>
    internal bool Takes(string name, FitSettings beside) => Find(name) is { } setting && HasNeeds(setting, beside);

    /// <summary>The settings that are given, in the order of the family's list.</summary>
    internal IEnumerable<KeyValuePair<string, object>> InOrder(FitSettings settings)
    {
        string[] names = [.. Settings.Select(s => s.Name)];
        return settings.Values.OrderBy(v => Array.IndexOf(names, v.Key) is >= 0 and int place ? place : int.MaxValue);
    }

    /// <summary>Settings without those that mean nothing to the family.</summary>
    internal FitSettings Only(FitSettings settings) => settings.Values.Keys
        .Where(name => name != SettingNames.Seed && !Takes(name, settings))
        .Aggregate(settings, (kept, name) => kept.With(name, null));

    private static string? Text(object? value) => value is null ? null : SettingType.Text(value);

    private static TOptions Bind<TOptions>(TOptions basis, IEnumerable<Setting<TOptions>> settings, FitSettings given) =>
        settings.Aggregate(
            basis, (options, setting) => given[setting.Name] is { } value ? setting.Set(options, setting.Read(value)) : options);

    private void RequireCompanions(Setting setting, FitSettings settings)
    {
        if (!HasNeeds(setting, settings))
        {
            throw new BadOptionException(setting.Name, setting.Lacks($"the model {Name}"));
        }

        if (setting.Excludes is { } other && settings[other] is not null)
        {
            throw new BadOptionException(setting.Name, $"'{setting.Name}' and '{other}' exclude one another; leave one of the two out.");
        }
    }

    private bool HasNeeds(Setting setting, FitSettings settings)
    {
        if (setting.Needs is not { } name)
        {
            return true;
        }

        Setting needed = Setting(name);
        string? text = settings[name] is { } given ? SettingType.Text(needed.Read(given)) : null;
        return setting.NeededValue is { } value ? (text ?? needed.Default) == value : text is not null;
    }
}

/// <summary>Checks of options by the settings that are bound to them.</summary>
internal static class SettingChecks
{
    /// <summary>Throws where a value in options is out of its setting's range.</summary>
    /// <exception cref="BadOptionException">The message names the setting and its range.</exception>
    public static void Check<TOptions>(this IEnumerable<Setting<TOptions>> settings, TOptions options)
    {
        foreach (Setting<TOptions> setting in settings)
        {
            if (setting.Get(options) is { } value)
            {
                setting.Check(value);
            }
        }
    }
}
