using EntropyElbo.Data;

namespace EntropyElbo.DuckDB.Tests;

/// <summary>What cannot be read or must not be done is answered in one line.</summary>
[TestClass]
public sealed class RefusalTests
{
    [TestMethod]
    [DataRow("missing.parquet", "", "check the path")]
    [DataRow("damaged.parquet", "no parquet at all", "cut off or damaged")]
    [DataRow("empty.parquet", "", "cut off or damaged")]
    [DataRow("damaged.json", "{\"a\": ", "cannot be read as JSON")]
    [DataRow("footer.parquet", "PAR1 this footer has no length PAR1", "cannot be read as Parquet")]
    [DataRow("book.xlsx", "PK", "save the sheet as CSV")]
    [DataRow("shop.duckdb", "x", "--database")]
    [DataRow("*.csv", "", "--query")]
    [DataRow("https://example.invalid/a.parquet", null, "fetch the file first")]
    [DataRow("s3://example/a.parquet", null, "fetch the file first")]
    public void Files(string name, string? content, string remedy)
    {
        using DuckFolder folder = new();
        string path = content is null ? name : folder[name];
        if (content is not null && !name.StartsWith("missing", StringComparison.Ordinal) && !name.StartsWith('*'))
        {
            File.WriteAllText(path, content);
        }

        Assert.IsTrue(DuckFiles.Reads(path));
        RequireLine(() => DuckDbRows.OfFiles(path), remedy);
    }

    [TestMethod]
    public void ParquetThatIsCutOff()
    {
        using DuckFolder folder = new();
        byte[] whole = File.ReadAllBytes(folder.Numbers("a.parquet"));
        File.WriteAllBytes(folder["a.parquet"], whole[..(whole.Length / 2)]);
        RequireLine(() => DuckDbRows.OfFiles(folder["a.parquet"]), "cut off or damaged");
    }

    [TestMethod]
    public void ParquetWhosePagesAreDamaged()
    {
        using DuckFolder folder = new();
        byte[] whole = File.ReadAllBytes(folder.Write("a.parquet", "SELECT random() AS a FROM range(10000)"));
        whole.AsSpan(4, whole.Length / 2).Fill(0xFF);
        File.WriteAllBytes(folder["a.parquet"], whole);
        RequireLine(() => DuckFolder.All(DuckDbRows.OfFiles(folder["a.parquet"])), "cannot be read as Parquet");
    }

    [TestMethod]
    [DataRow("SELEKT 1", "syntax error")]
    [DataRow("SELECT a FROM nowhere", "nowhere")]
    [DataRow("SELECT 1; SELECT 2", "syntax error")]
    [DataRow("SELECT 1 AS a) TO 'x.csv'; COPY (SELECT 1", "")]
    [DataRow("COPY (SELECT 1 AS a) TO 'written.csv'", "syntax error")]
    [DataRow("ATTACH 'written.duckdb'", "syntax error")]
    [DataRow("LOAD 'x.duckdb_extension'", "syntax error")]
    [DataRow("SET threads = 3", "syntax error")]
    [DataRow("SELECT 1 AS a FROM sqlite_scan('a.db', 't')", "sqlite_scan")]
    [DataRow("SELECT 'text' AS city", "--categorical")]
    [DataRow("SELECT DATE '2020-01-01' AS day", "epoch")]
    [DataRow("SELECT [1, 2] AS list", "--columns")]
    public void Queries(string sql, string remedy) => RequireLine(() => DuckDbRows.OfQuery(sql), remedy);

    /// <summary>DuckDB lets a SELECT call these, and its configuration being locked does not stop them.</summary>
    [TestMethod]
    [DataRow("SELECT 1 AS a FROM enable_logging('QueryLog', storage = 'file', storage_path = '{0}')")]
    [DataRow("SELECT 1 AS a FROM query('SELECT * FROM enable_' || 'logging(''QueryLog'', storage = ''file'', storage_path = ''{0}'')')")]
    [DataRow("WITH x AS MATERIALIZED (SELECT * FROM enable_logging(storage = 'file', storage_path = '{0}')) SELECT 1 AS a, (SELECT count(*) FROM x) AS b")]
    [DataRow("SELECT 1 AS a FROM \"ENABLE_PROFILING\"(save_location = '{0}/p.txt')")]
    [DataRow("SELECT 1 AS a FROM force_checkpoint()")]
    [DataRow("SELECT 1 AS a FROM test_all_types()")]
    public void QueriesThatWrite(string sql)
    {
        using DuckFolder folder = new();
        RequireLine(() => DuckFolder.All(DuckDbRows.OfQuery(string.Format(null, sql, folder["."]))), "no more than read");
        Assert.AreEqual(0, folder.Files.Count());
    }

