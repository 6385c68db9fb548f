using System.Text;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Formats;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

/// <summary>Files as people have them: delimiters, decimal signs, missing values, encodings, and what is no table at all.</summary>
[TestClass]
public class CsvDialectTests
{
    [TestMethod]
    [DataRow("a|b\n1|2\n3|4\n", '|', DisplayName = "bar")]
    [DataRow("a b\n1 2\n3 4\n", ' ', DisplayName = "space")]
    [DataRow("a   b  \n   1   2\n  3 \t 4 \n \t \n", ' ', DisplayName = "runs of blanks, at both ends too")]
    [DataRow("\"a x\"  \"b\"\n1 2\n3 4\n", ' ', DisplayName = "quoted names between blanks")]
    [DataRow("1 2\t\n3 4\t\n", ' ', DisplayName = "blanks and a tab at the end of every line")]
    [DataRow("1,0 2,0\n3,0 4,0\n", ' ', DisplayName = "decimal commas between blanks")]
    [DataRow("1,0;2,0\n3,0;4,0\n", ';', DisplayName = "decimal commas between semicolons")]
    [DataRow("1,0|2\n3|4\n", '|', DisplayName = "one decimal comma")]
    [DataRow("a\tb\n1,0\t2,00\n3,0e0\t+4,0\n", '\t', DisplayName = "decimal commas between tabs")]
    [DataRow("a,b\n\"1,0\",\"2,0\"\n\"3,0\",4\n", ',', DisplayName = "decimal commas in quotes")]
    public void Dialects_are_detected(string text, char delimiter)
    {
        using TempFolder folder = new();
        foreach (CsvRows rows in new[] { new CsvRows(folder.Write(text)), new CsvRows(new StringReader(text)) })
        {
            Assert.AreEqual(delimiter, rows.Delimiter);
            DataTest.AssertRows([1, 2, 3, 4], rows);
            Assert.IsEmpty(rows.Notes());
        }
    }

    /// <summary>A line of UCI's auto-mpg: numbers between blanks, then a tab and a name in quotes.</summary>
    [TestMethod]
    public void Blanks_with_a_quoted_text_at_the_end()
    {
        CsvRows rows = new(
            new StringReader("18.0   8   307.0\t\"chevrolet chevelle malibu\"\n15.0   8   350.0\t\"buick skylark 320\"\n"),
            new CsvOptions { Columns = ColumnSelection.Parse("1-3") });
        DataTest.AssertRows([18, 8, 307, 15, 8, 350], rows);
    }

    [TestMethod]
    public void Given_signs_overrule_detection()
    {
        DataTest.AssertRows([1.5, 2.5], Text("1,5\n2,5\n", new CsvOptions { DecimalSign = ',' }));
        DataTest.AssertRows([1.234, 2.5], Text("1,234;2,500\n", new CsvOptions { DecimalSign = ',' }));
        DataTest.AssertRows([1, 2, 3, 4], Text("1\t\t2\n3\t4\n", new CsvOptions { Delimiter = ' ' }));
        Assert.AreEqual(',', Text("1,234;2,5\n1;2\n").DecimalSign);
        Assert.AreEqual('.', Text("1,234,2.5\n1,2,3\n").DecimalSign);
        foreach (CsvOptions bad in new CsvOptions[] { new() { DecimalSign = ';' }, new() { DecimalSign = ',', Delimiter = ',' } })
        {
            Assert.ThrowsExactly<BadOptionException>(() => Text("1;2\n", bad));
        }
    }

