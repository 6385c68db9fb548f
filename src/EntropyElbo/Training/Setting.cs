namespace EntropyElbo.Training;

/// <summary>
/// A setting of a family of models, said once: the tool's options and help, grids of settings, their texts and JSON, and the refusal of
/// settings that a family does not have all follow from the family's list of these.
/// </summary>
public abstract record Setting
{
    private protected Setting(string name, SettingType type, string placeholder, string help)
    {
        Name = name;
        Type = type;
        Placeholder = placeholder;
        Help = help;
    }

    /// <summary>The name, for example <c>learning-rate</c>: in <see cref="FitSettings"/>, in messages, and of the tool's option.</summary>
    public string Name { get; }

    /// <summary>What stands for a value in help texts, for example <c>R</c>.</summary>
    public string Placeholder { get; }

    /// <summary>What it does, in one line.</summary>
    public string Help { get; internal init; }

    /// <summary>What its values are.</summary>
    public SettingKind Kind => Type.Kind;

    /// <summary>Which values are allowed, in words, for example <c>between 1 and 64</c>; empty where all of the kind are.</summary>
    public string Range => Type.Range;

    /// <summary>The words to choose from; empty for other kinds.</summary>
    public IReadOnlyList<string> Choices => Type.Choices;

    /// <summary>The value without the setting, as text; null where there is none to tell.</summary>
    public string? Default { get; internal init; }

    /// <summary>Whether it must be given.</summary>
    public bool IsRequired { get; internal init; }

    /// <summary>Whether the tool has an option of its own for it; the others are given by <c>--set name=value</c>.</summary>
    public bool IsCommon { get; internal init; }

    /// <summary>The setting without which this one means nothing, and is refused; null where there is none.</summary>
    public string? Needs { get; internal init; }

    /// <summary>The value that <see cref="Needs"/> must have; null where any will do.</summary>
    public string? NeededValue { get; internal init; }

    /// <summary>A setting that cannot be given together with this one, or null.</summary>
    public string? Excludes { get; internal init; }

    /// <summary>Whether it is the number of latents of the family's models.</summary>
    internal bool CountsLatents { get; init; }

    internal SettingType Type { get; init; }

    /// <summary>The value that a text says, as <see cref="FitSettings"/> keeps it.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="BadOptionException">It is no value of this kind; one out of range is refused where the trainer is made.</exception>
    public object Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Read(text);
    }

    /// <summary>A value as text, as <see cref="Parse"/> reads it.</summary>
    /// <param name="value">The value.</param>
    public static string Text(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return SettingType.Text(value);
    }

    /// <summary>The plain form of a value.</summary>
    internal object Read(object given) => Type.Read(given)
        ?? throw new BadOptionException(Name, $"'{Name}' is '{SettingType.Text(given)}'; it must be {Type.Words}.");

    /// <summary>Why it is refused where what it needs is not there.</summary>
    /// <param name="models">The models, in words.</param>
    internal string Lacks(string models) =>
        $"'{Name}' means nothing to {models} without '{Needs}'{(NeededValue is { } value ? $" {value}" : "")}; give that, or leave it out.";

    /// <summary>Throws where a value in plain form is out of range.</summary>
    internal void Check(object value)
    {
        if (!Type.Allows(value))
        {
            throw new BadOptionException(Name, $"'{Name}' is {SettingType.Text(value)}; it must be {Type.Range}.");
        }
    }
}

/// <summary>A setting bound to a family's options record.</summary>
/// <typeparam name="TOptions">The options record.</typeparam>
/// <param name="Name">The name.</param>
/// <param name="Type">What its values are.</param>
/// <param name="Placeholder">What stands for a value in help texts.</param>
/// <param name="Help">What it does, in one line.</param>
/// <param name="Get">The value in options, in plain form; null where they leave it open.</param>
/// <param name="Set">Options with a value, which is in range.</param>
internal sealed record Setting<TOptions>(
    string Name, SettingType Type, string Placeholder, string Help, Func<TOptions, object?> Get, Func<TOptions, object, TOptions> Set)
    : Setting(Name, Type, Placeholder, Help)
{
    /// <summary>The same setting of options that hold these.</summary>
    /// <typeparam name="TOuter">The other options record.</typeparam>
    /// <param name="get">These options in the others.</param>
    /// <param name="set">The others with these.</param>
    public Setting<TOuter> In<TOuter>(Func<TOuter, TOptions> get, Func<TOuter, TOptions, TOuter> set) =>
        new(Name, Type, Placeholder, Help, outer => Get(get(outer)), (outer, value) => set(outer, Set(get(outer), value)))
        {
            Default = Default,
            IsRequired = IsRequired,
            IsCommon = IsCommon,
            Needs = Needs,
            NeededValue = NeededValue,
            Excludes = Excludes,
            CountsLatents = CountsLatents,
        };
}
