using EntropyElbo.Data;
using EntropyElbo.Selection;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Selection;

/// <summary>Studies that go on: the same table, and nothing taken from a file unchecked.</summary>
[TestClass]
public sealed class StudyTests
{
    private static readonly InMemoryRows Data = SelectionTestData.Pca(120, 2, 1);

    private static readonly IReadOnlyList<SelectionCandidate> Candidates =
    [
        .. new SettingsGrid { Families = ["ppca"], Latents = [1, 2, 3, 12] }.Candidates(),
        .. new SettingsGrid { Families = ["vae-1"], Latents = [1, 2], Common = new FitSettings { Hidden = [4], Epochs = 4 } }.Candidates(),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("eelbo-study-").FullName;

    private string Study => Path.Combine(_folder, "study.jsonl");

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow(SelectionCriterion.Bic, SelectionSearch.Grid, null)]
    [DataRow(SelectionCriterion.ImportanceWeighted, SelectionSearch.Grid, 2)]
    [DataRow(SelectionCriterion.HeldOut, SelectionSearch.Halving, null)]
    public void AnInterruptedStudyGoesOn_AndEndsWithTheSameTable(SelectionCriterion criterion, SelectionSearch search, int? folds)
    {
        SelectionOptions options = new() { Criterion = criterion, Search = search, Folds = folds, ImportanceSamples = 5, Threads = 2 };
        SelectionResult whole = ModelSelection.Run(Data, Candidates, options);
        using CancellationTokenSource stop = new();
        SelectionResult part = ModelSelection.Run(
            Data,
            Candidates,
            options with { StudyPath = Study, Progress = new OnProgress<SelectionProgress>(p => Stop(stop, p.Done == 3)) },
            stop.Token);
        Assert.AreEqual(SelectionStop.Cancelled, part.Stop);

        // What a kill in the middle of a line leaves.
        File.AppendAllText(Study, """{"key":"vae-1 (lat""");
        int fitted = 0;
        SelectionResult resumed = ModelSelection.Run(
            Data,
            Candidates,
            options with { StudyPath = Study, Progress = new OnProgress<SelectionProgress>(p => fitted += p.Latest.IsFromStudy ? 0 : 1) });
        CollectionAssert.AreEqual(Table(whole), Table(resumed));
        Assert.AreEqual(whole.BestFit!.Model.Report.Summary, resumed.BestFit!.Model.Report.Summary);
        string text = File.ReadAllText(Study);
        int lines = text.Count(c => c == '\n') - 1;
        Assert.AreEqual(lines - 3, fitted, "three trials were done before");
        SelectionResult again = ModelSelection.Run(Data, Candidates, options with { StudyPath = Study });
        CollectionAssert.AreEqual(Table(whole), Table(again));
        Assert.IsTrue(again.Trials.All(t => t.IsFromStudy));
        Assert.AreEqual(text, File.ReadAllText(Study));
    }

    [TestMethod]
    public void RoundsOfHalvingAreTrialsOfTheirOwn()
    {
        SettingsGrid grid = new() { Families = ["vae-1"], Latents = [1, 2, 3, 4], Common = new FitSettings { Hidden = [4], Epochs = 8 } };
        SelectionOptions options = new() { Search = SelectionSearch.Halving, HalvingFactor = 2, Threads = 2 };
        SelectionResult whole = ModelSelection.Run(Data, grid.Candidates(), options);
        Assert.IsGreaterThan(1, whole.Rounds, "the test needs candidates that are fitted twice");
        CollectionAssert.AreEqual(Table(whole), Table(ModelSelection.Run(Data, grid.Candidates(), options with { StudyPath = Study })));
        CollectionAssert.AreEqual(Table(whole), Table(ModelSelection.Run(Data, grid.Candidates(), options with { StudyPath = Study })));
    }

