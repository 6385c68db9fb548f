using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Numerics;
using EntropyElbo.Tests.Families.SparseCoding;

namespace EntropyElbo.Tests.Families.PoissonSparseCoding;

/// <summary>Minus the bound of one row in nu and the entries of a Cholesky factor with a logarithmic diagonal, by the formulas as they stand.</summary>
internal sealed class CountBound(SparseCodingParameters parameters, double[] row, bool isDiagonal) : IDifferentiable
{
    private readonly int _latents = parameters.Latents;

    public int Dimension => _latents + (isDiagonal ? _latents : _latents * (_latents + 1) / 2);

    /// <summary>The greatest value that L-BFGS finds on a gradient by differences.</summary>
    public double Best()
    {
        LBfgs optimizer = new(Dimension, 50);
        optimizer.Point.Fill(0.01);
        optimizer.Start(this);
        for (int i = 0; i < 2000 && optimizer.Step(this); i++)
        {
        }

        return -optimizer.Value;
    }

    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        double[] at = point.ToArray();
        for (int i = 0; i < at.Length; i++)
        {
            double value = at[i];
            at[i] = value + 1e-5;
            double up = Value(at);
            at[i] = value - 1e-5;
            gradient[i] = (Value(at) - up) / 2e-5;
            at[i] = value;
        }

        return -Value(at);
    }

    /// <summary><c>log|L| - sum E|z| / lambda + sum x m - exp(m + v / 2)</c>.</summary>
    private double Value(double[] point)
    {
        double[,] factor = new double[_latents, _latents];
        int place = _latents;
        double value = 0;
        for (int h = 0; h < _latents; h++)
        {
            for (int k = isDiagonal ? h : 0; k <= h; k++, place++)
            {
                factor[h, k] = h == k ? Math.Exp(point[place]) : point[place];
                value += h == k ? point[place] : 0;
            }
        }

        for (int h = 0; h < _latents; h++)
        {
            double variance = Enumerable.Range(0, _latents).Sum(k => factor[h, k] * factor[h, k]);
            value -= SparseReference.Size(point[h], variance) / parameters.Scales[h];
        }

        for (int d = 0; d < row.Length; d++)
        {
            double mean = parameters.Mean[d] + Enumerable.Range(0, _latents).Sum(h => parameters.Fields[d][h] * point[h]);
            double variance = Enumerable.Range(0, _latents).Sum(k => Square(Enumerable.Range(0, _latents).Sum(h => parameters.Fields[d][h] * factor[h, k])));
            value += (row[d] * mean) - Math.Exp(mean + (0.5 * variance));
        }

        return value;

        static double Square(double x) => x * x;
    }
}
