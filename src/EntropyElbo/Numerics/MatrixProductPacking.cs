using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// A run of columns of a product that are summed alike: their number, and the group, which is the number of chains (of every
/// group-th inner entry) that each of them is summed in. Runs follow from the shape of the product alone, counted in lines of 64
/// bytes, so an entry has the same bits whatever the width of the processor's vectors; how a run is cut into panels of registers is
/// left to that width.
/// </summary>
internal readonly record struct ColumnRun(int Columns, int Group)
{
    /// <summary>Inner lengths from which groups are used; below, adding up the partial sums costs more than idle lanes.</summary>
    public const int GroupedFrom = 12;

    /// <summary>Lines of 64 bytes that the run's chains fill.</summary>
    public int Lines(int line) => ((Columns * Group) + line - 1) / line;

    /// <summary>
    /// The run to take next with <paramref name="columns"/> left. Groups need the inner entries of a row of A side by side
    /// (<paramref name="contiguous"/>), and fit the narrowest vectors: up to 16 bytes.
    /// </summary>
    /// <param name="columns">Columns left.</param>
    /// <param name="inner">Inner entries.</param>
    /// <param name="contiguous">Whether inner entries of A lie side by side.</param>
    /// <param name="line">Entries of a line of 64 bytes: 16 floats, 8 doubles.</param>
    public static ColumnRun Next(int columns, int inner, bool contiguous, int line)
    {
        int full = columns / line * line, edge = columns % line;
        if (!contiguous || inner < GroupedFrom)
        {
            return new(columns, 1);
        }

        if (PairsPay(columns, line))
        {
            return new(columns, 2);
        }

        int group = edge == 0 ? 1 : EdgeGroup(edge, line);
        // After full lines, the edge is left to a run of its own.
        return group == 1 ? new(columns, 1) : full > 0 ? new(full, 1) : new(columns, group);
    }

    /// <summary>Two lanes to a column, where the columns fill most of at most five lines.</summary>
    private static bool PairsPay(int columns, int line)
    {
        int lines = ((2 * columns) + line - 1) / line;
        int idle = (lines * line / 2) - columns;
        return lines <= 5 && idle <= (columns > line ? line / 2 : line / 8);
    }

    private static int EdgeGroup(int edge, int line) =>
        line < 16 ? (edge <= line / 2 ? 2 : 1)
        : edge <= line / 4 ? 4
        : edge <= line / 2 ? 2
        : edge <= line * 3 / 4 ? 4
        : 1;
}

/// <summary>
/// A panel of registers: its width in vectors, and the number of lanes (consecutive inner entries) that each of its columns takes.
/// </summary>
internal readonly record struct PanelShape(int Vectors, int Group);

/// <summary>Brings blocks of B into the order in which tiles read them.</summary>
internal static unsafe class MatrixProductPacking<T, TVector, TSimd>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    /// <summary>So many vectors of each of <paramref name="lines"/> rows, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(T* source, nint stride, int lines, int vectors, T* target)
    {
        int lanes = TSimd.Count;
        for (int s = 0; s < lines; s++, source += stride)
        {
            for (int v = 0; v < vectors; v++, target += lanes)
            {
                TSimd.Store(target, TSimd.Load(source + (v * lanes)));
            }
        }
    }

    /// <summary>
    /// Lines of a grouped panel: entry c*group + g of line q is B(start + q*group + g, column + c), zero for columns that
    /// B does not have.
    /// </summary>
    public static void PackGroups(in ProductOperands<T> o, int column, int start, int length, PanelShape shape)
    {
        if (o.Transposed)
        {
            PackTransposed(in o, column, start, length, shape);
        }
        else
        {
            PackStraight(in o, column, start, length, shape);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTransposed(in ProductOperands<T> o, int column, int start, int length, PanelShape shape)
    {
        int wide = shape.Vectors * TSimd.Count, group = shape.Group, bytes = group * sizeof(T);
        int used = o.C.Columns - column;
        if (bytes == 8)
        {
            // Pairs of floats move as one.
            double* pairs = (double*)(o.B.Data + ((nint)column * o.B.Stride) + start);
            MatrixTranspose.Run(pairs, o.B.Stride / 2, Math.Min(used, wide / 2), length / 2, (double*)o.Panel, wide / 2, wide / 2);
            return;
        }

        for (int c = 0; c < wide / group; c++)
        {
            T* target = o.Panel + (c * group);
            T* source = o.B.Data + ((nint)(column + c) * o.B.Stride) + start;
            for (int q = length / group; q > 0; q--, target += wide, source += group)
            {
                if (c < used)
                {
                    CopyChunk(source, target, bytes);
                }
                else
                {
                    new Span<T>(target, group).Clear();
                }
            }
        }
    }

    /// <summary>First the rows of a group after each other, then every vector turned from (row, column) to (column, row) order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackStraight(in ProductOperands<T> o, int column, int start, int length, PanelShape shape)
    {
        int lanes = TSimd.Count, group = shape.Group, part = lanes / group, bytes = part * sizeof(T);
        T* source = o.B.Data + ((nint)start * o.B.Stride) + column;
        T* target = o.Panel;
        if (group == 2)
        {
            PackPairs(source, o.B.Stride, length / 2, shape.Vectors, target);
            return;
        }

        for (int s = 0; s < length; s += group, source += group * o.B.Stride, target += shape.Vectors * lanes)
        {
            for (int v = 0; v < shape.Vectors; v++)
            {
                for (int g = 0; g < group; g++)
                {
                    CopyChunk(source + (g * o.B.Stride) + (v * part), target + (v * lanes) + (g * part), bytes);
                }
            }
        }

        target = o.Panel;
        for (int q = length / group * shape.Vectors; q > 0; q--, target += lanes)
        {
            TVector x = TSimd.Load(target);
            for (int g = group; g > 1; g /= 2)
            {
                x = TSimd.Zip(x);
            }

            TSimd.Store(target, x);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackPairs(T* source, nint stride, int lines, int vectors, T* target)
    {
        int half = TSimd.Count / 2;
        for (; lines > 0; lines--, source += 2 * stride)
        {
            for (int v = 0; v < vectors; v++, target += 2 * half)
            {
                TSimd.Store(target, TSimd.Zip(TSimd.LoadHalves(source + (v * half), source + (v * half) + stride)));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyChunk(T* source, T* target, int bytes)
    {
        switch (bytes)
        {
            case 4: *(int*)target = *(int*)source; break;
            case 8: *(long*)target = *(long*)source; break;
            case 16: Vector128.Load((byte*)source).Store((byte*)target); break;
            case 32: Vector256.Load((byte*)source).Store((byte*)target); break;
            default: Buffer.MemoryCopy(source, target, bytes, bytes); break;
        }
    }
}
