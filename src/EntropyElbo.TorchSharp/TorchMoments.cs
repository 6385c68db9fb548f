using EntropyElbo.Data;
using EntropyElbo.Numerics;
using EntropyElbo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Means and scatter matrices on the device in double precision, for families that learn from them alone: a block of rows goes
/// there, its D x D matrix comes back and is merged as the library merges its own blocks.
/// </summary>
internal sealed class TorchMoments(Device device) : IMomentsReader
{
    private const int BlockValues = 1 << 22;

    /// <inheritdoc/>
    public RowMoments Read(IRowSource rows, Scaling scaling, CancellationToken cancellationToken)
    {
        using IRowCursor cursor = rows.Open();
        Pass pass = new(new RowMoments(rows.Columns), cursor, scaling, device, cancellationToken);
        if (!OrderedBlocks.Run(pass, threads: 1, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return pass.Moments;
    }

    /// <summary>One pass over blocks of rows, whose means and scatter matrices come from the device.</summary>
    private sealed class Pass(
        RowMoments moments, IRowCursor cursor, Scaling scaling, Device device, CancellationToken cancellationToken) : IBlockWork
    {
        private readonly double[] _rows = new double[Math.Max(1, BlockValues / moments.Columns) * moments.Columns];
        private double[] _mean = [];
        private double[] _scatter = [];

        public RowMoments Moments => moments;

        public int Take(long firstRow, int worker)
        {
            int filled = 0;
            for (int read = -1; read != 0 && filled < _rows.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                read = cursor.Read(_rows.AsSpan(filled)) * moments.Columns;
                filled += read;
            }

            return filled / moments.Columns;
        }

        public void Compute(BlockPlace place)
        {
            scaling.Apply(_rows.AsSpan(0, place.Count * moments.Columns));
            using DisposeScope scope = NewDisposeScope();
            Tensor rows = Transfers.MoveArray(_rows, device).view(-1, moments.Columns).narrow(0, 0, place.Count);

            // From the first row on: exact for constant columns.
            Tensor first = rows.narrow(0, 0, 1);
            Tensor shifted = rows - first;
            Tensor mean = shifted.mean([0], keepdim: true);
            Tensor centred = shifted - mean;
            _mean = Transfers.ToHost(mean.Plus(first));
            _scatter = Transfers.ToHost(matmul(centred.t(), centred));
        }

        public void Merge(BlockPlace place) => moments.Merge(place.Count, _mean, _scatter);
    }
}
