using System.CommandLine;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Commands;

/// <summary>Arguments and options that several commands have.</summary>
internal static class SharedOptions
{
    private const int MaxThreads = 1024;

    public static Argument<string?> Data() => new("DATA")
    {
        Description = "Rows: CSV or TSV (delimiter and header are detected) or IDX, gzipped or not; Parquet or JSON, or a pattern of such files in "
            + "quotes; a table with --database; - for standard input. None with --query.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Argument<string> ModelFile() => new("MODEL") { Description = "A model file, as 'fit --out' writes it." };

    public static Option<bool> Json() => OptionParsers.Switch("--json", "Print the report as one JSON object.");

    public static Option<ulong?> Seed() => OptionParsers.Whole<ulong>("--seed", "S", "Seed of everything random. Default: 1.");

    public static Option<bool> Stream() => OptionParsers.Switch(
        "--stream", "Read the rows anew in every pass and keep none, for more rows than memory holds; slower.");

    /// <summary>Where rows are kept; throws where they cannot be read anew.</summary>
    public static RowCaching CachingOf(ParseResult parsed, Option<bool> stream, DataRequest request) =>
        !parsed.GetValue(stream) ? RowCaching.Memory
        : request.Path == "-" ? throw new BadOptionException(
            "stream", "Standard input can be read only once; put the rows in a file, or keep them in memory.")
        : RowCaching.Stream;

    public static Option<int?> Threads() => OptionParsers.Whole<int>(
        "--threads", "T", "Threads; results do not depend on it. Default: 0, one per core.");

    /// <summary>The number of threads, checked.</summary>
    public static int ThreadsOf(ParseResult parsed, Option<int?> option)
    {
        int threads = parsed.GetValue(option) ?? 0;
        return threads is >= 0 and <= MaxThreads ? threads : throw new BadOptionException(
            "threads", $"The number of threads is {threads}; it must be between 0 (one per core) and {MaxThreads}.");
    }

    /// <summary>The names of the families, for the help of <c>--model</c>.</summary>
    public static string FamilyList() => $"{string.Join(", ", ModelFamilies.All.Select(f => f.Name))}; 'entropy-elbo models' tells of them";
}
