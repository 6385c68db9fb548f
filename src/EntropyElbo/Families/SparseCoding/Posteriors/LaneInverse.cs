using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// <c>T = (A + diag c)^-1</c> of eight rows at once, a lane each, where <c>A = (delta / sigma^2) W'W</c> is the same for all.
/// </summary>
internal abstract class LaneInverse
{
    private readonly AlignedBuffer<double> _variances;

    private protected LaneInverse(int latents)
    {
        Latents = latents;
        _variances = Buffer(latents);
    }

    /// <summary>H.</summary>
    public int Latents { get; }

    /// <summary>The diagonal of T.</summary>
    public Span<Vector512<double>> Variances => Vectors(_variances);

    /// <summary><c>1/2 log|T|</c>.</summary>
    public Vector512<double> HalfLogDeterminant { get; private protected set; }

    /// <summary>In the dimension of the latents or, where that is smaller, in that of the columns.</summary>
    public static LaneInverse Create(int columns, int latents) =>
        latents > columns ? new WideInverse(columns, latents) : new DirectInverse(latents);

    /// <summary>Takes the parameters.</summary>
    public abstract void Use(PosteriorModel model);

    /// <summary>Computes T for curvatures c.</summary>
    public abstract void Compute(ReadOnlySpan<Vector512<double>> curvatures);

    /// <summary>result = T v.</summary>
    public abstract void Multiply(ReadOnlySpan<Vector512<double>> v, Span<Vector512<double>> result);

    /// <summary>Adds T of the lanes of a mask to a lower triangle of sums.</summary>
    public abstract void AddTo(Vector512<double> mask, Span<Vector512<double>> sums);

    private protected static AlignedBuffer<double> Buffer(int vectors) => new(ArraySize.Of(vectors, LaneCholesky.Lanes));

    private protected static Span<Vector512<double>> Vectors(AlignedBuffer<double> buffer) =>
        MemoryMarshal.Cast<double, Vector512<double>>(buffer.Span);
}

/// <summary>By the Cholesky factor of <c>A + diag c</c>.</summary>
internal sealed class DirectInverse(int latents) : LaneInverse(latents)
{
    private readonly AlignedBuffer<double> _factor = Buffer(LaneCholesky.Length(latents));
    private readonly AlignedBuffer<double> _inverse = Buffer(LaneCholesky.Length(latents));
    private readonly AlignedBuffer<double> _work = Buffer(latents);
    private readonly double[] _precision = new double[LaneCholesky.Length(latents)];

    public override void Use(PosteriorModel model)
    {
        for (int i = 0; i < Latents; i++)
        {
            model.Precision[i][..(i + 1)].CopyTo(_precision.AsSpan(LaneCholesky.Length(i)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Compute(ReadOnlySpan<Vector512<double>> curvatures)
    {
        Span<Vector512<double>> factor = Vectors(_factor);
        for (int i = 0; i < _precision.Length; i++)
        {
            factor[i] = Vector512.Create(_precision[i]);
        }

        for (int h = 0; h < Latents; h++)
        {
            factor[LaneCholesky.Length(h) + h] += curvatures[h];
        }

        LaneCholesky.Factor(factor, Latents);
        Vector512<double> logs = Vector512<double>.Zero;
        for (int h = 0; h < Latents; h++)
        {
            logs += VectorFunctions.Log(factor[LaneCholesky.Length(h) + h]);
        }

        HalfLogDeterminant = logs;
        LaneCholesky.Invert(factor, Latents, Vectors(_inverse));
        LaneCholesky.Diagonal(Vectors(_inverse), Latents, Variances);
    }

    public override void Multiply(ReadOnlySpan<Vector512<double>> v, Span<Vector512<double>> result) =>
        LaneCholesky.Multiply(Vectors(_inverse), Latents, v, Vectors(_work), result);

    public override void AddTo(Vector512<double> mask, Span<Vector512<double>> sums) =>
        LaneCholesky.AddInverse(Vectors(_inverse), Latents, mask, sums);
}
