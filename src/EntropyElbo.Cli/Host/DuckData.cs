using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.DuckDB;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Host;

/// <summary>Opens what DuckDB reads.</summary>
internal static class DuckData
{
    /// <summary>Rows of files, a query or a table.</summary>
    public static DuckDbRows Open(DataRequest request, IReadOnlyList<CategoricalColumn>? encodings)
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
        };
        return request.Query is { } query ? DuckDbRows.OfQuery(query, request.Database, options)
            : request.Database is { } database ? DuckDbRows.OfTable(database, request.Path!, options)
            : DuckDbRows.OfFiles(request.Path!, options);
    }

    private static string? TextOption(CsvOptions options) => options.Delimiter is not null ? "delimiter"
        : options.DecimalSign is not null ? "decimal"
        : options.Header is not null ? "header"
        : null;
}
