using EntropyElbo.Networks;
using TorchSharp;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Where each tensor lies in flat buffers on the device: without the host layout's padding of rows, each from a boundary of 64
/// entries on.
/// </summary>
internal sealed class DeviceLayout
{
    private const int Boundary = 64;
    private readonly Dictionary<ParameterTensor, long> _offsets = [];

    public DeviceLayout(ParameterLayout host)
    {
        foreach (ParameterTensor tensor in host.Tensors)
        {
            _offsets.Add(tensor, Length);
            Length += ((long)tensor.Rows * tensor.Columns + Boundary - 1) / Boundary * Boundary;
        }
    }

    /// <summary>Entries of a buffer.</summary>
    public long Length { get; }

    /// <summary>A tensor's entries [rows, columns] of a flat buffer.</summary>
    public torch.Tensor View(torch.Tensor flat, ParameterTensor tensor) =>
        flat.narrow(0, _offsets[tensor], (long)tensor.Rows * tensor.Columns).view(tensor.Rows, tensor.Columns);

    /// <summary>The entries from one tensor to another, both included.</summary>
    public torch.Tensor Range(torch.Tensor flat, ParameterTensor first, ParameterTensor last) =>
        flat.narrow(0, _offsets[first], _offsets[last] + ((long)last.Rows * last.Columns) - _offsets[first]);

    /// <summary>From a padded buffer of the host to one of the device.</summary>
    public void ToDevice(ReadOnlySpan<float> host, torch.Tensor flat)
    {
        float[] values = new float[Length];
        foreach ((ParameterTensor tensor, long offset) in _offsets)
        {
            ParameterLayout.Pack(tensor, host).CopyTo(values, offset);
        }

        using torch.Tensor moved = torch.from_array(values);
        flat.copy_(moved);
    }

    /// <summary>From a buffer of the device to a padded one of the host.</summary>
    public void ToHost(torch.Tensor flat, Span<float> host)
    {
        using torch.Tensor moved = flat.cpu();
        float[] values = moved.data<float>().ToArray();
        foreach ((ParameterTensor tensor, long offset) in _offsets)
        {
            ParameterLayout.Unpack(tensor, values.AsSpan((int)offset, tensor.Rows * tensor.Columns), host);
        }
    }
}
