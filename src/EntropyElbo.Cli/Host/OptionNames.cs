using System.CommandLine;

namespace EntropyElbo.Cli.Host;

/// <summary>
/// Where an option of the library is on the command line. The tool's options have the library's names, with two hyphens in front.
/// </summary>
internal static class OptionNames
{
    /// <summary>The option that gives settings by their names.</summary>
    public const string Set = "--set";

    /// <summary>How the command line says an option of the library; null where the command has none of that name.</summary>
    public static string? Find(string option, ParseResult parsed)
    {
        IList<Option> options = parsed.CommandResult.Command.Options;
        if (options.FirstOrDefault(o => o.Name == Set) is { } set && parsed.GetResult(set) is { } given
            && given.Tokens.Any(t => t.Value.StartsWith(option + '=', StringComparison.Ordinal)))
        {
            return $"{Set} {option}";
        }

        return options.FirstOrDefault(o => o.Name == "--" + option)?.Name;
    }
}
