using System.Globalization;
using DuckDB.NET.Native;

namespace EntropyElbo.DuckDB;

/// <summary>
/// One connection to a database of its own: in memory, or a file. No extension is ever installed or loaded, and a statement cannot change the
/// configuration.
/// </summary>
internal sealed class DuckSession : IDisposable
{
    private const int LookEvery = 100; // Milliseconds.
    private readonly DuckDBDatabase _database;
    private readonly CancellationToken _cancellation;

    /// <summary>Opens a database for reading.</summary>
    /// <param name="access">The database, and what may be touched beside it.</param>
    /// <param name="threads">Threads of DuckDB's; null for one a core.</param>
    /// <param name="memoryLimit">Bytes, or null.</param>
    /// <param name="cancellation">
    /// Stops statements (<see cref="Stoppable"/>). A pass that begins when it is cancelled is one for the figures of an interrupted run,
    /// and is let go on.
    /// </param>
    public DuckSession(DuckAccess access, int? threads = null, long? memoryLimit = null, CancellationToken cancellation = default)
        : this(access.Database, access.Database is not null, threads, memoryLimit, cancellation.IsCancellationRequested ? default : cancellation)
    {
        Finish(() => Confine(access));
    }

    private DuckSession(string? file, bool readOnly, int? threads, long? memoryLimit, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        DuckLibrary.Require(file ?? "DuckDB");
        using DuckDBConfig config = Configure(readOnly, threads, memoryLimit);
        if (NativeMethods.Startup.DuckDBOpen(file ?? ":memory:", out _database, config, out string error) != DuckDBState.Success)
        {
            throw DuckErrors.Data(file ?? "DuckDB", error);
        }

        if (NativeMethods.Startup.DuckDBConnect(_database, out DuckDBNativeConnection connection) != DuckDBState.Success)
        {
            _database.Dispose();
            throw DuckErrors.Data(file ?? "DuckDB", "no connection could be opened");
        }

        Connection = connection;
    }

    /// <summary>A new database that is written.</summary>
    public static DuckSession Create(string file) => new(file, readOnly: false, null, null, default);

    public DuckDBNativeConnection Connection { get; }

    /// <summary>A text as SQL has it.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A name as SQL has it.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public void Dispose()
    {
        Connection.Dispose();
        _database.Dispose();
    }

    /// <summary>Prepares text that must be one statement.</summary>
    /// <exception cref="BadDataException">It is not, or it cannot be run; <paramref name="source"/> is in front of the message.</exception>
    public DuckDBPreparedStatement Prepare(string sql, string source)
    {
        int count = NativeMethods.ExtractStatements.DuckDBExtractStatements(Connection, sql, out DuckDBExtractedStatements statements);
        using (statements)
        {
            if (count != 1)
            {
                throw count > 1
                    ? new BadDataException($"{source} holds {count} statements; give one SELECT.")
                    : DuckErrors.Data(source, NativeMethods.ExtractStatements.DuckDBExtractStatementsError(statements));
            }

            if (NativeMethods.ExtractStatements.DuckDBPrepareExtractedStatement(Connection, statements, 0, out DuckDBPreparedStatement prepared)
                == DuckDBState.Success)
            {
                return prepared;
            }

            using (prepared)
            {
                throw DuckErrors.Data(source, NativeMethods.PreparedStatements.DuckDBPrepareError(prepared));
            }
        }
    }

    /// <summary>Runs a statement whose rows are fetched as they are made.</summary>
    public DuckResult Stream(string sql, string source)
    {
        using DuckDBPreparedStatement prepared = Prepare(sql, source);
        DuckDBResult result = default;
        DuckDBState state = Stoppable(() => NativeMethods.PreparedStatements.DuckDBExecutePreparedStreaming(prepared, out result));
        return DuckResult.Of(state, result, source);
    }

    /// <summary>
    /// Calls what may take long before it gives a row, and interrupts it where the run is cancelled meanwhile: again and again, since
    /// DuckDB forgets what reaches it before a statement has begun. Between blocks of rows the reader looks itself.
    /// </summary>
    public T Stoppable<T>(Func<T> call)
    {
        if (!_cancellation.CanBeCanceled)
        {
            return call();
        }

        Timer look = new(_ => Interrupt(), null, LookEvery, LookEvery);
        try
        {
            return call();
        }
        finally
        {
            look.DisposeAsync().AsTask().GetAwaiter().GetResult(); // None may be at work when the connection goes.
        }
    }

    private void Interrupt()
    {
        if (_cancellation.IsCancellationRequested)
        {
            NativeMethods.Startup.DuckDBInterrupt(Connection);
        }
    }

    /// <summary>Runs a statement without rows.</summary>
    public void Run(string sql, string source)
    {
        DuckDBState state = NativeMethods.Query.DuckDBQuery(Connection, sql, out DuckDBResult result);
        DuckResult.Of(state, result, source).Dispose();
    }

    /// <summary>A column of all rows, which must be text; null for NULL.</summary>
    public List<string?> Texts(string sql, string source, int column = 0)
    {
        List<string?> texts = [];
        using DuckResult result = Stream(sql, source);
        while (Stoppable(result.Next))
        {
            result.AddTexts(column, texts);
        }

        return texts;
    }

    /// <summary>The only value of a statement that counts.</summary>
    public long Count(string sql, string source) => long.Parse(
        Texts($"SELECT CAST(n AS VARCHAR) FROM ({sql}) AS t(n)", source)[0]!, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Nothing a statement says can widen this again.</summary>
    private void Confine(DuckAccess access)
    {
        if (access.Files is { } files)
        {
            Run($"SET allowed_paths = [{string.Join(", ", files.Select(Literal))}]", "DuckDB");
            Run("SET enable_external_access = false", "DuckDB");
        }

        Run("SET lock_configuration = true", "DuckDB");
    }

    private void Finish(Action last)
    {
        try
        {
            last();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static DuckDBConfig Configure(bool readOnly, int? threads, long? memoryLimit)
    {
        NativeMethods.Configuration.DuckDBCreateConfig(out DuckDBConfig config);
        Set("autoinstall_known_extensions", "false");
        Set("autoload_known_extensions", "false");
        Set("allow_community_extensions", "false");
        Set("preserve_insertion_order", "true");
        Set("temp_directory", Path.Combine(Path.GetTempPath(), $"entropy-elbo-duckdb-{Guid.NewGuid():N}"));
        if (readOnly)
        {
            Set("access_mode", "READ_ONLY");
        }

        if (threads is { } count)
        {
            Set("threads", count.ToString(CultureInfo.InvariantCulture));
        }

        if (memoryLimit is { } bytes)
        {
            Set("memory_limit", string.Create(CultureInfo.InvariantCulture, $"{bytes}B"));
        }

        return config;

        void Set(string name, string value)
        {
            if (NativeMethods.Configuration.DuckDBSetConfig(config, name, value) != DuckDBState.Success)
            {
                throw new InvalidOperationException($"DuckDB does not know the setting {name}.");
            }
        }
    }
}
