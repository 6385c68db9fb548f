using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

[TestClass]
public sealed class TileShapesTests
{
    [TestMethod]
    [DataRow(false, 16)]
    [DataRow(true, 32)]
    public void MostRows_OfEveryWidth_LeaveEveryAccumulatorARegister(bool many, int registers)
    {
        for (int vectors = 1; vectors <= 5; vectors++)
        {
            int accumulators = vectors * TileShapes.MostRows(many, vectors), broadcast = 1;
            Assert.IsLessThanOrEqualTo(registers, accumulators + vectors + broadcast, $"{vectors} vectors");

            // Two multiply-adds start in a cycle and take four.
            Assert.IsGreaterThanOrEqualTo(8, accumulators, $"{vectors} vectors");
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(13)]
    [DataRow(128)]
    public void Tiles_OfNearlyEqualHeight_CoverTheRows(int rows)
    {
        for (int vectors = 1; vectors <= 5; vectors++)
        {
            int tiles = TileShapes.Tiles(rows, vectors), height = tiles == 0 ? 0 : (rows + tiles - 1) / tiles;
            Assert.IsGreaterThanOrEqualTo(rows, tiles * height);
            Assert.IsLessThanOrEqualTo(rows, tiles * (height - 1));
            Assert.IsLessThanOrEqualTo(12, height);
        }
    }
}
