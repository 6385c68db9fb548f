using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace EntropyElbo.Cli.Commands;

/// <summary>Makes options whose values are read in the invariant culture, with errors that say what was expected.</summary>
internal static class OptionParsers
{
    /// <summary>A whole number.</summary>
    public static Option<T?> Whole<T>(string name, string helpName, string description)
        where T : struct, IBinaryInteger<T> => Number<T>(name, helpName, description, NumberStyles.AllowLeadingSign, "a whole number");

    /// <summary>A number with or without a fraction.</summary>
    public static Option<double?> Real(string name, string helpName, string description) =>
        Number<double>(name, helpName, description, NumberStyles.Float, "a number");

    /// <summary>A text.</summary>
    public static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };

    /// <summary>A switch.</summary>
    public static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    /// <summary>A usage error where both options are given.</summary>
    public static void Exclude(Command command, Option a, Option b) => command.Validators.Add(result =>
    {
        if (Given(result, a) && Given(result, b))
        {
            result.AddError($"{a.Name} and {b.Name} exclude one another; give one of them.");
        }
    });

    /// <summary>A usage error where an option is given without another.</summary>
    public static void Require(Command command, Option option, Option needed) => command.Validators.Add(result =>
    {
        if (Given(result, option) && !Given(result, needed))
        {
            result.AddError($"{option.Name} needs {needed.Name}.");
        }
    });

    /// <summary>Whether an option is on the command line.</summary>
    public static bool Given(SymbolResult command, Option option) => command.GetResult(option) is { Implicit: false };

    private static Option<T?> Number<T>(string name, string helpName, string description, NumberStyles style, string kind)
        where T : struct, INumberBase<T> => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (T.TryParse(text, style, CultureInfo.InvariantCulture, out T value))
                {
                    return value;
                }

                result.AddError($"{name} takes {kind}, not '{text}'{(IsNegative(text) ? " (or it is out of range)" : "")}.");
                return null;
            },
        };

    private static bool IsNegative(string text) => text.StartsWith('-');
}
