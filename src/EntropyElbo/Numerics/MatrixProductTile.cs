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

    /// <summary>
    /// Stores a vector at an offset from the tile's corner of C, scaled by the slope where the gate (or, for the
    /// activation itself, the entry) is not above zero.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(bool active, T* target, T* gate, TVector slope, TVector x)
    {
        if (active)
        {
            x = gate == null ? TSimd.Rectify(x, slope) : TSimd.Gate(x, TSimd.Load(gate), slope);
        }

        TSimd.Store(target, x);
    }
}
