using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Numerics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class CsvWriterTests
{
    [TestMethod]
    public void Numbers_and_names_come_back_bit_for_bit()
    {
        RandomStream random = new(9, RandomPurpose.Generation);
        double[] values = new double[3 * 20_000];
        for (int i = 0; i < values.Length; i++)
        {
            double x = BitConverter.UInt64BitsToDouble(random.NextBits());
            values[i] = double.IsFinite(x) ? x : 0.1;
        }

        values[0] = double.NaN;
        values[1] = -0.0;
        values[2] = double.NegativeInfinity;
        values[3] = double.Epsilon;
        values[4] = double.MinValue;
        string[] names = ["plain", "a, \"b\"\r\nc", " padded;"];
        using TempFolder folder = new();
        string path = folder.Name("out.csv");
        Assert.AreEqual(20_000, CsvWriter.Write(path, new InMemoryRows(values, 3, names)));
        CsvRows back = new(path);
        DataTest.AssertRows(values, back);
        CollectionAssert.AreEqual(names, back.ColumnNames.ToArray());
    }

    /// <summary>What terminals and programs trip over in names is kept as it is.</summary>
    [TestMethod]
    [DataRow("\uFEFFx", "y")]
    [DataRow("\u001B[31mred\u001B[0m", "\u202Eleft\u200B")]
    [DataRow("2019", "2020", DisplayName = "names that are numbers")]
    [DataRow("NA", "null")]
    [DataRow("a|b", "c\td", "e;f")]
    [DataRow("\u00A0", " ")]
    public void Every_name_comes_back(params string[] names)
    {
        using TempFolder folder = new();
        foreach (double value in new[] { 7, 0.5 })
        {
            string path = folder.Name("names.csv");
            double[] values = [.. Enumerable.Repeat(value, 2 * names.Length)];
            CsvWriter.Write(path, new InMemoryRows(values, names.Length, names));
            CsvRows back = new(path);
            DataTest.AssertRows(values, back);
            CollectionAssert.AreEqual(names, back.ColumnNames.ToArray());
        }
    }

    [TestMethod]
    public void Text_is_as_documented()
    {
        using MemoryStream stream = new();
        CsvWriter.Write(stream, new InMemoryRows(new[] { 1, 0.1, -2.5e-7, 1e22 }, 2, ["a", "b"]));
        Assert.AreEqual("a,b\n1,0.1\n-2.5E-07,1E+22\n", System.Text.Encoding.UTF8.GetString(stream.ToArray()));
        Assert.IsTrue(stream.CanWrite);
    }

    [TestMethod]
    public void A_failure_leaves_the_old_file_and_nothing_beside_it()
    {
        using TempFolder folder = new();
        string path = folder.Write("old");
        CheckedRows bad = new(new InMemoryRows(new[] { 1, double.NaN }, 1));
        Assert.ThrowsExactly<BadDataException>(() => CsvWriter.Write(path, bad));
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => CsvWriter.Write(path, DataTest.Numbered(1, 1), stop.Token));
        Assert.AreEqual("old", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
        CsvWriter.Write(path, DataTest.Numbered(1, 1));
        Assert.AreEqual("c0\n0\n", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void A_folder_that_does_not_exist_is_an_IO_error()
    {
        using TempFolder folder = new();
        string path = Path.Combine(folder.Name("no"), "x.csv");
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => CsvWriter.Write(path, DataTest.Numbered(1, 1)));
    }
}
