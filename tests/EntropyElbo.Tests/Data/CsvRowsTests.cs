using System.Globalization;
using System.Text;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Numerics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class CsvRowsTests
{
    [TestMethod]
    [DataRow("a,b\n1,2\n3,4\n", ',', true, DisplayName = "plain")]
    [DataRow("a;b\n1;2\n3;4", ';', true, DisplayName = "semicolon, no last line end")]
    [DataRow("a\tb\r\n1\t2\r\n3\t4\r\n", '\t', true, DisplayName = "tab, CRLF")]
    [DataRow("1,2\n3,4\n\n\n  \n", ',', false, DisplayName = "no header, blank lines at the end")]
    [DataRow("\n\na,b\n1,2\n3,4", ',', true, DisplayName = "blank lines at the top")]
    [DataRow("\uFEFFa,b\n1,2\n3,4\n", ',', true, DisplayName = "byte-order mark")]
    [DataRow("\uFEFF1,2\n3,4\n", ',', false, DisplayName = "byte-order mark, no header")]
    [DataRow("\"a\",\"b\"\n\"1\",\"2\"\n3,\"4\"\n", ',', true, DisplayName = "quoted")]
    [DataRow("\"a,x;y\",\"b\nc\"\r\n1,2\r\n\"3\",4\r\n", ',', true, DisplayName = "delimiters and line end in quotes")]
    [DataRow(" a , b \n 1 , 2\n3 ,4 \n", ',', true, DisplayName = "spaces around cells")]
    [DataRow("a;x,b\n1,2\n3,4\n", ',', true, DisplayName = "a stray semicolon in a name")]
    public void Dialects_are_detected(string text, char delimiter, bool header)
    {
        using TempFolder folder = new();
        foreach (CsvRows rows in new[] { new CsvRows(folder.Write(text)), new CsvRows(new StringReader(text)) })
        {
            Assert.AreEqual(delimiter, rows.Delimiter);
            Assert.AreEqual(header, rows.HasHeader);
            DataTest.AssertRows([1, 2, 3, 4], rows);
        }
    }

    [TestMethod]
    public void Names_come_from_the_header_or_are_numbered()
    {
        CsvRows rows = Text("\"He said \"\"hi\"\"\", b ,,\"c,d\"\n1,2,3,4\n");
        CollectionAssert.AreEqual(new[] { "He said \"hi\"", "b", "c2", "c,d" }, rows.ColumnNames.ToArray());
        CollectionAssert.AreEqual(new[] { "c0", "c1" }, Text("1,2\n").ColumnNames.ToArray());
    }

    [TestMethod]
    public void Given_dialect_overrules_detection()
    {
        DataTest.AssertRows([3, 4], Text("1,2\n3,4\n", new CsvOptions { Header = true }));
        CollectionAssert.AreEqual(new[] { "1", "2" }, Text("1,2\n3,4\n", new CsvOptions { Header = true }).ColumnNames.ToArray());
        DataTest.AssertRows([1, 2, 3, 4], Text("1|2\n3|4\n", new CsvOptions { Delimiter = '|' }));
        DataTest.AssertRows([1, 2, 3, 4], Text("1 2\n3 4\n", new CsvOptions { Delimiter = ' ' }));
        DataTest.AssertRows(
            [5.1, 4.9],
            Text("5.1,setosa\n4.9,setosa\n", new CsvOptions { Header = false, Columns = ColumnSelection.Parse("1") }));
        foreach (char bad in "\"\n\ra1.-\0é")
        {
            Assert.ThrowsExactly<BadOptionException>(() => Text("1,2", new CsvOptions { Delimiter = bad }));
        }
    }

    [TestMethod]
    public void A_header_alone_gives_no_rows() => DataTest.AssertRows([], Text("a,b\n"));

    [TestMethod]
    public void One_column_and_one_row() => DataTest.AssertRows([42], Text("42"));

    [TestMethod]
    public void Missing_values_are_delivered_as_NaN()
    {
        double[] values = Text("a,b,c\n,NA,?\nnan,,1\n").ReadAll().Values;
        Assert.AreEqual(1.0, values[5]);
        Assert.IsTrue(values.Take(5).All(double.IsNaN));
    }

    [TestMethod]
    public void Chosen_columns_come_in_the_order_asked_and_others_may_hold_text()
    {
        using TempFolder folder = new();
        string path = folder.Write("id,x,kind,y\nr1,1,\"a \"\"b\"\", c\",2\nr2,3,d 5\" e,4\n");
        CsvRows rows = new(path, new CsvOptions { Columns = ColumnSelection.Parse("y,2") });
        DataTest.AssertRows([2, 1, 4, 3], rows);
        CollectionAssert.AreEqual(new[] { "y", "x" }, rows.ColumnNames.ToArray());
        Assert.ThrowsExactly<BadOptionException>(() => new CsvRows(path, new CsvOptions { Columns = ColumnSelection.Parse("z") }));
        Assert.ThrowsExactly<BadOptionException>(() => new CsvRows(path, new CsvOptions { Columns = ColumnSelection.Parse("5") }));
    }

    /// <summary>Cells of one record beside what RFC 4180 makes of them; the last ones are malformed and kept as they are.</summary>
    [TestMethod]
    [DataRow("a,b,,", "a|b||")]
    [DataRow("", "")]
    [DataRow("\"a\",\"b,c\"", "a|b,c")]
    [DataRow("\"\",x", "|x")]
    [DataRow("\"\"\"\",x", "\"|x")]
    [DataRow("\"a\"\"b\"\"\",x", "a\"b\"|x")]
    [DataRow("\"\"\"a\",\"\"", "\"a|")]
    [DataRow("5\" pipe,x", "5\" pipe|x")]
    [DataRow("\"a\"b\"c,x", "ab\"c|x")]
    [DataRow("\"a\" ,x", "a |x")]
    public void Cells_of_a_record(string record, string expected)
    {
        CsvCells cells = new(Encoding.UTF8.GetBytes(record), (byte)',', hasQuotes: true);
        List<string> found = [];
        while (cells.MoveNext())
        {
            found.Add(Encoding.UTF8.GetString(cells.Current));
        }

        Assert.AreEqual(expected, string.Join('|', found));
    }

    [TestMethod]
    public void Many_rows_of_random_numbers_survive_files_readers_and_gzip()
    {
        RandomStream random = new(3, RandomPurpose.Generation);
        double[] values = new double[30_000 * 3];
        StringBuilder text = new("x,y,z\n");
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextGaussian() * Math.Pow(10, random.NextInt(20) - 10);
            text.Append(values[i].ToString("R", CultureInfo.InvariantCulture)).Append(i % 3 == 2 ? '\n' : ',');
        }

        using TempFolder folder = new();
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        DataTest.AssertRows(values, new CsvRows(folder.Write(bytes)));
        DataTest.AssertRows(values, new CsvRows(folder.Write(DataTest.Gzip(bytes))));
        DataTest.AssertRows(values, new CsvRows(new StringReader(text.ToString())));
    }

    /// <summary>Records that straddle the buffer at every offset, down to a buffer smaller than a record.</summary>
    [TestMethod]
    public void Records_are_cut_the_same_whatever_the_buffer()
    {
        string text = "\uFEFFname,b\r\n\"x\r\ny\"\"z\",1\r\nlonger than the buffer,22\n\n,3";
        string[] expected = ["name,b", "\"x\r\ny\"\"z\",1", "longer than the buffer,22", string.Empty, ",3"];
        long[] lines = [1, 2, 4, 5, 6];
        for (int size = 3; size < 70; size++)
        {
            using CsvRecordReader reader = new(new MemoryStream(Encoding.UTF8.GetBytes(text)), "t", (byte)',', size);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.IsTrue(reader.Next(out ReadOnlySpan<byte> record));
                Assert.AreEqual(expected[i], Encoding.UTF8.GetString(record), $"buffer {size}");
                Assert.AreEqual(lines[i], reader.Line);
            }

            Assert.IsFalse(reader.Next(out _));
        }
    }

    [TestMethod]
    public void Non_ASCII_text_and_names()
    {
        CsvRows rows = Text("größe,\u4E2D\u6587,\U0001F600\n1,2,3\n");
        CollectionAssert.AreEqual(new[] { "größe", "\u4E2D\u6587", "\U0001F600" }, rows.ColumnNames.ToArray());
        DataTest.AssertRows([1, 2, 3], rows);
    }

    [TestMethod]
    public void Wide_tables()
    {
        int columns = 100_000;
        string line = string.Join(',', Enumerable.Range(0, columns));
        double[] expected = [.. Enumerable.Range(0, columns).Select(i => (double)i)];
        using TempFolder folder = new();
        CsvRows rows = new(folder.Write(line + "\n" + line + "\n"));
        Assert.AreEqual(columns, rows.Columns);
        DataTest.AssertSameBits([.. expected, .. expected], rows.ReadAll().Values);
    }

    [TestMethod]
    public void Several_passes_at_the_same_time()
    {
        using TempFolder folder = new();
        CsvRows rows = new(folder.Write(string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i},{-i}\n"))));
        double[] expected = rows.ReadAll().Values;
        Parallel.For(1, 9, i => DataTest.AssertSameBits(expected, DataTest.Read(rows, i)));
    }

    private static CsvRows Text(string text, CsvOptions? options = null) => new(new StringReader(text), options);
}
