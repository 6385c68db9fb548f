using EntropyElbo;
using EntropyElbo.Families.Mixture;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo.LoadCheck;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Mixtures over the columns of a table as they are: texts, keys and numbers.</summary>
[TestClass]
public sealed class MixedColumnsTests
{
    private static readonly string[] Cities = ["Cologne", "Aachen", "Bonn"];

    private static readonly MixtureColumn[] Columns =
    [
        new("City", "categorical"), new("Amount", "gaussian-full"), new("Group", "categorical"), new("Code", "categorical"),
        new("Pair", "gaussian-full"), new("Cheap", "bernoulli"),
    ];

    /// <summary>The same model, bit by bit, as of the numbers that one would have written by hand.</summary>
    [TestMethod]
    public void TextsKeysAndNumbers_GiveTheModelOfHandMadeDictionaries()
    {
        MLContext ml = new(1);
        Sale[] sales = Sales(150);
        IDataView view = View(ml, sales);
        TransformerChain<LatentTransformer> chain = ml.LatentVariables().MixedMixture(Options(), Columns).Fit(view);
        string[] cities = [.. Cities.Order(StringComparer.Ordinal)], groups = ["g0", "g1"], codes = ["411", "5812", "7"];
        IDataView byHand = ml.Data.LoadFromEnumerable(sales.Select(s => new ByHand
        {
            Features =
            [
                Array.IndexOf(cities, s.City), Array.IndexOf(groups, s.Group), Array.IndexOf(codes, $"{s.Code}"),
                s.Amount, s.Pair[0], s.Pair[1], s.Cheap ? 1 : 0,
            ],
        }));
        MixtureEstimator.Options options = Options();
        options.ComponentFamily = "categorical@1-3,gaussian-full@4-6,bernoulli@7";
        LatentTransformer expected = ml.LatentVariables().Mixture(options).Fit(byHand);
        Assert.AreEqual(expected.Report.Summary, chain.LastTransformer.Report.Summary);
        CollectionAssert.AreEqual(
            expected.Transform(byHand).GetColumn<float[]>("Latent").SelectMany(r => r).ToArray(),
            chain.Transform(view).GetColumn<float[]>("Latent").SelectMany(r => r).ToArray());
        CollectionAssert.AreEqual(
            new[] { "City", "Group", "Amount" },
            ml.LatentVariables().MixedMixture(Options(), [Columns[0], Columns[1], Columns[2]]).Fit(view).LastTransformer.Model.ColumnNames.ToArray());
    }

    [TestMethod]
    public void SaveAndLoad_SameBits_RowByRowToo_AndOtherColumnsStayWhatTheyAre()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        IDataView view = View(ml, Sales(120));
        MixedMixtureEstimator estimator = ml.LatentVariables().MixedMixture(Options(), Columns);
        TransformerChain<LatentTransformer> chain = estimator.Fit(view);
        ml.Model.Save(chain, view.Schema, folder["m.zip"]);
        MLContext fresh = new(2);
        ITransformer loaded = fresh.Model.Load(folder["m.zip"], out _);
        Sale[] odd = [.. Sales(30, seed: 9), new Sale { City = "Ghent", Group = "g1" }, new Sale { City = "", Group = "g0" }, new Sale { Amount = float.NaN }];
        IDataView others = View(ml, odd, view);
        IDataView expected = Outputs(ml, chain.Transform(others));
        CollectionAssert.AreEqual(Bits.Of(expected, others.Schema).ToArray(), Bits.Of(Outputs(ml, loaded.Transform(others)), others.Schema).ToArray());
        CollectionAssert.AreEqual(
            Bits.Of(expected, others.Schema).ToArray(), Bits.Of(Outputs(ml, fresh.LatentVariables().Transform(loaded, others)), others.Schema).ToArray());
        Assert.AreEqual(chain.LastTransformer.Report.Summary, fresh.LatentVariables().FindModel(loaded).Report.Summary);

        using PredictionEngine<Coded, Codes> engine = ml.Model.CreatePredictionEngine<Coded, Codes>(loaded, ignoreMissingColumns: false, Coded.Schema(others));
        Codes[] batch = [.. ml.Data.CreateEnumerable<Codes>(expected, reuseRowObject: false)];
        Coded[] rows = [.. ml.Data.CreateEnumerable<Coded>(others, reuseRowObject: false, schemaDefinition: Coded.Schema(others))];
        for (int i = 0; i < rows.Length; i++)
        {
            // Members of a class hold keys from 0, columns from 1.
            rows[i].Group = unchecked(rows[i].Group - 1);
            Codes one = engine.Predict(rows[i]);
            CollectionAssert.AreEqual(batch[i].Latent, one.Latent);
            Assert.AreEqual(batch[i].Score, one.Score);
        }

