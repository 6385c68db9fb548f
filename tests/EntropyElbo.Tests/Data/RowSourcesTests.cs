using System.Text;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class RowSourcesTests
{
    private static readonly byte[] Csv = "a,b,c\n1,2,3\n4,5,6\n"u8.ToArray();
    private static readonly byte[] Idx = [.. IdxRowsTests.Header(8, 2, 3), 1, 2, 3, 4, 5, 6];

    [TestMethod]
    public void Format_and_compression_are_told_from_the_content()
    {
        using TempFolder folder = new();
        foreach (byte[] bytes in new[] { Csv, Idx, DataTest.Gzip(Csv), DataTest.Gzip(Idx) })
        {
            DataTest.AssertRows([1, 2, 3, 4, 5, 6], RowSources.Open(folder.Write(bytes)));
            DataTest.AssertRows([1, 2, 3, 4, 5, 6], RowSources.Read(new MemoryStream(bytes), "pipe"));
            DataTest.AssertRows([3, 1, 6, 4], RowSources.Open(folder.Write(bytes), ColumnSelection.Parse("3,1")));
            DataTest.AssertRows([3, 1, 6, 4], RowSources.Read(new MemoryStream(bytes), "pipe", ColumnSelection.Parse("3,1")));
        }
    }

    [TestMethod]
    public void Tables_as_short_as_the_magic_bytes()
    {
        using TempFolder folder = new();
        DataTest.AssertRows([7], RowSources.Open(folder.Write("7")));
        DataTest.AssertRows([7], RowSources.Read(new MemoryStream("7\n"u8.ToArray()), "pipe"));
    }

    /// <summary>A pipe may deliver one byte at a time.</summary>
    [TestMethod]
    public void Slow_streams()
    {
        foreach (byte[] bytes in new[] { Csv, Idx, DataTest.Gzip(Csv), DataTest.Gzip(Idx) })
        {
            DataTest.AssertRows([1, 2, 3, 4, 5, 6], RowSources.Read(new DripStream(bytes), "pipe"));
        }
    }

    [TestMethod]
    public void Long_piped_tables_are_read_again_and_again()
    {
        StringBuilder text = new();
        double[] expected = new double[400_000];
        for (int i = 0; i < expected.Length; i += 2)
        {
            (expected[i], expected[i + 1]) = (i, 0.25 * i);
            text.Append(i).Append(';').Append(0.25 * i).Append('\n');
        }

        DataTest.AssertRows(expected, RowSources.Read(new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())), "pipe"));
    }

    [TestMethod]
    public void Bad_input_names_the_source()
    {
        using TempFolder folder = new();
        string absent = folder.Name("absent.csv");
        StringAssert.Contains(Fail(() => RowSources.Open(absent)), absent);
        StringAssert.Contains(Fail(() => RowSources.Open(folder.Path)), "directory");
        string empty = folder.Write(string.Empty);
        StringAssert.Contains(Fail(() => RowSources.Open(empty)), "empty");
        StringAssert.Contains(Fail(() => RowSources.Read(new MemoryStream(), "pipe")), "pipe is empty");
        StringAssert.Contains(Fail(() => RowSources.Read(new MemoryStream([0, 0, 9, 9]), "pipe")), "not an IDX file");
        StringAssert.Contains(Fail(() => RowSources.Read(new MemoryStream(DataTest.Gzip(Csv)[..12]), "pipe")), "pipe");
        StringAssert.Contains(Fail(() => RowSources.Read(new MemoryStream(Idx[..^1]), "pipe")), "cut off");
        StringAssert.Contains(Fail(() => RowSources.Read(new MemoryStream("a\nb\n"u8.ToArray()), "pipe")), "pipe, line 2");
    }

    [TestMethod]
    public void The_callers_stream_stays_open()
    {
        foreach (byte[] bytes in new[] { Csv, Idx, DataTest.Gzip(Csv), DataTest.Gzip(Idx) })
        {
            MemoryStream stream = new(bytes);
            RowSources.Read(stream, "pipe");
            Assert.IsTrue(stream.CanRead);
        }
    }

    [TestMethod]
    public void Digits_as_shipped_have_the_columns_that_scikit_learn_gives()
    {
        IRowSource digits = RowSources.Open(Path.Combine(AppContext.BaseDirectory, "Data", "digits.csv"));
        Assert.AreEqual(1797, digits.CountRows());
        string[] reference = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Reference", "digits-columns.csv"));
        Scaling standard = Scaling.Fit(digits, ScalingKind.Standard);
        Scaling range = Scaling.Fit(digits, ScalingKind.MinMax);
        Assert.HasCount(digits.Columns + 1, reference);
        for (int i = 0; i < digits.Columns; i++)
        {
            string[] cells = reference[i + 1].Split(',');
            double[] numbers = [.. cells.Skip(1).Select(c => double.Parse(c, System.Globalization.CultureInfo.InvariantCulture))];
            Assert.AreEqual(cells[0], digits.ColumnNames[i]);
            Assert.AreEqual(numbers[1], standard.Offset[i], 1e-13);
            Assert.AreEqual(numbers[2] == 0 ? 1 : numbers[2], 1 / standard.Factor[i], 1e-13);
            Assert.AreEqual(numbers[3], range.Offset[i]);
            Assert.AreEqual(numbers[4] == numbers[3] ? 1 : numbers[4] - numbers[3], 1 / range.Factor[i], 1e-14);
        }

        CollectionAssert.AreEqual(new[] { 0, 32, 39 }, standard.ConstantColumns.ToArray());
    }

    private static string Fail(Action action) => Assert.ThrowsExactly<BadDataException>(action).Message;

    private sealed class DripStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(1, count));
    }
}