    [TestMethod]
    public void AStudyMayGrow_ButSpeaksOfOneComparisonOfTheSameRows()
    {
        SelectionOptions options = new() { StudyPath = Study };
        ModelSelection.Run(Data, Candidates.Take(2).ToArray(), options);
        SelectionResult more = ModelSelection.Run(Data, Candidates, options with { Threads = 1, ParallelTrials = 1 });
        Assert.AreEqual(2, more.Trials.Count(t => t.IsFromStudy));
        double[] other = Data.ReadAll().Values;
        other[5] = Math.BitIncrement(other[5]);
        byte[] before = File.ReadAllBytes(Study);
        Assert.AreEqual("study", Refused(() => ModelSelection.Run(new InMemoryRows(other, 12), Candidates, options)));
        Assert.AreEqual("study", Refused(() => ModelSelection.Run(Data, Candidates, options with { Criterion = SelectionCriterion.Aic })));
        Assert.AreEqual("study", Refused(() => ModelSelection.Run(Data, Candidates, options with { Starts = 2 })));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(Study));
        SelectionResult seeds = ModelSelection.Run(
            Data, [SelectionCandidate.Of("ppca", new FitSettings { Latents = 1, Seed = 5 })], options);
        Assert.IsFalse(seeds.Trials[0].IsFromStudy, "another seed is another trial");

        static string Refused(Action run) => Assert.ThrowsExactly<BadOptionException>(run).Option;
    }

    [TestMethod]
    [DataRow("a,b\n1,2\n", "is no study")]
    [DataRow("a,b", "is no study")]
    [DataRow("{\"study\":9,\"fingerprint\":\"\"}\n", "newer")]
    [DataRow("HEAD\nnot json\n", "line 2 is no trial")]
    [DataRow("HEAD\nnull\n", "line 2 is no trial")]
    [DataRow("HEAD\n{\"key\":\"x\"}\n", "line 2 is no trial")]
    [DataRow("HEAD\n{\"key\":\"x\",\"seconds\":1}\n", "neither failed nor has a model")]
    [DataRow("HEAD\n{\"key\":\"x\",\"seconds\":-1,\"failure\":\"f\"}\n", "without a name or a time")]
    [DataRow("HEAD\n{\"key\":\"x\",\"seconds\":1,\"failure\":\"f\",\"warnings\":[null]}\n", "line 2 is no trial")]
    [DataRow("HEAD\nTRIAL-0-ROWS\n", "figures cannot be")]
    public void AFileThatIsNoStudy_IsRefusedAndLeftAsItIs(string text, string why)
    {
        SelectionOptions options = new() { StudyPath = Study };
        ModelSelection.Run(Data, Candidates.Take(1).ToArray(), options);
        string[] lines = File.ReadAllLines(Study);
        string bad = text.Replace("HEAD", lines[0], StringComparison.Ordinal)
            .Replace("TRIAL-0-ROWS", lines[1].Replace("\"rows\":120", "\"rows\":0", StringComparison.Ordinal), StringComparison.Ordinal);
        File.WriteAllText(Study, bad);
        ModelFileException refused = Assert.ThrowsExactly<ModelFileException>(() => ModelSelection.Run(Data, Candidates, options));
        StringAssert.Contains(refused.Message, why);
        Assert.AreEqual(bad, File.ReadAllText(Study));
    }

    [TestMethod]
    public void WhatATimeLimitCutShort_IsNotKept()
    {
        SelectionCandidate slow = SelectionCandidate.Of("vae-1", new FitSettings { Latents = 1, Hidden = [4], Epochs = 1_000_000, ["stationarity-tolerance"] = 0 });
        SelectionOptions options = new() { StudyPath = Study, TimeBudget = TimeSpan.FromMilliseconds(200) };
        SelectionResult cut = ModelSelection.Run(Data, [slow], options);
        Assert.AreEqual(Reports.StopReason.TimeLimit, cut.Trials.Single().Training!.StopReason);
        Assert.HasCount(1, File.ReadAllLines(Study), "the head alone");
    }

    private static void Stop(CancellationTokenSource source, bool isTime)
    {
        if (isTime)
        {
            source.Cancel();
        }
    }

    private static string[] Table(SelectionResult result) => [.. result.Trials.Select(t => FormattableString.Invariant(
        $"{t.Rank} {t.Candidate} {t.Score:R} {t.Report?.Summary.Elbo:R} {t.Report?.Summary.EntropySum:R} {t.Report?.Summary.PseudoEntropy?.Residual:R} {t.Report?.Bic:R} {t.Report?.Collapsed} {t.HeldOut} {t.HeldOutLogLikelihood} {t.Failure} {t.Round} {t.EpochLimit} {t.LikelihoodKind} {t.Columns} {string.Join('|', t.Warnings)}"))];
}
