using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// The loops over the latents of a row with diagonal covariance. Idle lanes of the padding have mean 0, deviation 1 and precision
/// 1, and add nothing.
/// </summary>
internal sealed class DiagonalTerms
{
    /// <summary>Most that a deviation may shrink in a step.</summary>
    private const double MostShrinking = -0.75;

    private readonly double[] _precisions;
    private readonly double[] _traces;
    private readonly double[] _weights;

    public DiagonalTerms(PosteriorModel model, int stride)
    {
        _precisions = new double[stride];
        _traces = new double[stride];
        _weights = new double[stride];
        Array.Fill(_precisions, 1);
        FirstDeviations = new double[model.Latents];
        for (int h = 0; h < model.Latents; h++)
        {
            _precisions[h] = _traces[h] = Math.Max(model.Precision[h][h], model.CurvatureFloor);
            _weights[h] = model.Weights[h];
            FirstDeviations[h] = 1 / Math.Sqrt(_precisions[h] + model.RidgeCurvatures[h]);
        }
    }

    /// <summary>Where the deviations of a row start that nothing is known of.</summary>
    public double[] FirstDeviations { get; }

    /// <summary>Bound, gradient and curvatures at a row's place; sizes E |z| are written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Evaluate(DiagonalRows rows, int row, Span<double> sizes)
    {
        Span<Vector512<double>> means = Vectors(rows.Means, row), forces = Vectors(rows.Forces, row), deviations = Vectors(rows.Deviations, row);
        Span<Vector512<double>> pulls = Vectors(rows.Pulls, row), gradients = Vectors(rows.Gradients, row), curvatures = Vectors(rows.Curvatures, row);
        Span<Vector512<double>> size = MemoryMarshal.Cast<double, Vector512<double>>(sizes);
        ReadOnlySpan<Vector512<double>> weights = Vectors(_weights), traces = Vectors(_traces);
        Vector512<double> logs = Vector512<double>.Zero, prior = logs, fit = logs;
        for (int i = 0; i < means.Length; i++)
        {
            Vector512<double> mean = means[i], deviation = deviations[i], pull = pulls[i] - forces[i];
            LaplaceTerms terms = LaplaceTerms.Of(mean, deviation, weights[i]);
            size[i] = terms.Size;
            gradients[i] = pull - terms.Slope;
            curvatures[i] = terms.Curvature;
            logs += VectorFunctions.Log(deviation);
            prior = Vector512.FusedMultiplyAdd(weights[i], terms.Size, prior);
            fit = Vector512.FusedMultiplyAdd(traces[i] * deviation, deviation, fit);
            fit -= mean * (pulls[i] + pull);
        }

        rows.HalfLogDeterminants[row] = VectorFold.Sum(logs);
        rows.Misfits[row] = VectorFold.Sum(fit);
        rows.Bounds[row] = rows.HalfLogDeterminants[row] - VectorFold.Sum(prior) - (0.5 * rows.Misfits[row]);
    }

    /// <summary>
    /// Sets direction and changes, and returns what the bound may still rise by, as the diagonal of its second derivatives tells:
    /// the direction is conjugate to the one before under the present curvature, or the preconditioned gradient where there is none
    /// before.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Direct(DiagonalRows rows, int row, bool isFirst)
    {
        Span<Vector512<double>> means = Vectors(rows.Means, row), deviations = Vectors(rows.Deviations, row), gradients = Vectors(rows.Gradients, row);
        Span<Vector512<double>> curvatures = Vectors(rows.Curvatures, row), directions = Vectors(rows.Directions, row), images = Vectors(rows.Images, row);
        Span<Vector512<double>> changes = Vectors(rows.Changes, row);
        ReadOnlySpan<Vector512<double>> precisions = Vectors(_precisions);
        Vector512<double> rest = Vector512<double>.Zero, along = rest, across = rest;
        for (int i = 0; i < means.Length; i++)
        {
            Vector512<double> curvature = curvatures[i], gradient = gradients[i], variance = deviations[i] * deviations[i];
            Vector512<double> ascent = gradient / (precisions[i] + curvature);
            Vector512<double> excess = Vector512<double>.One - ((precisions[i] + curvature) * variance);
            Vector512<double> change = excess / (Vector512<double>.One + (curvature * means[i] * means[i]) + (precisions[i] * variance));
            rest += (ascent * gradient) + (excess * change);
            changes[i] = Vector512.Max(change, Vector512.Create(MostShrinking));
            Vector512<double> image = Vector512.FusedMultiplyAdd(curvature, directions[i], images[i]);
            along = Vector512.FusedMultiplyAdd(directions[i], image, along);
            across = Vector512.FusedMultiplyAdd(ascent, image, across);
        }

        double length = VectorFold.Sum(along), share = isFirst || !(length > 0) ? 0 : -VectorFold.Sum(across) / length;
        Turn(directions, gradients, curvatures, precisions, share);
        return 0.5 * VectorFold.Sum(rest);
    }

