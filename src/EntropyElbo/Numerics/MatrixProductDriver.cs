using System.Numerics;

namespace EntropyElbo.Numerics;

/// <summary>
/// A product in the form the driver takes: A read by entry (row step and inner step), B and C by lines. N and M are
/// those of the product as the driver sees it, which for a swapped product is the transpose of the caller's.
/// </summary>
internal unsafe struct ProductOperands<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Inner entries per block: a packed panel then takes 32 KB, which leaves room for A in a first-level cache.</summary>
    public const int BlockSteps = 256;

    /// <summary>Size of a panel: <see cref="BlockSteps"/> lines of two of the widest vectors.</summary>
    public const int PanelBytes = BlockSteps * 128;

    public ProductOperands(T* a, nint rowStep, nint innerStep, MatrixView<T> b, MatrixView<T> c, int inner)
    {
        A = a;
        RowStep = rowStep;
        InnerStep = innerStep;
        B = b;
        C = c;
        Inner = inner;
        Slope = T.One;
    }

    public T* A;
    public nint RowStep;
    public nint InnerStep;
    public MatrixView<T> B;
    public bool Transposed;
    public MatrixView<T> C;
    public int Inner;
    public T* Bias;
    public T* Gate;
    public nint GateStride;
    public T Slope;
    public T* Panel;
    public T* ResultPanel;
}

