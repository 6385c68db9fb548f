using System.Text;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Formats;
using EntropyElbo.Numerics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class CsvBadInputTests
{
    [TestMethod]
    public void Empty_input_is_refused()
    {
        foreach (string text in new[] { string.Empty, "\n\n", "\uFEFF", "   \n" })
        {
            using TempFolder folder = new();
            StringAssert.Contains(Fail(() => new CsvRows(new StringReader(text))).Message, "empty");
            StringAssert.Contains(Fail(() => new CsvRows(folder.Write(text))).Message, "empty");
        }
    }

    [TestMethod]
    [DataRow("a,b\n1,2\n3\n", 3, 1, 2, 1L)]
    [DataRow("a,b\n1,2,3\n", 2, 3, 2, 0L)]
    [DataRow("1,2\n3,4\n5,6,\n", 3, 3, 2, 2L)]
    [DataRow("a,b\nx,2,3\n", 2, 3, 2, 0L, DisplayName = "ragged before text")]
    public void Ragged_line_names_line_and_counts(string text, int line, int found, int expected, long row)
    {
        BadDataException e = Fail(() => Read(text));
        StringAssert.Contains(e.Message, $"line {line}");
        Assert.AreEqual(row, e.Row);
        StringAssert.Contains(e.Message, $"found {found} columns");
        StringAssert.Contains(e.Message, $"has {expected};");
    }

    [TestMethod]
    public void Line_numbers_count_every_line_of_the_file()
    {
        BadDataException e = Fail(() => Read("\nid,b\n\"one\ntwo\",1\n\"\nthree\",2\nx\n", "b"));
        StringAssert.Contains(e.Message, "line 7");
        Assert.AreEqual(2L, e.Row);
    }

    [TestMethod]
    public void Text_where_a_number_belongs_names_line_column_and_text()
    {
        BadDataException e = Fail(() => Read("speed,mass\n1,2\n3,heavy\n"));
        StringAssert.Contains(e.Message, "line 3, column 'mass': 'heavy' is not a number");
        Assert.AreEqual(1L, e.Row);
        Assert.AreEqual("mass", e.Column);
        StringAssert.Contains(Fail(() => Read($"a\n1\n{new string('q', 9999)}\n")).Message, "qqq...'");
        StringAssert.Contains(Fail(() => Read("a;b\n1,5;2\n3.5;4\n")).Message, "'1,5' is not a number");
    }

    [TestMethod]
    public void Blank_line_between_rows_names_the_line()
    {
        StringAssert.Contains(Fail(() => Read("a,b\n1,2\n\n3,4\n")).Message, "line 3");
        StringAssert.Contains(Fail(() => Read("a\n1\n \n\n3\n")).Message, "line 3");
    }

    [TestMethod]
    public void Open_quote_names_its_line()
    {
        StringAssert.Contains(Fail(() => Read("a,b\n1,2\n3,\"4\n5,6\n7,8\n")).Message, "line 3");
    }

    [TestMethod]
    public void Other_encodings_and_line_ends_are_named()
    {
        using TempFolder folder = new();
        StringAssert.Contains(Fail(() => new CsvRows(folder.Write(Encoding.Unicode.GetBytes("a,b\n1,2")))).Message, "UTF-16");
        StringAssert.Contains(Fail(() => new CsvRows(folder.Write([.. Encoding.UTF32.Preamble, .. Encoding.UTF32.GetBytes("a,b\n1,2")]))).Message, "UTF-32");
        StringAssert.Contains(Fail(() => Read("a,b\r1,2\r3,4\r")).Message, "carriage return");
    }

    [TestMethod]
    public void Too_long_a_line_is_refused_without_reading_on()
    {
        using CsvRecordReader reader = new(new EndlessStream(), "endless", (byte)',');
        StringAssert.Contains(Fail(() => reader.Next(out _)).Message, "line 1: the line is longer than 64 MB");
    }

    [TestMethod]
    public void Too_many_columns_are_refused() =>
        StringAssert.Contains(Fail(() => Read(new string(',', 1_000_001))).Message, "more than 1000000 columns");

    [TestMethod]
    public void Missing_file_directory_and_null()
    {
        using TempFolder folder = new();
        string path = folder.Name("absent.csv");
        StringAssert.Contains(Fail(() => new CsvRows(path)).Message, path);
        StringAssert.Contains(Fail(() => new CsvRows(folder.Path)).Message, "directory");
        StringAssert.Contains(Fail(() => new CsvRows(System.IO.Path.Combine(path, "deeper"))).Message, "does not exist");
        Assert.ThrowsExactly<ArgumentNullException>(() => new CsvRows((TextReader)null!));
    }

    /// <summary>One member or two, cut at any length: never taken for a shorter table.</summary>
    [TestMethod]
    public void Every_cut_of_a_compressed_table_is_an_error()
    {
        byte[] first = DataTest.Gzip("a,b\n1,2\n3,4\n"u8.ToArray());
        byte[] second = DataTest.Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 60).Select(i => $"{i * i},{i}\n"))));
        byte[] whole = [.. first, .. second];
        using TempFolder folder = new();
        Assert.AreEqual(62, new CsvRows(folder.Write(whole)).ReadAll().Rows);
        for (int length = 2; length < whole.Length; length++)
        {
            string cut = folder.Write(whole[..length]);
            if (length == first.Length)
            {
                Assert.AreEqual(2, new CsvRows(cut).ReadAll().Rows, "a whole member is a whole file");
            }
            else
            {
                StringAssert.Contains(Fail(() => new CsvRows(cut).ReadAll()).Message, cut, $"length {length}");
                Fail(() => RowSources.Read(new MemoryStream(whole[..length]), "pipe"));
            }
        }
    }

    /// <summary>Random text of the characters that matter: rows or the typed error, the same in blocks of any size.</summary>
    [TestMethod]
    public void Random_text_gives_rows_or_the_typed_error()
    {
        RandomStream random = new(1, RandomPurpose.Generation);
        int read = 0;
        for (int i = 0; i < 50_000; i++)
        {
            char[] text = [.. Enumerable.Range(0, 1 + random.NextInt(14)).Select(_ => "\"\",,;\n\n\r 1123a.\uFEFF\0"[random.NextInt(17)])];
            try
            {
                CsvRows rows = new(new StringReader(new string(text)));
                Assert.HasCount((int)rows.RowCount!.Value * rows.Columns, DataTest.Read(rows, 2));
                read += rows.RowCount > 0 ? 1 : 0;
            }
            catch (BadDataException)
            {
                // One of the two answers allowed; anything else fails the test.
            }
        }

        Assert.IsGreaterThan(5000, read);
    }

    [TestMethod]
    public void Damaged_gzip_and_bytes_behind_it_are_refused()
    {
        byte[] text = Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{i * 7919 % 10007},{i}\n")));
        byte[] whole = DataTest.Gzip(text);
        using TempFolder folder = new();
        string cut = folder.Write(whole[..^100]);
        Fail(() => new CsvRows(cut).ReadAll());
        byte[] flipped = [.. whole];
        flipped[whole.Length / 2] ^= 0x55;
        string damaged = folder.Write(flipped);
        Fail(() => new CsvRows(damaged).ReadAll());
        string longer = folder.Write([.. whole, 1, 2, 3]);
        StringAssert.Contains(Fail(() => new CsvRows(longer).ReadAll()).Message, "followed by");
    }

    /// <summary>Reads the text from a file, after asserting that a reader of the same text gives the same message.</summary>
    private static void Read(string text, string? columns = null)
    {
        CsvOptions options = new() { Columns = columns is null ? null : ColumnSelection.Parse(columns) };
        using TempFolder folder = new();
        string path = folder.Write(text);
        BadDataException fromFile = Fail(() => DataTest.Read(new CsvRows(path, options), 1));
        Assert.AreEqual(fromFile.Message, Fail(() => new CsvRows(new StringReader(text), options, path)).Message);
        throw fromFile;
    }

    private static BadDataException Fail(Action action) => Assert.ThrowsExactly<BadDataException>(action);

    /// <summary>Digits without end.</summary>
    private sealed class EndlessStream : MemoryStream
    {
        public override int Read(Span<byte> buffer)
        {
            buffer.Fill((byte)'1');
            return buffer.Length;
        }
    }
}
