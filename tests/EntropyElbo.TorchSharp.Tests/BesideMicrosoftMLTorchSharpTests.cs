using System.Reflection;
using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.TorchSharp;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo;
using TorchSharp;

namespace EntropyElbo.TorchSharp.Tests;

/// <summary>An app that refers to Microsoft.ML.TorchSharp beside this library: one TorchSharp and one libtorch serve both.</summary>
[TestClass]
[DoNotParallelize]
public sealed class BesideMicrosoftMLTorchSharpTests
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    [TestMethod]
    public void Estimators_FindTheEngineAndTrain()
    {
        MLContext ml = new(seed: 1);
        List<string> log = [];
        ml.Log += (_, e) => log.Add(e.Message);
        (double[] values, _) = PcaData.Create(200, 1).ReadAll();
        IDataView rows = ml.Data.LoadFromEnumerable(values.Chunk(PcaData.DefaultColumns).Select(x => new Features { Values = Array.ConvertAll(x, v => (float)v) }),
            SchemaOf(PcaData.DefaultColumns));
        LatentTransformer fitted = ml.LatentVariables().ProbabilisticPca("Latent", "Values", latents: 2).Fit(rows);
        Assert.HasCount(200, fitted.Transform(rows).GetColumn<VBuffer<float>>("Latent").ToList());
        Assert.IsTrue(log.Any(m => m.Contains("Training", StringComparison.Ordinal) && m.Contains("CPU (TorchSharp finds no usable GPU)", StringComparison.Ordinal)
            || m.Contains("GPU 0 (TorchSharp)", StringComparison.Ordinal)), string.Join('\n', log));
    }

    /// <summary>
    /// Its text trainers initialise their layers through references that they dispose, which TorchSharp 0.107 hands out to the weights themselves, so their first step
    /// finds no weights; docs/mlnet.md says so. The pretrained encoder, which it would download, is one with fresh weights here.
    /// </summary>
    [TestMethod]
    public void TheirTextClassification_DoesNotTrainWithThisTorchSharp()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            MLContext ml = new(seed: 1) { TempFilePath = folder.FullName };
            SaveFreshEncoder(Path.Combine(folder.CreateSubdirectory("mlnet").FullName, "NasBert2000000.tsm"));
            IDataView rows = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(i => new Sentence { Text = i % 2 == 0 ? "a good fit" : "a bad fit", Label = i % 2 == 0 }));
            EstimatorChain<ITransformer> pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
                .Append((IEstimator<ITransformer>)ml.MulticlassClassification.Trainers.TextClassification(sentence1ColumnName: "Text", batchSize: 4, maxEpochs: 1));
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => pipeline.Fit(rows)).Message, "empty handle");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void SaveFreshEncoder(string path)
    {
        Assembly theirs = typeof(TorchSharpCatalog).Assembly;
        object options = Activator.CreateInstance(Type("NasBert.NasBertTrainer+NasBertOptions"), nonPublic: true)!;
        object model = Type("NasBert.Models.ModelForPrediction").GetConstructors(Any).Single().Invoke([options, /* padding */ 1, /* symbols */ 50265, /* classes */ 2]);
        ((torch.nn.Module)model.GetType().GetMethod("GetEncoder", Any)!.Invoke(model, null)!).save(path);

        Type Type(string name) => theirs.GetType($"Microsoft.ML.TorchSharp.{name}", throwOnError: true)!;
    }

    private static SchemaDefinition SchemaOf(int columns)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Features));
        schema["Values"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, columns);
        return schema;
    }

    private sealed class Features
    {
        public float[] Values { get; set; } = [];
    }

    private sealed class Sentence
    {
        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }
}
