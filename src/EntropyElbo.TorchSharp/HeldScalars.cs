using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Arithmetic with numbers. TorchSharp hands a number to libtorch as an object with a finaliser, of which nothing but the native
/// handle is referred to while the native call runs: the garbage collector may free the number under it. That is so of
/// <c>x * 0.5</c>, and also of <c>x + y</c>, <c>square()</c> and <c>softplus</c>, which make such objects inside. Here each lives
/// until its call is over; sums of tensors and numbers beside tensors are written with these methods only.
/// </summary>
internal static class HeldScalars
{
    private static readonly Scalar One = 1.ToScalar();
    private static readonly Scalar Two = 2.ToScalar();

    /// <summary>Where <see cref="Softplus"/> takes its argument itself: beyond, the difference is below rounding.</summary>
    private static readonly Scalar SoftplusThreshold = 80.0.ToScalar();

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, double y)
    {
        using Scalar held = y.ToScalar();
        return x.add(held, One);
    }

    /// <summary>x - y.</summary>
    public static Tensor Minus(this Tensor x, double y)
    {
        using Scalar held = y.ToScalar();
        return x.sub(held);
    }

    /// <summary>x y.</summary>
    public static Tensor Times(this Tensor x, double y)
    {
        using Scalar held = y.ToScalar();
        return x.mul(held);
    }

    /// <summary>x / y.</summary>
    public static Tensor Over(this Tensor x, double y)
    {
        using Scalar held = y.ToScalar();
        return x.div(held);
    }

    /// <summary>The square of each entry.</summary>
    public static Tensor Square(this Tensor x) => x.pow(Two);

    /// <summary>x from <paramref name="least"/> to <paramref name="greatest"/>.</summary>
    public static Tensor Clamp(this Tensor x, double least, double greatest)
    {
        using Scalar from = least.ToScalar(), to = greatest.ToScalar();
        return x.clamp(from, to);
    }

    /// <summary>x, but not below a bound.</summary>
    public static Tensor ClampMin(this Tensor x, double least)
    {
        using Scalar held = least.ToScalar();
        return x.clamp_min(held);
    }

    /// <summary>x, but not above a bound.</summary>
    public static Tensor ClampMax(this Tensor x, double greatest)
    {
        using Scalar held = greatest.ToScalar();
        return x.clamp_max(held);
    }

    /// <summary>Whether x &lt; y.</summary>
    public static Tensor IsBelow(this Tensor x, double y)
    {
        using Scalar held = y.ToScalar();
        return x.lt(held);
    }

    /// <summary>Whether x &lt;= y.</summary>
    public static Tensor IsAtMost(this Tensor x, double y)
    {
        using Scalar held = y.ToScalar();
        return x.le(held);
    }

    /// <summary>Whether x &gt; y.</summary>
    public static Tensor IsAbove(this Tensor x, double y)
    {
        using Scalar held = y.ToScalar();
        return x.gt(held);
    }

    /// <summary>The leaky rectifier.</summary>
    public static Tensor LeakyRelu(this Tensor x, double slope)
    {
        using Scalar held = slope.ToScalar();
        return x.leaky_relu(held);
    }

    /// <summary>log(1 + exp(x)).</summary>
    public static Tensor Softplus(this Tensor x) => SoftplusOf(x, One, SoftplusThreshold);

    /// <summary>A tensor of the same shape, filled with a number.</summary>
    public static Tensor FilledLike(this Tensor x, double value)
    {
        using Scalar held = value.ToScalar();
        return full_like(x, held);
    }

    /// <summary>x := x + y.</summary>
    public static Tensor PlusInPlace(this Tensor x, Tensor y) => x.add_(y, One);

    /// <summary>x := x + y.</summary>
    public static Tensor PlusInPlace(this Tensor x, double y)
    {
        using Scalar held = y.ToScalar();
        return x.add_(held, One);
    }

    /// <summary>x := x y.</summary>
    public static Tensor TimesInPlace(this Tensor x, double y)
    {
        using Scalar held = y.ToScalar();
        return x.mul_(held);
    }

    /// <summary>x := x + factor y z.</summary>
    public static Tensor PlusProductInPlace(this Tensor x, Tensor y, Tensor z, double factor)
    {
        using Scalar held = factor.ToScalar();
        return x.addcmul_(y, z, held);
    }

    /// <summary>x := x + factor y / z.</summary>
    public static Tensor PlusQuotientInPlace(this Tensor x, Tensor y, Tensor z, double factor)
    {
        using Scalar held = factor.ToScalar();
        return x.addcdiv_(y, z, held);
    }

    /// <summary>x from <paramref name="least"/> to <paramref name="greatest"/>, in place.</summary>
    public static Tensor ClampInPlace(this Tensor x, double least, double greatest)
    {
        using Scalar from = least.ToScalar(), to = greatest.ToScalar();
        return x.clamp_(from, to);
    }

    /// <summary>TorchSharp's own, before the public one makes objects of its numbers.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "softplus1")]
    private static extern Tensor SoftplusOf(Tensor x, Scalar beta, Scalar threshold);
}