/// <summary>
/// Cuts a product into panels of one or two vectors of columns and blocks of the inner dimension, packs B where that
/// pays, and runs the tiles down each panel.
/// </summary>
internal static unsafe class MatrixProductDriver<T, TVector, TSimd>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    /// <summary>Inner lengths from which a narrow edge is summed in groups; below, the final sums cost more than idle lanes.</summary>
    private const int GroupedFrom = 32;

    /// <summary>Inner entries per block of a grouped edge; its packed lines stay within a panel.</summary>
    private const int GroupedBlock = 4 * ProductOperands<T>.BlockSteps;

    public static void Run(in ProductOperands<T> o, bool swapped)
    {
        if (swapped)
        {
            RunSwapped(in o);
            return;
        }

        int lanes = TSimd.Count, columns = o.C.Columns;
        int full = columns / lanes, edge = columns % lanes;
        bool grouped = edge > 0 && o.InnerStep == 1 && o.Inner >= GroupedFrom && EdgeParts.For(edge, lanes).First > 1;
        int vectors = edge > 0 && !grouped ? full + 1 : full;
        for (int v = 0; v < vectors; v += 2)
        {
            RunPanel(in o, v * lanes, Math.Min(2, vectors - v), o.C.Data + (v * lanes), o.C.Stride, o.C.Rows);
        }

        if (grouped)
        {
            RunEdge(in o, full * lanes, edge);
        }

        ClearRest(o.C, (columns + lanes - 1) / lanes * lanes);
    }

    /// <summary>C = (B^T A)^T with vectors along the columns of A: panels of the transpose, each turned round into C.</summary>
    private static void RunSwapped(in ProductOperands<T> o)
    {
        int lanes = TSimd.Count, rows = o.C.Columns, columns = o.C.Rows, wide = 2 * lanes;
        for (int j = 0; j < columns; j += wide)
        {
            int used = Math.Min(wide, columns - j);
            RunPanel(in o, j, used > lanes ? 2 : 1, o.ResultPanel, wide, rows);
            MatrixTranspose.Run(
                o.ResultPanel, wide, rows, used, o.C.Data + ((nint)j * o.C.Stride), o.C.Stride, MatrixView<T>.PaddedStride(rows));
        }
    }

    private static void RunPanel(in ProductOperands<T> o, int column, int vectors, T* c, nint stride, int rows)
    {
        TileJob<T> job = Job(in o, column, c, stride);
        int start = 0;
        do
        {
            int length = BlockLength(o.Inner - start, ProductOperands<T>.BlockSteps);
            job.A = o.A + (start * o.InnerStep);
            job.Steps = length;
            job.Accumulate = start > 0;
            job.Finish = start + length == o.Inner;
            Lines(in o, column, vectors, start, length, rows, ref job);
            if (vectors == 2)
            {
                MatrixProductTile<T, TVector, TSimd>.RunRows<N2, N1>(job, rows);
            }
            else
            {
                MatrixProductTile<T, TVector, TSimd>.RunRows<N1, N1>(job, rows);
            }

            start += length;
        }
        while (start < o.Inner);
    }

    /// <summary>The columns past the last full vector, in one or two parts of half, a quarter or an eighth of a vector.</summary>
    private static void RunEdge(in ProductOperands<T> o, int column, int edge)
    {
        EdgeParts parts = EdgeParts.For(edge, TSimd.Count);
        int whole = o.Inner - (o.Inner % Math.Max(parts.First, parts.Second));
        TileJob<T> job = Job(in o, column, o.C.Data + column, o.C.Stride);
        RunEdgePart(in o, ref job, column, edge, parts.First, whole, parts.Second == 0 && whole == o.Inner);
        if (parts.Second > 0)
        {
            int half = TSimd.Count / 2;
            job.UpperHalf = true;
            RunEdgePart(in o, ref job, column + half, edge - half, parts.Second, whole, whole == o.Inner);
        }

        if (whole < o.Inner)
        {
            job.A = o.A + whole;
            job.Steps = o.Inner - whole;
            job.Finish = true;
            Lines(in o, column, 1, whole, job.Steps, o.C.Rows, ref job);
            MatrixProductTile<T, TVector, TSimd>.RunRows<N1, N1>(job, o.C.Rows);
        }
    }

    private static void RunEdgePart(
        in ProductOperands<T> o, ref TileJob<T> job, int column, int used, int group, int whole, bool last)
    {
        int start = 0;
        while (start < whole)
        {
            int length = BlockLength(whole - start, GroupedBlock);
            job.A = o.A + start;
            job.B = o.Panel;
            job.BStep = TSimd.Count;
            job.Steps = length / group;
            job.Finish = last && start + length == whole;
            MatrixProductPacking<T, TVector, TSimd>.PackGroups(in o, column, used, start, length, group);
            switch (group)
            {
                case 2: MatrixProductTile<T, TVector, TSimd>.RunRows<N1, N2>(job, o.C.Rows); break;
                case 4: MatrixProductTile<T, TVector, TSimd>.RunRows<N1, N4>(job, o.C.Rows); break;
                default: MatrixProductTile<T, TVector, TSimd>.RunRows<N1, N8>(job, o.C.Rows); break;
            }

            job.Accumulate = true;
            start += length;
        }
    }

    private static TileJob<T> Job(in ProductOperands<T> o, int column, T* c, nint stride) => new()
    {
        RowStep = o.RowStep,
        InnerStep = o.InnerStep,
        C = c,
        CStride = stride,
        Bias = o.Bias == null ? null : o.Bias + column,
        Gate = o.Gate == null ? null : o.Gate + column,
        GateStride = o.GateStride,
        Slope = o.Slope,
    };

    /// <summary>Points the job at the lines of B, packed where B is transposed or spread over more memory than a cache holds.</summary>
    private static void Lines(
        in ProductOperands<T> o, int column, int vectors, int start, int length, int rows, ref TileJob<T> job)
    {
        nint stride = o.B.Stride;
        int wide = vectors * TSimd.Count;
        if (o.Transposed)
        {
            T* source = o.B.Data + (column * stride) + start;
            MatrixTranspose.Run(source, stride, Math.Min(wide, o.C.Columns - column), length, o.Panel, wide, wide);
        }
        else if (rows >= 32 && length * stride * sizeof(T) > ProductOperands<T>.PanelBytes)
        {
            MatrixProductPacking<T, TVector, TSimd>.Copy(o.B.Data + (start * stride) + column, stride, length, vectors, o.Panel);
        }
        else
        {
            job.B = o.B.Data + (start * stride) + column;
            job.BStep = stride;
            return;
        }

        job.B = o.Panel;
        job.BStep = wide;
    }

    /// <summary>Equal blocks, multiples of 16.</summary>
    private static int BlockLength(int left, int limit)
    {
        int blocks = (left + limit - 1) / limit;
        return blocks <= 1 ? left : Math.Min(limit, ((left / blocks) + 15) / 16 * 16);
    }

    private static void ClearRest(MatrixView<T> c, int from)
    {
        int count = MatrixView<T>.PaddedStride(c.Columns) - from;
        for (int i = 0; count > 0 && i < c.Rows; i++)
        {
            new Span<T>(c.Data + ((nint)i * c.Stride) + from, count).Clear();
        }
    }
}