        IDataView after = chain.Transform(others);
        CollectionAssert.AreEqual(odd.Select(s => s.City).ToArray(), after.GetColumn<string>("City").ToArray());
        Assert.AreEqual(others.Schema["Group"].Type, after.Schema["Group"].Type);
        Assert.AreEqual(others.Schema["Amount"].Type, after.Schema["Amount"].Type);
        Assert.IsFalse(after.Schema.Any(c => !c.IsHidden && c.Name.StartsWith("EntropyElbo.", StringComparison.Ordinal)));
        SchemaShape shape = estimator.GetOutputSchema(ShapeOf.View(ml, view));
        foreach (DataViewSchema.Column column in after.Schema.Where(c => !c.IsHidden))
        {
            SchemaShape.Column foretold = shape.Single(c => c.Name == column.Name);
            Assert.AreEqual(column.Type is KeyDataViewType, foretold.IsKey, column.Name);
            Assert.AreEqual((column.Type as VectorDataViewType)?.ItemType.RawType ?? column.Type.RawType, foretold.ItemType.RawType, column.Name);
        }
    }

    /// <summary>What is no known category leaves its row to the other columns: the posterior is theirs, by Bayes' rule.</summary>
    [TestMethod]
    public void UnknownCategories_LeaveTheRowToTheOtherColumns()
    {
        MLContext ml = new(1);
        MixtureColumn[] two = [new("City", "categorical"), new("Group", "categorical")];
        IDataView view = View(ml, Sales(200));
        TransformerChain<LatentTransformer> chain = ml.LatentVariables().MixedMixture(Options(), two).Fit(view);
        IDataView odd = View(ml, [new Sale { City = "Ghent", Group = "g1" }, new Sale { City = "", Group = "g1" }, new Sale { City = "Bonn", Group = "never" }, new Sale { City = "Ghent", Group = "" }], view);
        float[][] latent = [.. chain.Transform(odd).GetColumn<float[]>("Latent")];
        MixtureModel model = (MixtureModel)chain.LastTransformer.Model;
        const int perComponent = 3 + 2;
        AssertPosterior(latent[0], 3 + 1);
        AssertPosterior(latent[1], 3 + 1);
        AssertPosterior(latent[2], 1);
        AssertPosterior(latent[3], null);
        Assert.AreEqual(5, ml.LatentVariables().FindModel(chain).CountUnseen([4, 1, 4, 1, 1, 3, 4, 3]));

        void AssertPosterior(float[] actual, int? cell)
        {
            double[] joint = [.. Enumerable.Range(0, actual.Length).Select(k =>
                model.Weights[k] * (cell is { } c ? model.StandardParameters(0)[(k * perComponent) + c] : 1))];
            for (int k = 0; k < actual.Length; k++)
            {
                Assert.AreEqual(joint[k] / joint.Sum(), actual[k], 1e-6);
            }
        }
    }

    [TestMethod]
    public void RowsWithAnEmptyTextOrAMissingKey_AreLeftOutOfTraining()
    {
        MLContext ml = new(1);
        Sale[] sales = [.. Sales(100), new Sale { City = "" }, new Sale { Group = "" }, new Sale { Amount = float.NaN }];
        IDataView view = View(ml, sales);
        LatentTransformer model = ml.LatentVariables().MixedMixture(Options(), Columns).Fit(view).LastTransformer;
        Assert.AreEqual(3, model.Model.Training.SkippedRows);
        Assert.AreEqual(100, model.Model.Training.Rows);
    }

    /// <summary>Keys without texts stand for their numbers, and keys of another count are refused.</summary>
    [TestMethod]
    public void KeysWithoutTexts_StandForTheirNumbers()
    {
        MLContext ml = new(1);
        IDataView view = Rows.View(ml, Rows.Continuous(100));
        MixtureColumn[] columns = [new("Group", "categorical"), new("Features", "gaussian-diagonal")];
        MixtureEstimator.Options options = Options();
        options.InputColumnName = "Numbers";
        TransformerChain<LatentTransformer> chain = ml.LatentVariables().MixedMixture(options, columns).Fit(view);
        CollectionAssert.AreEqual(
            view.GetColumn<uint>("Group").Select(k => k - 1.0).ToArray(), chain.Transform(view).GetColumn<double[]>("Numbers").Select(r => r[0]).ToArray());
        IDataView more = ml.Data.LoadFromEnumerable([new OtherKeys()]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Transform(more)).Message, "Group");
    }

    [TestMethod]
    public void WhatCannotBe_IsRefusedByName()
    {
        MLContext ml = new(1);
        LatentVariablesCatalog catalog = ml.LatentVariables();
        IDataView view = View(ml, Sales(30));
        SchemaShape shape = ShapeOf.View(ml, view);
        foreach ((MixtureColumn column, string message) in new[]
        {
            (new MixtureColumn("Nowhere", "categorical"), "Could not find feature column 'Nowhere'"),
            (new MixtureColumn("City", "gaussian-full"), "feature column 'City': expected a number, Boolean or vector of numbers of known size (for gaussian-full), got "),
            (new MixtureColumn("Group", "poisson"), "feature column 'Group': expected a number"),
            (new MixtureColumn("Pair", "categorical"), "feature column 'Pair': expected a number, Boolean, text or key, got Vector<Single"),
        })
        {
            MixedMixtureEstimator estimator = catalog.MixedMixture(Options(), [column]);
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Fit(view)).Message, message);
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(shape)).Message, message);
        }

        Assert.ThrowsExactly<BadOptionException>(() => catalog.MixedMixture("Latent", []));
        Assert.ThrowsExactly<BadOptionException>(() => catalog.MixedMixture("Latent", [new("City", "categorial")]));
        Assert.ThrowsExactly<BadOptionException>(() => catalog.MixedMixture("Latent", [new("City", "categorical@1")]));
        Assert.ThrowsExactly<BadOptionException>(() => catalog.MixedMixture("Latent", [new("City", "categorical"), new("City", "categorical")]));
        MixtureEstimator.Options twice = Options();
        twice.ComponentFamily = "poisson";
        Assert.ThrowsExactly<BadOptionException>(() => catalog.MixedMixture(twice, Columns));
        IDataView empty = View(ml, [new Sale { City = "" }, new Sale { City = "" }]);
        Assert.AreEqual("City", Assert.ThrowsExactly<BadDataException>(() => catalog.MixedMixture(Options(), Columns).Fit(empty)).Column);
    }

    private static MixtureEstimator.Options Options() => new() { Latents = 2, Seed = 3, Threads = 1, Iterations = 30, Restarts = 2, AnomalyScoreColumnName = "Score" };

    /// <summary>Two groups of sales, which differ in every column.</summary>
    private static Sale[] Sales(int count, int seed = 1)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            bool second = random.NextDouble() < 0.4;
            double size = random.NextDouble();
            return new Sale
            {
                City = Cities[random.NextDouble() < 0.7 ? (second ? 0 : 1) : random.Next(3)],
                Group = random.NextDouble() < 0.8 == second ? "g1" : "g0",
                Code = new[] { 7, 411, 5812 }[random.NextDouble() < 0.6 ? (second ? 2 : 0) : random.Next(3)],
                Amount = (float)((second ? 30 : 5) + (4 * size) + random.NextDouble()),
                Pair = [(float)(size + random.NextDouble()), (float)((second ? 2 : 1) - size + random.NextDouble())],
                Cheap = random.NextDouble() < (second ? 0.2 : 0.7),
            };
        })];
    }

    /// <summary>The rows, their groups as keys: of their own texts, or of another view's.</summary>
    private static IDataView View(MLContext ml, Sale[] sales, IDataView? keys = null)
    {
        IDataView view = ml.Data.LoadFromEnumerable(sales);
        IDataView groups = ml.Data.LoadFromEnumerable(new[] { new GroupRow { Group = "g1" }, new GroupRow { Group = "g0" } });
        return ml.Transforms.Conversion.MapValueToKey("Group", "Group", keyData: keys is null && sales.Length == 2 ? null : groups).Fit(view).Transform(view);
    }

    /// <summary>Without the vector of Double, which the comparison of bits does not know.</summary>
    private static IDataView Outputs(MLContext ml, IDataView view) => ml.Transforms.DropColumns("Features").Fit(view).Transform(view);

    private sealed class Sale
    {
        public string City { get; set; } = "Bonn";

        public string Group { get; set; } = "g0";

        public int Code { get; set; } = 7;

        public float Amount { get; set; }

        [VectorType(2)]
        public float[] Pair { get; set; } = [1, 1];

        public bool Cheap { get; set; }
    }

    private sealed class Coded
    {
        public string City { get; set; } = "";

        public uint Group { get; set; }

        public int Code { get; set; }

        public float Amount { get; set; }

        [VectorType(2)]
        public float[] Pair { get; set; } = [];

        public bool Cheap { get; set; }

        /// <summary>With the keys' texts.</summary>
        public static SchemaDefinition Schema(IDataView like)
        {
            SchemaDefinition definition = SchemaDefinition.Create(typeof(Coded));
            definition["Group"].ColumnType = like.Schema["Group"].Type;
            VBuffer<ReadOnlyMemory<char>> texts = default;
            like.Schema["Group"].GetKeyValues(ref texts);
            definition["Group"].AddAnnotation("KeyValues", texts, new VectorDataViewType(TextDataViewType.Instance, texts.Length));
            return definition;
        }
    }

    private sealed class Codes
    {
        public float[] Latent { get; set; } = [];

        public float Score { get; set; }
    }

    private sealed class ByHand
    {
        [VectorType(7)]
        public float[] Features { get; set; } = [];
    }

    private sealed class GroupRow
    {
        public string Group { get; set; } = "";
    }

    private sealed class OtherKeys
    {
        [KeyType(5)]
        public uint Group { get; set; } = 1;

        [VectorType(Rows.Columns)]
        public float[] Features { get; set; } = new float[Rows.Columns];
    }
}
