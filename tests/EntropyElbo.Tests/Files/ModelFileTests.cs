using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EntropyElbo.Files;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Files;

/// <summary>What is written is read back, and the bytes are those that docs/model-file.md describes.</summary>
[TestClass]
public sealed class ModelFileTests
{
    [TestMethod]
    public void BytesComeBackAsTheSameRecord()
    {
        ModelRecord read = ModelFile.FromBytes(ModelFile.ToBytes(SampleRecords.Small()), "bytes");
        AssertSmall(read);
        Assert.AreEqual("bytes", read.Source);
        StringAssert.Matches(read.LibraryVersion, new Regex(@"^\d+\.\d+\.\d+[^+]*$"));
    }

    [TestMethod]
    public void TextComesBackAsTheSameRecord()
    {
        string text = ModelFile.ToText(SampleRecords.Small());
        CollectionAssert.AreEqual(ModelFile.ToBytes(SampleRecords.Small()), Convert.FromBase64String(text));
        AssertSmall(ModelFile.FromText(text, "text"));
        AssertSmall(ModelFile.FromText($"\n {text}\r\n", "text"));
    }

    [TestMethod]
    public void TheSameRecordGivesTheSameBytesAgainAndAfterReading()
    {
        byte[] bytes = ModelFile.ToBytes(SampleRecords.Small());
        CollectionAssert.AreEqual(bytes, ModelFile.ToBytes(SampleRecords.Small()));
        CollectionAssert.AreEqual(bytes, ModelFile.ToBytes(ModelFile.FromBytes(bytes, "bytes")));
    }

    [TestMethod]
    public void EveryBitOfEveryKindOfNumberSurvives()
    {
        float[] singles = [float.NaN, BitConverter.Int32BitsToSingle(0x7FC12345), -0f, float.NegativeInfinity];
        double[] doubles = [double.NaN, BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_1234), -0.0, double.MaxValue];
        ModelRecord record = new ModelRecord("f", 1).Add(ModelTensor.Of("s", singles)).Add(ModelTensor.Of("d", doubles));
        ModelRecord read = ModelFile.FromBytes(ModelFile.ToBytes(record), "bytes");
        CollectionAssert.AreEqual(
            Array.ConvertAll(singles, BitConverter.SingleToInt32Bits),
            Array.ConvertAll(read.Tensor("s").ToSingles(), BitConverter.SingleToInt32Bits));
        CollectionAssert.AreEqual(
            Array.ConvertAll(doubles, BitConverter.DoubleToInt64Bits),
            Array.ConvertAll(read.Tensor("d").ToDoubles(), BitConverter.DoubleToInt64Bits));
    }

    [TestMethod]
    public void RecordWithoutTensorsAndTensorsWithoutElements()
    {
        Assert.IsEmpty(ModelFile.FromBytes(ModelFile.ToBytes(new ModelRecord("f", 1)), "bytes").Tensors);
        ModelRecord empty = new ModelRecord("f", 1).Add(ModelTensor.Of("none", Array.Empty<double>(), 0, 5)).Add(ModelTensor.Of("nil", Array.Empty<float>()));
        ModelRecord read = ModelFile.FromBytes(ModelFile.ToBytes(empty), "bytes");
        Assert.IsEmpty(read.Tensor("none", 0, 5).ToDoubles());
        Assert.IsEmpty(read.Tensor("nil", 0).ToSingles());
    }

    [TestMethod]
    public void HeaderIsPaddedAndTensorsAreAlignedToTheirElements()
    {
        byte[] bytes = ModelFile.ToBytes(new ModelRecord("f", 1)
            .Add(ModelTensor.Of("odd", [1f]))
            .Add(ModelTensor.Of("wide", [2.0])));
        int headerLength = checked((int)BitConverter.ToInt64(bytes));
        string header = Encoding.UTF8.GetString(bytes, 8, headerLength);
        Assert.AreEqual(0, headerLength % 8);
        StringAssert.Contains(header, "\"odd\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},\"wide\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}");
        StringAssert.StartsWith(header.TrimEnd(' '), "{\"__metadata__\":{\"sha256\":\"");
        Assert.AreEqual(2.0, BitConverter.ToDouble(bytes, 8 + headerLength));
        Assert.AreEqual(1f, BitConverter.ToSingle(bytes, 16 + headerLength));
    }

    [TestMethod]
    public void ChecksumIsTheSha256OfTheFileWithItsDigitsZeroed()
    {
        byte[] bytes = ModelFile.ToBytes(SampleRecords.Small());
        string mark = "\"sha256\":\"";
        int at = Encoding.Latin1.GetString(bytes).IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        string stated = Encoding.ASCII.GetString(bytes, at, 64);
        bytes.AsSpan(at, 64).Fill((byte)'0');
        Assert.AreEqual(Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant(), stated);
    }

    [TestMethod]
    public void FileWrittenFromTheLayoutByAnotherProgramIsRead()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Reference", "modelfile.safetensors");
        ModelRecord read = ModelFile.Read(path).ExpectFamily("reference", 3);
        CollectionAssert.AreEqual(new[] { 0f, 1f / 3f, 2f / 3f, 1f, 4f / 3f, 5f / 3f }, read.Tensor("decoder.weight", 2, 3).ToSingles());
        CollectionAssert.AreEqual(new[] { (1L << 53) + 1 }, read.Tensor("step").ToInt64s());
        Assert.IsEmpty(read.Tensor("step").Shape);
        double[] moments = read.Tensor("moments", 4).ToDoubles();
        CollectionAssert.AreEqual(new[] { Math.PI, -0.0, double.PositiveInfinity, double.Epsilon }, moments);
        Assert.IsTrue(double.IsNegative(moments[1]));
        Assert.IsEmpty(read.Tensor("nothing", 0, 7).ToSingles());
        ReferenceOptions options = read.Get("options", SampleJson.Of<ReferenceOptions>());
        Assert.AreEqual(new ReferenceOptions(4, 0.1, double.PositiveInfinity, "größe \ud83d\ude00"), options);
        CollectionAssert.AreEqual(new[] { "decoder.weight", "step", "moments", "nothing" }, read.Tensors.Select(t => t.Name).ToArray());
    }

    private static void AssertSmall(ModelRecord read)
    {
        Assert.AreEqual("sample-family", read.Family);
        Assert.AreEqual(2, read.FamilyVersion);
        CollectionAssert.AreEqual(new[] { "weight", "variance", "step" }, read.Tensors.Select(t => t.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "options", "note" }, read.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { 1.5f, -2f, float.MaxValue, float.Epsilon, -0f, 0.1f }, read.Tensor("weight", 2, 3).ToSingles());
        CollectionAssert.AreEqual(new[] { Math.PI, -0.0, double.Epsilon }, read.Tensor("variance", 3).ToDoubles());
        CollectionAssert.AreEqual(new[] { long.MaxValue, long.MinValue }, read.Tensor("step", 2).ToInt64s());
        Assert.AreEqual(new SampleOptions(4, 0.1, SampleKind.Poisson) { KlWeight = double.PositiveInfinity }, read.Get("options", SampleJson.Of<SampleOptions>()));
        Assert.AreEqual("größe \"quoted\" \ud83d\ude00\n", read.Get<string>("note"));
    }
}