    /// <summary>A step along direction and changes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Step(DiagonalRows rows, int row)
    {
        Span<Vector512<double>> directions = Vectors(rows.Directions, row), images = Vectors(rows.Images, row), curvatures = Vectors(rows.Curvatures, row);
        Span<Vector512<double>> gradients = Vectors(rows.Gradients, row);
        Vector512<double> slope = Vector512<double>.Zero, bend = slope;
        for (int i = 0; i < directions.Length; i++)
        {
            slope = Vector512.FusedMultiplyAdd(directions[i], gradients[i], slope);
            bend = Vector512.FusedMultiplyAdd(directions[i], Vector512.FusedMultiplyAdd(curvatures[i], directions[i], images[i]), bend);
        }

        double bending = VectorFold.Sum(bend);
        rows.Lengths[row] = bending > 0 ? rows.Shares[row] * VectorFold.Sum(slope) / bending : 0;
        Advance(rows, row, rows.Lengths[row], rows.Shares[row], isBack: false);
    }

    /// <summary>Takes the latest step back.</summary>
    public static void TakeBack(DiagonalRows rows, int row) => Advance(rows, row, -rows.Lengths[row], rows.Shares[row], isBack: true);

    /// <summary>
    /// The gradient over the curvatures, and a share of the direction before; the former alone where the sum does not climb.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(
        Span<Vector512<double>> directions,
        Span<Vector512<double>> gradients,
        Span<Vector512<double>> curvatures,
        ReadOnlySpan<Vector512<double>> precisions,
        double share)
    {
        Vector512<double> climb = Vector512<double>.Zero, factor = Vector512.Create(share);
        for (int i = 0; i < directions.Length; i++)
        {
            Vector512<double> ascent = gradients[i] / (precisions[i] + curvatures[i]);
            directions[i] = share == 0 ? ascent : Vector512.FusedMultiplyAdd(factor, directions[i], ascent);
            climb = Vector512.FusedMultiplyAdd(directions[i], gradients[i], climb);
        }

        if (share != 0 && !(VectorFold.Sum(climb) > 0))
        {
            Turn(directions, gradients, curvatures, precisions, 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Advance(DiagonalRows rows, int row, double length, double share, bool isBack)
    {
        Span<Vector512<double>> means = Vectors(rows.Means, row), forces = Vectors(rows.Forces, row), deviations = Vectors(rows.Deviations, row);
        Span<Vector512<double>> directions = Vectors(rows.Directions, row), images = Vectors(rows.Images, row), changes = Vectors(rows.Changes, row);
        Vector512<double> step = Vector512.Create(length), part = Vector512.Create(share);
        for (int i = 0; i < means.Length; i++)
        {
            means[i] = Vector512.FusedMultiplyAdd(step, directions[i], means[i]);
            forces[i] = Vector512.FusedMultiplyAdd(step, images[i], forces[i]);
            Vector512<double> factor = Vector512.FusedMultiplyAdd(part, changes[i], Vector512<double>.One);
            deviations[i] = isBack ? deviations[i] / factor : deviations[i] * factor;
        }
    }

    private static Span<Vector512<double>> Vectors(MatrixView<double> matrix, int row) =>
        MemoryMarshal.Cast<double, Vector512<double>>(matrix.PaddedRow(row));

    private static ReadOnlySpan<Vector512<double>> Vectors(double[] values) => MemoryMarshal.Cast<double, Vector512<double>>(values);
}
