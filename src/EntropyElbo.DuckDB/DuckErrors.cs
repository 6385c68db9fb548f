using System.Text.RegularExpressions;

namespace EntropyElbo.DuckDB;

/// <summary>DuckDB's messages as this library's errors: one line, without the text of the statement, with a remedy.</summary>
internal static partial class DuckErrors
{
    /// <summary>Of extensions.</summary>
    public const string NeverLoaded = "which is not part of this build and is never downloaded";

    /// <summary>The error of a statement or a file.</summary>
    /// <param name="source">What was read.</param>
    /// <param name="message">DuckDB's message, or null where it gave none.</param>
    public static Exception Data(string source, string? message)
    {
        string text = OneLine(message);
        return text.StartsWith("INTERRUPT", StringComparison.Ordinal)
            ? new OperationCanceledException($"{source}: {text}")
            : new BadDataException($"{source}: {Explain(text, DuckFiles.FormatOf(source))}");
    }

    private static string Explain(string text, string? format) => text switch
    {
        _ when text.Contains("disabled by configuration", StringComparison.Ordinal) =>
            $"it names other files than its own, which data may not ({text}); name them in a --query of your own.",
        _ when text.Contains("No files found", StringComparison.Ordinal) => $"{text} Check the path.",
        _ when text.Contains("extension httpfs", StringComparison.Ordinal) || text.Contains("\"httpfs\"", StringComparison.Ordinal) =>
            $"files elsewhere on the network need DuckDB's extension httpfs, {NeverLoaded}; fetch the file first.",
        _ when Extension().Match(text) is { Success: true } match =>
            $"this needs DuckDB's extension {match.Groups[1].Value}, {NeverLoaded}; export the data as Parquet or CSV.",
        _ when text.Contains("syntax error", StringComparison.Ordinal) => $"{text} Give one SELECT without a semicolon.",
        _ when format is not null && !text.StartsWith("Out of Memory", StringComparison.Ordinal) =>
            $"this cannot be read as {format} ({text}); if it is cut off or damaged, fetch or write it again.",
        _ when text.StartsWith("Invalid Error", StringComparison.Ordinal) =>
            $"what is read seems to be damaged ({text}); fetch or write the file again.",
        _ => text,
    };

    /// <summary>The message up to the statement's text, on one line, with a full stop.</summary>
    private static string OneLine(string? message)
    {
        string text = Statement().Split(message ?? "", 2)[0];
        text = White().Replace(text, " ").Trim();
        return text.Length == 0 ? "DuckDB gave no reason; check the data." : text[^1] is '.' or '!' or '?' ? text : text + ".";
    }

    [GeneratedRegex(@"\r?\n\s*LINE \d+:")]
    private static partial Regex Statement();

    [GeneratedRegex(@"\s+")]
    private static partial Regex White();

    [GeneratedRegex(@"[Ee]xtension [""']?(?:[^""' ]*/)?(\w+?)(?:\.duckdb_extension)?[""']? (?:not found|to be loaded|is an existing)")]
    private static partial Regex Extension();
}
