using System.Buffers;
using System.Globalization;
using System.Text;
using EntropyElbo.Files;

namespace EntropyElbo.Data.Csv;

/// <summary>
/// Writes rows as CSV (RFC 4180, UTF-8, line feeds): a line of column names, then numbers in the invariant culture with
/// as many digits as give back the same double. NaN is written as NaN, which <see cref="CsvRows"/> reads as missing.
/// </summary>
public static class CsvWriter
{
    private const int MaxNumberBytes = 32;
    private static readonly SearchValues<char> Special = SearchValues.Create(",;|\t\"\r\n\uFEFF");

    /// <summary>
    /// Writes a file: first beside it under another name, then renamed, so that what stood there before stays whole
    /// where writing fails.
    /// </summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Stops the writing; the file is then as before.</param>
    /// <returns>Number of rows written.</returns>
    /// <exception cref="BadDataException">A row cannot be read.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static long Write(string path, IRowSource rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        long written = 0;
        AtomicFile.Write(path, stream => written = Write(stream, rows, cancellationToken));
        return written;
    }

    /// <summary>Writes to a stream, which stays open.</summary>
    /// <param name="stream">Takes the text.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <returns>Number of rows written.</returns>
    /// <exception cref="BadDataException">A row cannot be read.</exception>
    public static long Write(Stream stream, IRowSource rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(rows);
        stream.Write(Encoding.UTF8.GetBytes(string.Join(',', rows.ColumnNames.Select(Quote)) + "\n"));
        double[] block = RowBlock.Allocate(rows.Columns);
        byte[] text = new byte[(block.Length * MaxNumberBytes) + 1];
        long written = 0;
        using IRowCursor cursor = rows.Open();
        for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
        {
            cancellationToken.ThrowIfCancellationRequested();
            stream.Write(text, 0, Format(block.AsSpan(0, read * rows.Columns), rows.Columns, text));
            written += read;
        }

        return written;
    }

    private static int Format(ReadOnlySpan<double> values, int columns, Span<byte> text)
    {
        int length = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (!values[i].TryFormat(text[length..], out int bytes, "R", CultureInfo.InvariantCulture))
            {
                throw new InvalidOperationException("A number takes more bytes than any double does.");
            }

            length += bytes;
            text[length++] = (i + 1) % columns == 0 ? (byte)'\n' : (byte)',';
        }

        return length;
    }

    /// <summary>
    /// Quotes a name that would not be read again as it is, among them one that starts like a byte-order mark, and one that looks like
    /// a number: numbers in quotes over numbers without are read as names.
    /// </summary>
    private static string Quote(string name) =>
        !name.AsSpan().ContainsAny(Special) && name == name.Trim() && !NumberText.TryParse(Encoding.UTF8.GetBytes(name), out _)
            ? name
            : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
