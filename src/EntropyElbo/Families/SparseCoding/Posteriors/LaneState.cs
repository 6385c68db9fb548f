using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>Eight vectors of H numbers, a lane each.</summary>
internal sealed class LaneVector(int latents)
{
    private readonly AlignedBuffer<double> _values = new(ArraySize.Of(latents, LaneCholesky.Lanes));

    /// <summary>A vector register a latent.</summary>
    public Span<Vector512<double>> Span => MemoryMarshal.Cast<double, Vector512<double>>(_values.Span)[..latents];

    /// <summary>Takes up to eight rows; lanes without a row get a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(MatrixView<double> matrix, int first, int rows, double idle)
    {
        Span<double> values = _values.Span;
        for (int row = 0; row < LaneCholesky.Lanes; row++)
        {
            ReadOnlySpan<double> from = row < rows ? matrix[first + row] : default;
            for (int h = 0; h < latents; h++)
            {
                values[(h * LaneCholesky.Lanes) + row] = row < rows ? from[h] : idle;
            }
        }
    }

    /// <summary>Gives the rows back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Store(MatrixView<double> matrix, int first, int rows)
    {
        ReadOnlySpan<double> values = _values.Span;
        for (int row = 0; row < rows; row++)
        {
            Span<double> to = matrix[first + row];
            for (int h = 0; h < latents; h++)
            {
                to[h] = values[(h * LaneCholesky.Lanes) + row];
            }
        }
    }

    /// <summary>Takes the lanes of a mask from another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Take(LaneVector other, Vector512<double> mask)
    {
        Span<Vector512<double>> mine = Span, theirs = other.Span;
        for (int h = 0; h < mine.Length; h++)
        {
            mine[h] = Vector512.ConditionalSelect(mask, theirs[h], mine[h]);
        }
    }
}

/// <summary>Where eight rows stand: their q, its bound and what follows from both.</summary>
internal sealed class LaneState(int latents)
{
    public LaneVector Mean { get; } = new(latents);

    /// <summary>c.</summary>
    public LaneVector Spread { get; } = new(latents);

    public LaneVector Variance { get; } = new(latents);

    /// <summary>E |z|.</summary>
    public LaneVector Size { get; } = new(latents);

    /// <summary>Derivative of the bound by nu.</summary>
    public LaneVector Gradient { get; } = new(latents);

    /// <summary>What c is at the optimum for this nu and T.</summary>
    public LaneVector Target { get; } = new(latents);

    public Vector512<double> HalfLogDeterminant { get; set; }

    public Vector512<double> Misfit { get; set; }

    public Vector512<double> Bound { get; set; }

    /// <summary>Takes the lanes of a mask from another.</summary>
    public void Take(LaneState other, Vector512<double> mask)
    {
        Mean.Take(other.Mean, mask);
        Spread.Take(other.Spread, mask);
        Variance.Take(other.Variance, mask);
        Size.Take(other.Size, mask);
        Gradient.Take(other.Gradient, mask);
        Target.Take(other.Target, mask);
        HalfLogDeterminant = Vector512.ConditionalSelect(mask, other.HalfLogDeterminant, HalfLogDeterminant);
        Misfit = Vector512.ConditionalSelect(mask, other.Misfit, Misfit);
        Bound = Vector512.ConditionalSelect(mask, other.Bound, Bound);
    }
}
