using EntropyElbo.Data;
using EntropyElbo.Models;

namespace EntropyElbo.DuckDB;

/// <summary>
/// Rows of Parquet and JSON files, of an SQL query or of a DuckDB database, streamed in every pass by DuckDB's chunks, so that they may be
/// larger than memory. NULL comes as NaN, as missing values of CSV do (<see cref="CheckedRows"/> decides what becomes of them).
/// </summary>
/// <remarks>
/// <para>
/// Every pass gives the same rows in the same order: files in the order of their names and their rows in the order of the file, which DuckDB
/// preserves; queries run on one thread of DuckDB's. Passes are compared by a digest of all their values, and one that differs from the
/// first is an error.
/// </para>
/// <para>
/// Data is not trusted: files and tables are read by sessions that can open nothing else, databases are opened for reading only, extensions are
/// neither installed nor loaded. A query can read what files the process can, and one that does more than read is refused.
/// </para>
/// </remarks>
public sealed class DuckDbRows : IRowSource, ICountedRows, ICostlyRows, INotedRows
{
    private readonly DuckAccess _access;
    private readonly string _from;
    private readonly string _source;
    private readonly bool _ownOrder;
    private readonly DuckDbOptions _options;
    private readonly string _select;
    private readonly string? _labels;
    private readonly string[] _names;
    private readonly IReadOnlyList<string> _notes;
    private readonly Lock _gate = new();
    private ulong? _digest;

    private DuckDbRows(DuckAccess access, string from, string source, bool ownOrder, DuckDbOptions? options)
    {
        DuckLibrary.Require(source);
        _access = access;
        _from = from;
        _source = source;
        _ownOrder = ownOrder;
        _options = options ?? new DuckDbOptions();
        using DuckSession session = NewSession();
        if (ownOrder)
        {
            StatementCheck.RequireReading(session, $"SELECT * FROM {from}", source);
        }

        DuckTable table = DuckTable.Describe(session, from, source, _options);
        _names = table.Names;
        _select = table.Select;
        _notes = table.Notes;
        (LabelName, _labels) = (table.LabelName, table.SelectLabels);
        Encodings = table.Encodings;
    }

    /// <inheritdoc/>
    public int Columns => _names.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> ColumnNames => _names;

    /// <summary>Null: rows are counted by <see cref="RowSourceExtensions.CountRows"/>, for Parquet from the file's own figures.</summary>
    public long? RowCount => null;

    /// <summary>How categorical columns became columns of numbers.</summary>
    public IReadOnlyList<CategoricalColumn> Encodings { get; }

    /// <summary>The column that names rows and is no data; null where none was asked for.</summary>
    internal string? LabelName { get; }

    bool ICostlyRows.IsCostly => true;

    IReadOnlyList<string> INotedRows.Notes => _notes;

    /// <summary>Rows of a file, or of all files that a pattern such as <c>data/*.parquet</c> matches.</summary>
    /// <param name="path">Parquet, or JSON where the name ends in .json, .jsonl or .ndjson (also with .gz).</param>
    /// <param name="options">Columns, missing values, categories; all columns when null.</param>
    /// <exception cref="BadDataException">No such file, a damaged one, a column that is no number.</exception>
    /// <exception cref="BadOptionException">Columns that the data does not have.</exception>
    public static DuckDbRows OfFiles(string path, DuckDbOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        IReadOnlyList<string> files = DuckFiles.RequireRows(path);
        string reader = DuckFiles.IsJson(path) ? "read_json" : "read_parquet";
        return new(DuckAccess.Only(files), $"{reader}([{string.Join(", ", files.Select(DuckSession.Literal))}])", path, false, options);
    }

    /// <summary>Rows of an SQL query: one SELECT without a semicolon. Give it an ORDER BY where its order matters.</summary>
    /// <param name="sql">The query; files are named as in <c>SELECT a, b FROM 'sales.parquet' WHERE b > 0</c>.</param>
    /// <param name="database">A DuckDB database whose tables it may name, opened for reading only; null for none.</param>
    /// <param name="options">Columns, missing values, categories; all columns when null.</param>
    /// <exception cref="BadDataException">The query cannot be run, or does more than read.</exception>
    /// <exception cref="BadOptionException">Columns that the query does not give.</exception>
    public static DuckDbRows OfQuery(string sql, string? database = null, DuckDbOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(sql);
        return new(DuckAccess.All(DuckFiles.RequireDatabase(database)), $"(\n{sql}\n)", "the query", true, options);
    }

    /// <summary>Rows of a table or view of a DuckDB database, opened for reading only.</summary>
    /// <param name="database">The file.</param>
    /// <param name="table">The name of the table.</param>
    /// <param name="options">Columns, missing values, categories; all columns when null.</param>
    /// <exception cref="BadDataException">The database cannot be read or has no such table.</exception>
    /// <exception cref="BadOptionException">Columns that the table does not have.</exception>
    public static DuckDbRows OfTable(string database, string table, DuckDbOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(database);
        ArgumentException.ThrowIfNullOrEmpty(table);
        DuckAccess access = DuckAccess.OnlyDatabase(DuckFiles.RequireDatabase(database)!);
        return new(access, DuckSession.Name(table), $"{database}, table '{table}'", true, options);
    }

    /// <inheritdoc/>
    public IRowCursor Open() => new DuckCursor(NewSession(), _select, _source, Columns, Compare);

    /// <summary>The labels of rows.</summary>
    /// <param name="places">The rows, from 0, in rising order.</param>
    internal string[] Labels(IReadOnlyList<long> places)
    {
        using DuckSession session = NewSession();
        using DuckResult result = session.Stream(_labels!, _source);
        string[] labels = new string[places.Count];
        List<string?> chunk = [];
        int next = 0;
        for (long first = 0; next < labels.Length && result.Next(); first += result.Rows)
        {
            chunk.Clear();
            result.AddTexts(0, chunk);
            for (; next < labels.Length && places[next] < first + result.Rows; next++)
            {
                labels[next] = chunk[(int)(places[next] - first)] ?? "";
            }
        }

        return next == labels.Length ? labels : throw new BadDataException($"{_source}: rows went away while they were in use.");
    }

    long ICountedRows.CountRows(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using DuckSession session = NewSession(cancellationToken);
        return session.Count($"SELECT count(*) FROM {_from}", _source);
    }

    /// <summary>What a query does not order may depend on how the work is shared among threads, so one does it.</summary>
    private DuckSession NewSession(CancellationToken cancellation = default) => new(
        _access, _ownOrder ? 1 : null, _options.MemoryLimit, cancellation.CanBeCanceled ? cancellation : _options.Cancellation);

    private void Compare(ulong digest)
    {
        lock (_gate)
        {
            _digest ??= digest;
            if (_digest != digest)
            {
                throw new BadDataException(
                    $"{_source}: a second pass gave other rows, or the same in another order. Order a query by columns that tell its rows "
                    + "apart, keep random() and the time of day out of it, and do not write to files that are read; or write its rows to a file first.");
            }
        }
    }
}
