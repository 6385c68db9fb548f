using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.States;

/// <summary>Rows of zeros and ones.</summary>
internal sealed class BinarySupport : RowSupport
{
    public static BinarySupport Instance { get; } = new();

    public override OutsideValue? FirstOutside(ReadOnlySpan<double> row)
    {
        for (int d = 0; d < row.Length; d++)
        {
            if (row[d] is not (0 or 1))
            {
                return new OutsideValue(d, "a sigmoid belief net takes only 0 and 1; cut the column at a threshold, or leave it out.");
            }
        }

        return null;
    }
}

/// <summary>Binary rows in memory, a bit a value: N D / 8 bytes, every row from a word of its own.</summary>
internal sealed class BitTable
{
    private readonly int _words;
    private readonly List<ulong[]> _blocks = [];
    private readonly List<double>? _weights;

    private BitTable(int columns, bool hasWeights)
    {
        Columns = columns;
        BlockRows = LatentModel.RowsOfBlock(columns);
        _words = (columns + 63) / 64;
        Means = new double[columns];
        _weights = hasWeights ? [] : null;
    }

    public int Columns { get; }

    /// <summary>Rows of a block.</summary>
    public int BlockRows { get; }

    /// <summary>Rows.</summary>
    public int Count { get; private set; }

    /// <summary>What the weights of the rows sum to: their number where all count as one.</summary>
    public double Weight { get; private set; }

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
        BitTable table = new(source.Columns, source.HasWeights);
        double[] block = new double[table.BlockRows * source.Columns], weights = new double[table.BlockRows];
        using IRowCursor cursor = source.Open();
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            cancellationToken.ThrowIfCancellationRequested();
            table.Add(block, weights, read);
        }

        for (int d = 0; d < table.Columns && table.Count > 0; d++)
        {
            table.Means[d] /= table.Weight;
        }

        return table;
    }

    /// <summary>The weight of a row.</summary>
    public double WeightOf(long row) => _weights?[(int)row] ?? 1;

    /// <summary>Rows of the block that begins with a row; 0 at the end.</summary>
    public int RowsAt(long firstRow) => BlockPlace.RowsAt(firstRow, Count, BlockRows);

    /// <summary>Writes rows as numbers: as many as the target has, from the first of a block on.</summary>
    public void Load(long firstRow, MatrixView<double> target)
    {
        ulong[] block = _blocks[(int)(firstRow / BlockRows)];
        for (int row = 0; row < target.Rows; row++)
        {
            ReadOnlySpan<ulong> bits = block.AsSpan(row * _words, _words);
            Span<double> values = target[row];
            for (int d = 0; d < values.Length; d++)
            {
                values[d] = bits[d >> 6] >> (d & 63) & 1;
            }
        }
    }

    private void Add(double[] rows, double[] weights, int count)
    {
        if (Count % BlockRows != 0 || Count > int.MaxValue - count)
        {
            throw new BadDataException("the rows come in uneven blocks, or there are more than 2,147,483,647 of them; take fewer rows.");
        }

        ulong[] bits = new ulong[count * _words];
        for (int row = 0; row < count; row++)
        {
            Weight += weights[row];
            AddWeight(weights[row]);
            for (int d = 0; d < Columns; d++)
            {
                if (rows[(row * Columns) + d] != 0)
                {
                    bits[(row * _words) + (d >> 6)] |= 1UL << (d & 63);
                    Means[d] += weights[row];
                }
            }
        }

        foreach (ulong word in bits)
        {
            AddToFingerprint(word);
        }

        _blocks.Add(bits);
        Count += count;
    }

    private void AddWeight(double weight)
    {
        if (_weights is not null)
        {
            _weights.Add(weight);
            AddToFingerprint(BitConverter.DoubleToUInt64Bits(weight));
        }
    }

    private void AddToFingerprint(ulong word)
    {
        Fingerprint = (Fingerprint ^ word) * 0x100000001B3;
        Fingerprint ^= Fingerprint >> 29;
    }
}
