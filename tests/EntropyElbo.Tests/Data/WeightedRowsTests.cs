using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.Mixture.Em;
using EntropyElbo.Families.Mixture.Components;

namespace EntropyElbo.Tests.Data;

[TestClass]
public sealed class WeightedRowsTests
{
    private static InMemoryRows Numbers(int rows) => new([.. Enumerable.Range(0, 2 * rows).Select(i => (double)i)], 2, ["a", "b"]);

    private static double[] WeightsOf(int rows) => [.. Enumerable.Range(0, rows).Select(i => i % 4 / 2.0)];

    [TestMethod]
    public void AColumn_IsNoData_WhereverItStands()
    {
        InMemoryRows table = new([1, 10, 100, 2, 20, 200], 3, ["a", "w", "b"]);
        WeightedRows rows = new(table, "w");
        CollectionAssert.AreEqual(new[] { "a", "b" }, rows.ColumnNames.ToArray());
        (double[] values, double[] weights) = Read(rows);
        CollectionAssert.AreEqual(new double[] { 1, 100, 2, 200 }, values);
        CollectionAssert.AreEqual(new double[] { 10, 20 }, weights);
        CollectionAssert.AreEqual(new double[] { 1, 100, 2, 200 }, rows.Data.ReadAll().Values);
        Assert.AreEqual("weight", Assert.ThrowsExactly<BadOptionException>(() => new WeightedRows(table, "x")).Option);
        Assert.AreEqual("weight", Assert.ThrowsExactly<BadOptionException>(() => new WeightedRows(new InMemoryRows([1.0], 1), "c0")).Option);
    }

    /// <summary>Whatever is put around weighted rows hands their weights on, in blocks of any size.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(1000)]
    public void Sources_HandWeightsOn(int blockRows)
    {
        const int count = 500;
        double[] given = WeightsOf(count);
        IRowSource rows = new WeightedRows(Numbers(count), given);
        IRowSource costly = new KeptRows(rows, long.MaxValue);
        costly.CountRows();
        int[] kept = [.. Enumerable.Range(0, count).Where(i => given[i] > 0)];
        (IRowSource training, IRowSource test) = RowSplit.Fold(rows, 1, 3, 5);
        Dictionary<string, (IRowSource Rows, int[] Places)> sources = new()
        {
            ["kept, first pass"] = (new KeptRows(rows, long.MaxValue), [.. Enumerable.Range(0, count)]),
            ["kept"] = (costly, [.. Enumerable.Range(0, count)]),
            ["chunked"] = (ChunkedRows.Read(rows, long.MaxValue, default)!, [.. Enumerable.Range(0, count)]),
            ["checked"] = (new CheckedRows(rows), kept),
            ["supported"] = (SupportedRows.Of(rows, new MixtureSupport([new ColumnRange("poisson", 0, 2)])), [.. Enumerable.Range(0, count)]),
            ["first"] = (rows.Take(7), [.. Enumerable.Range(0, 7)]),
            ["peeked"] = (new PeekedRows(rows, 100, default), [.. Enumerable.Range(0, count)]),
            ["selected"] = (new SelectedColumns(rows, ColumnSelection.Parse("b,a")), [.. Enumerable.Range(0, count)]),
            ["training"] = (training, Places(training)),
            ["test"] = (test, Places(test)),
        };
        foreach ((string name, (IRowSource source, int[] places)) in sources)
        {
            Assert.IsTrue(source.HasWeights, name);
            (double[] values, double[] weights) = Read(source, blockRows);
            CollectionAssert.AreEqual(places.Select(i => given[i]).ToArray(), weights, name);
            CollectionAssert.AreEqual(places, values.Chunk(2).Select(r => (int)r.Min() / 2).ToArray(), name);
        }

        int[] Places(IRowSource side) => [.. side.ReadAll().Values.Chunk(2).Select(r => (int)r[0] / 2)];
    }

    [TestMethod]
    public void RowsWithoutWeights_CountOnce()
    {
        Assert.IsFalse(((IRowSource)Numbers(3)).HasWeights);
        foreach (IRowSource rows in (IRowSource[])[Numbers(30), new CheckedRows(Numbers(30)), new PeekedRows(Numbers(30), 4, default), ChunkedRows.Read(Numbers(30), 1 << 20, default)!])
        {
            Assert.IsTrue(Read(rows, 4).Weights.All(w => w == 1));
        }
    }

