using System.Buffers.Binary;

namespace EntropyElbo.Data.Idx;

/// <summary>The header of an IDX file: two zero bytes, element type, rank, and that many big-endian 32-bit dimensions.</summary>
internal readonly record struct IdxHeader(byte Type, int ElementBytes, long Rows, int Columns, int Bytes)
{
    public const int MaxRank = 8;

    /// <summary>What image a row is: of lines and pixels, and channels where there is a fourth dimension; else null.</summary>
    public ImageShape? Image { get; init; }

    /// <summary>Bytes of data that must follow the header.</summary>
    public long DataBytes => Rows * RowBytes;

    /// <summary>Bytes of a whole file, the header's among them.</summary>
    public long TotalBytes => Bytes + DataBytes;

    public int RowBytes => Columns * ElementBytes;

    /// <summary>Whether a file with this beginning is IDX: text never starts with two zero bytes.</summary>
    public static bool Matches(ReadOnlySpan<byte> head) =>
        head.Length >= 4 && head[0] == 0 && head[1] == 0 && SizeOf(head[2]) > 0 && head[3] is >= 1 and <= MaxRank;

    /// <summary>Reads and checks the header at the start of a stream.</summary>
    public static IdxHeader Read(Stream stream, string source)
    {
        Span<byte> bytes = stackalloc byte[4 + (4 * MaxRank)];
        if (RawFiles.ReadFully(stream, bytes[..4], source) < 4)
        {
            throw new BadDataException($"{source} is too short for an IDX file: the header is cut off.");
        }

        if (!Matches(bytes[..4]))
        {
            throw new BadDataException(
                $"{source} is not an IDX file: it starts with {Convert.ToHexString(bytes[..4])} where 0000, an element type "
                + $"(08, 09, 0B, 0C, 0D or 0E) and a rank of 1 to {MaxRank} belong.");
        }

        int rank = bytes[3];
        Span<byte> dimensions = bytes.Slice(4, 4 * rank);
        if (RawFiles.ReadFully(stream, dimensions, source) < dimensions.Length)
        {
            throw new BadDataException($"{source} is cut off: its IDX header promises {rank} dimensions.");
        }

        int columns = FlattenedColumns(dimensions[4..], source);
        return new IdxHeader(bytes[2], SizeOf(bytes[2]), BinaryPrimitives.ReadUInt32BigEndian(dimensions), columns, 4 + (4 * rank))
        {
            Image = ImageOf(dimensions[4..]),
        };
    }

    private static int FlattenedColumns(ReadOnlySpan<byte> dimensions, string source)
    {
        long columns = 1;
        for (int i = 0; i < dimensions.Length; i += 4)
        {
            columns *= BinaryPrimitives.ReadUInt32BigEndian(dimensions[i..]);
            if (columns is < 1 or > RowBlock.MaxColumns)
            {
                throw new BadDataException(
                    $"{source}: the IDX header promises no values per row, or more than {RowBlock.MaxColumns}; the file is damaged or its "
                        + $"rows are too wide.");
            }
        }

        return (int)columns;
    }

    /// <summary>The columns have been found to be few enough.</summary>
    private static ImageShape? ImageOf(ReadOnlySpan<byte> dimensions)
    {
        if (dimensions.Length is not (8 or 12))
        {
            return null;
        }

        int height = BinaryPrimitives.ReadInt32BigEndian(dimensions), width = BinaryPrimitives.ReadInt32BigEndian(dimensions[4..]);
        int channels = dimensions.Length == 8 ? 1 : BinaryPrimitives.ReadInt32BigEndian(dimensions[8..]);
        return height <= ImageShape.MaxSide && width <= ImageShape.MaxSide && channels <= ImageShape.MaxChannels
            ? new ImageShape(height, width, channels)
            : null;
    }

    private static int SizeOf(byte type) => type switch
    {
        0x08 or 0x09 => 1,
        0x0B => 2,
        0x0C or 0x0D => 4,
        0x0E => 8,
        _ => 0,
    };
}