    [TestMethod]
    [DataRow("a;b\n1,234;5\n", "separate thousands", DisplayName = "either")]
    [DataRow("a;b\n1,234.5;5\n", "thousands separators")]
    [DataRow("a;b\n1.234,5;0,5\n", "thousands separators")]
    [DataRow("a;b\n1,234,567;5\n", "thousands separators")]
    [DataRow("a\tb\n1 234\t5\n0.5\t6\n", "thousands separators")]
    [DataRow("a;b\n1'234;5\n", "thousands separators")]
    [DataRow("a;b\n0,5;5\n0,5;1.234\n", "thousands separators", DisplayName = "a point among commas that may be either")]
    [DataRow("a;b\n0.5;5\n0,5;6\n", "decimal sign", DisplayName = "points and commas")]
    [DataRow("a\n1,5\n2,5\n", "decimal sign", DisplayName = "one column of decimal commas")]
    public void Thousands_and_mixed_signs_are_refused_with_a_word(string text, string word)
    {
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => Text(text)).Message, word);
    }

    [TestMethod]
    public void Words_for_missing_values()
    {
        foreach (string token in new[] { "NULL", "null", "None", "N/A", "#N/A", "<NA>", "NA", "nan", "?", "" })
        {
            double[] values = Text($"a,b\n1,2\n{token},3\n").ReadAll().Values;
            Assert.IsTrue(double.IsNaN(values[2]), token);
            Assert.AreEqual(3.0, values[3]);
        }

        double[] own = Text("a;b\n-999;2\n-999,0;-9\nn.a.;-\n1,5;NA\n", new CsvOptions { MissingTokens = ["-999", "n.a.", "-"] }).ReadAll().Values;
        CollectionAssert.AreEqual(new[] { double.NaN, 2, double.NaN, -9, double.NaN, double.NaN, 1.5, double.NaN }, own);
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => Text("a\nn.a.\n")).Message, "MissingTokens");
    }

    [TestMethod]
    public void UTF16_with_its_mark()
    {
        using TempFolder folder = new();
        StringBuilder text = new("größe\t\U0001F600\r\n");
        double[] expected = new double[400_000];
        for (int i = 0; i < expected.Length; i += 2)
        {
            (expected[i], expected[i + 1]) = (i, 0.25 * i);
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i}\t{0.25 * i}\r\n");
        }

        foreach (Encoding encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            byte[] bytes = [.. encoding.Preamble, .. encoding.GetBytes(text.ToString())];
            CsvRows rows = new(folder.Write(bytes));
            CollectionAssert.AreEqual(new[] { "größe", "\U0001F600" }, rows.ColumnNames.ToArray());
            DataTest.AssertSameBits(expected, rows.ReadAll().Values);
            DataTest.AssertSameBits(expected, new CsvRows(folder.Write(DataTest.Gzip(bytes))).ReadAll().Values);
            DataTest.AssertSameBits(expected, RowSources.Read(new MemoryStream(bytes), "pipe").ReadAll().Values);
        }
    }

    [TestMethod]
    [DataRow("504B0304 14000000", "xlsx")]
    [DataRow("D0CF11E0A1B11AE1 0000", "xls")]
    [DataRow("50415231 15041512", "Parquet")]
    [DataRow("934E554D5059 0100", "NumPy")]
    [DataRow("5B7B2261223A317D5D", "JSON")]
    [DataRow("EFBBBF 0A20 7B0A2022", "JSON")]
    [DataRow("894844460D0A1A0A", "HDF5")]
    [DataRow("2000000000000000 7B225F5F", "a model file")]
    [DataRow("00016162", "zero bytes", DisplayName = "anything else with zero bytes")]
    [DataRow("3C21444F43545950452068746D6C3E", "web page")]
    public void Other_kinds_of_files_are_named(string hex, string word)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        using TempFolder folder = new();
        foreach (byte[] file in new[] { bytes, DataTest.Gzip(bytes) })
        {
            string path = folder.Write(file);
            string message = Assert.ThrowsExactly<BadDataException>(() => RowSources.Open(path)).Message;
            StringAssert.Contains(message, path);
            StringAssert.Contains(message, word == "zero bytes" ? "binary" : word);
            Assert.AreEqual(message, Assert.ThrowsExactly<BadDataException>(() => RowSources.Read(new MemoryStream(file), path)).Message);
        }
    }

    [TestMethod]
    public void IDX_takes_no_options_of_text()
    {
        using TempFolder folder = new();
        string path = folder.Write([.. IdxRowsTests.Header(8, 2, 2), 1, 2, 3, 4]);
        DataTest.AssertRows([2, 4], RowSources.Open(path, new CsvOptions { Columns = ColumnSelection.Parse("2"), Header = false }));
        foreach (CsvOptions options in new CsvOptions[] { new() { Delimiter = ';' }, new() { DecimalSign = ',' }, new() { Header = true }, new() { MissingTokens = ["0"] } })
        {
            StringAssert.Contains(Assert.ThrowsExactly<BadOptionException>(() => RowSources.Open(path, options)).Message, "IDX");
        }
    }

    private static CsvRows Text(string text, CsvOptions? options = null) => new(new StringReader(text), options);
}
