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

/// <summary>Whole numbers of a range.</summary>
internal sealed record WholeType(NumberRange Allowed) : SettingType
{
    public override SettingKind Kind => SettingKind.Whole;

    public override string Noun => "a whole number";

    public override string Range => Allowed.ToString();

    public override object? Read(object given) => given switch
    {
        int => given,
        string text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) => number,
        _ => null,
    };

    public override bool Allows(object value) => Allowed.Holds((int)value);
}

/// <summary>Seeds: any 64 bits.</summary>
internal sealed record SeedType : SettingType
{
    public override SettingKind Kind => SettingKind.Whole;

    public override string Noun => "a whole number of at least 0";

    public override object? Read(object given) => given switch
    {
        ulong => given,
        int and >= 0 => (ulong)(int)given,
        string text when ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) => number,
        _ => null,
    };
}

/// <summary>Numbers of a range.</summary>
internal sealed record RealType(NumberRange Allowed) : SettingType
{
    public override SettingKind Kind => SettingKind.Real;

    public override string Noun => "a number";

    public override string Range => Allowed.ToString();

    public override object? Read(object given) => given switch
    {
        double => given,
        int whole => (double)whole,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        _ => null,
    };

    public override bool Allows(object value) => Allowed.Holds((double)value);
}

/// <summary>Lists of whole numbers, each of a range.</summary>
internal sealed record WholeListType(NumberRange Allowed, int Least, int Most) : SettingType
{
    public override SettingKind Kind => SettingKind.WholeList;

    public override string Noun => Least > 0 ? "whole numbers separated by commas, such as 128,24" : "whole numbers separated by commas, such as 128,24, or none";

    public override string Range => string.Create(CultureInfo.InvariantCulture, $"{(Least > 0 ? $"{Least} to" : "at most")} {Most} whole numbers, each {Allowed}");

    public override object? Read(object given) => given switch
    {
        IReadOnlyList<int> => given,
        "none" => Array.Empty<int>(),
        string text => Numbers(text.Split(',')),
        _ => null,
    };

    public override bool Allows(object value) =>
        value is IReadOnlyList<int> list && list.Count >= Least && list.Count <= Most && list.All(n => Allowed.Holds(n));

    private static int[]? Numbers(string[] parts)
    {
        int[] numbers = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i].AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        return numbers;
    }
}

/// <summary>One of a few words.</summary>
internal sealed record ChoiceType(IReadOnlyList<string> Names) : SettingType
{
    public override SettingKind Kind => SettingKind.Choice;

    public override string Noun => "a word";

    public override IReadOnlyList<string> Choices => Names;

    public override string Range => Names.Count == 1 ? Names[0] : $"{string.Join(", ", Names.SkipLast(1))} or {Names[^1]}";

    public override object? Read(object given) => given as string;

    public override bool Allows(object value) => Names.Contains((string)value);
}

/// <summary>Texts with a grammar of their own, which <paramref name="Normalise"/> reads, or throws a <see cref="BadOptionException"/> that explains it.</summary>
internal sealed record TextType(string Grammar, Func<string, string> Normalise) : SettingType
{
    public override SettingKind Kind => SettingKind.Text;

    public override string Noun => Grammar;

    public override object? Read(object given) => given is string text ? Normalise(text) : null;
}

/// <summary>Yes or no.</summary>
internal sealed record SwitchType : SettingType
{
    public override SettingKind Kind => SettingKind.Switch;

    public override string Noun => "yes or no";

    public override object? Read(object given) => given switch
    {
        bool => given,
        "yes" or "true" => true,
        "no" or "false" => false,
        _ => null,
    };
}
