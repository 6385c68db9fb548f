using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.DuckDB;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Host;

/// <summary>What DuckDB reads and writes. A build with <c>-p:DuckDb=false</c> has NoDuckData.cs in place of this file.</summary>
internal static class DuckData
{
    /// <summary>Whether DuckDB reads a path.</summary>
    public static bool Reads(string path) => DuckFiles.Reads(path);

    /// <summary>The files that a path stands for.</summary>
    public static IReadOnlyList<string> Expand(string path) => DuckFiles.Expand(path);

    /// <summary>Rows of files, a query or a table.</summary>
    public static IRowSource Open(DataRequest request, IReadOnlyList<CategoricalColumn>? encodings, CancellationToken cancellation)
    {
        if (TextOption(request.Csv) is { } option)
        {
            throw new BadOptionException(option, $"{request.Shown} is not read as text; leave the option {option} away.");
        }

        DuckDbOptions options = new()
        {
            Columns = request.Csv.Columns,
            MissingTokens = request.Csv.MissingTokens,
            Categorical = request.Categorical,
            Encodings = encodings ?? [],
            Label = request.Label is { } label ? ColumnSelection.Parse(label, "label") : null,
            Weight = request.Csv.Weight,
            Cancellation = cancellation,
        };
        DuckDbRows rows = request.Query is { } query ? DuckDbRows.OfQuery(query, request.Database, options)
            : request.Database is { } database ? DuckDbRows.OfTable(database, request.Path!, options)
            : DuckDbRows.OfFiles(request.Path!, options);
        return options.Weight is null ? rows : new WeightedRows(rows, rows.Columns - 1);
    }

    /// <summary>How text of the rows was encoded; null where they are not DuckDB's.</summary>
    public static IReadOnlyList<CategoricalColumn>? Encodings(IRowSource rows) => Own(rows)?.Encodings;

    /// <summary>What names the rows, where the request said so.</summary>
    public static IRowLabels? Labels(IRowSource rows) => Own(rows) is { LabelName: not null } duck ? new DuckLabels(duck) : null;

    /// <summary>Writes rows as Parquet; how many.</summary>
    public static long WriteParquet(Stream stream, IRowSource rows, CancellationToken cancellation) =>
        ParquetWriter.Write(stream, rows, cancellation);

    private static DuckDbRows? Own(IRowSource rows) => (rows is WeightedRows weighted ? weighted.Inner : rows) as DuckDbRows;

    private static string? TextOption(CsvOptions options) => options.Delimiter is not null ? "delimiter"
        : options.DecimalSign is not null ? "decimal"
        : options.Header is not null ? "header"
        : null;

    private sealed class DuckLabels(DuckDbRows rows) : IRowLabels
    {
        public string Name => rows.LabelName!;

        public string[] Of(IReadOnlyList<long> places) => rows.Labels(places);
    }
}
