using System.Numerics;
using System.Numerics.Tensors;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Vae;

/// <summary>
/// The objective of rows with weights: every row's gradient and sums times its weight. Likelihood and prior are asked for one row after
/// another, the networks pass whole blocks. Not safe to share between threads.
/// </summary>
internal sealed class WeightedObjective<T>(GaussianVaeObjective<T> objective)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ElboStatistics _part = new(objective.Network.Architecture.Latents, objective.MomentCount);
    private readonly T[] _noise = new T[objective.Network.LogVariance?.Tensor.Columns ?? 0];
    private readonly T[] _prior = new T[objective.Network.PriorScale?.Tensor.Columns ?? 0];

    /// <summary>As <see cref="GaussianVaeObjective{T}.Gradient"/>, by weights of mean 1 over all rows of a fit.</summary>
    public void Gradient(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        VaeWorkspace<T> work,
        ReadOnlySpan<float> rowWeights,
        StepWeights weights,
        ElboStatistics sums)
    {
        int rows = rowWeights.Length;
        MatrixView<T> heads = work.Encode(parameters, rows);
        EncoderKernels.Reparameterise(heads, work.Deviations.Slice(0, rows), work.Noise.Slice(0, rows), work.Latents.Slice(0, rows));
        AddLikelihood(parameters, gradient, work, work.Decode(parameters, rows), rowWeights, sums);
        GaussianVaeObjective<T>.BackwardToHeads(parameters, gradient, work, rows);
        AddPrior(parameters, gradient, work, rowWeights, weights, sums);
        work.Encoder.Backward(parameters, gradient, work.EncoderInput(rows), default);
    }

    private void AddLikelihood(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        VaeWorkspace<T> work,
        DecoderBlock<T> outputs,
        ReadOnlySpan<float> rowWeights,
        ElboStatistics sums)
    {
        DecoderBlock<T> outputGradient = work.OutputGradient(rowWeights.Length);
        Span<T> slopes = Slopes(gradient, objective.Network.LogVariance);
        Array.Clear(_noise);
        for (int row = 0; row < rowWeights.Length; row++)
        {
            T weight = T.CreateTruncating(rowWeights[row]);
            DecoderBlock<T> own = outputGradient.Row(row);
            _part.Clear();
            _part.Rows = 1;
            _part.Reconstruction = objective.Likelihood.Gradient(
                parameters, gradient, outputs.Row(row), work.Rows.Slice(row, 1), own, objective.Moments(_part));
            sums.Merge(_part, rowWeights[row]);
            TensorPrimitives.Multiply(own.Means[0], weight, own.Means[0]);
            if (own.Spreads.HasData)
            {
                TensorPrimitives.Multiply(own.Spreads[0], weight, own.Spreads[0]);
            }

            TensorPrimitives.MultiplyAdd(slopes, weight, _noise, _noise);
        }

        _noise.CopyTo(slopes);
    }

    private void AddPrior(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        VaeWorkspace<T> work,
        ReadOnlySpan<float> rowWeights,
        StepWeights weights,
        ElboStatistics sums)
    {
        Span<T> slopes = Slopes(gradient, objective.Network.PriorScale);
        Array.Clear(_prior);
        for (int row = 0; row < rowWeights.Length; row++)
        {
            double weight = rowWeights[row];
            _part.Clear();
            objective.AddPrior(
                parameters, gradient, work, row, 1, new StepWeights(weight * weights.Prior, weight * weights.Entropy), _part);
            sums.Merge(_part, weight);
            TensorPrimitives.Add<T>(slopes, _prior, _prior);
        }

        _prior.CopyTo(slopes);
    }

    private static Span<T> Slopes(AlignedBuffer<T> gradient, ScaleParameters? scale) =>
        scale is null ? [] : gradient.Span.Slice(scale.Tensor.Offset, scale.Tensor.Columns);
}
