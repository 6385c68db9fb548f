using System.Text;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Formats;

namespace EntropyElbo.Tests.Data;

/// <summary>CSV that comes in pieces: handed on as it comes, the same rows however it is cut.</summary>
[TestClass]
public sealed class CsvFeedTests
{
    [TestMethod]
    [DataRow("a,b\n1,2\n3,4\n5,6\n", "")]
    [DataRow("1;2,5\r\n3;4,5\r\n5;6,5", "")]
    [DataRow("\n\na b\n1 2\n 3  4\n\n", "")]
    [DataRow("\"a\",\"b\"\n\"1\",\"2\"\n3,\"4\"\n", "")]
    public void HoweverCut_TheRowsAreThoseOfTheFile(string text, string columns)
    {
        CsvOptions options = new() { Columns = columns.Length > 0 ? ColumnSelection.Parse(columns) : null };
        double[] expected = new CsvRows(new StringReader(text), options).ReadAll().Values;
        foreach (int size in (int[])[1, 2, 3, 7, 1000])
        {
            foreach (int most in (int[])[2, 64])
            {
                using CsvFeed feed = RowSources.Follow(new PiecewiseStream(text, size), "text", options, MissingValues.Reject, most);
                CollectionAssert.AreEqual(expected, All(feed), $"pieces of {size}");
            }
        }
    }

    /// <summary>Nothing is waited for that is not needed: the stream fails where more is asked of it than has come.</summary>
    [TestMethod]
    public void RowsThatHaveCome_AreHandedOn()
    {
        PiecewiseStream stream = new("a,b\n1,2\n3,4\n5,", 1000) { IsOpen = true };
        using CsvFeed feed = RowSources.Follow(stream, "text", new CsvOptions(), MissingValues.Reject, most: 2);
        double[] block = new double[20];
        Assert.AreEqual(2, feed.Read(block));
        Assert.AreEqual(4, block[3]);
        Assert.ThrowsExactly<InvalidOperationException>(() => feed.Read(block));
        stream.Append("6\n7,8\n");
        Assert.AreEqual(2, feed.Read(block));
        CollectionAssert.AreEqual(new double[] { 5, 6, 7, 8 }, block[..4]);
    }

    [TestMethod]
    [DataRow("a,b\n1,2\n3,4\n5,x\n7,8\n", "line 4")]
    [DataRow("a,b\n1,2\n3,4\n5\n7,8\n", "line 4")]
    [DataRow("a,b\n1,2\n3,4\n5,NA\n7,8\n", "line 4")]
    public void RowsBeforeABadLine_AreHandedOn_AndItIsNamed(string text, string says)
    {
        using CsvFeed feed = RowSources.Follow(new PiecewiseStream(text, 1000), "text", new CsvOptions(), MissingValues.Reject, 64);
        double[] block = new double[20];
        Assert.AreEqual(2, feed.Read(block));
        for (int i = 0; i < 2; i++)
        {
            StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => feed.Read(block)).Message, says);
        }
    }

    [TestMethod]
    public void SkippedRowsAreCounted()
    {
        using CsvFeed feed = RowSources.Follow(
            new PiecewiseStream("NA,1\n1,2\n-9,3\n3,4\n", 3), "text", new CsvOptions { MissingTokens = ["-9"] }, MissingValues.SkipRow, 64);
        CollectionAssert.AreEqual(new double[] { 1, 2, 3, 4 }, All(feed));
        Assert.AreEqual(2, feed.Skipped);
    }

    [TestMethod]
    public void OtherFormatsAreRefused()
    {
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => Follow(new MemoryStream([0, 0, 8, 2, 0, 0]))).Message, "IDX");
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => Follow(new MemoryStream())).Message, "empty");

        static CsvFeed Follow(Stream stream) => RowSources.Follow(stream, "text", new CsvOptions(), MissingValues.Reject, 64);
    }

    private static double[] All(CsvFeed feed)
    {
        List<double> all = [];
        double[] block = new double[2 * feed.Columns];
        for (int rows = feed.Read(block); rows > 0; rows = feed.Read(block))
        {
            all.AddRange(block.AsSpan(0, rows * feed.Columns));
        }

        return [.. all];
    }

    /// <summary>Text in pieces; while it is open, asking for more than there is fails where a pipe would wait.</summary>
    private sealed class PiecewiseStream(string text, int size) : ForwardStream
    {
        private byte[] _bytes = Encoding.UTF8.GetBytes(text);
        private int _at;

        public bool IsOpen { get; init; }

        public void Append(string more) => _bytes = [.. _bytes, .. Encoding.UTF8.GetBytes(more)];

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(Math.Min(size, buffer.Length), _bytes.Length - _at);
            if (count == 0 && IsOpen)
            {
                throw new InvalidOperationException("waits");
            }

            _bytes.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }
    }
}
