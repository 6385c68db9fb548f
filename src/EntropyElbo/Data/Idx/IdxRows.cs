using System.Buffers.Binary;

namespace EntropyElbo.Data.Idx;

/// <summary>
/// Rows of an IDX file, the format of MNIST: the first dimension counts rows, the others are flattened into columns.
/// All element types: unsigned and signed 8 bits, 16 and 32 bits, single and double precision.
/// </summary>
/// <remarks>
/// Gzip is taken off, by its first bytes. A file is read as a stream in every pass and takes no memory beyond one block;
/// a compressed file is decompressed anew in every pass. What comes from standard input is kept as the raw bytes of its
/// elements. Values are not scaled: pixels stay 0 to 255. The file must not change while the source is in use.
/// </remarks>
public sealed class IdxRows : IRowSource, ICostlyRows
{
    private readonly Func<Stream> _open;
    private readonly string _source;
    private readonly IdxHeader _header;
    private readonly string[] _names;
    private readonly bool _isCompressed;

    /// <summary>Opens a file and checks its header, and its length where it is not compressed.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BadDataException">
    /// The file is missing, is not IDX, is cut off or too long, or promises more than 1,000,000 columns. The length of a
    /// compressed file shows, with the same error, only where a pass reaches the end.
    /// </exception>
    public IdxRows(string path)
        : this(() => RawFiles.Open(path), path, null)
    {
    }

    /// <summary>Keeps the raw bytes of a stream that can be read only once.</summary>
    internal IdxRows(ReplayStream stream, string source)
        : this(Keep(stream, source), source)
    {
    }

    private IdxRows(KeptBytes kept, string source)
        : this(kept.Open, source, kept.Length)
    {
    }

    private IdxRows(Func<Stream> open, string source, long? length)
    {
        _open = open;
        _source = source;
        using Stream stream = open();
        _header = IdxHeader.Read(stream, source);
        if ((length ?? RawFiles.PlainLength(stream)) is long bytes)
        {
            RequireLength(bytes - _header.Bytes);
        }
        else
        {
            _isCompressed = true;
        }

        _names = RowBlock.DefaultNames(_header.Columns);
    }

    /// <inheritdoc/>
    public int Columns => _header.Columns;

    /// <summary>c0, c1, ... in the order of the flattened dimensions, the last fastest.</summary>
    public IReadOnlyList<string> ColumnNames => _names;

    /// <summary>The first dimension.</summary>
    public long? RowCount => _header.Rows;

    bool ICostlyRows.IsCostly => _isCompressed;

    /// <summary>What image a row is, where the dimensions say.</summary>
    internal ImageShape? Image => _header.Image;

    /// <inheritdoc/>
    public IRowCursor Open()
    {
        Stream stream = _open();
        try
        {
            return IdxHeader.Read(stream, _source) == _header
                ? new Cursor(this, stream)
                : throw new BadDataException($"{_source} changed after it was opened; open it again.");
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static KeptBytes Keep(ReplayStream stream, string source)
    {
        stream.Rewind(last: true);
        using ReplayStream input = stream;
        return KeptBytes.Read(input, head => IdxHeader.Read(head, source).TotalBytes, source);
    }

    private void RequireLength(long dataBytes)
    {
        if (dataBytes != _header.DataBytes)
        {
            (string what, string follow) = dataBytes < _header.DataBytes
                ? ("is cut off", $"only {dataBytes} follow")
                : ("is too long", "more follow");
            throw new BadDataException(
                $"{_source} {what}: its header promises {_header.Rows} rows of {_header.RowBytes} bytes, {_header.DataBytes} bytes "
                + $"in all, and {follow}; fetch the file again.");
        }
    }

    private sealed class Cursor(IdxRows source, Stream stream) : IRowCursor
    {
        private byte[] _raw = [];
        private long _row;

        public int Read(Span<double> block)
        {
            IdxHeader header = source._header;
            int rows = (int)Math.Min(RowBlock.Capacity(block, header.Columns), header.Rows - _row);
            int batch = Math.Max(1, (1 << 18) / header.RowBytes);
            for (int filled = 0; filled < rows;)
            {
                int next = Math.Min(batch, rows - filled);
                ReadRows(next, block.Slice(filled * header.Columns, next * header.Columns));
                filled += next;
            }

            if (_row == header.Rows)
            {
                RequireEnd();
            }

            return rows;
        }

        public void Dispose() => stream.Dispose();

        private void ReadRows(int rows, Span<double> target)
        {
            IdxHeader header = source._header;
            int bytes = rows * header.RowBytes;
            if (_raw.Length < bytes)
            {
                _raw = new byte[bytes];
            }

            Span<byte> raw = _raw.AsSpan(0, bytes);
            int read = RawFiles.ReadFully(stream, raw, source._source);
            if (read < bytes)
            {
                source.RequireLength((_row * header.RowBytes) + read);
            }

            Convert(header.Type, raw, target);
            _row += rows;
        }

        private void RequireEnd()
        {
            Span<byte> beyond = stackalloc byte[1];
            if (RawFiles.Read(stream, beyond, source._source) > 0)
            {
                source.RequireLength(source._header.DataBytes + 1);
            }
        }

        private static void Convert(byte type, ReadOnlySpan<byte> raw, Span<double> target)
        {
            switch (type)
            {
                case 0x08:
                    for (int i = 0; i < target.Length; i++)
                    {
                        target[i] = raw[i];
                    }

                    break;
                case 0x09:
                    for (int i = 0; i < target.Length; i++)
                    {
                        target[i] = (sbyte)raw[i];
                    }

                    break;
                case 0x0B:
                    for (int i = 0; i < target.Length; i++)
                    {
                        target[i] = BinaryPrimitives.ReadInt16BigEndian(raw[(2 * i)..]);
                    }

                    break;
                default:
                    ConvertWide(type, raw, target);
                    break;
            }
        }

        private static void ConvertWide(byte type, ReadOnlySpan<byte> raw, Span<double> target)
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = type switch
                {
                    0x0C => BinaryPrimitives.ReadInt32BigEndian(raw[(4 * i)..]),
                    0x0D => BinaryPrimitives.ReadSingleBigEndian(raw[(4 * i)..]),
                    _ => BinaryPrimitives.ReadDoubleBigEndian(raw[(8 * i)..]),
                };
            }
        }
    }
}
