using EntropyElbo.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Means and scatter matrices on the device in double precision, for families that learn from them alone: a block of rows goes there, its D x D matrix comes back
/// and is merged as the library merges its own blocks.
/// </summary>
internal sealed class TorchMoments(Device device) : IMomentsReader
{
    private const int BlockValues = 1 << 22;

    /// <inheritdoc/>
    public RowMoments Read(IRowSource rows, Scaling scaling, CancellationToken cancellationToken)
    {
        RowMoments moments = new(rows.Columns);
        double[] block = new double[Math.Max(1, BlockValues / rows.Columns) * rows.Columns];
        using IRowCursor cursor = rows.Open();
        for (int count = Fill(cursor, block, rows.Columns, cancellationToken); count > 0; count = Fill(cursor, block, rows.Columns, cancellationToken))
        {
            scaling.Apply(block.AsSpan(0, count * rows.Columns));
            Add(moments, block, count);
        }

        return moments;
    }

    private static int Fill(IRowCursor cursor, double[] block, int columns, CancellationToken cancellationToken)
    {
        int filled = 0;
        for (int read = -1; read != 0 && filled < block.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            read = cursor.Read(block.AsSpan(filled)) * columns;
            filled += read;
        }

        return filled / columns;
    }

    private void Add(RowMoments moments, double[] block, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Transfers.MoveArray(block, device).view(-1, moments.Columns).narrow(0, 0, count);

        // From the first row on: exact for constant columns.
        Tensor first = rows.narrow(0, 0, 1);
        Tensor shifted = rows - first;
        Tensor mean = shifted.mean([0], keepdim: true);
        Tensor centred = shifted - mean;
        double[] means = Transfers.ToHost(mean.Plus(first));
        moments.Merge(count, means, Transfers.ToHost(matmul(centred.t(), centred)));
    }
}
