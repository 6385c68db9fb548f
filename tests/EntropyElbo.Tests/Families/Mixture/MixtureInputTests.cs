using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Mixture;

[TestClass]
public sealed class MixtureInputTests
{
    [TestMethod]
    [DataRow("poisson", -1.0)]
    [DataRow("poisson", 1.5)]
    [DataRow("gamma", 0.0)]
    [DataRow("exponential", -0.1)]
    [DataRow("beta", 1.0)]
    [DataRow("bernoulli", 2.0)]
    [DataRow("binomial:6", 7.0)]
    [DataRow("categorical", -1.0)]
    [DataRow("categorical", 0.5)]
    public void ValuesOutsideTheSupport_NameRowColumnAndFamily(string family, double bad)
    {
        InMemoryRows good = MixtureTestData.Rows(family, 60);
        double[] values = good.ReadAll().Values;
        values[(11 * 4) + 2] = bad;
        values[4 * 3] = double.NaN;
        InMemoryRows rows = new(values, 4, ["a", "b", "count", "d"]);
        foreach (RowCaching caching in Enum.GetValues<RowCaching>())
        {
            BadDataException error = Assert.ThrowsExactly<BadDataException>(() => MixtureTestData.Fit(
                rows,
                new MixtureOptions { Family = family, Components = 2 },
                new FitContext { Caching = caching, MissingValues = MissingValues.SkipRow }));
            Assert.AreEqual(11, error.Row);
            Assert.AreEqual("count", error.Column);
            StringAssert.Contains(error.Message, "row 12");
            StringAssert.Contains(error.Message, "'count'");
            StringAssert.Contains(error.Message, family);
        }

        LatentModel model = MixtureTestData.Random(family, 2, 1);
        double[] outside = values[(11 * 4)..(12 * 4)];
        Assert.AreEqual("c2", Assert.ThrowsExactly<BadDataException>(() => model.Encode(outside, new double[2], new double[2])).Column);
        Assert.ThrowsExactly<BadDataException>(() => model.Evaluate(new InMemoryRows(outside, 4)));
    }

    [TestMethod]
    [DataRow("gauss", "gauss")]
    [DataRow("binomial", "binomial")]
    [DataRow("binomial:0", "binomial:0")]
    [DataRow("poisson@1-3,gamma@3-4", "column 3 has two families")]
    [DataRow("poisson@1,gamma@3-4", "column 2 has no family")]
    [DataRow("poisson@1-3", "3 columns")]
    [DataRow("poisson@1-9", "9 columns")]
    [DataRow("poisson@3-1,gamma@4", "poisson@3-1")]
    [DataRow("poisson@1-2-3", "poisson@1-2-3")]
    [DataRow("poisson,gamma", "poisson")]
    [DataRow("poisson@0-4", "0")]
    [DataRow("", "no component family ''")]
    public void NamesThatSayNothing_AreRefused(string family, string words)
    {
        BadOptionException error = Assert.ThrowsExactly<BadOptionException>(() => MixtureTestData.Fit(
            MixtureTestData.Rows("poisson", 30), new MixtureOptions { Family = family, Components = 2 }));
        Assert.AreEqual("model", error.Option);
        StringAssert.Contains(error.Message, words);
    }

    [TestMethod]
    public void Options_OutOfRange_AreRefused()
    {
        MixtureOptions good = new() { Family = "poisson", Components = 2 };
        (string Option, MixtureOptions Options)[] cases =
        [
            ("components", good with { Components = 0 }),
            ("epochs", good with { Iterations = 0 }),
            ("restarts", good with { Restarts = 0 }),
            ("batch", good with { BatchSize = 0 }),
            ("kept-components", good with { KeptComponents = 3 }),
            ("variance-floor", good with { VarianceFloor = 0 }),
            ("stationarity-tolerance", good with { StationarityTolerance = double.NaN }),
            ("scale", good with { Scaling = ScalingKind.MinMax }),
            ("from", good with { From = MixtureTestData.Random("gamma", 2, 1) }),
            ("restarts", good with { From = MixtureTestData.Random("poisson", 2, 1), Restarts = 2 }),
        ];
        foreach ((string option, MixtureOptions options) in cases)
        {
            Assert.AreEqual(option, Assert.ThrowsExactly<BadOptionException>(() => MixtureTestData.Fit(MixtureTestData.Rows("poisson", 30), options)).Option);
        }
    }

