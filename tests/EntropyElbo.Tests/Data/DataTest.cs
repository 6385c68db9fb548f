using System.IO.Compression;
using EntropyElbo.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

/// <summary>Helpers of the tests of row sources.</summary>
internal static class DataTest
{
    private static readonly int[] BlockRows = [1, 2, 3, 7, 64, 5000];

    /// <summary>Reads a source in blocks of the given number of rows.</summary>
    public static double[] Read(IRowSource source, int blockRows)
    {
        List<double> values = [];
        double[] block = new double[blockRows * source.Columns];
        using IRowCursor cursor = source.Open();
        int read;
        while ((read = cursor.Read(block)) > 0)
        {
            values.AddRange(block.AsSpan(0, read * source.Columns));
            if (read < blockRows)
            {
                break;
            }
        }

        Assert.AreEqual(0, cursor.Read(block), "after the end");
        return [.. values];
    }

    /// <summary>Asserts that the rows are the expected ones, bit for bit, whatever the block size and in every pass.</summary>
    public static void AssertRows(double[] expected, IRowSource source)
    {
        foreach (int blockRows in BlockRows)
        {
            AssertSameBits(expected, Read(source, blockRows));
        }

        long rows = expected.Length / source.Columns;
        Assert.AreEqual(rows, source.CountRows());
        Assert.AreEqual(rows, source.RowCount ?? rows);
        Assert.HasCount(source.Columns, source.ColumnNames);
        AssertSameBits(expected, source.ReadAll().Values);
    }

    public static void AssertSameBits(double[] expected, double[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(
                BitConverter.DoubleToInt64Bits(expected[i]), BitConverter.DoubleToInt64Bits(actual[i]), $"value {i}");
        }
    }

    public static InMemoryRows Numbered(int rows, int columns) =>
        new(Enumerable.Range(0, rows * columns).Select(i => (double)i).ToArray(), columns);

    public static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}

/// <summary>A folder of its own that goes when the test is over.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("entropy-elbo-data-");

    public string Path => _folder.FullName;

    public string Write(string text) => Write(System.Text.Encoding.UTF8.GetBytes(text));

    public string Write(byte[] bytes)
    {
        string path = Name("data");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string Name(string name) => System.IO.Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}-{name}");

    public void Dispose() => _folder.Delete(recursive: true);
}
