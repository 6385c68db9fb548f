using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// From gradients to new parameters: the scaling, bounds and unit columns of the library's own engine and its Adam, in few launches
/// on flat tensors.
/// </summary>
internal sealed class VaeUpdate : IDisposable
{
    private readonly VaeGraph _graph;
    private readonly VaeNetwork _network;
    private readonly VarianceUpdate _variances;
    private readonly TrainingState _state;
    private readonly DeviceAdam _adam;

    public VaeUpdate(VaeGraph graph, VarianceUpdate variances, TrainingState state)
    {
        _graph = graph;
        _network = graph.Network;
        _variances = variances;
        _state = state;
        _adam = new DeviceAdam(graph.All, state.Adam);
    }

    /// <summary>Takes parameters and moments from the training state.</summary>
    public void Load() => _adam.Load(_state.Parameters.Span);

    /// <summary>Brings the training state up to date.</summary>
    public void Store() => _adam.Store(_state.Parameters.Span);

    /// <summary>
    /// The factor on the summed objective that makes its gradient that of <c>GaussianVaeBlockObjective.PrepareUpdate</c>: the
    /// geometric mean variance, which takes gradients to the scale of errors, over the rows. Taken before the gradient, it costs no
    /// pass over the parameters.
    /// </summary>
    /// <param name="sums">The batch's sums, as the graph gives them.</param>
    /// <param name="rows">Rows of the batch.</param>
    public Tensor Scale(Tensor sums, long rows)
    {
        using IDisposable none = no_grad();
        Tensor variance = _network.Variances is not null
            ? sums[1 + (3 * _network.Architecture.Latents)].Over(rows * _network.Architecture.Columns).exp().to(float32)
            : _network.LogVariance is { } scale ? _graph[scale.Tensor].mean().exp()
            : ones([], dtype: float32, device: sums.device);
        return variance.Over(rows);
    }

    /// <summary>One update from the scaled gradient.</summary>
    /// <param name="sums">The batch's sums, as the graph gives them.</param>
    /// <param name="scale">What <see cref="Scale"/> gave.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="learningRate">Learning rate.</param>
    /// <param name="parts">Weights of prior and entropy.</param>
    public void Apply(Tensor sums, Tensor scale, long rows, double learningRate, StepWeights parts)
    {
        int latents = _network.Architecture.Latents;
        Tensor factor = scale.Times(rows);
        foreach (ScaleParameters parameters in _network.Scales)
        {
            // Slopes of order 1, bounded.
            Tensor gradient = Gradient(parameters.Tensor);
            gradient.TimesInPlace(parameters.SlopeFactor).div_(factor).ClampInPlace(-1, 1);
        }

        if (_network.Variances is { } variances)
        {
            _graph.Layout.Range(_graph.Gradient, variances.FirstWeights, variances.LastBias).div_(factor);
        }

        if (_network.PriorScale is not null)
        {
            Tensor weights = _graph[_network.Decoder.FirstWeights].detach(), gradient = Gradient(_network.Decoder.FirstWeights);
            gradient.sub_((gradient * weights).sum(1, keepdim: true) * weights);
        }

        if (_variances == VarianceUpdate.ClosedForm)
        {
            Tensor moments = sums.narrow(0, 1 + (3 * latents), sums.shape[0] - 1 - (3 * latents)).to(float32);
            SolveScales(sums.narrow(0, 1 + latents, latents).to(float32), moments, rows);
        }

        Adam(learningRate);
        Constrain(parts);
    }

    public void Dispose() => _adam.Dispose();

    private Tensor Gradient(ParameterTensor tensor) => _graph[tensor].grad!;

    /// <summary>Moves variances and scales a share of the way to their optima, and takes their gradients away.</summary>
    private void SolveScales(Tensor statistics, Tensor moments, long rows)
    {
        const double share = GaussianVaeBlockObjective.LastBatchShare;
        if (_network.LogVariance is { } variance)
        {
            double columns = (double)_network.Architecture.Columns / variance.Tensor.Columns;
            Tensor optimum = moments.narrow(0, 0, variance.Tensor.Columns).Over(rows * columns);
            Move(variance.Tensor, _network.Architecture.Likelihood.Kind == LikelihoodKind.Gamma ? Dispersions(optimum) : optimum);
        }

        if (_network.PriorScale is { } prior)
        {
            Move(prior.Tensor, statistics.Over(rows));
        }

        if (_network.Variances?.LastBias is { } bias)
        {
            Tensor squares = moments.narrow(0, 2, _network.Architecture.Columns).Over(rows);
            if (_network.Architecture.Images?.Shape is { } image)
            {
                squares = image.Order == PixelOrder.Planar
                    ? squares.view(image.Channels, image.Pixels).mean([1])
                    : squares.view(image.Pixels, image.Channels).mean([0]);
            }

            _graph[bias].detach().PlusInPlace(
                squares.Times(share).Plus(1 - share).log().Clamp(ScaleParameters.Least, ScaleParameters.Greatest));
            Gradient(bias).zero_();
        }

        void Move(ParameterTensor tensor, Tensor optimum)
        {
            Tensor logs = _graph[tensor].detach();
            logs.copy_(logs.exp().Times(1 - share).Plus(optimum.Times(share)).log().Clamp(ScaleParameters.Least, ScaleParameters.Greatest));
            Gradient(tensor).zero_();
        }
    }

    /// <summary>
    /// Dispersions whose shapes have the given log less digamma: Newton's method on reciprocals (Minka 2002), for large shapes its
    /// limit.
    /// </summary>
    private static Tensor Dispersions(Tensor differences)
    {
        const double least = 1e-4;
        const int steps = 5;
        Tensor s = differences.ClampMin(least).to(float64);
        Tensor shape = (-s).Plus(3).Plus(s.Minus(3).Square().Plus(s.Times(24)).sqrt()) / s.Times(12);
        for (int step = 0; step < steps; step++)
        {
            Tensor value = shape.log() - shape.digamma() - s;
            shape = shape.reciprocal().Plus(value / (shape * (-(shape * shape.polygamma(1))).Plus(1))).reciprocal();
        }

        return where(differences.IsAbove(least), shape.reciprocal().to(float32), differences.Times(2));
    }

    private void Adam(double learningRate)
    {
        (Tensor spread, double rate) = _adam.Step(learningRate);
        foreach (ParameterTensor tensor in _network.Scales.Select(s => s.Tensor))
        {
            // Scales take larger steps of their own.
            _graph.Layout.View(_graph.Parameters, tensor).PlusQuotientInPlace(
                _graph.Layout.View(_adam.First, tensor), _graph.Layout.View(spread, tensor), -rate * (tensor.RateFactor - 1));
        }
    }

    private void Constrain(StepWeights parts)
    {
        foreach (ScaleParameters scale in _network.Scales)
        {
            bool annealed = scale == _network.PriorScale && parts.Prior > parts.Entropy;
            double least = annealed ? GaussianVaeBlockObjective.LeastPriorLog(_network.Architecture.Prior) : ScaleParameters.Least;
            _graph[scale.Tensor].detach().ClampInPlace(least, ScaleParameters.Greatest);
        }

        if (_network.PriorScale is not null)
        {
            Tensor weights = _graph[_network.Decoder.FirstWeights].detach();
            weights.div_(weights.Square().sum(1, keepdim: true).sqrt());
        }
    }
}
