using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// Minus the bound of a row in nu, the logarithms of s and V, all in units of the deviations that a row starts with: their second
/// derivatives are then near 1. Where V alone explains a latent s would go to 0, and T^-1 with it to infinity; it ends at a
/// thousandth of the unit, which costs less than a millionth of a nat.
/// </summary>
internal sealed class LowRankRow(LowRankTerms terms, int latents) : IDifferentiable
{
    private const double LeastDeviation = 1e-3;

    /// <summary>So near to its least s may start: a row that ended there must lose nothing, and must find back.</summary>
    private const double LeastFree = 1e-6;

    private readonly double[] _free = new double[latents]; // s above its least.
    private readonly double[] _units = new double[latents];
    private readonly double[] _pulls = new double[MatrixView<double>.PaddedStride(latents)];

    /// <summary>Room for a gradient that nobody reads.</summary>
    public double[] Ignored { get; } = new double[latents * (2 + terms.Rank)];

    /// <inheritdoc/>
    public int Dimension => latents * (2 + terms.Rank);

    /// <summary>Takes the parameters.</summary>
    public void Use(PosteriorModel model)
    {
        for (int h = 0; h < latents; h++)
        {
            _units[h] = 1 / Math.Sqrt(model.Precision[h][h] + model.RidgeCurvatures[h]);
        }
    }

    /// <summary>Takes a row; the point is where the terms are.</summary>
    public void Start(ReadOnlySpan<double> pulls, Span<double> point)
    {
        pulls.CopyTo(_pulls);
        for (int k = 0; k <= terms.Rank; k++)
        {
            TensorPrimitives.Divide<double>(terms.Vectors[k], _units, Part(point, k == 0 ? 0 : 1 + k));
        }

        Span<double> logs = Part(point, 1);
        for (int h = 0; h < latents; h++)
        {
            logs[h] = Math.Log(Math.Max((terms.Deviations[h] / _units[h]) - LeastDeviation, LeastFree));
        }
    }

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        for (int k = 0; k <= terms.Rank; k++)
        {
            TensorPrimitives.Multiply<double>(point.Slice((k == 0 ? 0 : 1 + k) * latents, latents), _units, terms.Vectors[k]);
        }

        Span<double> deviations = terms.Deviations.AsSpan(0, latents);
        VectorFunctions.Exp(point.Slice(latents, latents), _free);
        TensorPrimitives.Multiply<double>(_free, _units, _free);
        TensorPrimitives.MultiplyAdd<double>(_units, LeastDeviation, _free, deviations);
        double value = -terms.Evaluate(_pulls);
        for (int k = 0; k < 2 + terms.Rank; k++)
        {
            Span<double> part = Part(gradient, k);
            TensorPrimitives.Multiply<double>(terms.Gradients[k], k == 1 ? _free : _units, part);
            TensorPrimitives.Negate<double>(part, part);
        }

        return value;
    }

    private Span<double> Part(Span<double> values, int part) => values.Slice(part * latents, latents);
}
