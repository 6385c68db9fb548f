using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.States;

/// <summary>Rows whose finite values must be 0 or 1. Rows with missing values pass: what to do with them is another's decision.</summary>
internal sealed class BinaryRows(IRowSource inner) : IRowSource
{
    public int Columns => inner.Columns;

    public IReadOnlyList<string> ColumnNames => inner.ColumnNames;

    public long? RowCount => inner.RowCount;

    public IRowCursor Open() => new Cursor(inner);

    /// <summary>Throws where a finite value is neither 0 nor 1.</summary>
    public static void Require(ReadOnlySpan<double> rows, long firstRow, IReadOnlyList<string> names)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] is not (0 or 1) && double.IsFinite(rows[i]))
            {
                string column = names[i % names.Count];
                long row = firstRow + (i / names.Count);
                throw new BadDataException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"row {row + 1} (the first is 1), column '{column}' is {rows[i]:R}, but a sigmoid belief net takes only 0 and 1; cut the column at a threshold, or leave it out."),
                    row,
                    column);
            }
        }
    }

    private sealed class Cursor(IRowSource inner) : IRowCursor
    {
        private readonly IRowCursor _cursor = inner.Open();
        private long _row;

        public int Read(Span<double> block)
        {
            int read = _cursor.Read(block);
            Require(block[..(read * inner.Columns)], _row, inner.ColumnNames);
            _row += read;
            return read;
        }

        public void Dispose() => _cursor.Dispose();
    }
}

/// <summary>Binary rows in memory, a bit a value: N D / 8 bytes, every row from a word of its own.</summary>
internal sealed class BitTable
{
    private readonly int _words;
    private readonly List<ulong[]> _blocks = [];

    private BitTable(int columns)
    {
        Columns = columns;
        BlockRows = LatentModel.RowsOfBlock(columns);
        _words = (columns + 63) / 64;
        Means = new double[columns];
    }

    public int Columns { get; }

    /// <summary>Rows of a block.</summary>
    public int BlockRows { get; }

    /// <summary>Rows.</summary>
    public int Count { get; private set; }

    /// <summary>Blocks of <see cref="BlockRows"/> rows, the last perhaps shorter.</summary>
    public int Blocks => _blocks.Count;

    /// <summary>Share of ones in each column.</summary>
    public double[] Means { get; }

    /// <summary>A number that differs, almost surely, for other rows.</summary>
    public ulong Fingerprint { get; private set; } = 0xCBF29CE484222325;

    /// <summary>Reads rows of zeros and ones.</summary>
    /// <exception cref="BadDataException">More than 2^31 - 1 rows.</exception>
    public static BitTable Read(IRowSource source, CancellationToken cancellationToken)
    {
        BitTable table = new(source.Columns);
        double[] block = new double[table.BlockRows * source.Columns];
        using IRowCursor cursor = source.Open();
        for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
        {
            cancellationToken.ThrowIfCancellationRequested();
            table.Add(block, read);
        }

        for (int d = 0; d < table.Columns; d++)
        {
            table.Means[d] /= Math.Max(1, table.Count);
        }

        return table;
    }

    /// <summary>A block's first row.</summary>
    public int FirstRowOf(int block) => block * BlockRows;

    /// <summary>Rows of a block.</summary>
    public int RowsOf(int block) => Math.Min(BlockRows, Count - FirstRowOf(block));

    /// <summary>Writes a block's rows as numbers.</summary>
    public void Load(int block, MatrixView<double> target)
    {
        for (int row = 0; row < RowsOf(block); row++)
        {
            ReadOnlySpan<ulong> bits = _blocks[block].AsSpan(row * _words, _words);
            Span<double> values = target[row];
            for (int d = 0; d < values.Length; d++)
            {
                values[d] = bits[d >> 6] >> (d & 63) & 1;
            }
        }
    }

    private void Add(double[] rows, int count)
    {
        if (Count % BlockRows != 0 || Count > int.MaxValue - count)
        {
            throw new BadDataException("the rows come in uneven blocks, or there are more than 2,147,483,647 of them; take fewer rows.");
        }

        ulong[] bits = new ulong[count * _words];
        for (int row = 0; row < count; row++)
        {
            for (int d = 0; d < Columns; d++)
            {
                if (rows[(row * Columns) + d] != 0)
                {
                    bits[(row * _words) + (d >> 6)] |= 1UL << (d & 63);
                    Means[d]++;
                }
            }
        }

        foreach (ulong word in bits)
        {
            Fingerprint = (Fingerprint ^ word) * 0x100000001B3;
            Fingerprint ^= Fingerprint >> 29;
        }

        _blocks.Add(bits);
        Count += count;
    }
}
