using System.Globalization;

namespace EntropyElbo.Training;

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

    public override string Noun => $"whole numbers separated by commas, such as 128,24{(Least > 0 ? "" : ", or none")}";

    public override string Range => string.Create(
        CultureInfo.InvariantCulture, $"{(Least > 0 ? $"{Least} to" : "at most")} {Most} whole numbers, each {Allowed}");

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

/// <summary>
/// Texts with a grammar of their own, which <paramref name="Normalise"/> reads, or throws a <see cref="BadOptionException"/> that
/// explains it.
/// </summary>
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
