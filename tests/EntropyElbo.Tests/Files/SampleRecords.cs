using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EntropyElbo.Files;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Files;

[JsonConverter(typeof(WordConverter<SampleKind>))]
internal enum SampleKind
{
    GaussianFull,
    Poisson,
}

internal sealed record SampleOptions(int LatentDimension, double LearningRate, SampleKind Kind, float? Floor = null)
{
    public double KlWeight { get; init; } = 1;
}

internal sealed record ReferenceOptions(int LatentDimension, double LearningRate, double KlWeight, string Name);

[JsonSerializable(typeof(SampleOptions))]
[JsonSerializable(typeof(ReferenceOptions))]
internal sealed partial class SampleJson : JsonSerializerContext
{
    /// <summary>How records write a type of the tests.</summary>
    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)ModelRecord.JsonOptions(Default).GetTypeInfo(typeof(T));
}

/// <summary>Small records, and files put together by hand with a checksum of their own, right or wrong.</summary>
internal static class SampleRecords
{
    public const string Name = "sample";

    public static ModelRecord Small() => new ModelRecord("sample-family", 2)
        .Add(ModelTensor.Of("weight", [1.5f, -2f, float.MaxValue, float.Epsilon, -0f, 0.1f], 2, 3))
        .Add(ModelTensor.Of("variance", [Math.PI, -0.0, double.Epsilon], 3))
        .Add(ModelTensor.Of("step", [long.MaxValue, long.MinValue]))
        .Set("options", new SampleOptions(4, 0.1, SampleKind.Poisson) { KlWeight = double.PositiveInfinity }, SampleJson.Of<SampleOptions>())
        .Set("note", "größe \"quoted\" \ud83d\ude00\n");

    /// <summary>A file of this header and data whose checksum is right; <c>SHA</c> stands where the digits go.</summary>
    public static byte[] File(string header, byte[] data)
    {
        string zeroed = header.Replace("SHA", new string('0', 64), StringComparison.Ordinal);
        byte[] text = Encoding.UTF8.GetBytes(zeroed);
        byte[] file = [.. new byte[8], .. text, .. data];
        BinaryPrimitives.WriteInt64LittleEndian(file, text.Length);
        int at = header.IndexOf("SHA", StringComparison.Ordinal);
        if (at >= 0)
        {
            Encoding.ASCII.GetBytes(Convert.ToHexString(SHA256.HashData(file)).ToLowerInvariant(), file.AsSpan(8 + at));
        }

        return file;
    }

    /// <summary>A file with sound metadata and this JSON for its tensors.</summary>
    public static byte[] FileOf(string tensors, int dataLength) => File(
        $$"""{"__metadata__":{{{Facts(1)}}}{{(tensors.Length > 0 ? "," : "")}}{{tensors}}}""",
        new byte[dataLength]);

    public static string Facts(int formatVersion) =>
        $"\"sha256\":\"SHA\",\"format\":\"eelbo\",\"formatVersion\":\"{formatVersion}\",\"libraryVersion\":\"9.8.7\",\"family\":\"f\",\"familyVersion\":\"1\"";

    public static ModelFileException Refused(byte[] file)
    {
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => ModelFile.FromBytes(file, Name));
        Assert.AreEqual(Name, error.File);
        StringAssert.StartsWith(error.Message, Name + ": ");
        return error;
    }
}
