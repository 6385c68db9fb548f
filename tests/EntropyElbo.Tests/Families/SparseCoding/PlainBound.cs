using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Families.SparseCoding;

/// <summary>Minus the bound of one row in nu and the entries of a Cholesky factor with a logarithmic diagonal, by the formulas as they stand.</summary>
internal sealed class PlainBound(SparseCodingParameters parameters, double[] row, bool isDiagonal, double prior, double noise) : IDifferentiable
{
    private readonly int _latents = parameters.Latents;

    public int Dimension => _latents + (isDiagonal ? _latents : _latents * (_latents + 1) / 2);

    /// <summary>The greatest value that L-BFGS finds.</summary>
    public double Best()
    {
        LBfgs optimizer = new(Dimension, 50);
        optimizer.Point.Fill(0.01);
        optimizer.Start(this);
        for (int i = 0; i < 3000 && optimizer.Step(this); i++)
        {
        }

        return -optimizer.Value;
    }

    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        double[] factor = Factor(point), slope = new double[_latents * _latents];
        double value = 0;
        double[] residual = [.. row.Select((x, d) => x - parameters.Mean[d])];
        for (int h = 0; h < _latents; h++)
        {
            for (int d = 0; d < residual.Length; d++)
            {
                residual[d] -= parameters.Fields[d][h] * point[h];
            }
        }

        value -= 0.5 * noise / parameters.NoiseVariance * residual.Sum(r => r * r);
        for (int h = 0; h < _latents; h++)
        {
            double variance = VectorFold.SumOfSquares(factor.AsSpan(h * _latents, _latents)), deviation = Math.Sqrt(variance);
            double weight = prior / parameters.Scales[h], ratio = point[h] / deviation;
            value += Math.Log(factor[(h * _latents) + h]) - (weight * SparseReference.Size(point[h], variance));
            gradient[h] = -(noise / parameters.NoiseVariance * Enumerable.Range(0, residual.Length).Sum(d => parameters.Fields[d][h] * residual[d]))
                + (weight * ErrorFunction.Erf(ratio / Math.Sqrt(2)));
            double bend = weight * Math.Sqrt(2 / Math.PI) * Math.Exp(-0.5 * ratio * ratio) / deviation;
            for (int k = 0; k <= h; k++)
            {
                slope[(h * _latents) + k] -= bend * factor[(h * _latents) + k];
            }
        }

        for (int k = 0; k < _latents; k++)
        {
            for (int d = 0; d < residual.Length; d++)
            {
                double image = Enumerable.Range(0, _latents).Sum(h => parameters.Fields[d][h] * factor[(h * _latents) + k]);
                value -= 0.5 * noise / parameters.NoiseVariance * image * image;
                for (int h = k; h < _latents; h++)
                {
                    slope[(h * _latents) + k] -= noise / parameters.NoiseVariance * parameters.Fields[d][h] * image;
                }
            }
        }

        int place = _latents;
        for (int h = 0; h < _latents; h++)
        {
            for (int k = isDiagonal ? h : 0; k <= h; k++)
            {
                double entry = slope[(h * _latents) + k];
                gradient[place++] = h == k ? -(1 + (entry * factor[(h * _latents) + h])) : -entry;
            }
        }

        return -value;
    }

    private double[] Factor(ReadOnlySpan<double> point)
    {
        double[] factor = new double[_latents * _latents];
        int place = _latents;
        for (int h = 0; h < _latents; h++)
        {
            for (int k = isDiagonal ? h : 0; k <= h; k++)
            {
                factor[(h * _latents) + k] = h == k ? Math.Exp(point[place++]) : point[place++];
            }
        }

        return factor;
    }
}
