using EntropyElbo.Data;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Models;
using EntropyElbo.Selection;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Selection;

/// <summary>Trials side by side, starts, and what fits of one study share: none of it changes what comes out.</summary>
[TestClass]
public sealed class ParallelTrialTests
{
    private static readonly IReadOnlyList<SelectionCandidate> Candidates =
    [
        .. new SettingsGrid { Families = ["ppca", "factor-analysis"], Latents = [1, 2, 3, 12] }.Candidates(),
        .. new SettingsGrid
        {
            Families = ["vae-1", "mixture:gaussian-diagonal"],
            Latents = [1, 2],
            Common = new FitSettings { Hidden = [4], Epochs = 3 },
        }.Candidates(),
    ];

    [TestMethod]
    [DataRow(SelectionCriterion.Bic)]
    [DataRow(SelectionCriterion.ImportanceWeighted)]
    public void TheResultDoesNotDependOnThreadsOrTrialsAtATime(SelectionCriterion criterion)
    {
        InMemoryRows rows = SelectionTestData.Pca(150, 2, 1);
        SelectionOptions options = new() { Criterion = criterion, Threads = 1, ImportanceSamples = 5 };
        SelectionResult alone = ModelSelection.Run(rows, Candidates, options);
        foreach ((int threads, int? parallel) in new (int, int?)[] { (4, null), (4, 1), (4, 3) })
        {
            SelectionResult beside = ModelSelection.Run(rows, Candidates, options with { Threads = threads, ParallelTrials = parallel });
            CollectionAssert.AreEqual(Facts(alone), Facts(beside), $"{threads} threads, {parallel} trials at a time");
            Assert.AreEqual(alone.BestFit!.Model.Report.Summary, beside.BestFit!.Model.Report.Summary);
        }

        Assert.AreEqual(2, alone.Trials.Count(t => !t.Succeeded), "12 latents of 12 columns fail, and are rows");

        static string[] Facts(SelectionResult result) =>
            [.. result.Trials.Select(t => FormattableString.Invariant($"{t.Rank} {t.Candidate} {t.Score:R} {t.Report?.Summary.Elbo:R} {t.Failure}"))];
    }

    [TestMethod]
    public void TrialsRunSideBySide_AndReportOneAtATime()
    {
        using Barrier both = new(2);
        int inside = 0;
        bool overlapped = false;
        SelectionCandidate Meeting() => new("ppca", [], () => new Meeting(both));
        SelectionOptions options = new()
        {
            Threads = 2,
            Progress = new OnProgress<SelectionProgress>(_ =>
            {
                overlapped |= Interlocked.Increment(ref inside) > 1;
                Thread.Yield();
                Interlocked.Decrement(ref inside);
            }),
        };

        // Each waits for the other: one after the other they would wait in vain, and fail.
        SelectionResult result = ModelSelection.Run(SelectionTestData.Pca(40, 1, 1), [Meeting(), Meeting(), Meeting(), Meeting()], options);
        Assert.IsTrue(result.Trials.All(t => t.Succeeded), result.Trials[^1].Failure);
        Assert.IsFalse(overlapped);
    }

    [TestMethod]
    public void ADefectOfOneTrial_StopsTheOthers_AndIsThrown()
    {
        SelectionCandidate broken = new("ppca", [], () => throw new InvalidOperationException("defect"));
        SelectionOptions options = new() { Threads = 2 };
        Assert.ThrowsExactly<InvalidOperationException>(
            () => ModelSelection.Run(SelectionTestData.Pca(50, 1, 1), [.. Candidates, broken, .. Candidates], options));
    }

    [TestMethod]
    [DataRow(SelectionCriterion.Bic, 1)]
    [DataRow(SelectionCriterion.HeldOut, 6)]
    public void MomentsAreComputedOnceForEachPartOfTheRows(SelectionCriterion criterion, int parts)
    {
        IReadOnlyList<SelectionCandidate> linear = new SettingsGrid { Families = ["ppca", "factor-analysis"], Latents = [1, 2, 3] }.Candidates();
        SelectionOptions options = new() { Criterion = criterion, Folds = parts > 1 ? parts - 1 : null };
        SelectionRun run = new(SelectionTestData.Pca(100, 2, 1), linear, options);
        run.Run();
        Assert.AreEqual(parts, run.Shared.Computed, "six candidates of one scaling");
        SelectionRun nets = new(
            SelectionTestData.Pca(100, 2, 1),
            new SettingsGrid { Families = ["vae-1"], Latents = [2], Hidden = [[3], [4], [5]], Common = new FitSettings { Epochs = 1 } }.Candidates(),
            options);
        nets.Run();
        Assert.AreEqual(3 * parts, nets.Shared.Computed, "moments of columns, covariance, and the affine decoder of two latents");
    }

    [TestMethod]
    public void TheBestOfSeveralStartsCounts_AndIsTheModelThatIsKept()
    {
        InMemoryRows rows = SelectionTestData.Pca(100, 2, 1);
        FitSettings settings = new() { Latents = 2, Hidden = [4], Epochs = 3 };
        double[] elbos = [.. Enumerable.Range(1, 6).Select(seed =>
            SelectionCandidate.Of("vae-1", settings with { Seed = (ulong)seed }).CreateTrainer().Fit(rows).Model.Report.Summary.Elbo)];
        Assert.IsGreaterThan(elbos[0], elbos.Max(), "the test needs a first start that is not the best");
        SelectionCandidate[] one = [SelectionCandidate.Of("vae-1", settings)];
        SelectionResult result = ModelSelection.Run(rows, one, new SelectionOptions { Starts = 6 });
        Assert.AreEqual(elbos.Max(), result.Best!.Report!.Summary.Elbo);
        Assert.AreEqual(elbos.Max(), result.BestFit!.Model.Report.Summary.Elbo);
        SelectionResult split = ModelSelection.Run(rows, one, new SelectionOptions { Starts = 6, Criterion = SelectionCriterion.HeldOut });
        Assert.AreEqual(elbos.Max(), split.BestFit!.Model.Report.Summary.Elbo, "fitted to all rows from all starts again");
    }

    /// <summary>A fit that cannot end alone.</summary>
    private sealed class Meeting(Barrier both) : ITrainer
    {
        public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default) =>
            both.SignalAndWait(TimeSpan.FromSeconds(60), CancellationToken.None)
                ? SelectionCandidate.Of("ppca", new FitSettings { Latents = 1 }).CreateTrainer().Fit(rows, context, cancellationToken)
                : throw new TrainingException("nobody came");
    }
}
