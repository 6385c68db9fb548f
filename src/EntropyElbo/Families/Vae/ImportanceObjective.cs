using System.Numerics;
using System.Numerics.Tensors;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae;

/// <summary>
/// The importance-weighted bound <c>log 1/K sum_k p(x, z_k) / q(z_k|x)</c> (Burda et al. 2016, eq. 8) and its gradient: every
/// draw's gradient of <c>log p(x, z) - log q(z|x)</c>, weighted by the draw's share of the sum. Draws of a row lie one after the
/// other in the workspace.
/// </summary>
internal sealed class ImportanceObjective<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly GaussianVaeObjective<T> _objective;
    private readonly ParameterTensor? _noise;
    private readonly ParameterTensor? _prior;
    private readonly int _samples;
    private readonly double[] _logs;
    private readonly double[] _noThresholds;
    private readonly double[] _likelihoods;
    private readonly T[] _noiseSlopes;
    private readonly double[] _priorSlopes;

    /// <param name="objective">The ELBO's.</param>
    /// <param name="maxRows">Most rows of a block.</param>
    /// <param name="samples">Draws of a row, K.</param>
    public ImportanceObjective(GaussianVaeObjective<T> objective, int maxRows, int samples)
    {
        _objective = objective;
        _samples = samples;
        _noise = objective.Network.LogVariance?.Tensor;
        _prior = objective.Network.PriorScale?.Tensor;
        _logs = new double[maxRows * samples];
        _noThresholds = new double[objective.Network.Architecture.Latents];
        _likelihoods = new double[maxRows * samples];
        _noiseSlopes = new T[ArraySize.Of(maxRows * samples, _noise?.Columns ?? 0)];
        _priorSlopes = new double[_prior?.Columns ?? 0];
    }

    private int Latents => _objective.Network.Architecture.Latents;

    /// <summary>
    /// Gradient of minus K times the bound summed over the first rows, overwriting <paramref name="gradient"/>, so that the mean
    /// over draws is that over rows; adds the ELBO's sums, in which every draw is a row. Rows, repeated, and noise must be in
    /// place.
    /// </summary>
    /// <returns>The bound, summed over the rows.</returns>
    public double Gradient(AlignedBuffer<T> parameters, AlignedBuffer<T> gradient, VaeWorkspace<T> work, int rows, ElboStatistics sums)
    {
        int draws = rows * _samples;
        MatrixView<T> input = work.EncoderInput(draws), latents = work.Latents.Slice(0, draws), latentGradient = work.LatentGradient.Slice(0, draws);
        MatrixView<T> noise = work.Noise.Slice(0, draws), deviations = work.Deviations.Slice(0, draws);
        MatrixView<T> heads = work.Encode(parameters, draws);
        EncoderKernels.Reparameterise(heads, deviations, noise, latents);
        DecoderBlock<T> outputs = work.Decode(parameters, draws), outputGradient = work.OutputGradient(draws);
        LikelihoodSlopes(parameters, gradient, work, outputs, outputGradient, draws, sums);
        double bound = Weigh(parameters, work, rows);
        Scale(gradient, outputGradient, work.Variances is not null, draws);
        work.Decoder.Backward(parameters, gradient, latents, latentGradient);
        if (work.Variances is not null)
        {
            MatrixView<T> more = work.VarianceLatentGradient.Slice(0, draws);
            work.Variances.Backward(parameters, gradient, latents, more);
            ElementLoops.Add(more, latentGradient);
        }

        AddPriorSlopes(parameters, gradient, latents, latentGradient);
        MatrixView<T> headGradient = work.Encoder.OutputGradient(draws);
        EncoderKernels.Backward(latentGradient, deviations, noise, headGradient);
        for (int draw = 0; draw < draws; draw++)
        {
            // -log q(z|x) of a reparameterised draw has the log-variances' half sum.
            T half = T.CreateTruncating(0.5 * _logs[draw]);
            foreach (ref T entry in headGradient[draw].Slice(Latents, Latents))
            {
                entry -= half;
            }
        }

        _objective.AddEncoderSums(parameters, work, draws, _noThresholds, sums);
        sums.Rows += draws;
        work.Encoder.Backward(parameters, gradient, input, default);
        return bound;
    }

    /// <summary>log p(x|z) of every draw, its gradient by the outputs, and by the noise's own parameters.</summary>
    private void LikelihoodSlopes(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        VaeWorkspace<T> work,
        DecoderBlock<T> outputs,
        DecoderBlock<T> outputGradient,
        int draws,
        ElboStatistics sums)
    {
        Span<double> moments = _objective.Moments(sums);
        int columns = _noise?.Columns ?? 0;
        for (int draw = 0; draw < draws; draw++)
        {
            _likelihoods[draw] = _objective.Likelihood.Gradient(
                parameters, gradient, outputs.Row(draw), work.Rows.Slice(draw, 1), outputGradient.Row(draw), moments);
            sums.Reconstruction += _likelihoods[draw];
            if (_noise is not null)
            {
                gradient.Span.Slice(_noise.Offset, columns).CopyTo(_noiseSlopes.AsSpan(draw * columns));
            }
        }
    }

    /// <summary>From log-weights to K times every draw's share of its row's sum; returns the bound.</summary>
    private double Weigh(AlignedBuffer<T> parameters, VaeWorkspace<T> work, int rows)
    {
        int draws = rows * _samples;
        _likelihoods.AsSpan(0, draws).CopyTo(_logs);
        _objective.AddLogPriorRatio(parameters, work, draws, _logs.AsSpan(0, draws));
        double bound = 0;
        for (int row = 0; row < rows; row++)
        {
            Span<double> logs = _logs.AsSpan(row * _samples, _samples);
            double most = double.NegativeInfinity, sum = 0;
            foreach (double log in logs)
            {
                most = Math.Max(most, log);
            }

            foreach (ref double log in logs)
            {
                log = Math.Exp(log - most);
                sum += log;
            }

            bound += most + Math.Log(sum / _samples);
            foreach (ref double share in logs)
            {
                share *= _samples / sum;
            }
        }

        return bound;
    }

    private void Scale(AlignedBuffer<T> gradient, DecoderBlock<T> outputGradient, bool network, int draws)
    {
        int columns = _noise?.Columns ?? 0;
        Span<T> noise = _noise is null ? [] : gradient.Span.Slice(_noise.Offset, columns);
        noise.Clear();
        for (int draw = 0; draw < draws; draw++)
        {
            T weight = T.CreateTruncating(_logs[draw]);
            TensorPrimitives.Multiply(outputGradient.Means[draw], weight, outputGradient.Means[draw]);
            if (network)
            {
                TensorPrimitives.Multiply(outputGradient.Spreads[draw], weight, outputGradient.Spreads[draw]);
            }

            for (int i = 0; i < columns; i++)
            {
                noise[i] += weight * _noiseSlopes[(draw * columns) + i];
            }
        }
    }

    private void AddPriorSlopes(AlignedBuffer<T> parameters, AlignedBuffer<T> gradient, MatrixView<T> latents, MatrixView<T> latentGradient)
    {
        Array.Clear(_priorSlopes);
        for (int draw = 0; draw < latents.Rows; draw++)
        {
            for (int h = 0; h < Latents; h++)
            {
                (double byLatent, double byScale) = _objective.Prior.LogDensitySlopes(
                    parameters, h, double.CreateTruncating(latents[draw][h]));
                latentGradient[draw][h] -= T.CreateTruncating(_logs[draw] * byLatent);
                if (_prior is not null)
                {
                    _priorSlopes[h] -= _logs[draw] * byScale;
                }
            }
        }

        for (int h = 0; h < _priorSlopes.Length; h++)
        {
            gradient[_prior!.Offset + h] = T.CreateTruncating(_priorSlopes[h]);
        }
    }
}
