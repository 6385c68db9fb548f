using System.Buffers.Binary;
using System.IO.Compression;
using EntropyElbo.Cli.Reports;

namespace EntropyElbo.Tests.Cli;

[TestClass]
public sealed class PngImageTests
{
    [TestMethod]
    public void Encode_WritesTheChunksOfTheStandard()
    {
        byte[] pixels = [.. Enumerable.Range(0, 3 * 2 * 3).Select(i => (byte)(10 * i))];
        byte[] file = PngImage.Encode(3, 2, pixels);
        CollectionAssert.AreEqual(new byte[] { 137, 80, 78, 71, 13, 10, 26, 10 }, file[..8]);
        Dictionary<string, byte[]> chunks = [];
        for (int place = 8; place < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(place));
            chunks.Add(System.Text.Encoding.ASCII.GetString(file, place + 4, 4), file[(place + 8)..(place + 12 + length)]);
            place += 12 + length;
        }

        CollectionAssert.AreEqual(new[] { "IHDR", "IDAT", "IEND" }, chunks.Keys.ToArray());
        CollectionAssert.AreEqual(new byte[] { 0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0 }, chunks["IHDR"][..13]);

        // The checksum of the empty last chunk is in every PNG file: AE 42 60 82. That of the header is zlib.crc32's.
        CollectionAssert.AreEqual(new byte[] { 0xAE, 0x42, 0x60, 0x82 }, chunks["IEND"]);
        CollectionAssert.AreEqual(new byte[] { 0x12, 0x16, 0xF1, 0x4D }, chunks["IHDR"][13..]);
        using ZLibStream zip = new(new MemoryStream(chunks["IDAT"]), CompressionMode.Decompress);
        byte[] lines = new byte[20];
        zip.ReadExactly(lines);
        byte[] expected = [0, .. pixels[..9], 0, .. pixels[9..]];
        CollectionAssert.AreEqual(expected, lines);
    }
}
