using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>
/// The linear VAE of D's streaming experiment as Listing 1 and App. A have it: encoder and decoder with a bias each, begun as PyTorch's
/// linear layers, deviations by softplus from 0, the gradient of the ELBO by reparameterised draws, one step of Adam (0.002) a batch.
/// </summary>
internal sealed class PaperLinearVae : IStreamedVae
{
    private readonly int _columns;
    private readonly int _latents;
    private readonly int _samples;
    private readonly Adam<double> _adam;
    private readonly AlignedBuffer<double> _vector;
    private readonly AlignedBuffer<double> _gradient;
    private readonly RandomStream _random;
    private readonly double[] _codes;
    private readonly double[] _draw;
    private readonly double[] _noise;
    private readonly double[] _error;
    private readonly double[] _back;
    private readonly double[] _taus;

    /// <summary>Begins.</summary>
    /// <param name="columns">D.</param>
    /// <param name="latents">H.</param>
    /// <param name="samples">Draws a row; 0 for the closed form.</param>
    /// <param name="seed">Of the beginning and the draws.</param>
    public PaperLinearVae(int columns, int latents, int samples, ulong seed)
    {
        (_columns, _latents, _samples) = (columns, latents, samples);
        int length = (2 * columns * latents) + latents + columns + latents + 1;
        (_vector, _gradient, _adam) = (new(length), new(length), new(length));
        (_codes, _draw, _noise) = (new double[latents], new double[latents], new double[latents]);
        (_back, _taus) = (new double[latents], new double[latents]);
        _error = new double[columns];
        _random = new RandomStream(seed, RandomPurpose.TrainingNoise, (ulong)latents);
        RandomStream start = new(seed, RandomPurpose.Initialisation, (ulong)latents);
        Fill(Encoder(_vector.Span), columns, start);
        Fill(EncoderBias(_vector.Span), columns, start);
        Fill(Decoder(_vector.Span), latents, start);
        Fill(DecoderBias(_vector.Span), latents, start);
    }

    /// <inheritdoc/>
    public double EntropySum
    {
        get
        {
            double sum = -_columns * ((0.5 * (1 + Math.Log(2 * Math.PI))) + Math.Log(Softplus(_vector.Span[^1])));
            foreach (double raw in Taus(_vector.Span))
            {
                sum += Math.Log(Softplus(raw));
            }

            return sum;
        }
    }

