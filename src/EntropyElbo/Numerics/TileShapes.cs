using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EntropyElbo.Numerics;

/// <summary>
/// The shapes of tiles by the processor's number of vector registers, whatever their width. A step of a tile loads its vectors of B
/// and broadcasts an entry of each of its rows of A: rows + vectors loads for rows * vectors multiply-adds, which is least for wide
/// and tall tiles; but the accumulators, the vectors of B and one broadcast must fit the registers, or accumulators move to memory.
/// A multiply-add takes four cycles and two start in each, so fewer than eight accumulators leave units idle.
/// </summary>
/// <remarks>
/// <code>
/// registers vectors of a panel most rows of tiles of 1, 2, 3, 4, 5 vectors 16 (AVX2) 2 12 6 4 2 2 2 x 6: 12 accumulators + 2 of B
/// + 1 = 15; 8 loads for 12 multiply-adds 32 (AVX-512, Arm) 4 12 12 7 6 5 4 x 6: 24 accumulators + 4 of B + 1 = 29; 10 loads for 24
/// </code>
/// Tiles of five vectors are for groups of lanes whose columns must stay together. Panels of B are at most 32 KiB with every shape:
/// 16 and 24 KiB measured no better with a first-level cache of 48 KiB. On Arm 4 x 6 is one line of 64 bytes wide and loads less
/// than 3 x 8 (11 for 24).
/// </remarks>
internal static class TileShapes
{
    private static ReadOnlySpan<byte> FewRegisters => [12, 6, 4, 2, 2];

    private static ReadOnlySpan<byte> ManyRegisters => [12, 12, 7, 6, 5];

    private static bool HasManyRegisters => Avx512F.VL.IsSupported || AdvSimd.Arm64.IsSupported;

    /// <summary>Most vectors of a panel.</summary>
    public static int PanelVectors => HasManyRegisters ? 4 : 2;

    /// <summary>Tiles so many vectors wide, of nearly equal height, that rows are split into.</summary>
    public static int Tiles(int rows, int vectors)
    {
        int limit = MostRows(HasManyRegisters, vectors);
        return (rows + limit - 1) / limit;
    }

    /// <summary>Most rows of a tile with 32 registers, else 16.</summary>
    internal static int MostRows(bool many, int vectors) => (many ? ManyRegisters : FewRegisters)[vectors - 1];
}
