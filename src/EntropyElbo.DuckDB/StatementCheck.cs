using System.Collections.Frozen;
using System.Text.Json;

namespace EntropyElbo.DuckDB;

/// <summary>
/// Refuses statements that may do more than read. They are SELECTs already, but DuckDB has table functions that a SELECT can call and that write
/// files or take addresses of memory, such as enable_logging and arrow_scan, whatever the configuration. So only those that are known to read may
/// be called. They are looked for in the plan, where no name can hide behind a view, a macro or a text.
/// </summary>
internal static class StatementCheck
{
    private static readonly FrozenSet<string> Readers = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        [
            "parquet_scan", "read_parquet", "read_csv", "read_csv_auto", "read_json", "read_json_auto", "read_ndjson", "read_ndjson_auto",
            "read_json_objects", "read_json_objects_auto", "read_ndjson_objects", "read_text", "read_blob", "glob", "sniff_csv",
            "parquet_metadata", "parquet_schema", "parquet_file_metadata", "parquet_kv_metadata",
            "range", "generate_series", "unnest", "repeat", "repeat_row", "summary", "json_each", "json_tree",
        ]);

    /// <summary>Throws where the plan of a statement calls another table function.</summary>
    public static void RequireReading(DuckSession session, string select, string source)
    {
        foreach (string? plan in session.Texts($"EXPLAIN (FORMAT json) {select}", source, column: 1))
        {
            using JsonDocument parsed = JsonDocument.Parse(plan ?? "[]", new JsonDocumentOptions { MaxDepth = 1000 });
            foreach (string function in Functions(parsed.RootElement).Where(f => !Readers.Contains(f)))
            {
                throw new BadDataException(
                    $"{source} calls {function.ToLowerInvariant()}, which is not among the functions that are known to do no more than read; leave it away.");
            }
        }
    }

    /// <summary>Names of the table functions that stand in a plan: an operator says it as its Function, or as its Name where it takes rows.</summary>
    private static IEnumerable<string> Functions(JsonElement node)
    {
        if (node.ValueKind == JsonValueKind.Array)
        {
            return node.EnumerateArray().SelectMany(Functions);
        }

        JsonElement facts = node.GetProperty("extra_info");
        string key = node.GetProperty("name").GetString()?.Trim() == "INOUT_FUNCTION" ? "Name" : "Function";
        IEnumerable<string> below = Functions(node.GetProperty("children"));
        return facts.TryGetProperty(key, out JsonElement name) ? below.Prepend(name.GetString()!) : below;
    }
}
