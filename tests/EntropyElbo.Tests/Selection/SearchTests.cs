using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Selection;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Selection;

/// <summary>Random search, ranges, successive halving, and the families that fit some columns.</summary>
[TestClass]
public sealed class SearchTests
{
    [TestMethod]
    public void Draws_AreOfTheGrid_NoTwoAlike_AndMoreBeginWithTheSame()
    {
        SettingsGrid grid = new()
        {
            Families = ["ppca", "vae-1"],
            ["latents"] = [new SettingRange(2, 6)],
            ["learning-rate"] = [new SettingRange(1e-4, 1e-2)],
            Hidden = [[4], [8, 4]],
        };
        string[] few = [.. grid.Draws(10, 3).Select(c => c.ToString())], more = [.. grid.Draws(200, 3).Select(c => c.ToString())];
        CollectionAssert.AreEqual(few, more.Take(10).ToArray());
        Assert.HasCount(200, more.Distinct().ToArray());
        CollectionAssert.AreNotEqual(few, grid.Draws(10, 4).Select(c => c.ToString()).ToArray());
        SelectionCandidate[] nets = [.. grid.Draws(200, 3).Where(c => c.Family == "vae-1")];
        Assert.IsTrue(nets.All(c => c.FitSettings is { Latents: >= 2 and <= 6, LearningRate: >= 1e-4 and <= 1e-2, Hidden: not null }));
        Assert.AreEqual(0.5, nets.Count(c => c.FitSettings!.LearningRate < 1e-3) / (double)nets.Length, 0.12, "even in the logarithm");
        Assert.AreEqual(5, grid.Draws(200, 3).Count(c => c.Family == "ppca"), "there are no more");
        Assert.AreEqual("states", Assert.ThrowsExactly<BadOptionException>(() => grid.With("states", [3]).Draws(3, 1)).Option);
    }

    [TestMethod]
    public void Ranges_OfWholeNumbersAreListsToAGrid_OthersAreForDraws()
    {
        SettingsGrid grid = new() { Families = ["ppca"], ["latents"] = [new SettingRange(2, 4), 8] };
        CollectionAssert.AreEqual(
            new[] { "ppca (latents 2)", "ppca (latents 3)", "ppca (latents 4)", "ppca (latents 8)" }, grid.Candidates().Select(c => c.ToString()).ToArray());
        SettingsGrid rates = new() { Families = ["vae-1"], Latents = [1], ["learning-rate"] = [SettingRange.TryParse("1e-4..0.01")!] };
        StringAssert.Contains(Assert.ThrowsExactly<BadOptionException>(() => rates.Candidates()).Message, "draw at random");
        foreach (SettingRange bad in new[] { new SettingRange(4, 2), new(1.5, 3), new(1, double.PositiveInfinity), new(1, 1e12) })
        {
            Assert.AreEqual("latents", Assert.ThrowsExactly<BadOptionException>(() => grid.With("latents", [bad]).Candidates()).Option);
            Assert.AreEqual("latents", Assert.ThrowsExactly<BadOptionException>(() => grid.With("latents", [bad]).Draws(2, 1)).Option);
        }
    }

    [TestMethod]
    public void RandomSearch_TriesSoManyOfTheCandidates()
    {
        InMemoryRows rows = SelectionTestData.Pca(80, 2, 1);
        SettingsGrid grid = new() { Families = ["ppca"], ["latents"] = [new SettingRange(1, 9)] };
        SelectionOptions options = new() { Search = SelectionSearch.Random, MaxTrials = 4 };
        SelectionResult drawn = ModelSelection.Run(rows, grid, options);
        Assert.HasCount(4, drawn.Trials);
        SelectionResult some = ModelSelection.Run(rows, grid.Candidates(), options);
        Assert.HasCount(4, some.Trials);
        Assert.AreEqual(SelectionStop.TrialLimit, some.Stop);
        int[] indices = [.. some.Trials.Select(t => t.Index).Order()];
        CollectionAssert.AreNotEqual(new[] { 0, 1, 2, 3 }, indices);
        CollectionAssert.AreEqual(indices, ModelSelection.Run(rows, grid.Candidates(), options).Trials.Select(t => t.Index).Order().ToArray());
    }

    [TestMethod]
    [DataRow(1, 3, 1)]
    [DataRow(2, 3, 1)]
    [DataRow(3, 3, 2)]
    [DataRow(9, 3, 3)]
    [DataRow(40, 3, 4)]
    [DataRow(400, 3, 4)]
    [DataRow(4, 2, 3)]
    public void Rounds_AreAsManyAsCandidatesAllow(int candidates, int factor, int rounds) =>
        Assert.AreEqual(rounds, HalvingRounds.Count(candidates, factor));

