using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>
/// The Newton step for fewer rows than columns, by conjugate gradients (Hestenes and Stiefel 1952): second derivatives are
/// those of <see cref="FactorAnalysisNewton.PositivePart"/>, but only their products with vectors are formed. With u_h, l_h the
/// pairs that have a latent and <c>M = Y'Y - sum_h l_h u_h u_h'</c> they are
/// <c>1/2 (diag(M) x - sum_h u_h o M (u_h o x))</c>, o the product entry by entry.
/// </summary>
internal sealed class FactorAnalysisConjugate
{
    /// <summary>Residual, relative to the gradient, at which the step is good enough: Newton steps need no more.</summary>
    private const double Tolerance = 1e-4;

    private const int MaxIterations = 200;
    private readonly ScaledRows _rows;
    private readonly FactorAnalysisPoint _point;
    private readonly bool[] _isFree;
    private readonly double[] _roots;
    private readonly double[] _diagonal;
    private readonly double[] _projection;
    private readonly double[] _masked;
    private readonly double[] _product;

    /// <param name="rows">The rows over the noise.</param>
    /// <param name="point">Where the step starts.</param>
    /// <param name="isFree">Which variances may move.</param>
    public FactorAnalysisConjugate(ScaledRows rows, FactorAnalysisPoint point, bool[] isFree)
    {
        (_rows, _point, _isFree) = (rows, point, isFree);
        int columns = isFree.Length;
        _roots = Array.ConvertAll(point.LogVariances, t => Math.Exp(-0.5 * t));
        _diagonal = new double[columns];
        _projection = new double[columns];
        _masked = new double[columns];
        _product = new double[columns];
        for (int h = 0; h < point.Active; h++)
        {
            ReadOnlySpan<double> vector = Vector(h);
            TensorPrimitives.MultiplyAdd(vector, vector, _projection, _projection);
        }

        for (int d = 0; d < columns; d++)
        {
            // diag(M) is what the latents leave, plus what they explain of the noise itself.
            _diagonal[d] = Math.Max(0, point.Ratios[d] - _projection[d]);
        }
    }

    /// <summary>The step at some damping.</summary>
    public double[] Step(double damping)
    {
        int columns = _isFree.Length;
        double[] step = new double[columns], residual = new double[columns], direction = new double[columns], image = new double[columns];
        for (int d = 0; d < columns; d++)
        {
            residual[d] = _isFree[d] ? _point.Gradient[d] : 0;
        }

        double[] conditioned = new double[columns];
        double bound = Tolerance * Tolerance * VectorFold.SumOfSquares(residual);
        double before = Condition(residual, damping, conditioned);
        conditioned.CopyTo(direction, 0);
        for (int i = 0; i < MaxIterations && VectorFold.SumOfSquares(residual) > bound; i++)
        {
            Multiply(direction, damping, image);
            double length = before / VectorFold.Dot(direction, image);
            TensorPrimitives.MultiplyAdd(direction, length, step, step);
            TensorPrimitives.MultiplyAdd(image, -length, residual, residual);
            double after = Condition(residual, damping, conditioned);
            TensorPrimitives.MultiplyAdd(direction, after / before, conditioned, direction);
            before = after;
        }

        return FactorAnalysisNewton.Clamp(step);
    }

    /// <summary>Divides by the diagonal of the second derivatives; returns the product of both.</summary>
    private double Condition(double[] residual, double damping, double[] result)
    {
        for (int d = 0; d < result.Length; d++)
        {
            result[d] = residual[d] / ((0.5 * (1 - _projection[d]) * _diagonal[d]) + damping);
        }

        return VectorFold.Dot(residual, result);
    }

    /// <summary>result = (H + damping) x over the free variances, which alone x has.</summary>
    private void Multiply(double[] x, double damping, double[] result)
    {
        TensorPrimitives.Multiply(_diagonal, x, result);
        for (int h = 0; h < _point.Active; h++)
        {
            TensorPrimitives.Multiply(Vector(h), x, _masked);
            _rows.Multiply(_roots, _masked, _product);
            for (int k = 0; k < _point.Active; k++)
            {
                double share = -_point.Pairs.Values[k] * VectorFold.Dot(Vector(k), _masked);
                TensorPrimitives.MultiplyAdd(Vector(k), share, _product, _product);
            }

            TensorPrimitives.Multiply(_product, Vector(h), _product);
            TensorPrimitives.Subtract(result, _product, result);
        }

        for (int d = 0; d < result.Length; d++)
        {
            result[d] = _isFree[d] ? (0.5 * result[d]) + (damping * x[d]) : 0;
        }
    }

    private ReadOnlySpan<double> Vector(int latent) => _point.Pairs.Vectors.AsSpan(latent * _isFree.Length, _isFree.Length);
}
