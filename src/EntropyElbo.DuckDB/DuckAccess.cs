namespace EntropyElbo.DuckDB;

/// <summary>What a session may touch.</summary>
/// <param name="Database">A database that is opened for reading only; null for none.</param>
/// <param name="Files">The only files that may be opened beside it, by DuckDB's own settings; null for all that the process can open.</param>
internal sealed record DuckAccess(string? Database, IReadOnlyList<string>? Files)
{
    /// <summary>Whatever the process can read: for statements that the user wrote.</summary>
    public static DuckAccess All(string? database = null) => new(database, null);

    /// <summary>Files by name and nothing else: for data that may come from anybody.</summary>
    public static DuckAccess Only(IReadOnlyList<string> files) => new(null, files);

    /// <summary>A database and nothing else, whatever its views name.</summary>
    public static DuckAccess OnlyDatabase(string database) => new(database, []);
}
