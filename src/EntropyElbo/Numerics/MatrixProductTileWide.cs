using System.Numerics;
using System.Runtime.CompilerServices;

namespace EntropyElbo.Numerics;

/// <content>
/// Tiles of three vectors and up to seven rows, four and six, five and five: more multiply-adds per load than the tall ones.
/// </content>
internal static unsafe partial class MatrixProductTile<T, TVector, TSimd>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide<TRows, TWidth, TGroup>(in TileJob<T> job)
        where TRows : struct, IConstant
        where TWidth : struct, IConstant
        where TGroup : struct, IConstant
    {
        int lanes = TSimd.Count;
        nint row = job.RowStep, step = job.InnerStep * TGroup.Value, lineStep = job.BStep, cs = job.CStride, gs = job.Gate == null ? 0 : job.GateStride;
        T* corner = job.A, c = job.C, gate = job.Gate;
        for (int tile = job.Tiles; tile > 0; tile--, corner += TRows.Value * row, c += TRows.Value * cs)
        {
            TVector s0 = Start<TGroup>(in job, 0), s1 = Start<TGroup>(in job, lanes), s2 = Start<TGroup>(in job, 2 * lanes);
            TVector s3 = TWidth.Value > 3 ? Start<TGroup>(in job, 3 * lanes) : s0, s4 = TWidth.Value > 4 ? Start<TGroup>(in job, 4 * lanes) : s0;
            TVector x0 = s0, y0 = s1, z0 = s2, u0 = s3, v0 = s4;
            TVector x1 = s0, y1 = s1, z1 = s2, u1 = s3, v1 = s4;
            TVector x2 = s0, y2 = s1, z2 = s2, u2 = s3, v2 = s4;
            TVector x3 = s0, y3 = s1, z3 = s2, u3 = s3, v3 = s4;
            TVector x4 = s0, y4 = s1, z4 = s2, u4 = s3, v4 = s4;
            TVector x5 = s0, y5 = s1, z5 = s2, u5 = s3;
            TVector x6 = s0, y6 = s1, z6 = s2;
            if (TGroup.Value == 1 && job.Accumulate)
            {
                if (TRows.Value > 0) { x0 = TSimd.Load(c); y0 = TSimd.Load(c + lanes); z0 = TSimd.Load(c + (2 * lanes)); if (TWidth.Value > 3) { u0 = TSimd.Load(c + (3 * lanes)); } if (TWidth.Value > 4) { v0 = TSimd.Load(c + (4 * lanes)); } }
                if (TRows.Value > 1) { x1 = TSimd.Load(c + cs); y1 = TSimd.Load(c + cs + lanes); z1 = TSimd.Load(c + cs + (2 * lanes)); if (TWidth.Value > 3) { u1 = TSimd.Load(c + cs + (3 * lanes)); } if (TWidth.Value > 4) { v1 = TSimd.Load(c + cs + (4 * lanes)); } }
                if (TRows.Value > 2) { x2 = TSimd.Load(c + (2 * cs)); y2 = TSimd.Load(c + (2 * cs) + lanes); z2 = TSimd.Load(c + (2 * cs) + (2 * lanes)); if (TWidth.Value > 3) { u2 = TSimd.Load(c + (2 * cs) + (3 * lanes)); } if (TWidth.Value > 4) { v2 = TSimd.Load(c + (2 * cs) + (4 * lanes)); } }
                if (TRows.Value > 3) { x3 = TSimd.Load(c + (3 * cs)); y3 = TSimd.Load(c + (3 * cs) + lanes); z3 = TSimd.Load(c + (3 * cs) + (2 * lanes)); if (TWidth.Value > 3) { u3 = TSimd.Load(c + (3 * cs) + (3 * lanes)); } if (TWidth.Value > 4) { v3 = TSimd.Load(c + (3 * cs) + (4 * lanes)); } }
                if (TRows.Value > 4) { x4 = TSimd.Load(c + (4 * cs)); y4 = TSimd.Load(c + (4 * cs) + lanes); z4 = TSimd.Load(c + (4 * cs) + (2 * lanes)); if (TWidth.Value > 3) { u4 = TSimd.Load(c + (4 * cs) + (3 * lanes)); } if (TWidth.Value > 4) { v4 = TSimd.Load(c + (4 * cs) + (4 * lanes)); } }
                if (TRows.Value > 5) { x5 = TSimd.Load(c + (5 * cs)); y5 = TSimd.Load(c + (5 * cs) + lanes); z5 = TSimd.Load(c + (5 * cs) + (2 * lanes)); if (TWidth.Value > 3) { u5 = TSimd.Load(c + (5 * cs) + (3 * lanes)); } }
                if (TRows.Value > 6) { x6 = TSimd.Load(c + (6 * cs)); y6 = TSimd.Load(c + (6 * cs) + lanes); z6 = TSimd.Load(c + (6 * cs) + (2 * lanes)); }
            }

            T* a0 = corner, a3 = a0 + (3 * row), a6 = a3 + (3 * row), b = job.B;
            for (int s = job.Steps; s > 0; s--)
            {
                TVector b0 = TSimd.Load(b);
                TVector b1 = TSimd.Load(b + lanes);
                TVector b2 = TSimd.Load(b + (2 * lanes));
                TVector b3 = TWidth.Value > 3 ? TSimd.Load(b + (3 * lanes)) : b0;
                TVector b4 = TWidth.Value > 4 ? TSimd.Load(b + (4 * lanes)) : b0;
                if (TRows.Value > 0) { TVector a = TSimd.BroadcastGroup(a0, TGroup.Value); x0 = TSimd.MultiplyAdd(a, b0, x0); y0 = TSimd.MultiplyAdd(a, b1, y0); z0 = TSimd.MultiplyAdd(a, b2, z0); if (TWidth.Value > 3) { u0 = TSimd.MultiplyAdd(a, b3, u0); } if (TWidth.Value > 4) { v0 = TSimd.MultiplyAdd(a, b4, v0); } }
                if (TRows.Value > 1) { TVector a = TSimd.BroadcastGroup(a0 + row, TGroup.Value); x1 = TSimd.MultiplyAdd(a, b0, x1); y1 = TSimd.MultiplyAdd(a, b1, y1); z1 = TSimd.MultiplyAdd(a, b2, z1); if (TWidth.Value > 3) { u1 = TSimd.MultiplyAdd(a, b3, u1); } if (TWidth.Value > 4) { v1 = TSimd.MultiplyAdd(a, b4, v1); } }
                if (TRows.Value > 2) { TVector a = TSimd.BroadcastGroup(a0 + (2 * row), TGroup.Value); x2 = TSimd.MultiplyAdd(a, b0, x2); y2 = TSimd.MultiplyAdd(a, b1, y2); z2 = TSimd.MultiplyAdd(a, b2, z2); if (TWidth.Value > 3) { u2 = TSimd.MultiplyAdd(a, b3, u2); } if (TWidth.Value > 4) { v2 = TSimd.MultiplyAdd(a, b4, v2); } }
                if (TRows.Value > 3) { TVector a = TSimd.BroadcastGroup(a3, TGroup.Value); x3 = TSimd.MultiplyAdd(a, b0, x3); y3 = TSimd.MultiplyAdd(a, b1, y3); z3 = TSimd.MultiplyAdd(a, b2, z3); if (TWidth.Value > 3) { u3 = TSimd.MultiplyAdd(a, b3, u3); } if (TWidth.Value > 4) { v3 = TSimd.MultiplyAdd(a, b4, v3); } }
                if (TRows.Value > 4) { TVector a = TSimd.BroadcastGroup(a3 + row, TGroup.Value); x4 = TSimd.MultiplyAdd(a, b0, x4); y4 = TSimd.MultiplyAdd(a, b1, y4); z4 = TSimd.MultiplyAdd(a, b2, z4); if (TWidth.Value > 3) { u4 = TSimd.MultiplyAdd(a, b3, u4); } if (TWidth.Value > 4) { v4 = TSimd.MultiplyAdd(a, b4, v4); } }
                if (TRows.Value > 5) { TVector a = TSimd.BroadcastGroup(a3 + (2 * row), TGroup.Value); x5 = TSimd.MultiplyAdd(a, b0, x5); y5 = TSimd.MultiplyAdd(a, b1, y5); z5 = TSimd.MultiplyAdd(a, b2, z5); if (TWidth.Value > 3) { u5 = TSimd.MultiplyAdd(a, b3, u5); } }
                if (TRows.Value > 6) { TVector a = TSimd.BroadcastGroup(a6, TGroup.Value); x6 = TSimd.MultiplyAdd(a, b0, x6); y6 = TSimd.MultiplyAdd(a, b1, y6); z6 = TSimd.MultiplyAdd(a, b2, z6); }
                a0 += step;
                if (TRows.Value > 3) { a3 += step; }
                if (TRows.Value > 6) { a6 += step; }
                b += lineStep;
            }

            TVector slope = TSimd.Broadcast(job.Slope);
            T* target = c;
            if (TRows.Value > 0) { PutWide<TWidth, TGroup>(in job, target, gate, slope, x0, y0, z0, u0, v0); }

            target += cs;
            gate += gs;
            if (TRows.Value > 1) { PutWide<TWidth, TGroup>(in job, target, gate, slope, x1, y1, z1, u1, v1); }

            target += cs;
            gate += gs;
            if (TRows.Value > 2) { PutWide<TWidth, TGroup>(in job, target, gate, slope, x2, y2, z2, u2, v2); }

            target += cs;
            gate += gs;
            if (TRows.Value > 3) { PutWide<TWidth, TGroup>(in job, target, gate, slope, x3, y3, z3, u3, v3); }

            target += cs;
            gate += gs;
            if (TRows.Value > 4) { PutWide<TWidth, TGroup>(in job, target, gate, slope, x4, y4, z4, u4, v4); }

            target += cs;
            gate += gs;
            if (TRows.Value > 5) { PutWide<TWidth, TGroup>(in job, target, gate, slope, x5, y5, z5, u5, x5); }

            target += cs;
            gate += gs;
            if (TRows.Value > 6) { PutWide<TWidth, TGroup>(in job, target, gate, slope, x6, y6, z6, x6, x6); }
            gate += (TRows.Value - 6) * gs;
        }
    }

    /// <summary>Ends one row of a tile: three to five vectors, in groups of two or four where TGroup says so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutWide<TWidth, TGroup>(
        in TileJob<T> job, T* target, T* gate, TVector slope, TVector x, TVector y, TVector z, TVector u, TVector v)
        where TWidth : struct, IConstant
        where TGroup : struct, IConstant
    {
        if (TGroup.Value > 1)
        {
            PutWideGroups<TWidth, TGroup>(in job, target, gate, slope, x, y, z, u, v);
            return;
        }

        int lanes = TSimd.Count;
        Finish(target, gate, slope, x);
        Finish(target + lanes, gate == null ? gate : gate + lanes, slope, y);
        Finish(target + (2 * lanes), gate == null ? gate : gate + (2 * lanes), slope, z);
        if (TWidth.Value > 3) { Finish(target + (3 * lanes), gate == null ? gate : gate + (3 * lanes), slope, u); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutWideGroups<TWidth, TGroup>(
        in TileJob<T> job, T* target, T* gate, TVector slope, TVector x, TVector y, TVector z, TVector u, TVector v)
        where TWidth : struct, IConstant
        where TGroup : struct, IConstant
    {
        TVector zero = TSimd.Broadcast(T.Zero);
        int lanes = TSimd.Count;
        x = TSimd.FoldPairs(x, y);
        y = TSimd.FoldPairs(z, TWidth.Value > 3 ? u : zero);
        if (TGroup.Value == 4)
        {
            x = TSimd.FoldPairs(x, y);
        }

        Finish(target, gate, slope, AddStart(in job, target, 0, x));
        if (TGroup.Value == 2)
        {
            Finish(target + lanes, gate == null ? gate : gate + lanes, slope, AddStart(in job, target, lanes, y));
        }

        if (TWidth.Value > 4)
        {
            Finish(target + (2 * lanes), gate == null ? gate : gate + (2 * lanes), slope, AddStart(in job, target, 2 * lanes, TSimd.FoldPairs(v, zero)));
        }
    }
}
