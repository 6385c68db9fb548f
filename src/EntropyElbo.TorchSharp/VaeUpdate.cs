using EntropyElbo.Models.GaussianVae;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// From gradients to new parameters: the scaling, bounds and unit columns of the library's own engine and its Adam, in few launches on flat tensors.
/// </summary>
internal sealed class VaeUpdate : IDisposable
{
    private readonly VaeGraph _graph;
    private readonly VaeNetwork _network;
    private readonly VarianceUpdate _variances;
    private readonly TrainingState _state;
    private readonly Tensor _first;
    private readonly Tensor _second;
    private readonly Tensor _factors;

    public VaeUpdate(VaeGraph graph, VarianceUpdate variances, TrainingState state)
    {
        _graph = graph;
        _network = graph.Network;
        _variances = variances;
        _state = state;
        _first = zeros_like(graph.Parameters);
        _second = zeros_like(graph.Parameters);
        float[] factors = new float[_network.Layout.Length];
        foreach (ParameterTensor tensor in _network.Layout.Tensors)
        {
            factors.AsSpan(tensor.Offset, tensor.Length).Fill(tensor.RateFactor);
        }

        using Tensor host = from_array(factors);
        _factors = host.to(graph.Parameters.device, copy: true);
    }

    /// <summary>Takes parameters and moments from the training state.</summary>
    public void Load()
    {
        Copy(_state.Parameters.Span, _graph.Parameters);
        Copy(_state.Adam.FirstMoment, _first);
        Copy(_state.Adam.SecondMoment, _second);
    }

    /// <summary>Brings the training state up to date.</summary>
    public void Store()
    {
        Copy(_graph.Parameters, _state.Parameters.Span);
        Copy(_first, _state.Adam.FirstMoment);
        Copy(_second, _state.Adam.SecondMoment);
    }

    /// <summary>One update; see <c>GaussianVaeBlockObjective.PrepareUpdate</c> for what is scaled and why.</summary>
    /// <param name="sums">The batch's sums, as the graph gives them.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="learningRate">Learning rate.</param>
    public void Apply(Tensor sums, long rows, double learningRate)
    {
        int latents = _network.Architecture.Latents;
        Tensor statistics = sums.narrow(0, 1 + latents, latents).to(float32);
        Tensor moments = sums.narrow(0, 1 + (3 * latents), sums.shape[0] - 1 - (3 * latents)).to(float32);
        Tensor factor = Factor(moments, rows);
        foreach (ScaleParameters scale in _network.Scales)
        {
            Tensor gradient = Gradient(scale.Tensor);
            gradient.copy_((gradient * (scale.SlopeFactor / rows)).clamp(-1, 1) * rows / factor);
        }

        if (_network.Variances is { } variances)
        {
            ParameterTensor start = variances.Layers[0].Weights, last = variances.Layers[^1].Bias;
            _graph.Gradient.narrow(0, start.Offset, last.Offset + last.Length - start.Offset).div_(factor);
        }

        if (_network.PriorScale is not null)
        {
            Tensor weights = _graph[_network.Decoder.Layers[0].Weights].detach(), gradient = Gradient(_network.Decoder.Layers[0].Weights);
            gradient.sub_((gradient * weights).sum(1, keepdim: true) * weights);
        }

        if (_variances == VarianceUpdate.ClosedForm)
        {
            CloseScales(statistics, moments, rows);
        }

        Adam(factor / rows, learningRate);
        Constrain();
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _factors.Dispose();
    }

    private Tensor Gradient(ParameterTensor tensor) => _graph[tensor].grad!;

    /// <summary>The geometric mean variance, which takes gradients to the scale of errors.</summary>
    private Tensor Factor(Tensor moments, long rows) =>
        _network.Variances is not null ? (moments[0] / (rows * _network.Architecture.Columns)).exp()
        : _network.LogVariance is { } scale ? _graph[scale.Tensor].detach().mean().exp()
        : ones(1, dtype: float32, device: moments.device);

    /// <summary>Moves variances and scales a share of the way to their optima, and takes their gradients away.</summary>
    private void CloseScales(Tensor statistics, Tensor moments, long rows)
    {
        const double share = GaussianVaeBlockObjective.LastBatchShare;
        if (_network.LogVariance is { } variance)
        {
            double columns = (double)_network.Architecture.Columns / variance.Tensor.Columns;
            Move(variance.Tensor, moments.narrow(0, 0, variance.Tensor.Columns) / (rows * columns));
        }

        if (_network.PriorScale is { } prior)
        {
            Move(prior.Tensor, statistics / rows);
        }

        if (_network.Variances?.Layers[^1].Bias is { } bias)
        {
            Tensor squares = moments.narrow(0, 2, bias.Columns) / rows;
            _graph[bias].detach().add_(((squares * share) + (1 - share)).log().clamp(ScaleParameters.Least, ScaleParameters.Greatest));
            Gradient(bias).zero_();
        }

        void Move(ParameterTensor tensor, Tensor optimum)
        {
            Tensor logs = _graph[tensor].detach();
            logs.copy_(((logs.exp() * (1 - share)) + (optimum * share)).log().clamp(ScaleParameters.Least, ScaleParameters.Greatest));
            Gradient(tensor).zero_();
        }
    }

    private void Adam(Tensor scale, double learningRate)
    {
        _state.Adam.Steps++;
        double rate = learningRate / (1 - Math.Pow(Numerics.Adam.Beta1, _state.Adam.Steps));
        double correction = 1 / (1 - Math.Pow(Numerics.Adam.Beta2, _state.Adam.Steps));
        Tensor gradient = _graph.Gradient * scale;
        _first.mul_(Numerics.Adam.Beta1).add_(gradient * (1 - Numerics.Adam.Beta1));
        _second.mul_(Numerics.Adam.Beta2).addcmul_(gradient, gradient, 1 - Numerics.Adam.Beta2);
        Tensor spread = (_second * correction).sqrt_().add_(Numerics.Adam.Epsilon);
        _graph.Parameters.addcdiv_(_first * _factors, spread, -rate);
    }

    private void Constrain()
    {
        foreach (ScaleParameters scale in _network.Scales)
        {
            _graph[scale.Tensor].detach().clamp_(ScaleParameters.Least, ScaleParameters.Greatest);
        }

        if (_network.PriorScale is not null)
        {
            Tensor weights = _graph[_network.Decoder.Layers[0].Weights].detach();
            weights.div_(weights.square().sum(1, keepdim: true).sqrt());
        }
    }

    private static void Copy(ReadOnlySpan<float> from, Tensor to)
    {
        using Tensor host = from_array(from.ToArray());
        to.copy_(host);
    }

    private static void Copy(Tensor from, Span<float> to)
    {
        using Tensor host = from.cpu();
        host.data<float>().CopyTo(to);
    }
}
