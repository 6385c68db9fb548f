using EntropyElbo.Data;

namespace EntropyElbo.Tests.Data;

[TestClass]
public sealed class KeptRowsTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(1000)]
    public void RowsAreThoseOfTheSource_ReadOnce(int rowsAtATime)
    {
        CountingRows source = new(DataTest.Numbered(100, 3));
        KeptRows kept = new(source, long.MaxValue);
        double[] expected = DataTest.Numbered(100, 3).ReadAll().Values;
        for (int pass = 0; pass < 3; pass++)
        {
            CollectionAssert.AreEqual(expected, Values(kept, rowsAtATime));
        }

        Assert.AreEqual(1, source.Passes);
        Assert.AreEqual(100, kept.RowCount);
        Assert.IsTrue(kept.AreInMemory);
    }

    [TestMethod]
    public void RowsAboveTheLimit_AreReadFromTheSource_AndTheirNumberIsKept()
    {
        CountingRows source = new(DataTest.Numbered(300_000, 2));
        KeptRows kept = new(source, 1 << 20);
        Assert.AreEqual(300_000, kept.CountRows());
        Assert.AreEqual(1, source.Passes);
        double[] expected = DataTest.Numbered(300_000, 2).ReadAll().Values;
        for (int pass = 2; pass < 4; pass++)
        {
            CollectionAssert.AreEqual(expected, Values(kept, 500));
            Assert.AreEqual(pass, source.Passes);
            Assert.AreEqual(300_000, kept.CountRows());
        }

        Assert.IsFalse(kept.AreInMemory);
    }

    [TestMethod]
    public void APassThatStopsEarly_LeavesTheKeepingToTheNext()
    {
        CountingRows source = new(DataTest.Numbered(100, 3));
        KeptRows kept = new(source, long.MaxValue);
        using (IRowCursor cursor = kept.Open())
        {
            Assert.AreEqual(2, cursor.Read(new double[6]));
        }

        Assert.IsFalse(kept.AreInMemory);
        Values(kept, 7);
        Values(kept, 7);
        Assert.AreEqual(2, source.Passes);
    }

    [TestMethod]
    public void PassesSideBySide_EachGiveAllRows()
    {
        KeptRows kept = new(new CountingRows(DataTest.Numbered(5000, 3)), long.MaxValue);
        double[] expected = DataTest.Numbered(5000, 3).ReadAll().Values;
        Parallel.For(0, 4, _ => CollectionAssert.AreEqual(expected, Values(kept, 11)));
        Assert.IsTrue(kept.AreInMemory);
    }

    [TestMethod]
    public void MissingValuesAndNumbersOfManyDigits_KeepEveryBit()
    {
        double[] values = [double.NaN, double.NegativeInfinity, -0.0, 0.1, 1e300, 3, 0.5, 1 << 24, (1 << 24) + 1.0];
        KeptRows kept = new(new InMemoryRows(values, 3), long.MaxValue);
        Values(kept, 1);
        double[] again = Values(kept, 2);
        CollectionAssert.AreEqual(values.Select(BitConverter.DoubleToInt64Bits).ToArray(), again.Select(BitConverter.DoubleToInt64Bits).ToArray());
    }

    [TestMethod]
    public void OnlyWhatIsCostlyToRead_IsKept()
    {
        InMemoryRows memory = DataTest.Numbered(10, 2);
        Assert.AreSame(memory, KeptRows.Of(memory));
        Assert.AreNotSame(memory, KeptRows.Of(new CheckedRows(new CountingRows(memory))));
        IRowSource kept = KeptRows.Of(new CountingRows(memory));
        Assert.AreSame(kept, KeptRows.Of(kept), "kept once is enough");
        (IRowSource part, _) = RowSplit.ByFraction(kept, 0.5, 1);
        Assert.AreSame(part, KeptRows.Of(part));
    }

    private static double[] Values(IRowSource source, int rowsAtATime)
    {
        List<double> values = [];
        double[] block = new double[rowsAtATime * source.Columns];
        using IRowCursor cursor = source.Open();
        for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
        {
            values.AddRange(block.Take(read * source.Columns));
        }

        return [.. values];
    }
}
