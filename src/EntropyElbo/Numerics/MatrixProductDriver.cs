using System.Numerics;

namespace EntropyElbo.Numerics;

/// <summary>
/// A product in the form the driver takes: A read by entry (row step and inner step), B and C by lines. N and M are
/// those of the product as the driver sees it, which for a swapped product is the transpose of the caller's.
/// </summary>
internal unsafe struct ProductOperands<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Size of a packed panel: it leaves room for rows of A and C in a first-level cache.</summary>
    public const int PanelBytes = 32768;

    /// <summary>Most columns of a swapped product: its panels of four vectors per column must fit where results are kept.</summary>
    public const int SwapLimit = PanelBytes / 256;

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
/// Cuts a product into panels of columns and blocks of the inner dimension, packs B where that pays, and runs the tiles
/// down each panel.
/// </summary>
internal static unsafe class MatrixProductDriver<T, TVector, TSimd>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    public static void Run(in ProductOperands<T> o, bool swapped)
    {
        if (swapped)
        {
            RunSwapped(in o);
            return;
        }

        int columns = o.C.Columns, lanes = TSimd.Count;
        for (int j = 0; j < columns;)
        {
            ColumnRun run = ColumnRun.Next(columns - j, o.Inner, o.InnerStep == 1, MatrixView<T>.Line);
            if (run.Group == 1)
            {
                RunStraight(in o, j, run.Columns, 0);
            }
            else
            {
                RunGrouped(in o, j, run);
            }

            j += run.Columns;
        }

        ClearRest(o.C, (columns + lanes - 1) / lanes * lanes);
    }

    /// <summary>C = (B^T A)^T with vectors along the columns of A: panels of the transpose, each turned round into C.</summary>
    private static void RunSwapped(in ProductOperands<T> o)
    {
        int lanes = TSimd.Count, rows = o.C.Columns, columns = o.C.Rows;
        for (int j = 0; j < columns;)
        {
            int vectors = NextVectors(columns - j), wide = vectors * lanes;
            RunPanel(in o, j, vectors, o.ResultPanel, wide, rows, 0);
            T* target = o.C.Data + ((nint)j * o.C.Stride);
            MatrixTranspose.Run(
                o.ResultPanel, wide, rows, Math.Min(wide, columns - j), target, o.C.Stride, MatrixView<T>.PaddedStride(rows));
            j += wide;
        }
    }

    /// <summary>The first of panels of nearly equal width that together cover the columns.</summary>
    private static int NextVectors(int columns)
    {
        int vectors = (columns + TSimd.Count - 1) / TSimd.Count, panels = (vectors + TileShapes.PanelVectors - 1) / TileShapes.PanelVectors;
        return (vectors + panels - 1) / panels;
    }

    /// <summary>
    /// Columns with a lane each, over the inner entries from <paramref name="start"/> on (those before are in C already).
    /// </summary>
    private static void RunStraight(in ProductOperands<T> o, int column, int columns, int start)
    {
        for (int end = column + columns; column < end;)
        {
            int vectors = NextVectors(end - column);
            RunPanel(in o, column, vectors, o.C.Data + column, o.C.Stride, o.C.Rows, start);
            column += vectors * TSimd.Count;
        }
    }

    /// <summary>
    /// A panel with a lane to a column, over the inner entries from <paramref name="start"/> on (those before are in C already).
    /// </summary>
    private static void RunPanel(in ProductOperands<T> o, int column, int vectors, T* c, nint stride, int rows, int start)
    {
        TileJob<T> job = Job(in o, column, c, stride);
        int limit = PanelLines(vectors);
        do
        {
            int length = BlockLength(o.Inner - start, limit);
            job.A = o.A + (start * o.InnerStep);
            job.Steps = length;
            job.Accumulate = start > 0;
            job.Slope = start + length == o.Inner ? o.Slope : T.One;
            Lines(in o, column, vectors, start, length, rows, ref job);
            switch (vectors)
            {
                case 1: MatrixProductTile<T, TVector, TSimd>.RunRows<N1, N1>(job, rows); break;
                case 2: MatrixProductTile<T, TVector, TSimd>.RunRows<N2, N1>(job, rows); break;
                case 3: MatrixProductTile<T, TVector, TSimd>.RunRows<N3, N1>(job, rows); break;
                default: MatrixProductTile<T, TVector, TSimd>.RunRows<N4, N1>(job, rows); break;
            }

            start += length;
        }
        while (start < o.Inner);
    }

    /// <summary>Columns with several lanes each; inner entries that do not fill a group follow one by one.</summary>
    private static void RunGrouped(in ProductOperands<T> o, int column, ColumnRun run)
    {
        // Blocks are added up one after the other, so their length decides bits: it is counted in whole lines, whatever the vectors.
        int limit = PanelLines(run.Lines(MatrixView<T>.Line) * MatrixView<T>.Line / TSimd.Count) * run.Group;
        int whole = o.Inner - (o.Inner % run.Group), vectors = ((run.Columns * run.Group) + TSimd.Count - 1) / TSimd.Count;
        for (int panel = 0; panel < vectors;)
        {
            PanelShape shape = new(GroupedVectors(vectors - panel, run.Group), run.Group);
            RunGroupedPanel(in o, column + (panel * TSimd.Count / run.Group), shape, whole, limit);
            panel += shape.Vectors;
        }

        if (whole < o.Inner)
        {
            RunStraight(in o, column, Math.Min(run.Columns, o.C.Columns - column), whole);
        }
    }

    /// <summary>
    /// Vectors of the next grouped panel. Those of a line make one where a line has several, so that what a panel stores beyond its columns
    /// stays within the line.
    /// </summary>
    private static int GroupedVectors(int left, int group)
    {
        int inLine = MatrixView<T>.Line / TSimd.Count;
        return inLine > 1 ? Math.Min(left, Math.Min(inLine, TileShapes.PanelVectors))
            : group == 4 ? left >= 3 ? 3 : 1
            : left <= 5 ? left : 4;
    }

    private static void RunGroupedPanel(in ProductOperands<T> o, int column, PanelShape shape, int whole, int limit)
    {
        TileJob<T> job = Job(in o, column, o.C.Data + column, o.C.Stride);
        job.B = o.Panel;
        job.BStep = shape.Vectors * TSimd.Count;
        for (int start = 0; start < whole;)
        {
            int length = BlockLength(whole - start, limit);
            job.A = o.A + start;
            job.Steps = length / shape.Group;
            job.Accumulate = start > 0;
            job.Slope = start + length == o.Inner ? o.Slope : T.One;
            MatrixProductPacking<T, TVector, TSimd>.PackGroups(in o, column, start, length, shape);
            RunGroupedRows(in job, o.C.Rows, shape);
            start += length;
        }
    }

    private static void RunGroupedRows(in TileJob<T> job, int rows, PanelShape shape)
    {
        switch (shape)
        {
            case (1, 2): MatrixProductTile<T, TVector, TSimd>.RunRows<N1, N2>(job, rows); break;
            case (2, 2): MatrixProductTile<T, TVector, TSimd>.RunRows<N2, N2>(job, rows); break;
            case (3, 2): MatrixProductTile<T, TVector, TSimd>.RunRows<N3, N2>(job, rows); break;
            case (4, 2): MatrixProductTile<T, TVector, TSimd>.RunRows<N4, N2>(job, rows); break;
            case (5, 2): MatrixProductTile<T, TVector, TSimd>.RunRows<N5, N2>(job, rows); break;
            case (1, 4): MatrixProductTile<T, TVector, TSimd>.RunRows<N1, N4>(job, rows); break;
            case (2, 4): MatrixProductTile<T, TVector, TSimd>.RunRows<N2, N4>(job, rows); break;
            case (3, 4): MatrixProductTile<T, TVector, TSimd>.RunRows<N3, N4>(job, rows); break;
            case (4, 4): MatrixProductTile<T, TVector, TSimd>.RunRows<N4, N4>(job, rows); break;
            default: throw new InvalidOperationException($"no tile for {shape}");
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

    /// <summary>Lines of so many vectors that fit a panel.</summary>
    private static int PanelLines(int vectors) => ProductOperands<T>.PanelBytes / sizeof(T) / (vectors * TSimd.Count) / 16 * 16;

    /// <summary>Nearly equal blocks, multiples of 16.</summary>
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