    [TestMethod]
    public void Halving_GivesEpochsToTheBetterOnes_AndTheBestHasAll()
    {
        InMemoryRows rows = SelectionTestData.Pca(120, 2, 2);
        SelectionCandidate[] candidates =
        [
            .. new SettingsGrid
            {
                Families = ["vae-1"],
                Latents = [2],
                LearningRates = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2],
                Common = new FitSettings { Hidden = [4], Epochs = 36 },
            }.Candidates(),
            SelectionCandidate.Of("ppca", new FitSettings { Latents = 2 }),
        ];
        List<(string Candidate, int? Epochs)> done = [];
        SelectionResult result = ModelSelection.Run(rows, candidates, new SelectionOptions
        {
            Search = SelectionSearch.Halving,
            Threads = 1,
            Progress = new OnTrial(t => done.Add((t.Candidate.ToString(), t.EpochLimit))),
        });
        Assert.AreEqual(3, result.Rounds);
        Assert.HasCount(9, result.Trials);
        Assert.AreEqual(8, done.Count(d => d.Epochs == 4), "36 / 9 epochs for all in the first round");
        Assert.AreEqual(1, done.Count(d => d.Candidate.StartsWith("ppca", StringComparison.Ordinal)), "the closed form is fitted once");
        Assert.AreEqual("ppca", result.Best!.Candidate.Family, "the optimum of both");
        Assert.AreEqual(3, result.Best.Round);
        Assert.AreEqual(2, done.Count(d => d.Epochs == 12), "the better two networks beside it");
        Assert.AreEqual(6, result.Trials.Count(t => t.Round == 1));
        Assert.IsTrue(result.Trials.Where(t => t.Round == 1).All(t => t.EpochLimit == 4 && t.Training!.Epochs <= 4));
        CollectionAssert.AreEqual(result.Trials.Select(t => t.Round).OrderDescending().ToArray(), result.Trials.Select(t => t.Round).ToArray());

        SelectionResult nets = ModelSelection.Run(rows, candidates[..8], new SelectionOptions { Search = SelectionSearch.Halving, HalvingFactor = 2 });
        Assert.AreEqual(4, nets.Rounds);
        Assert.IsNull(nets.Best!.EpochLimit);
        Assert.AreEqual(1, nets.Trials.Count(t => t.Round == 4));
        Assert.IsGreaterThan(12, nets.BestFit!.Model.Training.Epochs);
    }

    [TestMethod]
    public void FamiliesFitTheColumnsKind_AndScoresCompare()
    {
        FamilyChoice numbers = FamilyChoice.Of(SelectionTestData.Blobs(50, 1, (0, 0)));
        Assert.AreEqual("numbers", numbers.Kind);
        Assert.IsNull(numbers.Likelihood);
        CollectionAssert.IsSubsetOf(new[] { "ppca", "factor-analysis", "vae-1", "mixture:gaussian-full" }, numbers.Families.ToArray());
        Left(numbers, "sbn", "column c");
        Left(numbers, "mixture:gamma", "which is not above 0");
        Left(numbers, "mixture:poisson", "which is not a whole number");

        FamilyChoice bits = FamilyChoice.Of(new InMemoryRows([0, 1, 1, 1, 0, 0, 1, 0], 2));
        Assert.AreEqual("bernoulli", bits.Likelihood);
        CollectionAssert.IsSubsetOf(new[] { "sbn", "deep-sbn", "mixture:bernoulli", "vae-1" }, bits.Families.ToArray());
        Left(bits, "ppca", "it is not for 0 and 1");

        FamilyChoice counts = FamilyChoice.Of(new InMemoryRows([0, 7, 3, 1], 2));
        Assert.AreEqual("poisson", counts.Likelihood);
        CollectionAssert.IsSubsetOf(new[] { "mixture:poisson", "vae-1" }, counts.Families.ToArray());
        Left(counts, "sbn", "7");
        FamilyChoice above = FamilyChoice.Of(new InMemoryRows([0.5, 7, 3, 1], 2));
        CollectionAssert.IsSubsetOf(new[] { "mixture:gamma", "mixture:exponential", "ppca" }, above.Families.ToArray());
        Left(above, "mixture:beta", "7");
        Assert.AreEqual(
            ModelFamilies.All.Count, numbers.Families.Count + numbers.LeftOut.Count, "each is tried, or said to be left out");

        static void Left(FamilyChoice choice, string family, string why) =>
            StringAssert.Contains(choice.LeftOut.Single(l => l.Key == family).Value, why);
    }

    private sealed class OnTrial(Action<SelectionTrial> action) : IProgress<SelectionProgress>
    {
        public void Report(SelectionProgress value) => action(value.Latest);
    }
}
