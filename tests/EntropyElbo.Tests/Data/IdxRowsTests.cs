using System.Buffers.Binary;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Idx;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class IdxRowsTests
{
    /// <summary>Bytes written by hand beside the values that the format's definition gives them.</summary>
    [TestMethod]
    [DataRow(0x08, "00 7F 80 FF", new[] { 0.0, 127, 128, 255 })]
    [DataRow(0x09, "00 7F 80 FF", new[] { 0.0, 127, -128, -1 })]
    [DataRow(0x0B, "0001 7FFF 8000 FFFE", new[] { 1.0, 32767, -32768, -2 })]
    [DataRow(0x0C, "00000100 7FFFFFFF 80000000 FFFFFFFF", new[] { 256.0, 2147483647, -2147483648, -1 })]
    [DataRow(0x0D, "3F800000 C0490FDB 7F7FFFFF 00000001", new[] { 1.0, -3.14159274101257324, 3.4028234663852886e38, 1.4012984643248171e-45 })]
    [DataRow(0x0E, "3FF0000000000000 400921FB54442D18 FFEFFFFFFFFFFFFF 8000000000000000", new[] { 1.0, Math.PI, double.MinValue, -0.0 })]
    public void Every_element_type(int type, string data, double[] expected)
    {
        byte[] bytes = [.. Header(type, 2, 2), .. Convert.FromHexString(data.Replace(" ", string.Empty, StringComparison.Ordinal))];
        AssertAllWays(bytes, expected, 2);
    }

    [TestMethod]
    [DataRow("6", 1)]
    [DataRow("6,1", 1)]
    [DataRow("3,2", 2)]
    [DataRow("3,1,2", 2)]
    [DataRow("1,2,3", 6)]
    [DataRow("3,1,1,1,1,2,1,1", 2)]
    public void Every_rank_is_flattened_behind_the_first_dimension(string dimensions, int columns)
    {
        byte[] bytes = [.. Header(8, [.. dimensions.Split(',').Select(int.Parse)]), 1, 2, 3, 4, 5, 6];
        AssertAllWays(bytes, [1, 2, 3, 4, 5, 6], columns);
    }

    [TestMethod]
    public void Large_files_cross_the_buffers()
    {
        byte[] data = [.. Enumerable.Range(0, 3 * 300_000).Select(i => (byte)(i * 31))];
        double[] expected = [.. data.Select(b => (double)b)];
        using TempFolder folder = new();
        byte[] file = [.. Header(8, 3000, 20, 15), .. data];
        DataTest.AssertRows(expected, new IdxRows(folder.Write(file)));
        DataTest.AssertRows(expected, new IdxRows(folder.Write(DataTest.Gzip(file))));
    }

    [TestMethod]
    public void No_rows() => AssertAllWays(Header(8, 0, 4), [], 4);

    [TestMethod]
    public void Every_cut_of_a_file_is_an_error()
    {
        byte[] whole = [.. Header(0x0B, 3, 2), .. new byte[12]];
        using TempFolder folder = new();
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            foreach (byte[] bytes in new[] { cut, DataTest.Gzip(cut) })
            {
                string path = folder.Write(bytes);
                BadDataException e = Assert.ThrowsExactly<BadDataException>(() => new IdxRows(path).ReadAll(), $"length {length}");
                StringAssert.Contains(e.Message, path);
            }
        }
    }

    [TestMethod]
    public void Bytes_behind_the_end_are_an_error()
    {
        using TempFolder folder = new();
        byte[] bytes = [.. Header(8, 2, 2), 1, 2, 3, 4, 5];
        string plain = folder.Write(bytes);
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => new IdxRows(plain)).Message, "too long");
        string packed = folder.Write(DataTest.Gzip(bytes));
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => DataTest.Read(new IdxRows(packed), 1)).Message, "too long");
    }

    [TestMethod]
    [DataRow("01000801 00000001 00", DisplayName = "first byte")]
    [DataRow("00000A01 00000001 00", DisplayName = "unknown type")]
    [DataRow("00000800 00000001 00", DisplayName = "rank 0")]
    [DataRow("00000809 00000001 00", DisplayName = "rank 9")]
    [DataRow("00000802 00000001 00000000", DisplayName = "no columns")]
    [DataRow("00000803 00000001 FFFFFFFF FFFFFFFF", DisplayName = "product overflows")]
    [DataRow("00000804 00000001 00010000 00010000 00000000", DisplayName = "product overflows 32 bits to 0")]
    [DataRow("00000801 FFFFFFFF 00", DisplayName = "four billion rows")]
    public void Headers_that_cannot_be_are_refused(string hex)
    {
        using TempFolder folder = new();
        string path = folder.Write(Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal)));
        Assert.ThrowsExactly<BadDataException>(() => new IdxRows(path));
    }

    [TestMethod]
    public void Missing_file_is_named()
    {
        using TempFolder folder = new();
        string path = folder.Name("absent");
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => new IdxRows(path)).Message, path);
    }

    internal static byte[] Header(int type, params int[] dimensions)
    {
        byte[] header = new byte[4 + (4 * dimensions.Length)];
        header[2] = (byte)type;
        header[3] = (byte)dimensions.Length;
        for (int i = 0; i < dimensions.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), dimensions[i]);
        }

        return header;
    }

    private static void AssertAllWays(byte[] bytes, double[] expected, int columns)
    {
        using TempFolder folder = new();
        string plain = folder.Write(bytes);
        string packed = folder.Write(DataTest.Gzip(bytes));
        IRowSource[] sources =
        [
            new IdxRows(plain), new IdxRows(packed), RowSources.Open(plain), RowSources.Open(packed),
            RowSources.Read(new MemoryStream(bytes), "pipe"), RowSources.Read(new MemoryStream(DataTest.Gzip(bytes)), "pipe"),
        ];
        foreach (IRowSource source in sources)
        {
            Assert.AreEqual(columns, source.Columns);
            Assert.AreEqual((long)expected.Length / columns, source.RowCount);
            DataTest.AssertRows(expected, source);
        }
    }
}