    [TestMethod]
    [DataRow(-1.0)]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    public void BadWeights_AreNamed(double weight)
    {
        BadDataException given = Assert.ThrowsExactly<BadDataException>(() => new WeightedRows(Numbers(3), [1, 1, weight]));
        Assert.AreEqual(2, given.Row);
        BadDataException read = Assert.ThrowsExactly<BadDataException>(
            () => new CheckedRows(new WeightedRows(new InMemoryRows([1, 1, 2, weight, 3, 1], 2, ["a", "w"]), "w"), MissingValues.SkipRow).ReadAll());
        Assert.AreEqual(1, read.Row);
        Assert.AreEqual("w", read.Column);
        StringAssert.Contains(read.Message, "row 2 (the first is 1)");
    }

    [TestMethod]
    public void AnotherNumberOfWeights_IsAnError()
    {
        Assert.ThrowsExactly<BadDataException>(() => new WeightedRows(Numbers(3), [1, 1]));
        IRowSource unknown = RowSplit.Fold(new CheckedRows(Numbers(30), MissingValues.SkipRow), 0, 2, 1).Training;
        foreach (int count in (int[])[14, 16])
        {
            Assert.ThrowsExactly<BadDataException>(() => new CheckedRows(new WeightedRows(unknown, WeightsOf(count))).ReadAll());
        }

        Assert.AreEqual(15, new WeightedRows(unknown, [.. Enumerable.Repeat(1.0, 15)]).ReadAll().Rows);
    }

    /// <summary>A row of weight 0 may hold anything, and errors count the rows of the file.</summary>
    [TestMethod]
    public void RowsOfWeightZero_AreNotLookedAt()
    {
        InMemoryRows table = new([double.NaN, 0, 1, 2, -1, 0, double.NaN, 1], 2, ["a", "w"]);
        WeightedRows rows = new(table, "w");
        CollectionAssert.AreEqual(new double[] { 1 }, new CheckedRows(rows.Take(3)).ReadAll().Values);
        Assert.AreEqual(3, Assert.ThrowsExactly<BadDataException>(() => new CheckedRows(rows).ReadAll()).Row);
        RowSupport support = new MixtureSupport([new ColumnRange("poisson", 0, 1)]);
        CollectionAssert.AreEqual(new double[] { 1 }, new CheckedRows(SupportedRows.Of(rows.Take(3), support)).ReadAll().Values);
        WeightedRows categories = new(new InMemoryRows([7, 0, 2, 0.5, 1, 3], 2, ["a", "w"]), "w");
        CollectionAssert.AreEqual(new double[] { 2 }, ColumnMaxima.Of(categories, default), "a category of no row is none");
    }

    [TestMethod]
    [DataRow("w", null)]
    [DataRow("2", null)]
    [DataRow("w", "a,b")]
    [DataRow("w", "1-3")]
    [DataRow("2", "1,3")]
    public void Csv_HasAColumnOfWeights(string weight, string? columns)
    {
        using TempFolder folder = new();
        string path = folder.Write("a,w,b\n1,0.5,3\n4,2,6\n");
        CsvOptions options = new() { Weight = weight, Columns = columns is null ? null : ColumnSelection.Parse(columns) };
        using MemoryStream stream = new(File.ReadAllBytes(path));
        foreach (IRowSource rows in (IRowSource[])[RowSources.Open(path, options), RowSources.Read(stream, "stream", options)])
        {
            CollectionAssert.AreEqual(new[] { "a", "b" }, rows.ColumnNames.ToArray());
            (double[] values, double[] weights) = Read(rows);
            CollectionAssert.AreEqual(new double[] { 1, 3, 4, 6 }, values);
            CollectionAssert.AreEqual(new double[] { 0.5, 2 }, weights);
        }
    }

    [TestMethod]
    public void Csv_RefusesWeightsThatAreNone()
    {
        using TempFolder folder = new();
        string path = folder.Write("a,w,b\n1,,3\n4,2,6\n");
        foreach (string weight in (string[])["x", "1-2", "7"])
        {
            Assert.AreEqual("weight", Assert.ThrowsExactly<BadOptionException>(() => RowSources.Open(path, new CsvOptions { Weight = weight })).Option);
        }

        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => RowSources.Open(path, new CsvOptions { Weight = "w" }).ReadAll());
        Assert.AreEqual("w", error.Column);
        Assert.AreEqual(0, error.Row);
    }

    private static (double[] Values, double[] Weights) Read(IRowSource rows, int blockRows = 8)
    {
        List<double> values = [], weights = [];
        double[] block = new double[blockRows * rows.Columns], own = new double[blockRows];
        using IRowCursor cursor = rows.Open();
        for (int read = cursor.Read(block, own); read > 0; read = cursor.Read(block, own))
        {
            values.AddRange(block.AsSpan(0, read * rows.Columns));
            weights.AddRange(own.AsSpan(0, read));
        }

        return ([.. values], [.. weights]);
    }
}
