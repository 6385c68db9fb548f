using System.Buffers;
using EntropyElbo.Data;

namespace EntropyElbo.DuckDB;

/// <summary>Tells which paths are DuckDB's to read.</summary>
public static class DuckFiles
{
    private static readonly SearchValues<char> PatternSigns = SearchValues.Create("*?[");
    private static readonly string[] JsonEndings = [".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz"];
    private static readonly string[] ParquetEndings = [".parquet", ".parq", ".pq"];
    private static readonly string[] DatabaseEndings = [".duckdb", ".ddb"];
    private static readonly string[] SheetEndings = [".xlsx", ".xls"];

    /// <summary>
    /// Whether DuckDB reads a path: Parquet by its name or its first bytes, JSON by its name, a pattern of either, or an address on the
    /// network. Databases and workbooks count too, so that their errors say what to do.
    /// </summary>
    /// <param name="path">The path, as <see cref="DuckDbRows.OfFiles"/> takes it.</param>
    public static bool Reads(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Contains("://", StringComparison.Ordinal)
            || Ends(path, ParquetEndings) || IsJson(path) || Ends(path, DatabaseEndings) || Ends(path, SheetEndings)
            || (IsPattern(path) && !File.Exists(path))
            || StartsWith(path, "PAR1"u8);
    }

    /// <summary>The files that a path stands for, for who must not write over them.</summary>
    /// <param name="path">A path or a pattern.</param>
    public static IReadOnlyList<string> Expand(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!IsPattern(path) || File.Exists(path) || path.Contains("://", StringComparison.Ordinal))
        {
            return [path];
        }

        using DuckSession session = new(null, 1, null);
        return [.. session.Texts($"SELECT file FROM glob({DuckSession.Literal(path)})", path).OfType<string>()];
    }

    internal static bool IsJson(string path) => Ends(path, JsonEndings);

    /// <summary>Throws where a path that DuckDB would take is of a kind that it cannot read as rows.</summary>
    internal static string RequireRows(string path)
    {
        if (Ends(path, SheetEndings))
        {
            throw new BadDataException(
                $"{path}: Excel workbooks need DuckDB's extension excel, which is not part of this build and is never downloaded; save the "
                + "sheet as CSV.");
        }

        if (Ends(path, DatabaseEndings))
        {
            throw new BadDataException($"{path} is a database; name it with --database and one of its tables as the data, or give a --query.");
        }

        return IsPattern(path) && !IsJson(path) && !Ends(path, ParquetEndings) && !File.Exists(path)
            ? throw new BadDataException(
                $"{path} is a pattern of files that are not named .parquet or .json; read them with --query \"SELECT * FROM '{path}'\".")
            : path;
    }

    /// <summary>Throws where a database cannot be opened for reading only by what this build has.</summary>
    internal static string? RequireDatabase(string? path)
    {
        if (path is null)
        {
            return null;
        }

        using (RawFiles.OpenFile(path))
        {
        }

        return StartsWith(path, "SQLite format 3"u8)
            ? throw new BadDataException(
                $"{path} is an SQLite database, which needs DuckDB's extension sqlite, which is not part of this build and is never downloaded; "
                + "export the table as CSV, with sqlite3 -header -csv, say.")
            : path;
    }

    private static bool IsPattern(string path) => path.AsSpan().ContainsAny(PatternSigns);

    private static bool Ends(string path, string[] endings) =>
        Array.Exists(endings, e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    private static bool StartsWith(string path, ReadOnlySpan<byte> mark)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using FileStream file = RawFiles.OpenFile(path);
        Span<byte> head = stackalloc byte[16];
        return file.CanSeek && head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)].StartsWith(mark);
    }
}
