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
        bool hardware = Sse2.IsSupported || AdvSimd.Arm64.IsSupported;
        if (typeof(T) == typeof(float) && hardware && width % 4 == 0)
        {
            for (; c + 4 <= columns; c += 4)
            {
                FourColumns((float*)source + c, sourceStride, rows, (float*)target + (c * targetStride), targetStride, width);
            }
        }
        else if (typeof(T) == typeof(double) && hardware && width % 2 == 0)
        {
            for (; c + 2 <= columns; c += 2)
            {
                TwoColumns((double*)source + c, sourceStride, rows, (double*)target + (c * targetStride), targetStride, width);
            }
        }

        for (; c < columns; c++)
        {
            OneColumn(source + c, sourceStride, rows, target + (c * targetStride), width);
        }
    }

    private static void OneColumn<T>(T* source, nint sourceStride, int rows, T* target, int width)
        where T : unmanaged
    {
        for (int r = 0; r < rows; r++, source += sourceStride)
        {
            target[r] = *source;
        }

        new Span<T>(target + rows, width - rows).Clear();
    }

    /// <summary>
    /// Four columns of all rows: sixteen rows at a time where there are 512-bit vectors, eight where there are 256-bit ones, else
    /// four; missing rows are zeros.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourColumns(float* source, nint stride, int rows, float* target, nint targetStride, int width)
    {
        int r = 0;
        if (Avx512F.IsSupported)
        {
            for (; r + 16 <= rows; r += 16, source += 16 * stride)
            {
                SixteenByFour(source, stride, target + r, targetStride);
            }
        }
        else if (Avx.IsSupported)
        {
            for (; r + 8 <= rows; r += 8, source += 8 * stride)
            {
                EightByFour(source, stride, target + r, targetStride);
            }
        }

        for (; r < width; r += 4, source += 4 * stride)
        {
            FourByFour(source, stride, rows - r, target + r, targetStride);
        }
    }

    /// <summary>
    /// Two columns of all rows: eight rows at a time where there are 512-bit vectors, four where there are 256-bit ones, else two;
    /// missing rows are zeros.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoColumns(double* source, nint stride, int rows, double* target, nint targetStride, int width)
    {
        int r = 0;
        if (Avx512F.IsSupported)
        {
            for (; r + 8 <= rows; r += 8, source += 8 * stride)
            {
                Vector512<double> even = Four(source, 2 * stride), odd = Four(source + stride, 2 * stride);
                Avx512F.UnpackLow(even, odd).Store(target + r);
                Avx512F.UnpackHigh(even, odd).Store(target + r + targetStride);
            }
        }
        else if (Avx.IsSupported)
        {
            for (; r + 4 <= rows; r += 4, source += 4 * stride)
            {
                Vector256<double> even = Two(source, 2 * stride), odd = Two(source + stride, 2 * stride);
                Avx.UnpackLow(even, odd).Store(target + r);
                Avx.UnpackHigh(even, odd).Store(target + r + targetStride);
            }
        }

        for (; r < width; r += 2, source += 2 * stride)
        {
            Vector128<double> x0 = r < rows ? Vector128.Load(source) : default;
            Vector128<double> x1 = r + 1 < rows ? Vector128.Load(source + stride) : default;
            ZipLow(x0, x1).Store(target + r);
            ZipHigh(x0, x1).Store(target + r + targetStride);
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

    /// <summary>As <see cref="SixteenByFour"/>, with rows i and i+4 in a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EightByFour(float* source, nint stride, float* target, nint targetStride)
    {
        Vector256<float> x0 = Two(source, 4 * stride), x1 = Two(source + stride, 4 * stride);
        Vector256<float> x2 = Two(source + (2 * stride), 4 * stride), x3 = Two(source + (3 * stride), 4 * stride);
        Vector256<double> low01 = Avx.UnpackLow(x0, x1).AsDouble(), high01 = Avx.UnpackHigh(x0, x1).AsDouble();
        Vector256<double> low23 = Avx.UnpackLow(x2, x3).AsDouble(), high23 = Avx.UnpackHigh(x2, x3).AsDouble();
        Avx.UnpackLow(low01, low23).AsSingle().Store(target);
        Avx.UnpackHigh(low01, low23).AsSingle().Store(target + targetStride);
        Avx.UnpackLow(high01, high23).AsSingle().Store(target + (2 * targetStride));
        Avx.UnpackHigh(high01, high23).AsSingle().Store(target + (3 * targetStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Two<T>(T* source, nint apart)
        where T : unmanaged => Vector256.Create(Vector128.Load(source), Vector128.Load(source + apart));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Four(float* source, nint stride) => Vector512.Create(
        Vector256.Create(Vector128.Load(source), Vector128.Load(source + (4 * stride))),
        Vector256.Create(Vector128.Load(source + (8 * stride)), Vector128.Load(source + (12 * stride))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Four(double* source, nint stride) => Vector512.Create(
        Vector256.Create(Vector128.Load(source), Vector128.Load(source + stride)),
        Vector256.Create(Vector128.Load(source + (2 * stride)), Vector128.Load(source + (3 * stride))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourByFour(float* source, nint stride, int rows, float* target, nint targetStride)
    {
        Vector128<float> x0 = rows > 0 ? Vector128.Load(source) : default, x1 = rows > 1 ? Vector128.Load(source + stride) : default;
        Vector128<float> x2 = rows > 2 ? Vector128.Load(source + (2 * stride)) : default;
        Vector128<float> x3 = rows > 3 ? Vector128.Load(source + (3 * stride)) : default;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> ZipLow(Vector128<double> x, Vector128<double> y) =>
        Sse2.IsSupported ? Sse2.UnpackLow(x, y) : AdvSimd.Arm64.ZipLow(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> ZipHigh(Vector128<double> x, Vector128<double> y) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(x, y) : AdvSimd.Arm64.ZipHigh(x, y);
}
