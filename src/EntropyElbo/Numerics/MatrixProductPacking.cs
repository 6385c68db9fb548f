using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// How a narrow edge of fewer columns than a vector has is divided: group sizes of its first part (half a vector or
/// less) and of a second part (in the upper half; zero where there is none). A first group of 1 means that a whole
/// vector is as good.
/// </summary>
internal readonly record struct EdgeParts(int First, int Second)
{
    public static EdgeParts For(int edge, int lanes)
    {
        int half = lanes / 2;
        return edge <= half ? new(Group(edge, lanes), 0)
            : Group(edge - half, lanes) > 2 ? new(2, Group(edge - half, lanes))
            : new(1, 0);
    }

    /// <summary>The most consecutive inner entries that fit beside each other for this many columns; a part has at least two.</summary>
    private static int Group(int columns, int lanes)
    {
        int group = 8;
        while (group > 1 && (lanes / group < Math.Max(2, columns)))
        {
            group /= 2;
        }

        return group;
    }
}

/// <summary>Brings blocks of B into the order in which tiles read them.</summary>
internal static unsafe class MatrixProductPacking<T, TVector, TSimd>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    /// <summary>One or two vectors of each of <paramref name="lines"/> rows, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(T* source, nint stride, int lines, int vectors, T* target)
    {
        int lanes = TSimd.Count;
        for (int s = 0; s < lines; s++, source += stride, target += vectors * lanes)
        {
            TSimd.Store(target, TSimd.Load(source));
            if (vectors > 1)
            {
                TSimd.Store(target + lanes, TSimd.Load(source + lanes));
            }
        }
    }

    /// <summary>
    /// Lines of an edge part into the panel: entry c*group + g of line q is B(start + q*group + g, column + c), zero for
    /// columns from <paramref name="used"/> on.
    /// </summary>
    public static void PackGroups(in ProductOperands<T> o, int column, int used, int start, int length, int group)
    {
        if (o.Transposed)
        {
            PackTransposed(in o, column, used, start, length, group);
        }
        else
        {
            PackStraight(in o, column, start, length, group);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTransposed(in ProductOperands<T> o, int column, int used, int start, int length, int group)
    {
        int lanes = TSimd.Count, lines = length / group, part = lanes / group, bytes = group * sizeof(T);
        for (int c = 0; c < part; c++)
        {
            T* target = o.Panel + (c * group);
            T* source = o.B.Data + ((nint)(column + c) * o.B.Stride) + start;
            for (int q = 0; q < lines; q++, target += lanes, source += group)
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

    /// <summary>First the rows of a group after each other, then every line turned from (row, column) to (column, row) order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackStraight(in ProductOperands<T> o, int column, int start, int length, int group)
    {
        int lanes = TSimd.Count, part = lanes / group, bytes = part * sizeof(T);
        T* target = o.Panel;
        T* source = o.B.Data + ((nint)start * o.B.Stride) + column;
        for (int s = 0; s < length; s++, target += part, source += o.B.Stride)
        {
            CopyChunk(source, target, bytes);
        }

        target = o.Panel;
        for (int q = length / group; q > 0; q--, target += lanes)
        {
            TVector x = TSimd.Load(target);
            for (int g = group; g > 1; g /= 2)
            {
                x = TSimd.Zip(x);
            }

            TSimd.Store(target, x);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyChunk(T* source, T* target, int bytes)
    {
        if (bytes == 8)
        {
            *(long*)target = *(long*)source;
        }
        else if (bytes == 16)
        {
            Vector128.Load((byte*)source).Store((byte*)target);
        }
        else
        {
            Vector256.Load((byte*)source).Store((byte*)target);
        }
    }
}
