using System.Text.Json;
using EntropyElbo.Files;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Files;

/// <summary>Tensors and facts by name, with an error that says which one is wrong.</summary>
[TestClass]
public sealed class ModelRecordTests
{
    [TestMethod]
    public void AbsentOrMisshapenTensorIsNamed()
    {
        ModelRecord record = SampleRecords.Small();
        StringAssert.Contains(Error(() => record.Tensor("bias")), "'bias'");
        StringAssert.Contains(Error(() => record.Tensor("weight", 3, 2)), "'weight' has the shape [2, 3] where [3, 2]");
        StringAssert.Contains(Error(() => record.Tensor("weight", 6)), "[6]");
        StringAssert.Contains(Error(() => record.Tensor("weight", -1, 4)), "[any, 4]");
        Assert.AreEqual("weight", record.Tensor("weight", -1, 3).Name);
        Assert.AreEqual("weight", record.Tensor("weight").Name);
        Assert.IsTrue(record.HasTensor("weight"));
        Assert.IsFalse(record.HasTensor("bias"));
    }

    [TestMethod]
    public void OnlyExactConversionsAreAllowed()
    {
        ModelRecord record = SampleRecords.Small();
        CollectionAssert.AreEqual(
            new[] { 1.5, -2, 3.4028234663852886e38, 1.401298464324817e-45, -0.0, 0.10000000149011612 },
            record.Tensor("weight").ToDoubles());
        StringAssert.Contains(Error(() => record.Tensor("variance").ToSingles()), "'variance'");
        StringAssert.Contains(Error(() => record.Tensor("variance").ToInt64s()), "'variance'");
        StringAssert.Contains(Error(() => record.Tensor("step").ToDoubles()), "'step'");
        StringAssert.Contains(Error(() => record.Tensor("step").ToSingles()), "'step'");
        StringAssert.Contains(Error(() => record.Tensor("weight").ToInt64s()), "'weight'");
    }

    [TestMethod]
    public void TensorsAreCopiedInAndOut()
    {
        float[] values = [1, 2];
        ModelTensor tensor = ModelTensor.Of("x", values);
        values[0] = 9;
        tensor.ToSingles()[1] = 9;
        CollectionAssert.AreEqual(new[] { 1f, 2f }, tensor.ToSingles());
    }

