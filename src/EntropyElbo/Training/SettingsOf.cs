namespace EntropyElbo.Training;

/// <summary>Makes the settings of a family, bound to its options record: one method a kind of values.</summary>
/// <typeparam name="TOptions">The options record.</typeparam>
internal static partial class SettingsOf<TOptions>
{
    /// <summary>A whole number.</summary>
    public static Setting<TOptions> Whole(
        string name, string placeholder, string help, NumberRange range,
        Func<TOptions, int?> get, Func<TOptions, int, TOptions> set) =>
        new(name, new WholeType(range), placeholder, help, options => get(options), (options, value) => set(options, (int)value));

    /// <summary>A number.</summary>
    public static Setting<TOptions> Real(
        string name, string placeholder, string help, NumberRange range,
        Func<TOptions, double?> get, Func<TOptions, double, TOptions> set) =>
        new(name, new RealType(range), placeholder, help, options => get(options), (options, value) => set(options, (double)value));

    /// <summary>A list of whole numbers.</summary>
    public static Setting<TOptions> List(
        string name, string help, WholeListType type,
        Func<TOptions, IReadOnlyList<int>?> get, Func<TOptions, IReadOnlyList<int>, TOptions> set) =>
        new(name, type, "LIST", help, get, (options, value) => set(options, (IReadOnlyList<int>)value));

    /// <summary>One of a few words, each a value of an enumeration.</summary>
    public static Setting<TOptions> Choice<TValue>(
        string name, string help, IReadOnlyList<(TValue Value, string Word)> words,
        Func<TOptions, TValue?> get, Func<TOptions, TValue, TOptions> set)
        where TValue : struct, Enum =>
        new(
            name,
            new ChoiceType([.. words.Select(w => w.Word)]),
            "KIND",
            help,
            options => get(options) is { } value ? Word(words, value) : null,
            (options, value) => set(options, words.First(w => w.Word == (string)value).Value));

    /// <summary>A text with a grammar of its own.</summary>
    public static Setting<TOptions> Text(
        string name, string placeholder, string help, TextType type, Func<TOptions, string?> get, Func<TOptions, string, TOptions> set) =>
        new(name, type, placeholder, help, get, (options, value) => set(options, (string)value));

    /// <summary>Yes or no.</summary>
    public static Setting<TOptions> Switch(string name, string help, Func<TOptions, bool?> get, Func<TOptions, bool, TOptions> set) =>
        new(name, new SwitchType(), "", help, options => get(options), (options, value) => set(options, (bool)value));

    /// <summary>A word that says what the family is in any case.</summary>
    public static Setting<TOptions> Only(string name, string placeholder, string help, string word) =>
        new(name, new ChoiceType([word]), placeholder, help, _ => word, (options, _) => options);

    /// <summary>A value that is none of the enumeration's has a number for a word, which is refused as any other.</summary>
    private static string Word<TValue>(IReadOnlyList<(TValue Value, string Word)> words, TValue value)
        where TValue : struct, Enum => words.Where(w => w.Value.Equals(value)).Select(w => w.Word).FirstOrDefault() ?? value.ToString();
}
