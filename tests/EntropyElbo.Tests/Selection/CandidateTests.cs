using EntropyElbo.Catalog;
using EntropyElbo.Selection;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Selection;

[TestClass]
public sealed class CandidateTests
{
    [TestMethod]
    public void Grid_IsEveryCombination_EachFamilyWithTheSettingsItHas()
    {
        IReadOnlyList<SelectionCandidate> candidates = new SettingsGrid
        {
            Families = ["ppca", "vae-1"],
            Latents = [2, 4],
            Hidden = [[8], [16, 8]],
            LearningRates = [0.01],
            Common = new FitSettings { Epochs = 7, Seed = 3 },
        }.Candidates();
        CollectionAssert.AreEqual(
            new[]
            {
                "ppca (latents 2)",
                "ppca (latents 4)",
                "vae-1 (latents 2, hidden 8, epochs 7, learning-rate 0.01)",
                "vae-1 (latents 2, hidden 16,8, epochs 7, learning-rate 0.01)",
                "vae-1 (latents 4, hidden 8, epochs 7, learning-rate 0.01)",
                "vae-1 (latents 4, hidden 16,8, epochs 7, learning-rate 0.01)",
            },
            candidates.Select(c => c.ToString()).ToArray());
        Assert.IsTrue(candidates.All(c => c.FitSettings!.Seed == 3));
    }

    [TestMethod]
    public void Grid_EveryFamilyOfTheLibraryTakesItsPart()
    {
        foreach (ModelFamily family in ModelFamilies.All)
        {
            SelectionCandidate candidate = new SettingsGrid { Families = [family.Name], Latents = [2] }
                .Candidates().Single();
            Assert.IsNotNull(candidate.CreateTrainer(), family.Name);
        }
    }

    [TestMethod]
    public void Grid_TakesAnySettingByItsName_WhereItMeansSomething()
    {
        SettingsGrid grid = new()
        {
            Families = ["sbn", "mixture:poisson", "linear-vae"],
            Latents = [2],
            ["states"] = [16, "32"],
            ["optimizer"] = ["l-bfgs", "adam"],
            LearningRates = [0.1, 0.2],
            Common = new FitSettings { Smoothing = 1, Likelihood = "gaussian", Seed = 5 },
        };
        CollectionAssert.AreEqual(
            new[]
            {
                "sbn (latents 2, states 16, likelihood gaussian)",
                "sbn (latents 2, states 32, likelihood gaussian)",
                "mixture:poisson (components 2, smoothing 1)",
                "linear-vae (latents 2, optimizer l-bfgs, likelihood gaussian)",
                "linear-vae (latents 2, optimizer adam, learning-rate 0.1, likelihood gaussian)",
                "linear-vae (latents 2, optimizer adam, learning-rate 0.2, likelihood gaussian)",
            },
            grid.Candidates().Select(c => c.ToString()).ToArray());
        Assert.IsTrue(grid.Candidates().All(c => c.FitSettings!.Seed == 5));
        SettingsGrid mixtures = grid with { Families = ["mixture:poisson"], LearningRates = [], Components = [3, 4, 5], Common = new FitSettings() };
        Assert.HasCount(3, mixtures.With("states", []).With("optimizer", []).Candidates(), "components stand before latents");
        Assert.AreEqual("optimizer", Assert.ThrowsExactly<BadOptionException>(() => mixtures.With("states", []).Candidates()).Option);
    }

