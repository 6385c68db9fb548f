using EntropyElbo.Numerics;
using TorchSharp;

namespace EntropyElbo.TorchSharp;

/// <summary>Numbers in double precision to the device and back.</summary>
internal static class Transfers
{
    /// <summary>A vector on the device.</summary>
    public static torch.Tensor Move(ReadOnlySpan<double> values, torch.Device device) =>
        torch.tensor(values.ToArray(), dtype: torch.float64, device: device);

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
    public static void AddTo(torch.Tensor values, Span<double> sums) => System.Numerics.Tensors.TensorPrimitives.Add(sums, ToHost(values), sums);
}
