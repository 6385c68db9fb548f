using EntropyElbo.Numerics;
using EntropyElbo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Batches on the device: chosen there from all rows where these are in memory and fit, else gathered on the host into pinned
/// memory, and copied while the device still computes the batch before.
/// </summary>
internal sealed unsafe class TorchRows : IDisposable
{
    private readonly TrainingRows _rows;
    private readonly int _columns;
    private readonly Device _device;
    private readonly Tensor? _whole;

    public TorchRows(TrainingRows rows, int columns, Device device)
    {
        _rows = rows;
        _columns = columns;
        _device = device;
        _whole = rows.Whole is { } values ? Move(values) : null;
    }

    /// <summary>Rows of the current batch.</summary>
    public int BatchRows => _rows.BatchRows;

    /// <summary>[n, D], the current batch.</summary>
    public Tensor Batch()
    {
        int count = _rows.BatchRows;
        if (_whole is not null)
        {
            return _whole.index_select(0, ToDevice(tensor(_rows.Order.ToArray())));
        }

        Tensor batch = empty([count, MatrixView<float>.PaddedStride(_columns)], dtype: float32);
        fixed (byte* bytes = batch.bytes)
        {
            _rows.Gather(0, new MatrixView<float>(null, (float*)bytes, count, _columns, MatrixView<float>.PaddedStride(_columns)));
        }

        return ToDevice(batch).narrow(1, 0, _columns);
    }

    public void Dispose() => _whole?.Dispose();

    private Tensor ToDevice(Tensor host) => _device.type == DeviceType.CPU ? host : host.pin_memory().to(_device, non_blocking: true);

    /// <summary>All rows on the device, or null where they do not fit beside what training needs.</summary>
    private Tensor? Move(float[] values)
    {
        try
        {
            using DisposeScope scope = NewDisposeScope();
            return from_array(values).view(-1, _columns).to(_device).DetachFromDisposeScope();
        }
        catch (System.Runtime.InteropServices.ExternalException error)
            when (error.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
    }
}
