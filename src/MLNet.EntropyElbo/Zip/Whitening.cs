using System.Runtime.InteropServices;
using EntropyElbo;
using EntropyElbo.Data;
using EntropyElbo.Numerics;

namespace MLNet.EntropyElbo.Zip;

/// <summary>
/// The symmetric map that makes latent means uncorrelated, of mean 0 and variance 1, over the training rows; of all such maps it
/// changes the latents least.
/// </summary>
internal sealed class Whitening
{
    private const string Option = "Whiten";
    private const int MostLatents = 1024;

    /// <summary>
    /// Directions whose variance is a smaller share of the largest do not vary: they stay 0, instead of becoming noise of variance 1.
    /// </summary>
    private const double LeastShare = 1e-9;

    private readonly double[] _means;
    private readonly double[] _map;

    private Whitening(double[] means, double[] map)
    {
        _means = means;
        _map = map;
    }

    /// <summary>Latents that it is of.</summary>
    public int Latents => _means.Length;

    /// <summary>Learns the map from the latent means of rows; those with missing values are left out.</summary>
    /// <exception cref="BadOptionException">There are too many latents.</exception>
    public static Whitening Learn(RowEncoder encoder, IRowSource rows, CancellationToken cancellationToken)
    {
        int latents = encoder.Model.LatentDimension;
        if (latents > MostLatents)
        {
            throw new BadOptionException(Option, FormattableString.Invariant(
                $"Whiten takes at most {MostLatents} latents, this model has {latents}; leave it out, or use fewer."));
        }

        EncodingBlock block = new(encoder, EncodingBlock.CapacityFor(encoder), EncodedParts.Latents);
        Moments moments = new(latents);
        using IRowCursor cursor = rows.Open();
        for (int read; (read = cursor.Read(block.Rows)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            encoder.Encode(block, read);
            for (int row = 0; row < read; row++)
            {
                moments.Add(block.MeanValues.AsSpan(row * latents, latents));
            }
        }

        (double[] means, double[] covariance) = moments.Finish();
        return new Whitening(means, Power(covariance, latents, value => 1 / Math.Sqrt(value)));
    }

    /// <summary>Whitens the means of a row; the variances become those of the whitened latents.</summary>
    public void Apply(ReadOnlySpan<double> means, ReadOnlySpan<double> variances, Span<float> toMeans, Span<float> toVariances)
    {
        for (int h = 0; h < Latents; h++)
        {
            double mean = 0, variance = 0;
            for (int j = 0; j < Latents; j++)
            {
                double weight = _map[(h * Latents) + j];
                mean += weight * (means[j] - _means[j]);
                variance += weight * weight * variances[j];
            }

            toMeans[h] = (float)mean;
            toVariances[h] = (float)variance;
        }
    }

    /// <summary>What takes whitened latents back to the model's own.</summary>
    public Action<double[]> Inverse()
    {
        double[] inverse = Power(_map, Latents, value => 1 / value);
        return codes =>
        {
            double[] whitened = [.. codes];
            for (int h = 0; h < Latents; h++)
            {
                codes[h] = _means[h];
                for (int j = 0; j < Latents; j++)
                {
                    codes[h] += inverse[(h * Latents) + j] * whitened[j];
                }
            }
        };
    }

    /// <summary>Means and map as text.</summary>
    public string ToText() => Convert.ToBase64String(MemoryMarshal.AsBytes<double>((double[])[.. _means, .. _map]));

    /// <summary>Reads what <see cref="ToText"/> wrote; null where it is something else.</summary>
    public static Whitening? Parse(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[text.Length];
        if (!Convert.TryFromBase64Chars(text, bytes, out int length) || length % sizeof(double) != 0)
        {
            return null;
        }

        double[] values = MemoryMarshal.Cast<byte, double>(bytes.AsSpan(0, length)).ToArray();
        int latents = (int)Math.Sqrt(values.Length);
        return latents > 0 && latents * (latents + 1) == values.Length && Array.TrueForAll(values, double.IsFinite)
            ? new Whitening(values[..latents], values[latents..])
            : null;
    }

    /// <summary>A function of a symmetric matrix's eigenvalues, 0 in the directions in which it is none.</summary>
    private static double[] Power(double[] matrix, int n, Func<double, double> function)
    {
        EigenPairs pairs = SymmetricEigen.ByFullDecomposition(matrix, n, n);
        double[] result = new double[n * n];
        for (int k = 0; k < n; k++)
        {
            double value = pairs.Values[k] > LeastShare * pairs.Values[0] ? function(pairs.Values[k]) : 0;
            ReadOnlySpan<double> vector = pairs.Vectors.AsSpan(k * n, n);
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    result[(i * n) + j] += value * vector[i] * vector[j];
                }
            }
        }

        return result;
    }

    /// <summary>Mean and covariance, from sums of distances to the first row.</summary>
    private sealed class Moments(int latents)
    {
        private readonly double[] _sums = new double[latents];
        private readonly double[] _products = new double[latents * latents];
        private readonly double[] _distance = new double[latents];
        private double[]? _first;
        private long _count;

        public void Add(ReadOnlySpan<float> code)
        {
            if (float.IsNaN(code[0]))
            {
                return; // A row with a missing value.
            }

            if (_first is null)
            {
                _first = new double[latents];
                for (int h = 0; h < latents; h++)
                {
                    _first[h] = code[h];
                }
            }

            _count++;
            for (int h = 0; h < latents; h++)
            {
                _distance[h] = code[h] - _first[h];
                _sums[h] += _distance[h];
                for (int j = 0; j <= h; j++)
                {
                    _products[(h * latents) + j] += _distance[h] * _distance[j];
                }
            }
        }

        public (double[] Means, double[] Covariance) Finish()
        {
            if (_first is null)
            {
                throw new BadDataException("No row has latents to learn a whitening from; leave Whiten out.");
            }

            double[] covariance = new double[latents * latents];
            for (int h = 0; h < latents; h++)
            {
                for (int j = 0; j <= h; j++)
                {
                    double value = (_products[(h * latents) + j] - (_sums[h] * _sums[j] / _count)) / _count;
                    covariance[(h * latents) + j] = covariance[(j * latents) + h] = value;
                }
            }

            return ([.. _first.Select((first, h) => first + (_sums[h] / _count))], covariance);
        }
    }
}
