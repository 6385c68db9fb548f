using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;

namespace EntropyElbo.Cli.Host;

/// <summary>Writes rows in the format that the name of the file asks for: Parquet, Arrow, else CSV.</summary>
internal static class RowWriter
{
    /// <summary>Writes to the stream of a file of that name; the number of rows.</summary>
    public static long Write(string path, Stream stream, IRowSource rows, CancellationToken cancellation) =>
        path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) ? DuckData.WriteParquet(stream, rows, cancellation)
        : path.EndsWith(".arrow", StringComparison.OrdinalIgnoreCase) ? WriteArrow(stream, rows, cancellation)
        : CsvWriter.Write(stream, rows, cancellation);

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
