using EntropyElbo.Numerics;
using TorchSharp;

namespace EntropyElbo.TorchSharp;

/// <summary>Numbers to the device and back.</summary>
internal static class Transfers
{
    /// <summary>
    /// An array on the device, in libtorch's own memory. TorchSharp's tensors of arrays lie in these, at any multiple of 8 bytes,
    /// and the CPU's matrix products add in an order that depends on that: where the garbage collector puts an array would show in
    /// the last bits. Whatever goes into products comes this way.
    /// </summary>
    public static torch.Tensor MoveArray(Array values, torch.Device device)
    {
        using torch.Tensor lent = torch.from_array(values);
        return device.type == DeviceType.CPU ? lent.clone() : lent.to(device);
    }

    /// <summary>A vector on the device.</summary>
    public static torch.Tensor Move(ReadOnlySpan<double> values, torch.Device device) => MoveArray(values.ToArray(), device);

    /// <summary>A matrix on the device, without padding.</summary>
    public static torch.Tensor Move(MatrixView<double> view, torch.Device device)
    {
        double[] values = new double[view.Rows * view.Columns];
        ElementLoops.Store(view, 0, view.Columns, view.Rows, values);
        return Move(values, device).view(view.Rows, view.Columns);
    }

    /// <summary>A tensor's values, row by row, on the host.</summary>
    public static double[] ToHost(torch.Tensor values) => values.contiguous().cpu().data<double>().ToArray();

    /// <summary>Adds a tensor's values, row by row, to sums on the host.</summary>
    public static void AddTo(torch.Tensor values, Span<double> sums) =>
        System.Numerics.Tensors.TensorPrimitives.Add(sums, ToHost(values), sums);
}