    /// <inheritdoc/>
    public double SampledElbo(ReadOnlySpan<double> batch, int samples, ulong seed) =>
        Evaluate(batch, samples, new RandomStream(seed, RandomPurpose.EvaluationNoise));

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<double> batch)
    {
        _ = Evaluate(batch, _samples, _random);
        _adam.BeginStep(0.002);
        _adam.Apply(_vector, [_gradient], 1, 0, _adam.Length);
    }

    // The ELBO per row, with the gradient of minus the sum over rows in its buffer.
    private double Evaluate(ReadOnlySpan<double> batch, int samples, RandomStream random)
    {
        Span<double> vector = _vector.Span, gradient = _gradient.Span;
        gradient.Clear();
        double sigma = Softplus(vector[^1]), squares = 0, kl = 0;
        int rows = batch.Length / _columns;
        for (int h = 0; h < _latents; h++)
        {
            _taus[h] = Softplus(Taus(vector)[h]);
            kl += rows * 0.5 * ((_taus[h] * _taus[h]) - 1 - (2 * Math.Log(_taus[h])));
            Taus(gradient)[h] = rows * (_taus[h] - (1 / _taus[h]));
        }

        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<double> x = batch.Slice(row * _columns, _columns);
            Encode(x);
            _codes.CopyTo(_back, 0);
            kl += 0.5 * VectorFold.SumOfSquares(_codes);
            squares += samples == 0 ? Exact(x, sigma) : Drawn(x, sigma, samples, random);
            for (int h = 0; h < _latents; h++)
            {
                EncoderBias(gradient)[h] += _back[h];
                Span<double> weights = Encoder(gradient).Slice(h * _columns, _columns);
                TensorPrimitives.MultiplyAdd(x, _back[h], weights, weights);
            }
        }

        gradient[^1] = ((rows * _columns / sigma) - (squares / (sigma * sigma * sigma))) * Slope(vector[^1]);
        for (int h = 0; h < _latents; h++)
        {
            Taus(gradient)[h] *= Slope(Taus(vector)[h]);
        }

        double constant = rows * _columns * ((0.5 * Math.Log(2 * Math.PI)) + Math.Log(sigma));
        return -(constant + (squares / (2 * sigma * sigma)) + kl) / rows;
    }

    private void Encode(ReadOnlySpan<double> x)
    {
        for (int h = 0; h < _latents; h++)
        {
            _codes[h] = EncoderBias(_vector.Span)[h] + VectorFold.Dot(Encoder(_vector.Span).Slice(h * _columns, _columns), x);
        }
    }

    // The mean squared error over draws, and its gradients.
    private double Drawn(ReadOnlySpan<double> x, double sigma, int samples, RandomStream random)
    {
        double squares = 0;
        for (int s = 0; s < samples; s++)
        {
            random.FillGaussian(_noise);
            for (int h = 0; h < _latents; h++)
            {
                _draw[h] = _codes[h] + (_taus[h] * _noise[h]);
            }

            squares += Decode(x, _draw, 1 / (sigma * sigma * samples), withDraws: true) / samples;
        }

        return squares;
    }

    // The expected squared error: that of the mean, and tau_h^2 |w_h|^2.
    private double Exact(ReadOnlySpan<double> x, double sigma)
    {
        Span<double> decoder = Decoder(_vector.Span), slope = Decoder(_gradient.Span);
        double squares = Decode(x, _codes, 1 / (sigma * sigma), withDraws: false);
        for (int d = 0; d < _columns; d++)
        {
            for (int h = 0; h < _latents; h++)
            {
                double w = decoder[(d * _latents) + h], tau = _taus[h];
                squares += tau * tau * w * w;
                slope[(d * _latents) + h] += tau * tau * w / (sigma * sigma);
                Taus(_gradient.Span)[h] += tau * w * w / (sigma * sigma);
            }
        }

        return squares;
    }

    private double Decode(ReadOnlySpan<double> x, double[] z, double weight, bool withDraws)
    {
        Span<double> decoder = Decoder(_vector.Span), bias = DecoderBias(_vector.Span);
        Span<double> slope = Decoder(_gradient.Span), biasSlope = DecoderBias(_gradient.Span), taus = Taus(_gradient.Span);
        double squares = 0;
        for (int d = 0; d < _columns; d++)
        {
            double error = x[d] - bias[d];
            for (int h = 0; h < z.Length; h++)
            {
                error -= decoder[(d * _latents) + h] * z[h];
            }

            _error[d] = error;
            squares += error * error;
            biasSlope[d] -= weight * error;
        }

        for (int d = 0; d < _columns; d++)
        {
            double error = weight * _error[d];
            for (int h = 0; h < z.Length; h++)
            {
                double back = error * decoder[(d * _latents) + h];
                slope[(d * _latents) + h] -= error * z[h];
                _back[h] -= back;
                taus[h] -= withDraws ? back * _noise[h] : 0;
            }
        }

        return squares;
    }

    private Span<double> Encoder(Span<double> vector) => vector[..(_columns * _latents)];

    private Span<double> Decoder(Span<double> vector) => vector.Slice(_columns * _latents, _columns * _latents);

    private Span<double> EncoderBias(Span<double> vector) => vector.Slice(2 * _columns * _latents, _latents);

    private Span<double> DecoderBias(Span<double> vector) => vector.Slice((2 * _columns * _latents) + _latents, _columns);

    private Span<double> Taus(Span<double> vector) => vector.Slice(vector.Length - 1 - _latents, _latents);

    private static void Fill(Span<double> weights, int inputs, RandomStream random)
    {
        foreach (ref double weight in weights)
        {
            weight = ((2 * random.NextUniform()) - 1) / Math.Sqrt(inputs);
        }
    }

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static double Slope(double x) => 1 / (1 + Math.Exp(-x));
}
