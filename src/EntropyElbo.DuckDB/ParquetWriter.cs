using DuckDB.NET.Native;
using EntropyElbo.Data;

namespace EntropyElbo.DuckDB;

/// <summary>Writes rows as Parquet, a column of doubles each. They go through a database in the temporary folder, so memory does not grow with them.</summary>
public static unsafe class ParquetWriter
{
    private const string Table = "rows";

    /// <summary>Writes to a stream, which stays open.</summary>
    /// <param name="stream">Takes the file.</param>
    /// <param name="rows">The rows; NaN stays NaN.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <returns>Number of rows written.</returns>
    /// <exception cref="BadDataException">A row cannot be read, or two columns have one name.</exception>
    /// <exception cref="IOException">The temporary folder or the stream cannot be written.</exception>
    public static long Write(Stream stream, IRowSource rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(rows);
        DuckLibrary.Require("Parquet");
        string folder = TemporaryFolder();
        try
        {
            string file = Path.Combine(folder, "rows.parquet");
            long written = Make(Path.Combine(folder, "rows.duckdb"), file, rows, cancellationToken);
            using FileStream made = File.OpenRead(file);
            made.CopyTo(stream);
            return written;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string TemporaryFolder()
    {
        try
        {
            return Directory.CreateTempSubdirectory("entropy-elbo-parquet-").FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"the temporary folder {Path.GetTempPath()}, which Parquet goes through, cannot be written: {error.Message}", error);
        }
    }

    private static long Make(string database, string file, IRowSource rows, CancellationToken cancellationToken)
    {
        using DuckSession session = DuckSession.Create(database);
        IEnumerable<string> columns = rows.ColumnNames.Select(name => $"{DuckSession.Name(name)} DOUBLE");
        session.Run($"CREATE TABLE {Table} ({string.Join(", ", columns)})", "the Parquet file");
        long written = Append(session, rows, cancellationToken);
        session.Run($"COPY {Table} TO {DuckSession.Literal(file)} (FORMAT parquet, COMPRESSION zstd)", "the Parquet file");
        return written;
    }

    private static long Append(DuckSession session, IRowSource rows, CancellationToken cancellationToken)
    {
        Require(NativeMethods.Appender.DuckDBAppenderCreate(session.Connection, null!, Table, out DuckDBAppender appender));
        using (appender)
        using (DuckDBLogicalType type = NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.Double))
        using (DuckDBDataChunk chunk = NativeMethods.DataChunks.DuckDBCreateDataChunk(
            [.. Enumerable.Repeat(type.DangerousGetHandle(), rows.Columns)], (ulong)rows.Columns))
        {
            int capacity = (int)NativeMethods.Helpers.DuckDBVectorSize();
            double[] block = new double[capacity * rows.Columns];
            long written = 0;
            using IRowCursor cursor = rows.Open();
            for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
            {
                cancellationToken.ThrowIfCancellationRequested();
                NativeMethods.DataChunks.DuckDBDataChunkReset(chunk);
                Fill(chunk, block.AsSpan(0, read * rows.Columns), rows.Columns);
                NativeMethods.DataChunks.DuckDBDataChunkSetSize(chunk, (ulong)read);
                Require(NativeMethods.Appender.DuckDBAppendDataChunk(appender, chunk));
                written += read;
            }

            Require(NativeMethods.Appender.DuckDBAppenderClose(appender));
            return written;
        }
    }

    private static void Fill(DuckDBDataChunk chunk, ReadOnlySpan<double> rows, int columns)
    {
        for (int column = 0; column < columns; column++)
        {
            IntPtr vector = NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, column);
            double* target = (double*)NativeMethods.Vectors.DuckDBVectorGetData(vector);
            for (int from = column; from < rows.Length; from += columns)
            {
                *target++ = rows[from];
            }
        }
    }

    private static void Require(DuckDBState state)
    {
        if (state != DuckDBState.Success)
        {
            throw new IOException($"the rows could not be written to the temporary folder {Path.GetTempPath()}; make room there.");
        }
    }
}
