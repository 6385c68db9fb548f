using System.Numerics;
using System.Runtime.CompilerServices;

namespace EntropyElbo.Numerics;

/// <summary>
/// What a tile computes: rows of C at <see cref="C"/> from rows of A (entry (i, s) at A + i*RowStep + s*InnerStep) and
/// lines of B (line s at B + s*BStep). It starts from C itself where <see cref="Accumulate"/>, else from the bias (or
/// zero); it ends with the activation or the gate where <see cref="Finish"/>.
/// </summary>
internal unsafe struct TileJob<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public T* A;
    public nint RowStep;
    public nint InnerStep;
    public T* B;
    public nint BStep;
    public int Steps;
    public T* C;
    public nint CStride;
    public T* Bias;
    public T* Gate;
    public nint GateStride;
    public T Slope;
    public bool Accumulate;
    public bool Finish;
}

/// <summary>
/// The register-blocked inner loops: a tile of C, all of it in registers while the inner dimension runs. Heights,
/// widths (in vectors) and groups are type parameters, so one text gives every shape of tile and the compiler drops what
/// a shape does not have.
/// With TGroup above one, a line of B holds that many consecutive inner entries of each column, side by side (columns
/// slow, inner entries fast), A is read in groups of that many, and the partial sums are added up at the end. A column
/// then takes TGroup lanes: narrow results cost no more than their share, and a row of A is loaded less often.
/// Every entry of C is one chain of fused multiply-adds in inner order (one chain per group member with groups),
/// whatever the height of the tile.
/// </summary>
internal static unsafe partial class MatrixProductTile<T, TVector, TSimd>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    /// <summary>All rows of a panel, split into tiles of nearly equal height.</summary>
    public static void RunRows<TWidth, TGroup>(TileJob<T> job, int rows)
        where TWidth : struct, IConstant
        where TGroup : struct, IConstant
    {
        int limit = MatrixProduct.TileRows(TWidth.Value);
        int tiles = (rows + limit - 1) / limit;
        for (int left = rows; tiles > 0; tiles--)
        {
            int height = (left + tiles - 1) / tiles;
            RunOne<TWidth, TGroup>(in job, height);
            left -= height;
            job.A += height * job.RowStep;
            job.C += height * job.CStride;
            job.Gate = job.Gate == null ? null : job.Gate + (height * job.GateStride);
        }
    }

    private static void RunOne<TWidth, TGroup>(in TileJob<T> job, int rows)
        where TWidth : struct, IConstant
        where TGroup : struct, IConstant
    {
        switch (rows)
        {
            case 1: Run<N1, TWidth, TGroup>(in job); break;
            case 2: Run<N2, TWidth, TGroup>(in job); break;
            case 3: Run<N3, TWidth, TGroup>(in job); break;
            case 4: Run<N4, TWidth, TGroup>(in job); break;
            case 5: Run<N5, TWidth, TGroup>(in job); break;
            case 6: Run<N6, TWidth, TGroup>(in job); break;
            case 7: Run<N7, TWidth, TGroup>(in job); break;
            case 8: Run<N8, TWidth, TGroup>(in job); break;
            case 9: Run<N9, TWidth, TGroup>(in job); break;
            case 10: Run<N10, TWidth, TGroup>(in job); break;
            case 11: Run<N11, TWidth, TGroup>(in job); break;
            case 12: Run<N12, TWidth, TGroup>(in job); break;
            default: throw new ArgumentOutOfRangeException(nameof(rows), rows, "a tile has 1 to 12 rows");
        }
    }

    private static void Run<TRows, TWidth, TGroup>(in TileJob<T> job)
        where TRows : struct, IConstant
        where TWidth : struct, IConstant
        where TGroup : struct, IConstant
    {
        if (TWidth.Value <= 2)
        {
            Tall<TRows, TWidth, TGroup>(in job);
        }
        else
        {
            Wide<TRows, TWidth, TGroup>(in job);
        }
    }

    /// <summary>Ends one row of a tile and stores it: up to five vectors, of which a group's worth make one vector of C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TWidth, TGroup>(
        in TileJob<T> job, int row, bool active, TVector slope, TVector x0, TVector x1, TVector x2, TVector x3, TVector x4)
        where TWidth : struct, IConstant
        where TGroup : struct, IConstant
    {
        if (TGroup.Value > 1)
        {
            PutGroups<TWidth, TGroup>(in job, row, active, slope, x0, x1, x2, x3, x4);
            return;
        }

        Finish(in job, row, 0, active, slope, x0);
        if (TWidth.Value > 1) { Finish(in job, row, TSimd.Count, active, slope, x1); }

        if (TWidth.Value > 2) { Finish(in job, row, 2 * TSimd.Count, active, slope, x2); }

        if (TWidth.Value > 3) { Finish(in job, row, 3 * TSimd.Count, active, slope, x3); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutGroups<TWidth, TGroup>(
        in TileJob<T> job, int row, bool active, TVector slope, TVector x0, TVector x1, TVector x2, TVector x3, TVector x4)
        where TWidth : struct, IConstant
        where TGroup : struct, IConstant
    {
        // Vectors a tile does not have come as zeros, and the sums of all beyond the first C vectors are dropped.
        x0 = TSimd.FoldPairs(x0, x1);
        if (TWidth.Value > 2) { x1 = TSimd.FoldPairs(x2, x3); }

        if (TGroup.Value > 2)
        {
            x0 = TSimd.FoldPairs(x0, TWidth.Value > 2 ? x1 : x4);
        }

        if (TGroup.Value > 4)
        {
            // Eights come one vector wide only.
            x0 = TSimd.FoldPairs(x0, x4);
        }

        Finish(in job, row, 0, active, slope, AddStart(in job, row, 0, x0));
        if (TWidth.Value > TGroup.Value)
        {
            Finish(in job, row, TSimd.Count, active, slope, AddStart(in job, row, TSimd.Count, x1));
        }

        if (TWidth.Value > 2 * TGroup.Value)
        {
            int at = 2 * TSimd.Count;
            Finish(in job, row, at, active, slope, AddStart(in job, row, at, TSimd.FoldPairs(x4, TSimd.Broadcast(T.Zero))));
        }
    }

    /// <summary>What C or the bias holds already, added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddStart(in TileJob<T> job, int row, int at, TVector x)
    {
        T* start = job.Accumulate ? job.C + (row * job.CStride) : job.Bias;
        return start == null ? x : TSimd.Add(x, TSimd.Load(start + at));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(in TileJob<T> job, int row, int at, bool active, TVector slope, TVector x)
    {
        if (active)
        {
            x = job.Gate == null
                ? TSimd.LeakyRelu(x, slope)
                : TSimd.Gate(x, TSimd.Load(job.Gate + (row * job.GateStride) + at), slope);
        }

        TSimd.Store(job.C + (row * job.CStride) + at, x);
    }
}
