using System.Diagnostics;
using System.Runtime.InteropServices;
using EntropyElbo.Models;
using Google.Protobuf;
using global::Onnx;

[assembly: DoNotParallelize]

namespace EntropyElbo.Onnx.Tests;

/// <summary>
/// Every exportable kind of model says the same in ONNX Runtime as in the library, of a thousand rows. With ENTROPY_ELBO_ONNX_TABLE naming
/// a file, figures for docs/onnx.md are added to it.
/// </summary>
[TestClass]
public sealed class ExportTests
{
    private const double Tolerance = 1e-5;

    public static IEnumerable<object[]> Names => Cases.Names;

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void AllOutputs_AreTheLibrarys(string name)
    {
        (LatentModel model, double[] rows) = Cases.Of(name);
        OnnxOutputs what = model.PossibleOnnxOutputs() & ~OnnxOutputs.Decoder;
        using OnnxRun run = OnnxRun.Of(model, what);
        Dictionary<string, double[]> expected = Expected.Of(model, rows, what), found = run.Of(rows, model.ObservedDimension);
        CollectionAssert.AreEquivalent(expected.Keys, found.Keys);
        Dictionary<string, double> differences = expected.ToDictionary(e => e.Key, e => Expected.Difference(e.Value, found[e.Key]));
        AddToTable(name, model, rows, differences, run.Size);
        foreach ((string output, double difference) in differences)
        {
            Assert.IsTrue(difference <= Tolerance, $"{output}: {difference:G3}");
        }

        // A row alone has what it has among others, to the rounding of another order of sums.
        Dictionary<string, double[]> alone = run.Of(rows[..model.ObservedDimension], model.ObservedDimension);
        foreach ((string output, double[] values) in alone)
        {
            Assert.IsTrue(Expected.Difference(expected[output][..values.Length], values) <= Tolerance, output);
        }
    }

    [TestMethod]
    [DataRow("ppca")]
    [DataRow("vae-1 poisson")]
    [DataRow("vae-1 image")]
    [DataRow("mixture, mixed")]
    [DataRow("sparse-coding, network")]
    public void Decoder_IsTheLibrarys(string name)
    {
        (LatentModel model, _) = Cases.Of(name);
        double[] latents = Rows.Shares(model.LatentDimension), expected = new double[Rows.Count * model.ObservedDimension];
        model.Decode(latents, expected);
        using OnnxRun run = OnnxRun.Of(model, OnnxOutputs.Decoder);
        Assert.IsTrue(Expected.Difference(expected, run.Of(latents, model.LatentDimension, "latents")["decoded"]) <= Tolerance);
    }

    /// <summary>The comparison fails where it should: one number of the graph moved by 1.</summary>
    [TestMethod]
    [DataRow("ppca", TensorProto.Types.DataType.Double)]
    [DataRow("vae-1", TensorProto.Types.DataType.Float)]
    [DataRow("vae-1 image", TensorProto.Types.DataType.Float)]
    [DataRow("mixture:gaussian-full", TensorProto.Types.DataType.Double)]
    public void AChangedWeight_IsSeen(string name, TensorProto.Types.DataType type)
    {
        (LatentModel model, double[] rows) = Cases.Of(name);
        ModelProto proto = LatentModelOnnx.Build(model, OnnxOutputs.Encoder, samples: 1, seed: 1);
        TensorProto weights = proto.Graph.Initializer.Where(t => t.DataType == (int)type).MaxBy(t => t.RawData.Length)!;
        byte[] bytes = weights.RawData.ToByteArray();
        if (type == TensorProto.Types.DataType.Float)
        {
            Span<float> values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
            values[0] += 1;
        }
        else
        {
            Span<double> values = MemoryMarshal.Cast<byte, double>(bytes.AsSpan());
            values[0] += 1;
        }

        weights.RawData = ByteString.CopyFrom(bytes);
        using OnnxRun run = OnnxRun.Of(proto);
        double[] expected = Expected.Of(model, rows, OnnxOutputs.Encoder)["mean"];
        Assert.IsTrue(Expected.Difference(expected, run.Of(rows, model.ObservedDimension)["mean"]) > 100 * Tolerance);
    }

    /// <summary>The draws are an input: those of another seed give the scores of that seed.</summary>
    [TestMethod]
    public void Noise_CanBeGiven()
    {
        (LatentModel model, double[] rows) = Cases.Of("vae-1");
        double[] scores = new double[Rows.Count], first = new double[Rows.Count];
        model.AnomalyScore(rows, scores, samples: 7, seed: 2);
        model.AnomalyScore(rows, first);
        ModelProto other = LatentModelOnnx.Build(model, OnnxOutputs.Score, samples: 7, seed: 2);
        float[] noise = MemoryMarshal.Cast<byte, float>(other.Graph.Initializer.Single(t => t.Name == "noise").RawData.Span).ToArray();
        using OnnxRun run = OnnxRun.Of(LatentModelOnnx.Build(model, OnnxOutputs.Score, samples: 7, seed: 1));
        double[] found = run.Of(rows, model.ObservedDimension, noise: noise)["score"];
        Assert.IsTrue(Expected.Difference(scores, found) <= Tolerance);
        Assert.IsTrue(Expected.Difference(first, found) > 100 * Tolerance);
    }

    private static void AddToTable(string name, LatentModel model, double[] rows, Dictionary<string, double> differences, int size)
    {
        if (Environment.GetEnvironmentVariable("ENTROPY_ELBO_ONNX_TABLE") is not { } file)
        {
            return;
        }

        using OnnxRun encoder = OnnxRun.Of(model, model.PossibleOnnxOutputs() & OnnxOutputs.Encoder);
        double[] means = new double[Rows.Count * model.LatentDimension], variances = new double[means.Length];
        double own = Milliseconds(() => model.Encode(rows, means, variances));
        double theirs = Milliseconds(() => encoder.Of(rows, model.ObservedDimension));
        string Of(string output) => differences.TryGetValue(output, out double d) ? FormattableString.Invariant($"{d:0.0e+0}") : "";
        File.AppendAllText(file, FormattableString.Invariant(
            $"| {name} | {Of("mean")} | {Of("variance")} | {Of("reconstruction")} | {Of("score")} | {encoder.Size / 1024.0:F1} | {size / 1024.0:F1} | {own:F2} | {theirs:F2} |\n"));
    }

    /// <summary>The median of 15 runs.</summary>
    internal static double Milliseconds(Action action)
    {
        double[] times = new double[15];
        for (int i = 0; i < times.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        return times[times.Length / 2];
    }
}
