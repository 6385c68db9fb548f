using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// Products of row-major matrices: the forward pass of a dense layer and the two products of its backward pass. One thread; the
/// caller splits rows between threads. Reproducible: an entry of C is computed by the same operations in the same order whatever
/// the number of rows of C and whichever rows stand beside it, so encoding one row gives the bits of encoding a block, and whatever
/// the width of the vectors, so processors agree. C must not overlap A or B; Padding lanes of C, up to the end of the last 64-byte
/// line in use, are written and come out as exact zeros where the padding of B, of the bias and (for the transposed right form) of
/// the gate is zero and A is finite.
/// </summary>
internal static unsafe class MatrixProduct
{
    /// <summary>
    /// C[m x n] = activation(A[m x k] * B[k x n] + bias). B and C are padded matrices, A may have any stride.
    /// </summary>
    /// <param name="a">Left factor, m x k.</param>
    /// <param name="b">Right factor, k x n, padded.</param>
    /// <param name="c">Result, m x n, padded.</param>
    /// <param name="bias">Row added to every row of C, padded with zeros to whole 64-byte lines; empty for none.</param>
    /// <param name="slope">The activation is x -> max(x, slope*x), slope in (0, 1]; 1 is the identity.</param>
    /// <param name="width">Vector size.</param>
    /// <exception cref="ArgumentException">Shapes disagree, or B or C is not padded.</exception>
    [SkipLocalsInit]
    public static void Multiply<T>(
        MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, ReadOnlySpan<T> bias, T slope, SimdWidth width = SimdWidth.Best)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        RequireShapes(a.Rows == c.Rows && a.Columns == b.Rows && b.Columns == c.Columns);
        RequirePadded(b, nameof(b));
        RequirePadded(c, nameof(c));
        RequireShapes(bias.IsEmpty || bias.Length >= MatrixView<T>.LinesOf(c.Columns));
        if (Resolve(width) == SimdWidth.Scalar)
        {
            MatrixProductReference.Multiply(a, b, c, bias, slope);
            return;
        }

        byte* workspace = stackalloc byte[ProductOperands<T>.PanelBytes + 64];
        fixed (T* row = bias)
        {
            ProductOperands<T> operands = new(a.Data, a.Stride, 1, b, c, a.Columns)
            {
                Bias = row,
                Slope = slope,
                Panel = (T*)Align(workspace),
            };
            Dispatch(in operands, Resolve(width), swapped: false);
        }

