using EntropyElbo.Cli;
using EntropyElbo.Data;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Models;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace EntropyElbo.Onnx.Tests;

/// <summary>Files, metadata, ML.NET, the tool, and what cannot be exported.</summary>
[TestClass]
public sealed class InterfaceTests
{
    [TestMethod]
    public void Metadata_SaysWhatItIs()
    {
        (LatentModel model, _) = Cases.Of("ppca");
        using OnnxRun run = OnnxRun.Of(model, OnnxOutputs.Encoder | OnnxOutputs.Score);
        Dictionary<string, string> metadata = run.Session.ModelMetadata.CustomMetadataMap;
        Assert.AreEqual("EntropyElbo", run.Session.ModelMetadata.ProducerName);
        Assert.AreEqual("ppca", metadata["family"]);
        Assert.AreEqual("encoder, score", metadata["outputs"]);
        CollectionAssert.AreEqual(model.ColumnNames.ToArray(), System.Text.Json.JsonSerializer.Deserialize<string[]>(metadata["columns"]));
        StringAssert.StartsWith(metadata["library"], "EntropyElbo ");
        CollectionAssert.AreEqual(new[] { -1, 8 }, run.Session.InputMetadata["rows"].Dimensions);
        CollectionAssert.AreEqual(new[] { -1, 3 }, run.Session.OutputMetadata["mean"].Dimensions);
    }

    [TestMethod]
    [DataRow("ppca")]
    [DataRow("vae-1")]
    [DataRow("vae-1 image")]
    [DataRow("mixture:gaussian-full")]
    [DataRow("sparse-coding, network")]
    public void MlNet_AppliesTheFile(string name)
    {
        (LatentModel model, double[] rows) = Cases.Of(name);
        int width = model.ObservedDimension, count = 50;
        rows = rows[..(count * width)];
        OnnxOutputs what = model.PossibleOnnxOutputs() & (OnnxOutputs.Encoder | OnnxOutputs.Score);
        Dictionary<string, double[]> expected = Expected.Of(model, rows, what);
        using Folder folder = new();
        model.ExportOnnx(folder["model.onnx"], what);
        MLContext ml = new(seed: 1);
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Values)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        schema[nameof(Row.Values)].ColumnName = "rows";
        IDataView data = ml.Data.LoadFromEnumerable(
            rows.Chunk(width).Select(r => new Row { Values = Array.ConvertAll(r, v => (float)v) }), schema);
        IDataView scored = ml.Transforms.ApplyOnnxModel([.. expected.Keys], ["rows"], folder["model.onnx"]).Fit(data).Transform(data);
        foreach ((string output, double[] values) in expected)
        {
            double[] found = [.. scored.GetColumn<float[]>(output).SelectMany(v => v).Select(v => (double)v)];
            Assert.IsTrue(Expected.Difference(values, found) <= 1e-5, output);
        }
    }

    [TestMethod]
    public void WhatCannotBeExported_SaysWhatCan()
    {
        LatentModel net = new SigmoidBeliefNetTrainer(new SigmoidBeliefNetOptions { Latents = 2, Iterations = 2 })
            .Fit(new InMemoryRows(Rows.Binary(4, 60), 4)).Model;
        Assert.AreEqual(OnnxOutputs.None, net.PossibleOnnxOutputs());
        Refuses(net, OnnxOutputs.Encoder, "sbn");
        LatentModel sparse = new SparseCodingTrainer(new SparseCodingOptions { Latents = 2, Iterations = 2 })
            .Fit(new InMemoryRows(Rows.Real(4, 60), 4)).Model;
        Assert.AreEqual(OnnxOutputs.Decoder, sparse.PossibleOnnxOutputs());
        Refuses(sparse, OnnxOutputs.Encoder, "learning=amortised");
        Refuses(sparse, OnnxOutputs.Score, "learning=amortised");
        LatentModel pca = Cases.Of("ppca").Model;
        Refuses(pca, OnnxOutputs.Responsibilities, "encoder, reconstruction, score, decoder");
        Refuses(pca, OnnxOutputs.Encoder | OnnxOutputs.Decoder, "file of its own");
        Refuses(pca, OnnxOutputs.None, "Name what to export");
        Assert.ThrowsExactly<BadOptionException>(() => pca.ExportOnnx(Stream.Null, OnnxOutputs.Score, samples: 0));
    }

    /// <summary>The same model gives the same bytes.</summary>
    [TestMethod]
    public void Files_AreReproducible()
    {
        (LatentModel model, _) = Cases.Of("vae-1");
        using MemoryStream first = new(), second = new();
        model.ExportOnnx(first, OnnxOutputs.Encoder | OnnxOutputs.Score);
        model.ExportOnnx(second, OnnxOutputs.Encoder | OnnxOutputs.Score);
        CollectionAssert.AreEqual(first.ToArray(), second.ToArray());
    }

    [TestMethod]
    public void Tool_Exports()
    {
        (LatentModel model, double[] rows) = Cases.Of("mixture:gaussian-full");
        using Folder folder = new();
        model.Save(folder["m.eelbo"]);
        (int status, string text, string error) = Run("export", folder["m.eelbo"], "--onnx", folder["m.onnx"], "--what", "responsibilities,score");
        Assert.AreEqual(0, status, error);
        StringAssert.Contains(text, "mixture:gaussian-full with 6 columns as ONNX (score, responsibilities)");
        using OnnxRun run = new(File.ReadAllBytes(folder["m.onnx"]));
        Dictionary<string, double[]> expected = Expected.Of(model, rows, OnnxOutputs.Responsibilities | OnnxOutputs.Score), found = run.Of(rows, 6);
        CollectionAssert.AreEquivalent(expected.Keys, found.Keys);
        Assert.IsTrue(expected.All(e => Expected.Difference(e.Value, found[e.Key]) <= 1e-5));
    }

    /// <summary>Bad options end with status 1, one line, and no file.</summary>
    [TestMethod]
    [DataRow("encoder,nothing", "--what: There is no 'nothing' to export")]
    [DataRow("responsibilities", "--what: This ppca cannot be exported as responsibilities")]
    [DataRow("encoder,decoder", "--what: A decoder takes latents")]
    public void Tool_RefusesInOneLine(string what, string message)
    {
        (LatentModel model, _) = Cases.Of("ppca");
        using Folder folder = new();
        model.Save(folder["m.eelbo"]);
        (int status, _, string error) = Run("export", folder["m.eelbo"], "--onnx", folder["m.onnx"], "--what", what);
        Assert.AreEqual(1, status, error);
        StringAssert.Contains(error, message);
        Assert.IsFalse(File.Exists(folder["m.onnx"]));
        Assert.AreEqual(1, Run("export", folder["m.eelbo"], "--onnx", folder["m.eelbo"]).Status);
    }

    private static void Refuses(LatentModel model, OnnxOutputs what, string message)
    {
        BadOptionException error = Assert.ThrowsExactly<BadOptionException>(() => model.ExportOnnx(Stream.Null, what));
        Assert.AreEqual("what", error.Option);
        StringAssert.Contains(error.Message, message);
    }

    private static (int Status, string Out, string Error) Run(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int status = Program.Run(args, output, error);
        return (status, output.ToString(), error.ToString());
    }

    private sealed class Row
    {
        public float[] Values { get; set; } = [];
    }

    /// <summary>A folder for one test.</summary>
    private sealed class Folder : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("eelbo-onnx-").FullName;

        public string this[string name] => Path.Combine(_path, name);

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}