    [TestMethod]
    public void RowsAndWeights_ThatDoNotFit_AreRefused()
    {
        InMemoryRows rows = MixtureTestData.Rows("poisson", 5);
        MixtureOptions options = new() { Family = "poisson", Components = 6 };
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => MixtureTestData.Fit(rows, options)).Message, "5 rows for 6 components");
        options = options with { Components = 2 };
        StringAssert.Contains(
            Assert.ThrowsExactly<BadDataException>(() => MixtureTestData.Fit(rows, options with { RowWeights = [1, 2] })).Message, "2 row weights for 5 rows");
        Assert.AreEqual(3, Assert.ThrowsExactly<BadDataException>(() => MixtureTestData.Fit(rows, options with { RowWeights = [1, 1, 1, -1, 1] })).Row);
        Assert.ThrowsExactly<BadDataException>(() => MixtureTestData.Fit(rows, options with { RowWeights = [0, 0, 0, 0, 0] }));
    }

    [TestMethod]
    public void Families_AreFoundByName()
    {
        foreach (string family in MixtureTestData.Families)
        {
            Assert.AreEqual($"mixture:{family}", ModelFamilies.Find($"mixture:{family}").Name);
        }

        MixtureTrainer trainer = (MixtureTrainer)ModelFamilies.Find("mixture:binomial:8").CreateTrainer(new FitSettings { Components = 3, Epochs = 7, Seed = 5, BatchSize = 9 });
        Assert.AreEqual(new MixtureOptions { Family = "binomial:8", Components = 3, Iterations = 7, Seed = 5, BatchSize = 9 }, trainer.Options);
        ModelFamily found = ModelFamilies.Find("mixture:gaussian-full");
        BadOptionException latents = Assert.ThrowsExactly<BadOptionException>(() => found.CreateTrainer(new FitSettings { Latents = 3 }));
        Assert.AreEqual("latents", latents.Option);
        StringAssert.Contains(latents.Message, "components");
        Assert.AreEqual("components", Assert.ThrowsExactly<BadOptionException>(() => found.CreateTrainer(new FitSettings())).Option);
        Assert.AreEqual("beta", Assert.ThrowsExactly<BadOptionException>(() => found.CreateTrainer(new FitSettings { Components = 2, Beta = 1 })).Option);
        Assert.ThrowsExactly<BadOptionException>(() => ModelFamilies.Find("mixture:nothing"));
        Assert.ThrowsExactly<BadOptionException>(() => ModelFamilies.Find("mixtures"));
        Assert.ThrowsExactly<ModelFileException>(() => ModelFamilies.Read(new ModelRecord("mixture:nothing", 1), "m.eelbo"));
    }

    /// <summary>docs/parameter-counts.md, for 3 components on 4 columns (11 columns in the mixed case).</summary>
    [TestMethod]
    [DataRow("gaussian-full", 2 + (3 * (4 + 10)))]
    [DataRow("gaussian-tied", 2 + (3 * 4) + 10)]
    [DataRow("gaussian-diagonal", 2 + (3 * 8))]
    [DataRow("gaussian-spherical", 2 + (3 * 5))]
    [DataRow("gamma", 2 + (3 * 8))]
    [DataRow("beta", 2 + (3 * 8))]
    [DataRow("exponential", 2 + (3 * 4))]
    [DataRow("bernoulli", 2 + (3 * 4))]
    [DataRow("binomial:6", 2 + (3 * 4))]
    [DataRow("poisson", 2 + (3 * 4))]
    [DataRow("categorical", 2 + (3 * 4 * 3))]
    [DataRow(MixtureTestData.Mixed, 2 + (3 * (4 + 1 + 2 + 1 + 1 + 2 + 1 + 3 + 5)))]
    public void FreeParameters_AreThoseOfTheDocumentation(string family, int expected) =>
        Assert.AreEqual(expected, MixtureTestData.Random(family, 3, 1).FreeParameters);

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Records_WithImpossibleValues_AreRefused(string family)
    {
        ModelRecord source = MixtureTestData.Random(family, 3, 1).ToRecord();
        Assert.IsNotNull(ModelFamilies.Read(Changed(source, "", 0), "m.eelbo"));
        Assert.ThrowsExactly<ModelFileException>(() => ModelFamilies.Read(Changed(source, "mixture.weights", 3), "m.eelbo"));
        Assert.ThrowsExactly<ModelFileException>(() => ModelFamilies.Read(Changed(source, "mixture.parameters0", double.NaN), "m.eelbo"));
        if (!family.StartsWith("gaussian", StringComparison.Ordinal) && !family.Contains('@', StringComparison.Ordinal))
        {
            Assert.ThrowsExactly<ModelFileException>(() => ModelFamilies.Read(Changed(source, "mixture.parameters0", -1), "m.eelbo"));
        }

        if (family.StartsWith("gaussian", StringComparison.Ordinal) || family is "gamma" or "exponential" or "categorical")
        {
            Assert.ThrowsExactly<ModelFileException>(() => ModelFamilies.Read(Changed(source, "reference0", -1, last: true), "m.eelbo"));
        }
    }

    public static IEnumerable<object[]> Names => MixtureTestData.Families.Select(f => new object[] { f });

    private static ModelRecord Changed(ModelRecord source, string name, double value, bool last = false)
    {
        ModelRecord changed = new(source.Family, source.FamilyVersion);
        foreach (string key in source.Keys)
        {
            changed.SetJson(key, source.GetJson(key));
        }

        foreach (ModelTensor tensor in source.Tensors)
        {
            double[] values = tensor.ToDoubles();
            if (tensor.Name == name)
            {
                values[last ? ^1 : 0] = value;
            }

            changed.Add(ModelTensor.Of(tensor.Name, values, [.. tensor.Shape]));
        }

        return changed;
    }
}