        KeepAlive(a, b, c);
    }

    /// <summary>
    /// C[m x n] = A[m x k] * B^T, B[n x k]; then C[i,j] is multiplied by <paramref name="slope"/> where gate[i,j] is not
    /// above zero: the gradient with respect to the inputs of a layer, taken back through the leaky rectifier whose
    /// outputs are <paramref name="gate"/>. A may have any stride; B, C and gate are padded.
    /// </summary>
    /// <param name="a">Left factor, m x k.</param>
    /// <param name="b">Right factor, n x k, padded.</param>
    /// <param name="c">Result, m x n, padded.</param>
    /// <param name="gate">Outputs of the activation, m x n, padded; Data null for none.</param>
    /// <param name="slope">Slope of the rectifier below zero, in (0, 1].</param>
    /// <param name="scratch">Workspace of this thread.</param>
    /// <param name="width">Vector size.</param>
    /// <exception cref="ArgumentException">Shapes disagree, or B, C or the gate is not padded.</exception>
    public static void MultiplyTransposedRight<T>(
        MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, MatrixView<T> gate, T slope, ProductScratch<T> scratch, SimdWidth width = SimdWidth.Best)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        bool gated = gate.Data != null;
        RequireShapes(a.Rows == c.Rows && a.Columns == b.Columns && b.Rows == c.Columns);
        RequireShapes(!gated || (gate.Rows == c.Rows && gate.Columns == c.Columns));
        RequirePadded(b, nameof(b));
        RequirePadded(c, nameof(c));
        RequirePadded(gate, nameof(gate));
        if (Resolve(width) == SimdWidth.Scalar)
        {
            MatrixProductReference.MultiplyTransposedRight(a, b, c, gate, slope);
            return;
        }

        ProductOperands<T> operands = new(a.Data, a.Stride, 1, b, c, a.Columns)
        {
            Transposed = true,
            Gate = gate.Data,
            GateStride = gate.Stride,
            Slope = gated ? slope : T.One,
            Panel = scratch.Get(ProductOperands<T>.PanelBytes / sizeof(T)),
        };
        Dispatch(in operands, Resolve(width), swapped: false);
        GC.KeepAlive(scratch);
        KeepAlive(a, b, c);
        gate.KeepAlive();
    }

    /// <summary>
    /// C[m x n] = A^T * B, A[k x m], B[k x n]: the gradient of a layer's weights from its inputs A and the gradients B
    /// of its outputs. Overwrites C. B and C are padded; A may have any stride, and a padded A lets a narrow C be
    /// computed with fewer idle lanes.
    /// </summary>
    /// <param name="a">Left factor, k x m.</param>
    /// <param name="b">Right factor, k x n, padded.</param>
    /// <param name="c">Result, m x n, padded.</param>
    /// <param name="width">Vector size.</param>
    /// <exception cref="ArgumentException">Shapes disagree, or B or C is not padded.</exception>
    [SkipLocalsInit]
    public static void MultiplyTransposedLeft<T>(
        MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, SimdWidth width = SimdWidth.Best)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        RequireShapes(a.Rows == b.Rows && a.Columns == c.Rows && b.Columns == c.Columns);
        RequirePadded(b, nameof(b));
        RequirePadded(c, nameof(c));
        SimdWidth resolved = Resolve(width);
        if (resolved == SimdWidth.Scalar)
        {
            MatrixProductReference.MultiplyTransposedLeft(a, b, c);
            return;
        }

        bool swapped = SwapPays(a, c, Lanes<T>(resolved));
        byte* workspace = stackalloc byte[((swapped ? 2 : 1) * ProductOperands<T>.PanelBytes) + 64];
        byte* panel = Align(workspace);
        ProductOperands<T> operands = swapped
            ? new(b.Data, 1, b.Stride, a, c, b.Rows)
            : new(a.Data, 1, a.Stride, b, c, b.Rows);
        operands.Panel = (T*)panel;
        operands.ResultPanel = (T*)(panel + ProductOperands<T>.PanelBytes);
        Dispatch(in operands, resolved, swapped);
        KeepAlive(a, b, c);
    }

    /// <summary>C = A B without bias and activation.</summary>
    /// <inheritdoc cref="Multiply{T}(MatrixView{T}, MatrixView{T}, MatrixView{T}, ReadOnlySpan{T}, T, SimdWidth)"/>
    public static void Multiply<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, SimdWidth width = SimdWidth.Best)
        where T : unmanaged, IFloatingPointIeee754<T> => Multiply(a, b, c, default, T.One, width);

    /// <summary>The operands hold bare pointers: the matrices live until the product is done.</summary>
    private static void KeepAlive<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        a.KeepAlive();
        b.KeepAlive();
        c.KeepAlive();
    }

    private static SimdWidth Resolve(SimdWidth width) => width switch
    {
        SimdWidth.Best when Vector512.IsHardwareAccelerated => SimdWidth.Vector512,
        SimdWidth.Best when Vector256.IsHardwareAccelerated => SimdWidth.Vector256,
        SimdWidth.Best when Vector128.IsHardwareAccelerated => SimdWidth.Vector128,
        SimdWidth.Best => SimdWidth.Scalar,
        _ => width,
    };

    private static int Lanes<T>(SimdWidth width)
        where T : unmanaged => width switch
        {
            SimdWidth.Vector512 => Vector512<T>.Count,
            SimdWidth.Vector256 => Vector256<T>.Count,
            _ => Vector128<T>.Count,
        };

    /// <summary>Whether vectors along the rows of C^T leave fewer lanes idle than vectors along the rows of C.</summary>
    private static bool SwapPays<T>(MatrixView<T> a, MatrixView<T> c, int lanes)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        static long RoundUp(int x, int lanes) => (x + lanes - 1) / lanes * lanes;
        long straight = c.Rows * RoundUp(c.Columns, lanes), crossed = c.Columns * RoundUp(c.Rows, lanes);
        return c.Columns <= ProductOperands<T>.SwapLimit && IsPadded(a) && crossed * 16 < straight * 15;
    }

    private static void Dispatch<T>(in ProductOperands<T> operands, SimdWidth width, bool swapped)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        switch (width)
        {
            case SimdWidth.Vector128: MatrixProductDriver<T, Vector128<T>, Simd128<T>>.Run(in operands, swapped); break;
            case SimdWidth.Vector256: MatrixProductDriver<T, Vector256<T>, Simd256<T>>.Run(in operands, swapped); break;
            case SimdWidth.Vector512: MatrixProductDriver<T, Vector512<T>, Simd512<T>>.Run(in operands, swapped); break;
            default: throw new ArgumentOutOfRangeException(nameof(width), width, "unknown vector width");
        }
    }

    private static byte* Align(byte* start) => (byte*)(((nint)start + 63) & ~63);

    private static bool IsPadded<T>(MatrixView<T> x)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        x.Stride % MatrixView<T>.Line == 0 && x.Stride >= x.Columns && ((nint)x.Data & 63) == 0;

    private static void RequirePadded<T>(MatrixView<T> x, string name)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!IsPadded(x))
        {
            throw new ArgumentException("rows must start on 64-byte boundaries", name);
        }
    }

    private static void RequireShapes(bool agree)
    {
        if (!agree)
        {
            throw new ArgumentException("the shapes of the factors and the result disagree");
        }
    }
}
