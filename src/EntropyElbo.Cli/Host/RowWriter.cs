using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;

namespace EntropyElbo.Cli.Host;

/// <summary>Writes rows in the format that the name of the file asks for: Parquet, Arrow, else CSV.</summary>
internal static class RowWriter
{
    private static readonly string[] ParquetEndings = [".parquet", ".parq", ".pq"];
    private static readonly string[] ArrowEndings = [".arrow", ".feather"];
    private static readonly string[] OtherEndings = [".gz", ".zip", ".json", ".jsonl", ".ndjson", ".xlsx", ".xls", ".duckdb", ".ddb", ".eelbo"];

    /// <summary>Refuses names of formats that are not written, before any work is done.</summary>
    /// <exception cref="BadOptionException">The name ends like another format's.</exception>
    public static void RequireFormat(string path) => BadOptionException.ThrowUnless(
        !Ends(path, OtherEndings),
        "out",
        $"{path} ends like a file of another format; rows are written as CSV, or as Parquet or Arrow where the name ends in .parquet or .arrow.");

    /// <summary>Whether the tool reads a file of that name again.</summary>
    public static bool IsReadAgain(string path) => !Ends(path, ArrowEndings);

    /// <summary>Writes to the stream of a file of that name; the number of rows.</summary>
    public static long Write(string path, Stream stream, IRowSource rows, CancellationToken cancellation) =>
        Ends(path, ParquetEndings) ? DuckData.WriteParquet(stream, rows, cancellation)
        : Ends(path, ArrowEndings) ? WriteArrow(stream, rows, cancellation)
        : CsvWriter.Write(stream, rows, cancellation);

    private static bool Ends(string path, string[] endings) =>
        endings.Any(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    /// <summary>An Arrow file (Feather 2): batches of rows, a column of doubles each.</summary>
    private static long WriteArrow(Stream stream, IRowSource rows, CancellationToken cancellation)
    {
        Schema schema = new([.. rows.ColumnNames.Select(name => new Field(name, DoubleType.Default, nullable: false))], null);
        using ArrowFileWriter writer = new(stream, schema, leaveOpen: true);
        writer.WriteStart();
        double[] block = RowBlock.Allocate(rows.Columns);
        long written = 0;
        using IRowCursor cursor = rows.Open();
        for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
        {
            cancellation.ThrowIfCancellationRequested();
            using RecordBatch batch = new(schema, Columns(block, read, rows.Columns), read);
            writer.WriteRecordBatch(batch);
            written += read;
        }

        writer.WriteEnd();
        return written;
    }

    private static IEnumerable<IArrowArray> Columns(double[] block, int rows, int columns)
    {
        for (int column = 0; column < columns; column++)
        {
            ArrowBuffer.Builder<double> values = new(rows);
            for (int row = 0; row < rows; row++)
            {
                values.Append(block[(row * columns) + column]);
            }

            yield return new DoubleArray(values.Build(), ArrowBuffer.Empty, rows, 0, 0);
        }
    }
}
