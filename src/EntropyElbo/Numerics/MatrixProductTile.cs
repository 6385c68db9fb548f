using System.Numerics;
using System.Runtime.CompilerServices;

namespace EntropyElbo.Numerics;

/// <summary>
/// What a tile computes: rows of C at <see cref="C"/> from rows of A (entry (i, s) at A + i*RowStep + s*InnerStep) and
/// lines of B (line s at B + s*BStep). It starts from C itself where <see cref="Accumulate"/>, else from the bias (or
/// zero); it ends with the rectifier, or the gate where there is one, of slope <see cref="Slope"/>: 1 leaves the sums as they are. So many
/// <see cref="Tiles"/> follow one another, each on the rows below the last.
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
    public int Tiles;
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
        if (rows == 0)
        {
            return;
        }

        int tiles = TileShapes.Tiles(rows, TWidth.Value), height = (rows + tiles - 1) / tiles;
        int tall = rows - (tiles * (height - 1));
        job.Tiles = tall;
        RunHeight<TWidth, TGroup>(in job, height);
        if (tall < tiles)
        {
            nint done = tall * height;
            job.A += done * job.RowStep;
            job.C += done * job.CStride;
            job.Gate = job.Gate == null ? null : job.Gate + (done * job.GateStride);
            job.Tiles = tiles - tall;
            RunHeight<TWidth, TGroup>(in job, height - 1);
        }
    }

    private static void RunHeight<TWidth, TGroup>(in TileJob<T> job, int rows)
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

    /// <summary>
    /// What a vector of a tile starts from when it does not go on from C: the bias or zero; zero with groups, whose sums are added
    /// up first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Start<TGroup>(in TileJob<T> job, int offset)
        where TGroup : struct, IConstant =>
        TGroup.Value == 1 && job.Bias != null ? TSimd.Load(job.Bias + offset) : TSimd.Broadcast(T.Zero);

    /// <summary>Sums of groups, on top of what C holds or of the bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddStart(in TileJob<T> job, T* target, int offset, TVector x)
    {
        T* start = job.Accumulate ? target : job.Bias;
        return start == null ? x : TSimd.Add(x, TSimd.Load(start + offset));
    }

    /// <summary>Stores a vector, scaled by the slope where the gate (or, for the activation itself, the entry) is not above zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(T* target, T* gate, TVector slope, TVector x) =>
        TSimd.Store(target, gate == null ? TSimd.Rectify(x, slope) : TSimd.Gate(x, TSimd.Load(gate), slope));
}