    [TestMethod]
    public void Grid_ASettingThatNoFamilyHas_IsAnError()
    {
        SettingsGrid grid = new() { Families = ["ppca"], Latents = [2] };
        Assert.AreEqual("hidden", Option(grid with { Hidden = [[8]] }));
        Assert.AreEqual("learning-rate", Option(grid with { LearningRates = [0.1] }));
        Assert.AreEqual("batch", Option(grid with { BatchSizes = [8] }));
        Assert.AreEqual("beta", Option(grid with { Common = new FitSettings { Beta = 2 } }));
        Assert.AreEqual("components", Option(grid with { Components = [2] }));
        Assert.AreEqual("model", Option(grid with { Families = ["nothing"] }));
        Assert.AreEqual("model", Option(grid with { Families = [] }));
        Assert.AreEqual("grid", Option(grid with { Latents = [.. Enumerable.Range(1, SettingsGrid.MaxCandidates + 1)] }));

        static string Option(SettingsGrid grid) => Assert.ThrowsExactly<BadOptionException>(() => grid.Candidates()).Option;
    }

    [TestMethod]
    public void Space_DrawsAreWithinRanges_UniformInTheLogarithm_AndDoNotDependOnEachOther()
    {
        SearchSpace space = new(
        [
            new RangeDimension("rate", 1e-4, 1e-2, IsWhole: false, IsLogarithmic: true),
            new RangeDimension("latents", 1, 4, IsWhole: true, IsLogarithmic: false),
            new ChoiceDimension("kind", ["a", "b"]),
        ]);
        const int draws = 4000;
        IReadOnlyDictionary<string, object>[] all = [.. Enumerable.Range(0, draws).Select(i => space.Sample(7, i))];
        double[] rates = [.. all.Select(d => (double)d["rate"])];
        Assert.IsTrue(rates.All(r => r is >= 1e-4 and <= 1e-2));
        Assert.AreEqual(0.5, rates.Count(r => r < 1e-3) / (double)draws, 0.04, "half of the draws below the geometric middle");
        foreach (int value in new[] { 1, 2, 3, 4 })
        {
            Assert.AreEqual(0.25, all.Count(d => (int)d["latents"] == value) / (double)draws, 0.04);
        }

        Assert.AreEqual(0.5, all.Count(d => (string)d["kind"] == "a") / (double)draws, 0.04);
        Assert.AreEqual(all[17]["rate"], space.Sample(7, 17)["rate"]);
        Assert.AreNotEqual(all[17]["rate"], space.Sample(8, 17)["rate"]);
    }

    [TestMethod]
    public void Space_GridSpreadsEvenly()
    {
        SearchSpace space = new(
        [
            new RangeDimension("rate", 1, 100, IsWhole: false, IsLogarithmic: true),
            new RangeDimension("latents", 1, 2, IsWhole: true, IsLogarithmic: false),
        ]);
        IReadOnlyList<IReadOnlyDictionary<string, object>> grid = space.Grid(3);
        Assert.HasCount(6, grid);
        double[] rates = [.. grid.Select(g => (double)g["rate"]).Distinct()];
        Assert.AreEqual(1, rates[0], 1e-12);
        Assert.AreEqual(10, rates[1], 1e-12);
        Assert.AreEqual(100, rates[2], 1e-12);
        CollectionAssert.AreEqual(new object[] { 1, 2 }, grid.Take(2).Select(g => g["latents"]).ToArray());
        Assert.AreEqual(10, (double)space.Grid(1)[0]["rate"], 1e-12);
        Assert.ThrowsExactly<BadOptionException>(() => new SearchSpace([.. Enumerable.Range(0, 9).Select(i => new RangeDimension($"{i}", 0, 1, false, false))]).Grid(3));
    }

    [TestMethod]
    public void Space_ImpossibleRangesAreNamed()
    {
        Assert.AreEqual("a", Option(new RangeDimension("a", 2, 1, false, false)));
        Assert.AreEqual("b", Option(new RangeDimension("b", 0, 1, false, true)));
        Assert.AreEqual("c", Option(new ChoiceDimension("c", [])));
        Assert.AreEqual("d", Option(new RangeDimension("d", 0, double.NaN, false, false)));

        static string Option(SearchDimension dimension) =>
            Assert.ThrowsExactly<BadOptionException>(() => new SearchSpace([dimension])).Option;
    }
}
