using System.Buffers.Binary;
using System.Text;
using EntropyElbo.Files;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Files;

/// <summary>Files made to harm: their checksum is right, their contents are not. No length is believed before it is checked.</summary>
[TestClass]
public sealed class ModelFileHostileTests
{
    private const string X = "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    [TestMethod]
    public void TheBuilderOfTheseTestsMakesSoundFiles()
    {
        ModelRecord read = ModelFile.FromBytes(SampleRecords.FileOf(X, 8), "built");
        Assert.HasCount(2, read.Tensor("x", 2).ToSingles());
        Assert.AreEqual("9.8.7", read.LibraryVersion);
        ModelFile.FromBytes(SampleRecords.FileOf("", 0), "built");
    }

    [TestMethod]
    [DataRow(long.MaxValue)]
    [DataRow(-1L)]
    [DataRow(long.MinValue)]
    [DataRow(0L)]
    [DataRow(1L)]
    [DataRow(100_000_001L)]
    [DataRow(100_000_000L)]
    [DataRow(1L << 32)]
    public void HeaderLengthIsNotBelieved(long length)
    {
        byte[] file = SampleRecords.FileOf(X, 8);
        BinaryPrimitives.WriteInt64LittleEndian(file, length);
        SampleRecords.Refused(file);
    }

