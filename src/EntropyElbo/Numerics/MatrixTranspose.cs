using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EntropyElbo.Numerics;

/// <summary>Turns rows into columns.</summary>
internal static unsafe class MatrixTranspose
{
    /// <summary>
    /// target(c, r) = source(r, c) for r &lt; rows and c &lt; columns, and target(c, r) = 0 for rows &lt;= r &lt; width.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(T* source, nint sourceStride, int rows, int columns, T* target, nint targetStride, int width)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int c = 0;
        if (typeof(T) == typeof(float) && (Sse.IsSupported || AdvSimd.Arm64.IsSupported))
        {
            for (; c + 4 <= columns; c += 4)
            {
                FourColumns((float*)source + c, sourceStride, rows, (float*)target + (c * targetStride), targetStride, width);
            }
        }

        for (; c < columns; c++)
        {
            OneColumn(source + c, sourceStride, 0, rows, target + (c * targetStride), width);
        }
    }

    private static void OneColumn<T>(T* source, nint sourceStride, int from, int rows, T* target, int width)
        where T : unmanaged
    {
        source += from * sourceStride;
        for (int r = from; r < rows; r++, source += sourceStride)
        {
            target[r] = *source;
        }

        new Span<T>(target + rows, width - rows).Clear();
    }

    /// <summary>Four columns of all rows: sixteen rows at a time where there are 512-bit vectors, else four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourColumns(float* source, nint stride, int rows, float* target, nint targetStride, int width)
    {
        int r = 0;
        float* from = source;
        if (Avx512F.IsSupported)
        {
            for (; r + 16 <= rows; r += 16, from += 16 * stride)
            {
                SixteenByFour(from, stride, target + r, targetStride);
            }
        }

        for (; r + 4 <= rows; r += 4, from += 4 * stride)
        {
            FourByFour(from, stride, target + r, targetStride);
        }

        if (r < width)
        {
            for (int c = 0; c < 4; c++)
            {
                OneColumn(source + c, stride, r, rows, target + (c * targetStride), width);
            }
        }
    }

    /// <summary>Rows i, i+4, i+8, i+12 share a vector, so that a transposition of 4 x 4 within lanes ends in whole lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SixteenByFour(float* source, nint stride, float* target, nint targetStride)
    {
        Vector512<float> x0 = Four(source, stride), x1 = Four(source + stride, stride);
        Vector512<float> x2 = Four(source + (2 * stride), stride), x3 = Four(source + (3 * stride), stride);
        Vector512<double> low01 = Avx512F.UnpackLow(x0, x1).AsDouble(), high01 = Avx512F.UnpackHigh(x0, x1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(x2, x3).AsDouble(), high23 = Avx512F.UnpackHigh(x2, x3).AsDouble();
        Avx512F.UnpackLow(low01, low23).AsSingle().Store(target);
        Avx512F.UnpackHigh(low01, low23).AsSingle().Store(target + targetStride);
        Avx512F.UnpackLow(high01, high23).AsSingle().Store(target + (2 * targetStride));
        Avx512F.UnpackHigh(high01, high23).AsSingle().Store(target + (3 * targetStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Four(float* source, nint stride) => Vector512.Create(
        Vector256.Create(Vector128.Load(source), Vector128.Load(source + (4 * stride))),
        Vector256.Create(Vector128.Load(source + (8 * stride)), Vector128.Load(source + (12 * stride))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourByFour(float* source, nint stride, float* target, nint targetStride)
    {
        Vector128<float> x0 = Vector128.Load(source), x1 = Vector128.Load(source + stride);
        Vector128<float> x2 = Vector128.Load(source + (2 * stride)), x3 = Vector128.Load(source + (3 * stride));
        Vector128<float> low02 = ZipLow(x0, x2), high02 = ZipHigh(x0, x2), low13 = ZipLow(x1, x3), high13 = ZipHigh(x1, x3);
        ZipLow(low02, low13).Store(target);
        ZipHigh(low02, low13).Store(target + targetStride);
        ZipLow(high02, high13).Store(target + (2 * targetStride));
        ZipHigh(high02, high13).Store(target + (3 * targetStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLow(Vector128<float> x, Vector128<float> y) =>
        Sse.IsSupported ? Sse.UnpackLow(x, y) : AdvSimd.Arm64.ZipLow(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipHigh(Vector128<float> x, Vector128<float> y) =>
        Sse.IsSupported ? Sse.UnpackHigh(x, y) : AdvSimd.Arm64.ZipHigh(x, y);
}
