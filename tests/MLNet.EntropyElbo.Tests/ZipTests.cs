using EntropyElbo;
using EntropyElbo.Data;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo.LoadCheck;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo.Tests;

/// <summary>The text inside a zip, and vectors of each declared size.</summary>
[TestClass]
public sealed class ZipTests
{
    private static readonly EncodingPlan Plan = new(true, false, 12, 34);

    [TestMethod]
    public void Text_RoundTrips()
    {
        LatentModel model = Model();
        RowEncoder read = ModelText.Read(ModelText.Write(model, Plan));
        Assert.AreEqual(Plan, read.Plan);
        Assert.AreEqual(model.Report.Summary, read.Model.Report.Summary);
    }

    /// <summary>A plan without parts of the score reads as it did before there were any, so that older versions load it.</summary>
    [TestMethod]
    public void Plans_RoundTrip_AndThoseWithoutPartsAreAsBefore()
    {
        Assert.AreEqual("EEML2 r- 12 34\n", Plan.ToLine());
        foreach (EncodingPlan plan in (EncodingPlan[])[Plan with { ColumnScores = true }, Plan with { Kl = true }, Plan with { ColumnScores = true, Kl = true }])
        {
            Assert.AreEqual((plan, plan.ToLine().Length), EncodingPlan.Parse(plan.ToLine() + "model"));
            Assert.IsTrue(plan.Explains);
        }

        Assert.AreEqual(Model().ObservedDimension, RowEncoder.Widest(Model(), Plan with { Reconstruction = false, ColumnScores = true }));
    }

