using System.Buffers;
using EntropyElbo.Data;
using EntropyElbo.Files;

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
        return IsAddress(path)
            || Ends(path, ParquetEndings) || IsJson(path) || Ends(path, DatabaseEndings) || Ends(path, SheetEndings)
            || (IsPattern(path) && !File.Exists(path))
            || StartsWith(path, "PAR1"u8);
    }

    /// <summary>The files that a path stands for, in the order of their names; for who must not write over them, too.</summary>
    /// <param name="path">A path or a pattern.</param>
    public static IReadOnlyList<string> Expand(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!IsPattern(path) || File.Exists(path) || IsAddress(path))
        {
            return [path];
        }

        DuckLibrary.Require(path);
        using DuckSession session = new(DuckAccess.All(), threads: 1);
        return [.. session.Texts($"SELECT file FROM glob({DuckSession.Literal(path)})", path).OfType<string>().Order(StringComparer.Ordinal)];
    }

    /// <summary>The format that a path's name says, for messages; null where it says none.</summary>
    internal static string? FormatOf(string path) => Ends(path, ParquetEndings) ? "Parquet" : IsJson(path) ? "JSON" : null;

    internal static bool IsJson(string path) => Ends(path, JsonEndings);

    /// <summary>The files of a path that DuckDB would take; throws where it cannot read them as rows.</summary>
    internal static IReadOnlyList<string> RequireRows(string path)
    {
        if (IsAddress(path))
        {
            throw new BadDataException(
                $"{path}: files elsewhere on the network need DuckDB's extension httpfs, {DuckErrors.NeverLoaded}; fetch the file first.");
        }

        if (Ends(path, SheetEndings))
        {
            throw new BadDataException(
                $"{path}: Excel workbooks need DuckDB's extension excel, {DuckErrors.NeverLoaded}; save the sheet as CSV.");
        }

        if (Ends(path, DatabaseEndings))
        {
            throw new BadDataException($"{path} is a database; name it with --database and one of its tables as the data, or give a --query.");
        }

        DuckLibrary.Require(path);
        IReadOnlyList<string> files = RequireFiles(path);
        foreach (string file in files)
        {
            if (FileKinds.IsSpecial(file))
            {
                throw new BadDataException($"{file} is a pipe or a device, and this format is read more than once; write a file first.");
            }

            using (RawFiles.OpenFile(file))
            {
            }
        }

        return files;
    }

    private static IReadOnlyList<string> RequireFiles(string path)
    {
        if (IsPattern(path) && !File.Exists(path) && !IsJson(path) && !Ends(path, ParquetEndings))
        {
            throw new BadDataException(
                $"{path} is a pattern of files that are not named .parquet or .json; read them with --query \"SELECT * FROM '{path}'\".");
        }

        IReadOnlyList<string> files = Expand(path);
        return files.Count > 0 ? files : throw new BadDataException($"{path}: no file has a name like this. Check the path.");
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
                $"{path} is an SQLite database, which needs DuckDB's extension sqlite, {DuckErrors.NeverLoaded}; "
                + "export the table as CSV, with sqlite3 -header -csv, say.")
            : path;
    }

    private static bool IsAddress(string path) => path.Contains("://", StringComparison.Ordinal);

    private static bool IsPattern(string path) => path.AsSpan().ContainsAny(PatternSigns);

    private static bool Ends(string path, string[] endings) =>
        Array.Exists(endings, e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    private static bool StartsWith(string path, ReadOnlySpan<byte> mark)
    {
        if (!File.Exists(path) || FileKinds.IsSpecial(path))
        {
            return false; // A pipe is opened once, by who reads it.
        }

        using FileStream file = RawFiles.OpenFile(path);
        Span<byte> head = stackalloc byte[16];
        return file.CanSeek && head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)].StartsWith(mark);
    }
}
