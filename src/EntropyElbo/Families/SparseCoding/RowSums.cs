using System.Numerics.Tensors;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// The ELBO and its derivatives by the generative parameters, summed over rows whose E-steps go one by one, every q held still: so
/// halves merged are the whole.
/// </summary>
internal sealed class RowSums(int columns, int latents)
{
    /// <summary>Rows seen, each as many as its weight says.</summary>
    public double Rows { get; private set; }

    /// <summary>Derivatives of the columns' terms by W, [D, H].</summary>
    public MatrixView<double> Fields { get; } = new Matrix<double>(columns, latents);

    /// <summary>The same by b.</summary>
    public double[] Offsets { get; } = new double[columns];

    /// <summary><c>sum E|z|</c>.</summary>
    public double[] Sizes { get; } = new double[latents];

    /// <summary><c>sum 1/2 log|2 pi e T|</c>.</summary>
    public double Entropy { get; private set; }

    /// <summary>The columns' terms.</summary>
    public double Value { get; private set; }

    /// <summary>Expected entropies of the observable distribution.</summary>
    public double NoiseEntropy { get; private set; }

    /// <summary>Noise residuals.</summary>
    public double NoiseResidual { get; private set; }

    /// <summary>Second derivatives, where they are wanted.</summary>
    public ColumnCurvatures? Curvatures { get; set; }

    /// <summary>Back to no rows.</summary>
    public void Clear()
    {
        Rows = 0;
        Fields.Entries.Clear();
        Array.Clear(Offsets);
        Array.Clear(Sizes);
        (Entropy, Value, NoiseEntropy, NoiseResidual) = (0, 0, 0, 0);
        Curvatures?.Clear();
    }

    /// <summary>Adds other rows' sums.</summary>
    public void Merge(RowSums other)
    {
        Rows += other.Rows;
        ElementLoops.Add(other.Fields, Fields);
        TensorPrimitives.Add<double>(Offsets, other.Offsets, Offsets);
        TensorPrimitives.Add<double>(Sizes, other.Sizes, Sizes);
        Entropy += other.Entropy;
        Value += other.Value;
        NoiseEntropy += other.NoiseEntropy;
        NoiseResidual += other.NoiseResidual;
        Curvatures?.Merge(other.Curvatures!);
    }

    /// <summary>Adds a row: by <c>w_d</c> its terms have the derivative <c>slope_d nu - weight_d T w_d</c>.</summary>
    /// <param name="state">What its E-step left.</param>
    /// <param name="terms">The columns' terms.</param>
    /// <param name="rowWeight">As how many rows it counts.</param>
    public void Add(RowState state, ColumnTerms terms, double rowWeight)
    {
        Rows += rowWeight;
        Entropy += rowWeight * (state.HalfLogDeterminant + (latents * SpecialFunctions.StandardNormalEntropy));
        Value += rowWeight * state.Value;
        NoiseEntropy += rowWeight * terms.Entropy(state.Linear, state.Spread, state.WeightTarget);
        NoiseResidual += rowWeight * terms.Residual(state.Linear, state.Spread, state.Slope, state.WeightTarget);
        Curvatures?.Add(state, terms, rowWeight);
        TensorPrimitives.MultiplyAdd(state.Slope, rowWeight, Offsets, Offsets);
        TensorPrimitives.MultiplyAdd(state.Size.AsSpan(0, latents), rowWeight, Sizes, Sizes);
        for (int d = 0; d < state.Slope.Length; d++)
        {
            Span<double> target = Fields[d];
            TensorPrimitives.MultiplyAdd(state.Mean.AsSpan(0, latents), rowWeight * state.Slope[d], target, target);
            TensorPrimitives.MultiplyAdd(state.Images[d], -rowWeight * state.WeightTarget[d], target, target);
        }
    }
}
