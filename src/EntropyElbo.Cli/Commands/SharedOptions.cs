using System.CommandLine;
using EntropyElbo.Data;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Commands;

/// <summary>Arguments and options that several commands have.</summary>
internal static class SharedOptions
{
    private const int MaxThreads = 1024;

    public static Argument<string> Data() => new("DATA")
    {
        Description = "Rows: CSV or TSV (a header is detected) or IDX, gzipped or not; - for standard input.",
    };

    public static Argument<string> ModelFile() => new("MODEL") { Description = "A model file, as 'fit --out' writes it." };

    public static Option<string?> Columns() => OptionParsers.Text(
        "--columns", "LIST", "The columns to use: positions from 1, ranges and names, as in 1-18 or a,b,c. Default: all.");

    public static Option<bool> SkipMissing() => OptionParsers.Switch(
        "--skip-missing", "Leave out rows with missing values and count them. Default: such a row is an error.");

    public static Option<bool> Json() => OptionParsers.Switch("--json", "Print the report as one JSON object.");

    public static Option<ulong?> Seed() => OptionParsers.Whole<ulong>("--seed", "S", "Seed of everything random. Default: 1.");

    public static Option<int?> Threads() => OptionParsers.Whole<int>(
        "--threads", "T", "Threads; results do not depend on it. Default: 0, one per core.");

    /// <summary>The choice of columns, or null for all.</summary>
    public static ColumnSelection? ColumnsOf(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } text ? ColumnSelection.Parse(text) : null;

    /// <summary>The number of threads, checked.</summary>
    public static int ThreadsOf(ParseResult parsed, Option<int?> option)
    {
        int threads = parsed.GetValue(option) ?? 0;
        return threads is >= 0 and <= MaxThreads ? threads : throw new BadOptionException(
            "threads", $"The number of threads is {threads}; it must be between 0 (one per core) and {MaxThreads}.");
    }

    /// <summary>What to do with rows that have missing values.</summary>
    public static MissingValues MissingOf(ParseResult parsed, Option<bool> option) =>
        parsed.GetValue(option) ? MissingValues.SkipRow : MissingValues.Reject;

    /// <summary>The families, one a line, for the help of <c>--model</c>.</summary>
    public static string FamilyList() => string.Join("; ", ModelFamilies.All.Select(f => $"{f.Name}: {f.Summary}"));

    public static Option<int?> Restarts() => OptionParsers.Whole<int>(
        "--restarts", "N", "Starting points of a mixture; the best after a few iterations goes on. Default: 10.");

    public static Option<double?> Smoothing() => OptionParsers.Real(
        "--smoothing", "A", "Pseudo-counts of a mixture's bernoulli, binomial, poisson and categorical columns. Default: 0 in fit, 1 in select by held-out.");
}
