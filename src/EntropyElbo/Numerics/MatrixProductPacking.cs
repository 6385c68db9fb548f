using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// The shape of a panel: its width in vectors, and the number of lanes (consecutive inner entries) that each of its
/// columns takes.
/// </summary>
internal readonly record struct PanelShape(int Vectors, int Group)
{
    /// <summary>Inner lengths from which groups are used; below, adding up the partial sums costs more than idle lanes.</summary>
    public const int GroupedFrom = 12;

    /// <summary>
    /// The panel to take next with <paramref name="columns"/> left. Groups need the inner entries of a row of A side by
    /// side (<paramref name="contiguous"/>).
    /// </summary>
    public static PanelShape Next(int columns, int inner, bool contiguous, int lanes)
    {
        int full = columns / lanes, edge = columns % lanes;
        if (contiguous && inner >= GroupedFrom && lanes >= 4)
        {
            PanelShape? narrow = Narrow(columns, lanes);
            if (narrow is not null)
            {
                return narrow.Value;
            }

            if (Edge(edge, lanes) is PanelShape own)
            {
                // After full vectors, the edge is left to a panel of its own.
                return full > 0 ? Even(full) : own;
            }
        }

        return Even(edge > 0 ? full + 1 : full);
    }

    /// <summary>Two lanes to a column, where the columns fill most of at most five vectors.</summary>
    private static PanelShape? Narrow(int columns, int lanes)
    {
        int vectors = ((2 * columns) + lanes - 1) / lanes;
        int idle = (vectors * lanes / 2) - columns;
        bool pays = vectors <= 5 && idle <= (columns > lanes ? lanes / 2 : lanes / 8);
        return pays ? new(vectors, 2) : null;
    }

    private static PanelShape? Edge(int edge, int lanes) =>
        edge == 0 ? null
        : edge <= lanes / 8 ? new(1, 8)
        : edge <= lanes / 4 ? new(1, 4)
        : edge <= lanes / 2 ? new(1, 2)
        : edge <= lanes * 3 / 4 && lanes >= 8 ? new(3, 4)
        : null;

    /// <summary>The first of panels of at most four vectors and nearly equal width.</summary>
    private static PanelShape Even(int vectors)
    {
        int panels = (vectors + 3) / 4;
        return new((vectors + panels - 1) / panels, 1);
    }
}

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
