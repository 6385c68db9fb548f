using DuckDB.NET.Data;
using EntropyElbo.Data;

namespace EntropyElbo.DuckDB.Tests;

/// <summary>A folder for one test, with files that DuckDB itself made.</summary>
internal sealed class DuckFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("eelbo-duck-").FullName;

    public string this[string name] => Path.Combine(_path, name);

    public IEnumerable<string> Files => Directory.EnumerateFileSystemEntries(_path, "*", SearchOption.AllDirectories).Order();

    /// <summary>Runs statements in a database of its own, in memory where no file is named.</summary>
    public static void Run(string sql, string? database = null)
    {
        using DuckDBConnection connection = new($"DataSource={database ?? ":memory:"}");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Writes what a SELECT gives; returns the path.</summary>
    public string Write(string name, string select, string options = "")
    {
        Run($"COPY ({select}) TO '{this[name]}' {options}");
        return this[name];
    }

    /// <summary>100 rows of three columns of doubles with all their digits.</summary>
    public string Numbers(string name) => Write(
        name, "SELECT sin(i) AS a, cos(i) * 1e-3 + i / 3 AS b, CAST(i AS DOUBLE) * i AS c FROM range(100) t(i)");

    public static double[] All(IRowSource rows) => rows.ReadAll().Values;

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
