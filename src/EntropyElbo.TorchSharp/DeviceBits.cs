using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>Rows and states of 0 and 1 as bytes for the device.</summary>
internal static class DeviceBits
{
    /// <summary>All rows, [N, D].</summary>
    public static Tensor Rows(BitTable table, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        return Transfers.MoveArray(Bytes(table), device).view(-1, table.Columns).DetachFromDisposeScope();
    }

    /// <summary>Writes the latents of packed states one behind the other.</summary>
    public static void Unpack(BeliefNet net, ReadOnlySpan<ulong> states, Span<byte> bits)
    {
        int place = 0;
        for (int start = 0; start < states.Length; start += net.Words)
        {
            ReadOnlySpan<ulong> state = states.Slice(start, net.Words);
            for (int k = 0; k < net.Depth; k++)
            {
                ReadOnlySpan<ulong> layer = net.Layer(state, k);
                for (int h = 0; h < net.Sizes[k]; h++)
                {
                    bits[place++] = (byte)((layer[h >> 6] >> (h & 63)) & 1);
                }
            }
        }
    }

    private static byte[] Bytes(BitTable table)
    {
        byte[] bytes = new byte[(long)table.Count * table.Columns];
        MatrixView<double> block = new Matrix<double>(table.BlockRows, table.Columns);
        for (int first = 0; table.RowsAt(first) is > 0 and int count; first += count)
        {
            table.Load(first, block.Slice(0, count));
            for (int row = 0; row < count; row++)
            {
                Span<byte> target = bytes.AsSpan((first + row) * table.Columns, table.Columns);
                for (int d = 0; d < target.Length; d++)
                {
                    target[d] = (byte)block[row][d];
                }
            }
        }

        return bytes;
    }
}
