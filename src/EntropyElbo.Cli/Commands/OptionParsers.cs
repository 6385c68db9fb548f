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

    /// <summary>A list of whole numbers separated by commas; <c>none</c> for an empty one.</summary>
    public static Option<int[]?> WholeList(string name, string helpName, string description) =>
        NumberList<int>(name, helpName, description, NumberStyles.AllowLeadingSign, "whole numbers separated by commas, such as 128,24, or none");

    /// <summary>A list of numbers separated by commas.</summary>
    public static Option<double[]?> RealList(string name, string helpName, string description) =>
        NumberList<double>(name, helpName, description, NumberStyles.Float, "numbers separated by commas, such as 0.001,0.01");

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

    private static bool Given(CommandResult command, Option option) => command.GetResult(option) is { Implicit: false };

    private static Option<T[]?> NumberList<T>(string name, string helpName, string description, NumberStyles style, string kind)
        where T : struct, INumberBase<T> => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                string[] parts = text == "none" ? [] : text.Split(',');
                T[] values = new T[parts.Length];
                for (int i = 0; i < parts.Length; i++)
                {
                    if (!T.TryParse(parts[i].Trim(), style, CultureInfo.InvariantCulture, out values[i]))
                    {
                        result.AddError($"{name} takes {kind}; not '{text}'.");
                        return null;
                    }
                }

                return values;
            },
        };

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