    [TestMethod]
    public void Text_OverTheLimit_IsRefusedWithTheRemedy()
    {
        string text = ModelText.Write(Model(), Plan);
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => ModelText.Write(Model(), Plan, text.Length - 1));
        StringAssert.Contains(error.Message, "LatentModel.Save");
        Assert.AreEqual(text, ModelText.Write(Model(), Plan, text.Length));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("EEML1 r- 12 34")]
    [DataRow("EEML3 r- 12 34\n")]
    [DataRow("EEML1 r- 0 34\n")]
    [DataRow("EEML1 r- x 34\n")]
    [DataRow("EEML2 r-x 12 34\n")]
    [DataRow("EEML2 r-kc 12 34\n")]
    [DataRow("EEML2 r 12 34\n")]
    [DataRow("EEML1 r- 12 34\nnot a model")]
    public void Text_Damaged_IsRefused(string text) =>
        Assert.ThrowsExactly<ModelFileException>(() => ModelText.Read(text));

    [TestMethod]
    public void Text_CutShort_IsRefused()
    {
        string text = ModelText.Write(Model(), Plan);
        for (int length = text.Length - 1; length > 0; length -= 97)
        {
            Assert.ThrowsExactly<ModelFileException>(() => ModelText.Read(text.AsSpan(0, length)));
        }
    }

    [TestMethod]
    [DataRow(SmallEncodedRow.Size)]
    [DataRow(SmallEncodedRow.Size + 1)]
    [DataRow(MediumEncodedRow.Size + 1)]
    public void Reconstruction_OfWideRows_HasItsTrueSize_InMemoryAndLoaded(int columns)
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        SchemaDefinition definition = EncodingChain.VectorRow.Definition("Features", columns);
        Random random = new(1);
        EncodingChain.VectorRow[] rows = [.. Enumerable.Range(0, 4).Select(_ => new EncodingChain.VectorRow
        {
            Values = new VBuffer<float>(columns, [.. Enumerable.Range(0, columns).Select(_ => random.NextSingle())]),
        })];
        IDataView view = ml.Data.LoadFromEnumerable(rows, definition);
        LatentTransformer fitted = ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options
        {
            Latents = 2,
            Hidden = [],
            Epochs = 1,
            ReconstructionColumnName = "Reconstruction",
            Threads = 1,
        }).Fit(view);
        ml.Model.Save(fitted, view.Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        Assert.AreEqual(
            new VectorDataViewType(NumberDataViewType.Single, columns), loaded.GetOutputSchema(view.Schema)["Reconstruction"].Type);
        CollectionAssert.AreEqual(
            Bits.Of(fitted.Transform(view), view.Schema).ToArray(), Bits.Of(loaded.Transform(view), view.Schema).ToArray());
    }

    [TestMethod]
    public void WidestVector_IsBounded()
    {
        LatentModel model = Model();
        Assert.AreEqual(model.ObservedDimension, RowEncoder.Widest(model, Plan));
        Assert.AreEqual(model.LatentDimension, RowEncoder.Widest(model, Plan with { Reconstruction = false }));
        Assert.IsGreaterThanOrEqualTo(1_000_000, LargeEncodedRow.Size);
    }

    [TestMethod]
    public void LoadedChain_ViewOfAnotherWidth_IsRefusedBeforeARowIsRead()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(50));
        ml.Model.Save(ml.LatentVariables().ProbabilisticPca("Latent", "Features", 2).Fit(rows), rows.Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        IDataView narrow = ml.Data.LoadFromEnumerable(
            [new EncodingChain.VectorRow { Values = new VBuffer<float>(2, [1f, 2f]) }], EncodingChain.VectorRow.Definition("Features", 2));
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => loaded.Transform(narrow)).Message,
            "Schema mismatch for input column 'Features (as numbers)': expected Vector<Single, 6>, got Vector<Single, 2>");
        StringAssert.Contains(
            Assert.Throws<ArgumentOutOfRangeException>(() => ml.LatentVariables().Transform(loaded, narrow)).Message, "expected Vector<Single, 6>");
    }

    [TestMethod]
    public void AssemblyVersion_NeverMoves()
    {
        // A saved zip names it, and an app with an older one could not load the zip.
        Assert.AreEqual(new Version(1, 0, 0, 0), typeof(LatentTransformer).Assembly.GetName().Version);
        Assert.AreEqual(new Version(1, 0, 0, 0), typeof(LatentModel).Assembly.GetName().Version);
    }

    [TestMethod]
    public void TwoModelsInOneChain_DoNotMeet()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(80));
        LatentVariablesCatalog catalog = ml.LatentVariables();
        var chain = catalog.ProbabilisticPca("First", "Features", 4).Append(catalog.ProbabilisticPca("Second", "First", 2)).Fit(rows);
        ml.Model.Save(chain, rows.Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        CollectionAssert.AreEqual(Bits.Of(chain.Transform(rows), rows.Schema).ToArray(), Bits.Of(loaded.Transform(rows), rows.Schema).ToArray());
        CollectionAssert.AreEqual(new[] { 4, 2 }, catalog.FindModels(loaded).Select(m => m.LatentDimension).ToArray());
    }

    /// <summary>A zip that version 0.1 wrote, and what that version made of two rows: rows were Singles, ELBOs in the model's units.</summary>
    [TestMethod]
    public void OlderZip_GivesWhatItGave()
    {
        MLContext ml = new(1);
        ITransformer loaded = ml.Model.Load(Path.Combine(AppContext.BaseDirectory, "Older", "mixture.zip"), out _);
        IDataView rows = ml.Data.LoadFromEnumerable([new OlderRow { Features = [0.5f, 1, 1.5f] }, new OlderRow { Features = [1.25f, 2, 3] }]);
        foreach (IDataView encoded in new[] { loaded.Transform(rows), ml.LatentVariables().Transform(loaded, rows) })
        {
            Near([0.0017825275f, 0.99821746f, 0.99449885f, 0.0055011534f], encoded.GetColumn<float[]>("Latent").SelectMany(v => v));
            Near([0.0017793501f, 0.0017793501f, 0.005470891f, 0.005470891f], encoded.GetColumn<float[]>("LatentVariance").SelectMany(v => v));
            Near([0.58955383f, 0.78004444f, 1.7200948f, 1.4122249f, 2.022967f, 2.7933733f], encoded.GetColumn<float[]>("Back").SelectMany(v => v));
            Near([1.356732f, 1.1873121f], encoded.GetColumn<float>("Elbo"));
            Near([-1.356732f, -1.1873121f], encoded.GetColumn<float>("Strange"));
            CollectionAssert.AreEqual(new uint[] { 2, 1 }, encoded.GetColumn<uint>("LatentComponent").ToArray());
            Assert.IsFalse(encoded.Schema.Any(c => c.Name.StartsWith("EntropyElbo.", StringComparison.Ordinal)));
        }

        IDataView wide = Rows.View(ml, Rows.Continuous(3));
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => ml.LatentVariables().Transform(loaded, wide)).Message, "vectors of 3 values, these rows have 6");

        static void Near(float[] expected, IEnumerable<float> actual)
        {
            float[] values = [.. actual];
            Assert.HasCount(expected.Length, values);
            for (int i = 0; i < values.Length; i++)
            {
                Assert.AreEqual(expected[i], values[i], 1e-5f * Math.Abs(expected[i]));
            }
        }
    }

    private sealed class OlderRow
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }

    private static LatentModel Model()
    {
        Row[] rows = Rows.Continuous(40);
        InMemoryRows values = new([.. rows.SelectMany(r => r.Features)], Rows.Columns);
        return new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 2 }).Fit(values).Model;
    }
}