    /// <summary>A database from elsewhere may hold views and macros.</summary>
    [TestMethod]
    public void ViewsThatWrite()
    {
        using DuckFolder folder = new();
        Directory.CreateDirectory(folder["logs"]);
        DuckFolder.Run(
            $"CREATE VIEW trap AS SELECT 1 AS a FROM enable_logging('QueryLog', storage = 'file', storage_path = '{folder["logs"]}')", folder["a.duckdb"]);
        RequireLine(() => DuckFolder.All(DuckDbRows.OfTable(folder["a.duckdb"], "trap")), "no more than read");
        Assert.AreEqual(0, Directory.GetFiles(folder["logs"]).Length);
    }

    /// <summary>A table of a database may be a view of its maker's, which could name any file of the reader's.</summary>
    [TestMethod]
    public void ViewsThatReadOtherFiles()
    {
        using DuckFolder folder = new();
        string secret = folder.Numbers("secret.parquet");
        DuckFolder.Run($"CREATE VIEW peek AS SELECT * FROM '{secret}'; CREATE TABLE t AS SELECT 1 AS a", folder["a.duckdb"]);
        Assert.AreEqual(1, DuckFolder.All(DuckDbRows.OfTable(folder["a.duckdb"], "t")).Length);
        RequireLine(() => DuckDbRows.OfTable(folder["a.duckdb"], "peek"), "names other files than its own");
        Assert.AreEqual(300, DuckFolder.All(DuckDbRows.OfQuery("SELECT * FROM peek", folder["a.duckdb"])).Length);
    }

    /// <summary>The settings that hold a session to its files are DuckDB's own, and a statement cannot change them.</summary>
    [TestMethod]
    public void SessionOfFiles_OpensNoOthersAndWritesNone()
    {
        using DuckFolder folder = new();
        string own = folder.Numbers("own.parquet"), other = folder.Numbers("other.parquet");
        using DuckSession session = new(DuckAccess.Only([own]));
        Assert.AreEqual(100, session.Count($"SELECT count(*) FROM '{own}'", "x"));
        string[] refused =
        [
            $"SELECT count(*) FROM '{other}'", $"SELECT count(*) FROM glob('{folder["*"]}')", $"COPY (SELECT 1) TO '{folder["w.csv"]}'",
            $"ATTACH '{folder["w.duckdb"]}'", "SET enable_external_access = true", "SET allowed_paths = ['/']", "INSTALL sqlite", "LOAD sqlite",
        ];
        foreach (string sql in refused)
        {
            Assert.ThrowsExactly<BadDataException>(() => session.Run(sql, "x"), sql);
        }

        CollectionAssert.AreEquivalent(new[] { own, other }, folder.Files.ToArray());
    }

    [TestMethod]
    public void SqliteDatabase()
    {
        using DuckFolder folder = new();
        File.WriteAllText(folder["a.sqlite"], "SQLite format 3\0 and so on");
        RequireLine(() => DuckDbRows.OfTable(folder["a.sqlite"], "t"), "export the table as CSV");
        RequireLine(() => DuckDbRows.OfTable(folder["none.duckdb"], "t"), "does not exist");
    }

    [TestMethod]
    public void ColumnsThatAreNotThere()
    {
        using DuckFolder folder = new();
        string path = folder.Numbers("a.parquet");
        DuckDbOptions options = new() { Columns = ColumnSelection.Parse("a,d") };
        StringAssert.Contains(Assert.ThrowsExactly<BadOptionException>(() => DuckDbRows.OfFiles(path, options)).Message, "'d'");
        options = new() { Categorical = ["town"] };
        StringAssert.Contains(Assert.ThrowsExactly<BadOptionException>(() => DuckDbRows.OfFiles(path, options)).Message, "'town'");
    }

    private static void RequireLine(Action read, string remedy)
    {
        BadDataException error = Assert.ThrowsExactly<BadDataException>(read);
        StringAssert.Contains(error.Message, remedy);
        Assert.IsFalse(error.Message.Contains('\n'), error.Message);
        Assert.IsFalse(error.Message.Contains("LINE 1", StringComparison.Ordinal), error.Message);
    }
}
