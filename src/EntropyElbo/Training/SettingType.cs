using System.Globalization;

namespace EntropyElbo.Training;

/// <summary>What a setting's values are.</summary>
public enum SettingKind
{
    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A number.</summary>
    Real,

    /// <summary>Whole numbers separated by commas, or <c>none</c>.</summary>
    WholeList,

    /// <summary>One of a few words.</summary>
    Choice,

    /// <summary>A text.</summary>
    Text,

    /// <summary>Yes or no.</summary>
    Switch,
}

/// <summary>
/// How a kind of values is read, checked and written. A value in a <see cref="FitSettings"/> has the type's plain form: int, ulong,
/// double, list of int, bool, or string for words and texts.
/// </summary>
internal abstract record SettingType
{
    /// <summary>The kind.</summary>
    public abstract SettingKind Kind { get; }

    /// <summary>What a value is, in words.</summary>
    public abstract string Noun { get; }

    /// <summary>Which values are allowed, in words that follow "it must be"; empty where all of the kind are.</summary>
    public virtual string Range => "";

    /// <summary>The words to choose from, where there are some.</summary>
    public virtual IReadOnlyList<string> Choices => [];

    /// <summary>Noun and range.</summary>
    public string Words => Range.Length == 0 ? Noun : Choices.Count > 0 ? Range : $"{Noun} {Range}";

    /// <summary>The plain form of a value, or of a text that says it; null where it is none of this kind.</summary>
    public abstract object? Read(object given);

    /// <summary>Whether a value in plain form is allowed.</summary>
    public virtual bool Allows(object value) => true;

    /// <summary>A value as a text that <see cref="Read"/> understands.</summary>
    public static string Text(object value) => value switch
    {
        IReadOnlyList<int> { Count: 0 } => "none",
        IReadOnlyList<int> list => string.Join(',', list.Select(n => n.ToString(CultureInfo.InvariantCulture))),
        bool flag => flag ? "yes" : "no",
        double number => number.ToString(CultureInfo.InvariantCulture).Replace('E', 'e'),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