    /// <summary>A gigabyte that is nearly all hole costs no gigabyte of memory: the header alone tells that it is no model.</summary>
    [TestMethod]
    [DataRow("{", 2)]
    [DataRow("{\"__metadata__\":{\"format\":\"eelbo\"}}", 0)]
    public void ALongFileThatBeginsLikeAModelIsRefusedByItsHeader(string header, int more)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("eelbo-sparse-").FullName, "sparse.eelbo");
        try
        {
            using (FileStream file = File.Create(path))
            {
                byte[] start = new byte[8 + header.Length];
                BinaryPrimitives.WriteInt64LittleEndian(start, header.Length + more);
                Encoding.ASCII.GetBytes(header, start.AsSpan(8));
                file.Write(start);
                file.SetLength(1L << 30);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.ThrowsExactly<ModelFileException>(() => ModelFile.Read(path));
            Assert.IsLessThan(10_000_000L, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [TestMethod]
    [DataRow("hole", 12, "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}")]
    [DataRow("hole in front", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}")]
    [DataRow("overlap", 12, "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"y\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}")]
    [DataRow("same bytes twice", 4, "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}")]
    [DataRow("data left over", 12, X)]
    [DataRow("data without tensors", 4, "")]
    [DataRow("ends behind the data", 4, X)]
    [DataRow("negative begin", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[-4,8]}")]
    [DataRow("negative end", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,-8]}")]
    [DataRow("end before begin", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}")]
    [DataRow("offset past long", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,18446744073709551624]}")]
    [DataRow("fraction as offset", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8.0]}")]
    [DataRow("one offset", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}")]
    [DataRow("three offsets", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}")]
    [DataRow("offsets no array", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":8}")]
    [DataRow("shape too small", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}")]
    [DataRow("shape too large", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}")]
    [DataRow("product wraps to 2", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647,2147483647,2],\"data_offsets\":[0,8]}")]
    [DataRow("product wraps to 0", 0, "\"x\":{\"dtype\":\"F32\",\"shape\":[65536,65536,65536,65536],\"data_offsets\":[0,0]}")]
    [DataRow("negative dimensions", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[-1,-2],\"data_offsets\":[0,8]}")]
    [DataRow("dimension past int", 0, "\"x\":{\"dtype\":\"F32\",\"shape\":[0,4294967296],\"data_offsets\":[0,0]}")]
    [DataRow("NaN as dimension", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[\"NaN\"],\"data_offsets\":[0,8]}")]
    [DataRow("bare NaN as dimension", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[NaN],\"data_offsets\":[0,8]}")]
    [DataRow("null as dimension", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[null],\"data_offsets\":[0,8]}")]
    [DataRow("fraction as dimension", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}")]
    [DataRow("power as dimension", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2e0],\"data_offsets\":[0,8]}")]
    [DataRow("nested shape", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[[2]],\"data_offsets\":[0,8]}")]
    [DataRow("nine dimensions", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,8]}")]
    [DataRow("unknown dtype", 8, "\"x\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]}")]
    [DataRow("dtype in lower case", 8, "\"x\":{\"dtype\":\"f32\",\"shape\":[2],\"data_offsets\":[0,8]}")]
    [DataRow("dtype of another width", 8, "\"x\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,8]}")]
    [DataRow("dtype a number", 8, "\"x\":{\"dtype\":0,\"shape\":[2],\"data_offsets\":[0,8]}")]
    [DataRow("dtype missing", 8, "\"x\":{\"shape\":[2],\"data_offsets\":[0,8]}")]
    [DataRow("shape missing", 8, "\"x\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}")]
    [DataRow("offsets missing", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2]}")]
    [DataRow("member twice", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"shape\":[2],\"data_offsets\":[0,8]}")]
    [DataRow("unknown member", 8, "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"stride\":[1]}")]
    [DataRow("tensor no object", 8, "\"x\":[\"F32\",[2],[0,8]]")]
    [DataRow("name twice", 8, X + "," + X)]
    [DataRow("name twice, once escaped", 8, X + ",\"\\u0078\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]}")]
    [DataRow("empty name", 8, "\"\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}")]
    [DataRow("lone surrogate in a name", 8, "\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}")]
    [DataRow("metadata twice", 8, X + ",\"__metadata__\":{}")]
    [DataRow("metadata twice, once escaped", 8, X + ",\"__metadata\\u005f_\":{}")]
    [DataRow("comment", 8, X + "/* */")]
    [DataRow("trailing comma", 8, X + ",")]
    public void UnsoundTensorsAreRefused(string what, int dataLength, string tensors)
    {
        byte[] file = SampleRecords.FileOf(tensors, dataLength);
        ModelFileException error = SampleRecords.Refused(file);
        Assert.DoesNotContain("agree with its checksum", error.Message, $"{what}: the test's own checksum is wrong");
    }

    [TestMethod]
    [DataRow("no metadata", "{}")]
    [DataRow("another program's file", "{\"__metadata__\":{\"format\":\"pt\"}}")]
    [DataRow("no checksum", "{\"__metadata__\":{\"format\":\"eelbo\",\"formatVersion\":\"1\",\"family\":\"f\",\"familyVersion\":\"1\"}}")]
    [DataRow("checksum of other length", "{\"__metadata__\":{\"sha256\":\"00\",\"format\":\"eelbo\",\"formatVersion\":\"1\"}}")]
    [DataRow("no version", "{\"__metadata__\":{\"sha256\":\"SHA\",\"format\":\"eelbo\",\"libraryVersion\":\"1\",\"family\":\"f\",\"familyVersion\":\"1\"}}")]
    [DataRow("version no number", "{\"__metadata__\":{\"sha256\":\"SHA\",\"format\":\"eelbo\",\"formatVersion\":\"one\",\"libraryVersion\":\"1\",\"family\":\"f\",\"familyVersion\":\"1\"}}")]
    [DataRow("version zero", "{\"__metadata__\":{\"sha256\":\"SHA\",\"format\":\"eelbo\",\"formatVersion\":\"0\",\"libraryVersion\":\"1\",\"family\":\"f\",\"familyVersion\":\"1\"}}")]
    [DataRow("negative family version", "{\"__metadata__\":{\"sha256\":\"SHA\",\"format\":\"eelbo\",\"formatVersion\":\"1\",\"libraryVersion\":\"1\",\"family\":\"f\",\"familyVersion\":\"-1\"}}")]
    [DataRow("family version past int", "{\"__metadata__\":{\"sha256\":\"SHA\",\"format\":\"eelbo\",\"formatVersion\":\"1\",\"libraryVersion\":\"1\",\"family\":\"f\",\"familyVersion\":\"99999999999\"}}")]
    [DataRow("no family", "{\"__metadata__\":{\"sha256\":\"SHA\",\"format\":\"eelbo\",\"formatVersion\":\"1\",\"libraryVersion\":\"1\",\"familyVersion\":\"1\"}}")]
    [DataRow("empty family", "{\"__metadata__\":{\"sha256\":\"SHA\",\"format\":\"eelbo\",\"formatVersion\":\"1\",\"libraryVersion\":\"1\",\"family\":\"\",\"familyVersion\":\"1\"}}")]
    [DataRow("key twice", "{\"__metadata__\":{\"sha256\":\"SHA\",\"format\":\"eelbo\",\"formatVersion\":\"1\",\"formatVersion\":\"1\",\"libraryVersion\":\"1\",\"family\":\"f\",\"familyVersion\":\"1\"}}")]
    [DataRow("number as value", "{\"__metadata__\":{\"sha256\":\"SHA\",\"format\":\"eelbo\",\"formatVersion\":1,\"libraryVersion\":\"1\",\"family\":\"f\",\"familyVersion\":\"1\"}}")]
    [DataRow("metadata no object", "{\"__metadata__\":[]}")]
    [DataRow("two objects", "{}{}")]
    [DataRow("unclosed", "{\"__metadata__\":{\"sha256\":\"SHA\"")]
    [DataRow("lone surrogate", "{\"__metadata__\":{\"sha256\":\"SHA\",\"a\":\"\\ud800\"}}")]
    public void UnsoundMetadataAreRefused(string what, string header)
    {
        ModelFileException error = SampleRecords.Refused(SampleRecords.File(header, []));
        Assert.DoesNotContain("agree with its checksum", error.Message, $"{what}: the test's own checksum is wrong");
    }

    [TestMethod]
    public void BytesThatAreNotUtf8AreRefused()
    {
        byte[] file = SampleRecords.FileOf(X, 8);
        file[file.AsSpan().IndexOf("\"x\""u8) + 1] = 0xFF;
        SampleRecords.Refused(file);
    }

    [TestMethod]
    [DataRow(100)]
    [DataRow(1_000_000)]
    public void DeeplyNestedHeadersAreRefused(int depth)
    {
        string nested = new string('[', depth) + new string(']', depth);
        SampleRecords.Refused(SampleRecords.FileOf($"\"x\":{nested}", 0));
        SampleRecords.Refused(Encoding.ASCII.GetBytes("12345678" + new string('{', depth)));
    }

    [TestMethod]
    public void MoreTensorsThanAllowedAreRefused()
    {
        string tensors = string.Join(',', Enumerable.Range(0, ModelRecord.MaxEntries + 1)
            .Select(i => $"\"t{i}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}"));
        StringAssert.Contains(SampleRecords.Refused(SampleRecords.FileOf(tensors, 0)).Message, "100000");
    }

    [TestMethod]
    public void ANewerFormatSaysToUpdateTheLibrary()
    {
        string header = $"{{\"__metadata__\":{{{SampleRecords.Facts(ModelFile.FormatVersion + 1)}}},\"x\":{{\"dtype\":\"F8\",\"codec\":7}}}}";
        ModelFileException error = SampleRecords.Refused(SampleRecords.File(header, new byte[5]));
        StringAssert.Contains(error.Message, "newer version");
        StringAssert.Contains(error.Message, "9.8.7");
        StringAssert.Contains(error.Message, "update the library");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("x,y\n1,2\n3,4\n")]
    [DataRow("not base64 %%")]
    [DataRow("AAAA")]
    public void OtherTextsAndFilesAreRefused(string text)
    {
        Assert.ThrowsExactly<ModelFileException>(() => ModelFile.FromText(text, "text"));
        SampleRecords.Refused(Encoding.ASCII.GetBytes(text));
    }
}
