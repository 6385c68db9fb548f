namespace EntropyElbo.Data;

/// <summary>What every cursor needs: block sizes, default column names and one bound on the number of columns.</summary>
internal static class RowBlock
{
    /// <summary>Most columns a file may have; a header that promises more is taken for damaged.</summary>
    public const int MaxColumns = 1_000_000;

    /// <summary>Values in a block of rows read at one time: 512 KB of doubles.</summary>
    private const int BlockValues = 1 << 16;

    /// <summary>Whole rows that fit a block.</summary>
    public static int Capacity(ReadOnlySpan<double> block, int columns)
    {
        if (block.IsEmpty || block.Length % columns != 0)
        {
            throw new ArgumentException(
                $"A block holds one or more whole rows of {columns} columns; this one has room for {block.Length} values.",
                nameof(block));
        }

        return block.Length / columns;
    }

    /// <summary>Rows to read at one time: at least one, and about <see cref="BlockValues"/> values.</summary>
    public static int RowsPerBlock(int columns) => Math.Max(1, BlockValues / columns);

    /// <summary>A block for <see cref="RowsPerBlock"/> rows.</summary>
    public static double[] Allocate(int columns) => new double[RowsPerBlock(columns) * columns];

    /// <summary>The names c0, c1, ...</summary>
    public static string[] DefaultNames(int columns)
    {
        string[] names = new string[columns];
        for (int i = 0; i < columns; i++)
        {
            names[i] = FormattableString.Invariant($"c{i}");
        }

        return names;
    }

    /// <summary>The weights of later rows of a block; none where they are not wanted.</summary>
    public static Span<double> WeightsFrom(Span<double> weights, int row) => weights.IsEmpty ? weights : weights[row..];

    /// <summary>Copies a row and its weight to another place of the block.</summary>
    public static void Move(Span<double> block, Span<double> weights, int columns, int from, int to)
    {
        block.Slice(from * columns, columns).CopyTo(block[(to * columns)..]);
        if (!weights.IsEmpty)
        {
            weights[to] = weights[from];
        }
    }

    /// <summary>Room for the weights of <see cref="RowsPerBlock"/> rows where they have any, else none.</summary>
    public static double[] AllocateWeights(IRowSource rows) => rows.HasWeights ? new double[RowsPerBlock(rows.Columns)] : [];

    /// <summary>Counts the rows of a source by reading them.</summary>
    public static long CountByPass(IRowSource source, CancellationToken cancellationToken)
    {
        long rows = 0;
        using IRowCursor cursor = source.Open();
        double[] block = Allocate(source.Columns);
        for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows += read;
        }

        return rows;
    }

    /// <summary>Index in <paramref name="values"/> of the first that is infinite, or -1.</summary>
    public static int IndexOfInfinite(ReadOnlySpan<double> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (double.IsInfinity(values[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Index in <paramref name="values"/> of the first that is NaN or infinite, or -1.</summary>
    public static int IndexOfNonFinite(ReadOnlySpan<double> values)
    {
        if (System.Numerics.Tensors.TensorPrimitives.IsFiniteAll(values))
        {
            return -1;
        }

        int i = 0;
        while (double.IsFinite(values[i]))
        {
            i++;
        }

        return i;
    }
}
