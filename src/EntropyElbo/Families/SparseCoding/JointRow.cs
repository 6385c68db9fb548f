using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>A row with its free q, one at a time: what follows from nu and L.</summary>
internal sealed class JointRow(int columns, int latents)
{
    private readonly double[] _row = new double[columns];
    private readonly double[] _factor = new double[ArraySize.Of(latents, latents)];
    private readonly double[] _image = new double[ArraySize.Of(latents, latents)]; // W'W L.
    private readonly double[] _means = new double[latents];
    private readonly double[] _slopes = new double[latents]; // W'r.
    private readonly double[] _variances = new double[latents];
    private double _error;

    /// <summary><c>W'(x - mu)</c>.</summary>
    public double[] Pulls { get; } = new double[latents];

    /// <summary>Takes a row and its variables: nu, then the rows of L, the logarithm of its diagonal in place of that.</summary>
    public void Load(
        ReadOnlySpan<double> values, SparseCodingParameters parameters, MatrixView<double> gram, ReadOnlySpan<double> variables)
    {
        TensorPrimitives.Subtract(values, parameters.Mean, _row);
        variables[..latents].CopyTo(_means);
        Array.Clear(Pulls);
        for (int d = 0; d < columns; d++)
        {
            TensorPrimitives.MultiplyAdd(parameters.Fields[d], _row[d], Pulls, Pulls);
        }

        Array.Clear(_factor);
        Array.Clear(_image);
        _error = VectorFold.SumOfSquares(_row);
        for (int h = 0; h < latents; h++)
        {
            Span<double> row = _factor.AsSpan(h * latents, latents);
            variables.Slice(latents + LaneCholesky.Length(h), h + 1).CopyTo(row);
            row[h] = Math.Exp(row[h]);
            _variances[h] = VectorFold.SumOfSquares(row);
            _slopes[h] = Pulls[h] - VectorFold.Dot(gram[h], _means);
            _error -= _means[h] * (Pulls[h] + _slopes[h]);
        }

        for (int h = 0; h < latents; h++)
        {
            Span<double> image = _image.AsSpan(h * latents, latents);
            for (int k = 0; k < latents; k++)
            {
                TensorPrimitives.MultiplyAdd(_factor.AsSpan(k * latents, latents), gram[h][k], image, image);
            }

            _error += VectorFold.Dot(image, _factor.AsSpan(h * latents, latents));
        }
    }

    /// <summary>Adds the row to sums.</summary>
    public void AddTo(SparseCodingSums sums)
    {
        sums.Rows++;
        sums.Errors += _error;
        sums.Squares += VectorFold.SumOfSquares(_row);
        TensorPrimitives.Add(sums.Centred.AsSpan(0, columns), _row, sums.Centred.AsSpan(0, columns));
        for (int h = 0; h < latents; h++)
        {
            ReadOnlySpan<double> row = _factor.AsSpan(h * latents, latents);
            sums.Entropy += Math.Log(row[h]) + SpecialFunctions.StandardNormalEntropy;
            sums.Means[h] += _means[h];
            sums.Sizes[h] += Terms(h, 1).Size[0];
            TensorPrimitives.MultiplyAdd(_row, _means[h], sums.Products[h], sums.Products[h]);
            for (int k = 0; k < latents; k++)
            {
                sums.Seconds[h][k] += (_means[h] * _means[k]) + VectorFold.Dot(row, _factor.AsSpan(k * latents, latents));
            }
        }
    }

    /// <summary>Derivatives of the row's part of the ELBO by its variables, times a factor.</summary>
    public void Differentiate(SparseCodingParameters parameters, Span<double> gradient, double factor)
    {
        double precision = 1 / parameters.NoiseVariance;
        for (int h = 0; h < latents; h++)
        {
            LaplaceTerms terms = Terms(h, 1 / parameters.Scales[h]);
            gradient[h] = factor * ((precision * _slopes[h]) - terms.Slope[0]);
            ReadOnlySpan<double> row = _factor.AsSpan(h * latents, latents), image = _image.AsSpan(h * latents, latents);
            Span<double> slopes = gradient.Slice(latents + LaneCholesky.Length(h), h + 1);
            for (int k = 0; k <= h; k++)
            {
                slopes[k] = -factor * ((precision * image[k]) + (terms.Curvature[0] * row[k]));
            }

            slopes[h] = factor + (slopes[h] * row[h]);
        }
    }

    private LaplaceTerms Terms(int latent, double weight) => LaplaceTerms.Of(
        Vector512.Create(_means[latent]), Vector512.Create(Math.Sqrt(_variances[latent])), Vector512.Create(weight));
}
