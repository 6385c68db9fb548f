using EntropyElbo.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>The library's Adam on flat tensors, with the second moment's correction taken into rate and epsilon.</summary>
internal sealed class DeviceAdam : IDisposable
{
    private readonly DeviceParameters _parameters;
    private readonly Adam<float> _host;
    private readonly Tensor _second;
    private readonly Tensor _firstShare;

    /// <param name="parameters">What it moves.</param>
    /// <param name="host">Its state on the host.</param>
    public DeviceAdam(DeviceParameters parameters, Adam<float> host)
    {
        (_parameters, _host) = (parameters, host);
        First = zeros_like(parameters.Values);
        _second = zeros_like(parameters.Values);
        using DisposeScope scope = NewDisposeScope();
        _firstShare = tensor(1 - Adam<float>.Beta1, device: parameters.Values.device).DetachFromDisposeScope();
    }

    /// <summary>First moments.</summary>
    public Tensor First { get; }

    /// <summary>Takes parameters and moments from the host.</summary>
    public void Load(ReadOnlySpan<float> parameters)
    {
        _parameters.Layout.ToDevice(parameters, _parameters.Values);
        _parameters.Layout.ToDevice(_host.FirstMoment, First);
        _parameters.Layout.ToDevice(_host.SecondMoment, _second);
    }

    /// <summary>Brings the host up to date.</summary>
    public void Store(Span<float> parameters)
    {
        _parameters.Layout.ToHost(_parameters.Values, parameters);
        _parameters.Layout.ToHost(First, _host.FirstMoment);
        _parameters.Layout.ToHost(_second, _host.SecondMoment);
    }

    /// <summary>An update by the gradient; returns what the first moments were divided by, and the rate.</summary>
    public (Tensor Spread, double Rate) Step(double learningRate)
    {
        _host.Steps++;
        double root = Math.Sqrt(1 - Math.Pow(Adam<float>.Beta2, _host.Steps));
        double rate = learningRate * root / (1 - Math.Pow(Adam<float>.Beta1, _host.Steps));
        First.lerp_(_parameters.Gradient, _firstShare);
        _second.TimesInPlace(Adam<float>.Beta2).PlusProductInPlace(_parameters.Gradient, _parameters.Gradient, 1 - Adam<float>.Beta2);
        Tensor spread = _second.sqrt().PlusInPlace(Adam<float>.Epsilon * root);
        _parameters.Values.PlusQuotientInPlace(First, spread, -rate);
        return (spread, rate);
    }

    public void Dispose()
    {
        First.Dispose();
        _second.Dispose();
        _firstShare.Dispose();
    }
}