    [TestMethod]
    public void MisuseIsRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => ModelTensor.Of("x", new float[3], 2, 2));
        Assert.ThrowsExactly<ArgumentException>(() => ModelTensor.Of("x", new float[4], -2, -2));
        Assert.ThrowsExactly<ArgumentException>(() => ModelTensor.Of("x", Array.Empty<double>(), 65536, 65536, 65536, 65536));
        Assert.ThrowsExactly<ArgumentException>(() => ModelTensor.Of("x", new long[1], 1, 1, 1, 1, 1, 1, 1, 1, 1));
        Assert.ThrowsExactly<ArgumentException>(() => ModelTensor.Of("", new float[1]));
        Assert.ThrowsExactly<ArgumentException>(() => ModelTensor.Of("__metadata__", new float[1]));
        Assert.ThrowsExactly<ArgumentException>(() => ModelTensor.Of("\ud800", new float[1]));
        Assert.ThrowsExactly<ArgumentException>(() => SampleRecords.Small().Add(ModelTensor.Of("weight", new float[1])));
        Assert.ThrowsExactly<ArgumentException>(() => SampleRecords.Small().Set("sha256", 1));
        Assert.ThrowsExactly<ArgumentException>(() => SampleRecords.Small().Set("familyVersion", 1));
        Assert.ThrowsExactly<ArgumentException>(() => SampleRecords.Small().Set("", 1));
        Assert.ThrowsExactly<ArgumentNullException>(() => SampleRecords.Small().Set<string?>("note", null));
        Assert.ThrowsExactly<ArgumentException>(() => new ModelRecord("", 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ModelRecord("f", 0));
    }

    [TestMethod]
    public void NumbersRoundTripToTheBit()
    {
        double[] numbers = [0.1, 1.0 / 3, -0.0, double.MaxValue, double.Epsilon, double.NaN, double.NegativeInfinity, 1e22, -163.2358899067];
        float[] singles = [0.1f, float.Epsilon, float.PositiveInfinity];
        ModelRecord record = Read(new ModelRecord("f", 1).Set("d", numbers).Set("s", singles).Set("i", long.MinValue).Set("u", ulong.MaxValue).Set("n", (double?)null));
        CollectionAssert.AreEqual(
            Array.ConvertAll(numbers, BitConverter.DoubleToInt64Bits),
            Array.ConvertAll(record.Get<double[]>("d"), BitConverter.DoubleToInt64Bits));
        CollectionAssert.AreEqual(singles, record.Get<float[]>("s"));
        Assert.AreEqual(long.MinValue, record.Get<long>("i"));
        Assert.AreEqual(ulong.MaxValue, record.Get<ulong>("u"));
        Assert.IsNull(record.Get<double?>("n"));
    }

    [TestMethod]
    public void NamesAreCamelCaseAndEnumsAreWords()
    {
        ModelRecord record = SampleRecords.Small();
        Assert.AreEqual(
            "{\"latentDimension\":4,\"learningRate\":0.1,\"kind\":\"poisson\",\"floor\":null,\"klWeight\":\"Infinity\"}",
            record.Get<JsonElement>("options").GetRawText());
    }

    [TestMethod]
    public void SettingAgainReplacesInPlace()
    {
        ModelRecord record = new ModelRecord("f", 1).Set("a", 1).Set("b", 2).Set("a", 3);
        CollectionAssert.AreEqual(new[] { "a", "b" }, record.Keys.ToArray());
        Assert.AreEqual(3, Read(record).Get<int>("a"));
        Assert.IsTrue(record.Has("a"));
        Assert.IsFalse(record.Has("c"));
    }

    [TestMethod]
    public void AbsentOrUnfitFactIsNamed()
    {
        ModelRecord record = Read(SampleRecords.Small()
            .SetJson("partial", """{"latentDimension":3}""")
            .SetJson("numberAsKind", """{"latentDimension":3,"learningRate":1,"kind":1}""")
            .SetJson("nothings", """[null]"""));
        StringAssert.Contains(Error(() => record.Get<int>("seed")), "'seed'");
        StringAssert.Contains(Error(() => record.Get<int>("note")), "'note'");
        StringAssert.Contains(Error(() => record.Get("partial", SampleJson.Of<SampleOptions>())), "learningRate");
        StringAssert.Contains(Error(() => record.Get("numberAsKind", SampleJson.Of<SampleOptions>())), "'numberAsKind'");
        StringAssert.Contains(Error(() => record.Get<string>("options")), "'options'");
        StringAssert.Contains(Error(() => record.Get<string[]>("nothings")), "'nothings'");
        StringAssert.Contains(Error(() => record.Get<List<double>>("nothings")), "'nothings'");
        Assert.ThrowsExactly<NotSupportedException>(() => record.Get<SampleOptions>("options"));
    }

    [TestMethod]
    [DataRow("null")]
    [DataRow("")]
    [DataRow("not json")]
    [DataRow("{\"latentDimension\":1,\"latentDimension\":2,\"learningRate\":1,\"kind\":\"poisson\"}")]
    [DataRow("{\"latentDimension\":1e99,\"learningRate\":1,\"kind\":\"poisson\"}")]
    [DataRow("{\"latentDimension\":1,\"learningRate\":null,\"kind\":\"poisson\"}")]
    [DataRow("{\"latentDimension\":1,\"learningRate\":1,\"kind\":\"weibull\"}")]
    public void ForeignJsonIsRefused(string json)
    {
        ModelRecord record = new ModelRecord("f", 1).SetJson("options", json);
        StringAssert.Contains(Error(() => Read(record).Get("options", SampleJson.Of<SampleOptions>())), "'options'");
    }

    [TestMethod]
    public void AnotherFamilyOrANewerRecordIsRefused()
    {
        ModelRecord record = SampleRecords.Small();
        Assert.AreSame(record, record.ExpectFamily("sample-family", 2));
        Assert.AreSame(record, record.ExpectFamily("sample-family", 5));
        StringAssert.Contains(Error(() => record.ExpectFamily("other", 2)), "'sample-family', not 'other'");
        StringAssert.Contains(Error(() => record.ExpectFamily("sample-family", 1)), "update the library");
    }

    private static ModelRecord Read(ModelRecord record) => ModelFile.FromBytes(ModelFile.ToBytes(record), "file");

    private static string Error(Action action) => Assert.ThrowsExactly<ModelFileException>(action).Message;
}
