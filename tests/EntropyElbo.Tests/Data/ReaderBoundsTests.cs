using System.IO.Compression;
using System.Text;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Formats;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

/// <summary>Small files that promise or unpack to much are refused before they cost it.</summary>
[TestClass]
public class ReaderBoundsTests
{
    [TestMethod]
    [DataRow("", DisplayName = "at the top")]
    [DataRow("a,b\n1,2\n", DisplayName = "at the end")]
    public void Blank_lines_without_end_are_refused(string before)
    {
        using CsvRecordReader reader = new(new EndlessStream(Encoding.UTF8.GetBytes(before), (byte)'\n', long.MaxValue), "endless", (byte)',');
        while (before.Length > 0 && reader.Line < 2)
        {
            Assert.IsTrue(reader.NextData(out _));
        }

        string message = Assert.ThrowsExactly<BadDataException>(() => before.Length > 0 ? reader.NextData(out _) : reader.FirstData(out _)).Message;
        StringAssert.Contains(message, "blank lines");
    }

    /// <summary>Gzip of one byte over and over is one cell without end: refused after 64 MB.</summary>
    [TestMethod]
    public void A_small_file_of_one_endless_cell_is_refused()
    {
        MemoryStream packed = Packed(gzip => new EndlessStream([], (byte)'1', 80L << 20).CopyTo(gzip));
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => RowSources.Read(packed, "packed")).Message, "64 MB");
    }

    /// <summary>A column of zeros is a table, though gzip shrinks it more than a thousandfold.</summary>
    [TestMethod]
    public void A_table_that_expands_a_thousandfold_is_read()
    {
        byte[] zeros = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("0\n", 1 << 19)));
        MemoryStream packed = Packed(gzip =>
        {
            for (int i = 0; i < 80; i++)
            {
                gzip.Write(zeros);
            }
        });
        Assert.IsGreaterThan(1000, 80L * zeros.Length / packed.Length);
        using GzipInput input = new(packed);
        byte[] buffer = new byte[1 << 20];
        long read = 0;
        for (int n = input.Read(buffer); n > 0; n = input.Read(buffer))
        {
            read += n;
        }

        Assert.AreEqual(80L * zeros.Length, read);
    }

    private static MemoryStream Packed(Action<Stream> write)
    {
        MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            write(gzip);
        }

        packed.Position = 0;
        return packed;
    }

    /// <summary>A pipe that never ends behind a header that promises four rows: one byte too many is enough to tell.</summary>
    [TestMethod]
    public void An_IDX_pipe_is_read_as_far_as_its_header_promises()
    {
        EndlessStream pipe = new(IdxRowsTests.Header(8, 3 << 20, 1), 7, long.MaxValue);
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => RowSources.Read(pipe, "pipe")).Message, "too long");
        Assert.AreEqual((3L << 20) + IdxRowsTests.Header(8, 1, 1).Length + 1, pipe.Given);
        StringAssert.Contains(
            Assert.ThrowsExactly<BadDataException>(() => RowSources.Read(new MemoryStream(IdxRowsTests.Header(8, int.MaxValue, 1000)), "pipe")).Message,
            "cut off");
    }

    [TestMethod]
    public void An_IDX_pipe_of_several_pieces()
    {
        byte[] data = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 31))];
        IRowSource rows = RowSources.Read(new MemoryStream([.. IdxRowsTests.Header(8, 3000, 1000), .. data]), "pipe");
        DataTest.AssertSameBits([.. data.Select(b => (double)b)], rows.ReadAll().Values);
        DataTest.AssertSameBits([.. data.Take(1000).Select(b => (double)b)], rows.Take(1).ReadAll().Values);
    }

    /// <summary>Every cut is told from the compression and never from what a decoder makes of it.</summary>
    [TestMethod]
    public void A_cut_is_never_blamed_on_a_line()
    {
        byte[] whole = DataTest.Gzip(Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Range(0, 4000).Select(i => $"{i * 7919 % 10007},{i}\n"))));
        byte[] idx = DataTest.Gzip([.. IdxRowsTests.Header(8, 1000, 4), .. Enumerable.Range(0, 4000).Select(i => (byte)(i * i / 7))]);
        foreach (byte[] file in new[] { whole, idx })
        {
            for (int length = 3; length < file.Length; length += 37)
            {
                byte[] cut = file[..length];
                StringAssert.Contains(
                    Assert.ThrowsExactly<BadDataException>(() => RowSources.Read(new MemoryStream(cut), "pipe").ReadAll()).Message,
                    "compressed data", $"length {length}");
            }
        }
    }

    /// <summary>A beginning, then one byte over and over.</summary>
    private sealed class EndlessStream(byte[] start, byte fill, long count) : MemoryStream
    {
        public long Given { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            int copied = (int)Math.Min(buffer.Length, Math.Max(0, start.Length - Given));
            start.AsSpan((int)Math.Min(Given, start.Length), copied).CopyTo(buffer);
            int filled = (int)Math.Min(buffer.Length - copied, Math.Max(0, count - Math.Max(0, Given - start.Length)));
            buffer.Slice(copied, filled).Fill(fill);
            Given += copied + filled;
            return copied + filled;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void CopyTo(Stream destination, int bufferSize)
        {
            byte[] block = new byte[1 << 16];
            for (int n = Read(block); n > 0; n = Read(block))
            {
                destination.Write(block, 0, n);
            }
        }
    }
}
