using EntropyElbo.Data;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Host;

/// <summary>The part of DuckData in builds with <c>-p:DuckDb=false</c>: it says what they lack. Which files are Parquet the reader of text says.</summary>
internal static class DuckData
{
    private const string Lack = "this build of the tool was made without DuckDB (-p:DuckDb=false)";

    public static bool Reads(string path) => false;

    public static IReadOnlyList<string> Expand(string path) => [path];

    public static IRowSource Open(DataRequest request, IReadOnlyList<CategoricalColumn>? encodings, CancellationToken cancellation) => throw new BadOptionException(
        request.Query is null ? "database" : "query", $"There are no queries and databases: {Lack}; write the rows as CSV, or take a build that has it.");

    public static IReadOnlyList<CategoricalColumn>? Encodings(IRowSource rows) => null;

    public static IRowLabels? Labels(IRowSource rows) => null;

    public static long WriteParquet(Stream stream, IRowSource rows, CancellationToken cancellation) =>
        throw new BadOptionException("out", $"Parquet cannot be written: {Lack}; name a file that ends in .csv or .arrow.");
}
