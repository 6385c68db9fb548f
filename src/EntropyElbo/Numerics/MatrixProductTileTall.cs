using System.Numerics;
using System.Runtime.CompilerServices;

namespace EntropyElbo.Numerics;

/// <content>Tiles of one or two vectors and up to twelve rows.</content>
internal static unsafe partial class MatrixProductTile<T, TVector, TSimd>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tall<TRows, TWidth, TGroup>(in TileJob<T> job)
        where TRows : struct, IConstant
        where TWidth : struct, IConstant
        where TGroup : struct, IConstant
    {
        int lanes = TSimd.Count;
        nint row = job.RowStep, step = job.InnerStep * TGroup.Value, lineStep = job.BStep, cs = job.CStride, gs = job.GateStride;
        T* corner = job.A, c = job.C, gate = job.Gate;
        for (int tile = job.Tiles; tile > 0; tile--, corner += TRows.Value * row, c += TRows.Value * cs)
        {
            TVector s0 = Start<TGroup>(in job, 0), s1 = TWidth.Value > 1 ? Start<TGroup>(in job, lanes) : s0;
            TVector x0 = s0, y0 = s1;
            TVector x1 = s0, y1 = s1;
            TVector x2 = s0, y2 = s1;
            TVector x3 = s0, y3 = s1;
            TVector x4 = s0, y4 = s1;
            TVector x5 = s0, y5 = s1;
            TVector x6 = s0, y6 = s1;
            TVector x7 = s0, y7 = s1;
            TVector x8 = s0, y8 = s1;
            TVector x9 = s0, y9 = s1;
            TVector x10 = s0, y10 = s1;
            TVector x11 = s0, y11 = s1;
            if (TGroup.Value == 1 && job.Accumulate)
            {
                if (TRows.Value > 0) { x0 = TSimd.Load(c); if (TWidth.Value > 1) { y0 = TSimd.Load(c + lanes); } }
                if (TRows.Value > 1) { x1 = TSimd.Load(c + cs); if (TWidth.Value > 1) { y1 = TSimd.Load(c + cs + lanes); } }
                if (TRows.Value > 2) { x2 = TSimd.Load(c + (2 * cs)); if (TWidth.Value > 1) { y2 = TSimd.Load(c + (2 * cs) + lanes); } }
                if (TRows.Value > 3) { x3 = TSimd.Load(c + (3 * cs)); if (TWidth.Value > 1) { y3 = TSimd.Load(c + (3 * cs) + lanes); } }
                if (TRows.Value > 4) { x4 = TSimd.Load(c + (4 * cs)); if (TWidth.Value > 1) { y4 = TSimd.Load(c + (4 * cs) + lanes); } }
                if (TRows.Value > 5) { x5 = TSimd.Load(c + (5 * cs)); if (TWidth.Value > 1) { y5 = TSimd.Load(c + (5 * cs) + lanes); } }
                if (TRows.Value > 6) { x6 = TSimd.Load(c + (6 * cs)); if (TWidth.Value > 1) { y6 = TSimd.Load(c + (6 * cs) + lanes); } }
                if (TRows.Value > 7) { x7 = TSimd.Load(c + (7 * cs)); if (TWidth.Value > 1) { y7 = TSimd.Load(c + (7 * cs) + lanes); } }
                if (TRows.Value > 8) { x8 = TSimd.Load(c + (8 * cs)); if (TWidth.Value > 1) { y8 = TSimd.Load(c + (8 * cs) + lanes); } }
                if (TRows.Value > 9) { x9 = TSimd.Load(c + (9 * cs)); if (TWidth.Value > 1) { y9 = TSimd.Load(c + (9 * cs) + lanes); } }
                if (TRows.Value > 10) { x10 = TSimd.Load(c + (10 * cs)); if (TWidth.Value > 1) { y10 = TSimd.Load(c + (10 * cs) + lanes); } }
                if (TRows.Value > 11) { x11 = TSimd.Load(c + (11 * cs)); if (TWidth.Value > 1) { y11 = TSimd.Load(c + (11 * cs) + lanes); } }
            }

            T* a0 = corner, a3 = a0 + (3 * row), a6 = a3 + (3 * row), a9 = a6 + (3 * row), b = job.B;
            for (int s = job.Steps; s > 0; s--)
            {
                TVector b0 = TSimd.Load(b);
                TVector b1 = TWidth.Value > 1 ? TSimd.Load(b + lanes) : b0;
                if (TRows.Value > 0) { TVector a = TSimd.BroadcastGroup(a0, TGroup.Value); x0 = TSimd.MultiplyAdd(a, b0, x0); if (TWidth.Value > 1) { y0 = TSimd.MultiplyAdd(a, b1, y0); } }
                if (TRows.Value > 1) { TVector a = TSimd.BroadcastGroup(a0 + row, TGroup.Value); x1 = TSimd.MultiplyAdd(a, b0, x1); if (TWidth.Value > 1) { y1 = TSimd.MultiplyAdd(a, b1, y1); } }
                if (TRows.Value > 2) { TVector a = TSimd.BroadcastGroup(a0 + (2 * row), TGroup.Value); x2 = TSimd.MultiplyAdd(a, b0, x2); if (TWidth.Value > 1) { y2 = TSimd.MultiplyAdd(a, b1, y2); } }
                if (TRows.Value > 3) { TVector a = TSimd.BroadcastGroup(a3, TGroup.Value); x3 = TSimd.MultiplyAdd(a, b0, x3); if (TWidth.Value > 1) { y3 = TSimd.MultiplyAdd(a, b1, y3); } }
                if (TRows.Value > 4) { TVector a = TSimd.BroadcastGroup(a3 + row, TGroup.Value); x4 = TSimd.MultiplyAdd(a, b0, x4); if (TWidth.Value > 1) { y4 = TSimd.MultiplyAdd(a, b1, y4); } }
                if (TRows.Value > 5) { TVector a = TSimd.BroadcastGroup(a3 + (2 * row), TGroup.Value); x5 = TSimd.MultiplyAdd(a, b0, x5); if (TWidth.Value > 1) { y5 = TSimd.MultiplyAdd(a, b1, y5); } }
                if (TRows.Value > 6) { TVector a = TSimd.BroadcastGroup(a6, TGroup.Value); x6 = TSimd.MultiplyAdd(a, b0, x6); if (TWidth.Value > 1) { y6 = TSimd.MultiplyAdd(a, b1, y6); } }
                if (TRows.Value > 7) { TVector a = TSimd.BroadcastGroup(a6 + row, TGroup.Value); x7 = TSimd.MultiplyAdd(a, b0, x7); if (TWidth.Value > 1) { y7 = TSimd.MultiplyAdd(a, b1, y7); } }
                if (TRows.Value > 8) { TVector a = TSimd.BroadcastGroup(a6 + (2 * row), TGroup.Value); x8 = TSimd.MultiplyAdd(a, b0, x8); if (TWidth.Value > 1) { y8 = TSimd.MultiplyAdd(a, b1, y8); } }
                if (TRows.Value > 9) { TVector a = TSimd.BroadcastGroup(a9, TGroup.Value); x9 = TSimd.MultiplyAdd(a, b0, x9); if (TWidth.Value > 1) { y9 = TSimd.MultiplyAdd(a, b1, y9); } }
                if (TRows.Value > 10) { TVector a = TSimd.BroadcastGroup(a9 + row, TGroup.Value); x10 = TSimd.MultiplyAdd(a, b0, x10); if (TWidth.Value > 1) { y10 = TSimd.MultiplyAdd(a, b1, y10); } }
                if (TRows.Value > 11) { TVector a = TSimd.BroadcastGroup(a9 + (2 * row), TGroup.Value); x11 = TSimd.MultiplyAdd(a, b0, x11); if (TWidth.Value > 1) { y11 = TSimd.MultiplyAdd(a, b1, y11); } }
                a0 += step;
                if (TRows.Value > 3) { a3 += step; }
                if (TRows.Value > 6) { a6 += step; }
                if (TRows.Value > 9) { a9 += step; }
                b += lineStep;
            }

            TVector slope = TSimd.Broadcast(job.Slope);
            if (gate == null)
            {
                if (TRows.Value > 0) { PutTall<TWidth, TGroup>(in job, c, null, slope, x0, y0); }
                if (TRows.Value > 1) { PutTall<TWidth, TGroup>(in job, c + cs, null, slope, x1, y1); }
                if (TRows.Value > 2) { PutTall<TWidth, TGroup>(in job, c + (2 * cs), null, slope, x2, y2); }
                if (TRows.Value > 3) { PutTall<TWidth, TGroup>(in job, c + (3 * cs), null, slope, x3, y3); }
                if (TRows.Value > 4) { PutTall<TWidth, TGroup>(in job, c + (4 * cs), null, slope, x4, y4); }
                if (TRows.Value > 5) { PutTall<TWidth, TGroup>(in job, c + (5 * cs), null, slope, x5, y5); }
                if (TRows.Value > 6) { PutTall<TWidth, TGroup>(in job, c + (6 * cs), null, slope, x6, y6); }
                if (TRows.Value > 7) { PutTall<TWidth, TGroup>(in job, c + (7 * cs), null, slope, x7, y7); }
                if (TRows.Value > 8) { PutTall<TWidth, TGroup>(in job, c + (8 * cs), null, slope, x8, y8); }
                if (TRows.Value > 9) { PutTall<TWidth, TGroup>(in job, c + (9 * cs), null, slope, x9, y9); }
                if (TRows.Value > 10) { PutTall<TWidth, TGroup>(in job, c + (10 * cs), null, slope, x10, y10); }
                if (TRows.Value > 11) { PutTall<TWidth, TGroup>(in job, c + (11 * cs), null, slope, x11, y11); }
                continue;
            }

            if (TRows.Value > 0) { PutTall<TWidth, TGroup>(in job, c, gate, slope, x0, y0); }
            if (TRows.Value > 1) { PutTall<TWidth, TGroup>(in job, c + cs, gate + gs, slope, x1, y1); }
            if (TRows.Value > 2) { PutTall<TWidth, TGroup>(in job, c + (2 * cs), gate + (2 * gs), slope, x2, y2); }
            if (TRows.Value > 3) { PutTall<TWidth, TGroup>(in job, c + (3 * cs), gate + (3 * gs), slope, x3, y3); }
            if (TRows.Value > 4) { PutTall<TWidth, TGroup>(in job, c + (4 * cs), gate + (4 * gs), slope, x4, y4); }
            if (TRows.Value > 5) { PutTall<TWidth, TGroup>(in job, c + (5 * cs), gate + (5 * gs), slope, x5, y5); }
            if (TRows.Value > 6) { PutTall<TWidth, TGroup>(in job, c + (6 * cs), gate + (6 * gs), slope, x6, y6); }
            if (TRows.Value > 7) { PutTall<TWidth, TGroup>(in job, c + (7 * cs), gate + (7 * gs), slope, x7, y7); }
            if (TRows.Value > 8) { PutTall<TWidth, TGroup>(in job, c + (8 * cs), gate + (8 * gs), slope, x8, y8); }
            if (TRows.Value > 9) { PutTall<TWidth, TGroup>(in job, c + (9 * cs), gate + (9 * gs), slope, x9, y9); }
            if (TRows.Value > 10) { PutTall<TWidth, TGroup>(in job, c + (10 * cs), gate + (10 * gs), slope, x10, y10); }
            if (TRows.Value > 11) { PutTall<TWidth, TGroup>(in job, c + (11 * cs), gate + (11 * gs), slope, x11, y11); }
            gate += TRows.Value * gs;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutTall<TWidth, TGroup>(in TileJob<T> job, T* target, T* gate, TVector slope, TVector x, TVector y)
        where TWidth : struct, IConstant
        where TGroup : struct, IConstant
    {
        if (TGroup.Value > 1)
        {
            x = AddStart(in job, target, 0, FoldTall<TWidth, TGroup>(x, y));
        }

        Finish(target, gate, slope, x);
        if (TGroup.Value < TWidth.Value) { Finish(target + TSimd.Count, gate == null ? gate : gate + TSimd.Count, slope, y); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector FoldTall<TWidth, TGroup>(TVector x, TVector y)
        where TWidth : struct, IConstant
        where TGroup : struct, IConstant
    {
        TVector zero = TSimd.Broadcast(T.Zero);
        x = TSimd.FoldPairs(x, TWidth.Value > 1 ? y : zero);
        if (TGroup.Value > 2) { x = TSimd.FoldPairs(x, zero); }

        return x;
    }
}
