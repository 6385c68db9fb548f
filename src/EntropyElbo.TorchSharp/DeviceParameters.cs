using EntropyElbo.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Parameters of networks on the device, in one flat tensor: each layer's tensor is a leaf that looks into it, and its gradient into
/// another flat one.
/// </summary>
internal sealed class DeviceParameters : IDisposable
{
    private readonly Dictionary<ParameterTensor, Tensor> _leaves = [];
    private readonly List<Tensor> _gradients = [];

    /// <param name="host">Their places on the host.</param>
    /// <param name="device">The device.</param>
    /// <param name="isHeld">Those that no gradient moves.</param>
    public DeviceParameters(ParameterLayout host, Device device, Func<ParameterTensor, bool>? isHeld = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Layout = new DeviceLayout(host);
        Values = zeros(Layout.Length, dtype: float32, device: device).DetachFromDisposeScope();
        Gradient = zeros(Layout.Length, dtype: float32, device: device).DetachFromDisposeScope();
        foreach (ParameterTensor tensor in host.Tensors)
        {
            Tensor leaf = Layout.View(Values, tensor).detach().DetachFromDisposeScope();
            _leaves.Add(tensor, leaf);
            if (isHeld?.Invoke(tensor) == true)
            {
                continue;
            }

            leaf.requires_grad_();
            Tensor gradient = Layout.View(Gradient, tensor).detach().DetachFromDisposeScope();
            leaf.grad = gradient;
            _gradients.Add(gradient);
        }
    }

    /// <summary>Where tensors lie in the flat ones.</summary>
    public DeviceLayout Layout { get; }

    /// <summary>All parameters, flat.</summary>
    public Tensor Values { get; }

    /// <summary>All gradients, flat; added to by <c>backward</c>.</summary>
    public Tensor Gradient { get; }

    /// <summary>A layer's tensor.</summary>
    public Tensor this[ParameterTensor tensor] => _leaves[tensor];

    /// <summary>A dense layer before its activation.</summary>
    public Tensor Affine(Dense layer, Tensor x, TorchPrecision precision)
    {
        Tensor weights = this[layer.Weights], bias = this[layer.Bias];
        return precision == TorchPrecision.BFloat16
            ? matmul(x.to(bfloat16), weights.to(bfloat16)).to(float32).Plus(bias)
            : addmm(bias, x, weights, 1, 1);
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _leaves.Values.Concat(_gradients).Append(Values).Append(Gradient))
        {
            tensor.Dispose();
        }
    }
}
