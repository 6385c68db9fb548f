using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Selection;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Selection;

/// <summary>The criteria against their definitions, and what they choose where the right answer is known.</summary>
[TestClass]
public sealed class CriteriaTests
{
    private static readonly (double X, double Y)[] Square = [(0, 0), (9, 0), (0, 9), (9, 9)];
    private static readonly (double X, double Y)[] Near = [(0, 0), (3, 0), (0, 3), (3, 3)];

    [TestMethod]
    public void Icl_IsBicAndTheEntropyOfTheResponsibilities()
    {
        InMemoryRows rows = SelectionTestData.Blobs(300, 3, Near);
        SelectionTrial trial = ModelSelection.Run(rows, Mixtures(3, 3), new SelectionOptions { Criterion = SelectionCriterion.Icl }).Best!;
        LatentModel model = Mixtures(3, 3)[0].CreateTrainer().Fit(rows).Model;
        double[] means = new double[3 * 300], variances = new double[3 * 300];
        model.Encode(rows.ReadAll().Values, means, variances);
        double entropies = -means.Where(r => r > 0).Sum(r => r * Math.Log(r));
        Assert.IsGreaterThan(1, entropies, "components overlap");

        // K - 1 weights, 2 means and a variance each.
        double bic = (-2 * 300 * trial.Report!.Summary.Elbo) + ((2 + (3 * 3)) * Math.Log(300));
        Assert.AreEqual(bic + (2 * entropies), trial.Score!.Value, 1e-7 * Math.Abs(bic));
    }

    [TestMethod]
    public void EntropyBic_HasTheSumOfEntropies_AndSaysWhereAFitIsNotStationary()
    {
        InMemoryRows rows = SelectionTestData.Pca(200, 2, 1);
        SelectionOptions options = new() { Criterion = SelectionCriterion.EntropyBic };
        SelectionTrial done = ModelSelection.Run(rows, Grid("ppca", [2]), options).Best!;
        ElboReport elbo = done.Report!.Summary;
        Assert.AreEqual((-2 * 200 * elbo.EntropySum) + (done.Report.FreeParameters * Math.Log(200)), done.Score!.Value, 1e-9);
        Assert.AreEqual(done.Report.Bic, done.Score.Value, 1e-6 * Math.Abs(done.Score.Value), "stationary: the two are one");
        Assert.IsEmpty(done.Warnings);
        SelectionCandidate barely = SelectionCandidate.Of("sparse-coding", new FitSettings { Latents = 2, Epochs = 1 });
        SelectionTrial early = ModelSelection.Run(rows, [barely], options).Best!;
        Assert.IsGreaterThan(0.01, early.Report!.Summary.RelativeGap, "the test needs a fit that is not stationary");
        StringAssert.Contains(string.Join(' ', early.Warnings), "not stationary");
        double expected = (-2 * 200 * early.Report.Summary.EntropySum) + (early.Report.FreeParameters * Math.Log(200));
        Assert.AreEqual(expected, early.Score!.Value, 1e-9 * Math.Abs(expected), "not the ELBO, which is another here");
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(3)]
    public void ImportanceWeighted_IsTheLogLikelihoodOfRowsNotTrainedOn(int? folds)
    {
        InMemoryRows rows = SelectionTestData.Pca(90, 2, 4);
        SelectionCandidate candidate = SelectionCandidate.Of("vae-1", new FitSettings { Latents = 2, Hidden = [5], Epochs = 3 });
        SelectionOptions options = new() { Criterion = SelectionCriterion.ImportanceWeighted, Folds = folds, ImportanceSamples = 20, Seed = 2 };
        SelectionTrial trial = ModelSelection.Run(rows, [candidate], options).Best!;
        LatentModel whole = candidate.CreateTrainer().Fit(rows).Model;
        List<double> all = [], elbos = [];
        for (int fold = 0; fold < (folds ?? 1); fold++)
        {
            (IRowSource training, IRowSource test) = folds is null ? RowSplit.ByFraction(rows, 0.2, 2) : RowSplit.Fold(rows, fold, 3, 2);
            LatentModel model = candidate.CreateTrainer().Fit(training).Model;
            (double[] values, int count) = test.ReadAll();
            double[] own = new double[count];
            model.LogLikelihood(values, own, samples: 20);
            double shift = folds is null ? 0 : model.Scaling.LogVolume - whole.Scaling.LogVolume;
            all.AddRange(own.Select(v => v + shift));
            elbos.AddRange(Enumerable.Repeat(model.Evaluate(test).Summary.Elbo + shift, count));
        }

        double mean = all.Average(), spread = Math.Sqrt(all.Sum(v => (v - mean) * (v - mean)) / (all.Count - 1) / all.Count);
        Assert.AreEqual(mean, trial.Score!.Value, 1e-9);
        Assert.AreEqual(spread, trial.HeldOutLogLikelihood!.StandardError, 1e-9);
        Assert.AreEqual(20, trial.HeldOutLogLikelihood.Samples);
        Assert.AreEqual(all.Count, trial.HeldOutLogLikelihood.Rows);
        Assert.AreEqual(elbos.Average(), trial.HeldOut!.Elbo, 1e-9);
        Assert.IsGreaterThan(trial.HeldOut.Elbo, trial.Score.Value, "20 samples bound more tightly than one");
    }

    [TestMethod]
    public void ImportanceWeighted_IsExactWhereTheFamilyHasIt()
    {
        SelectionOptions options = new() { Criterion = SelectionCriterion.ImportanceWeighted };
        SelectionTrial trial = ModelSelection.Run(SelectionTestData.Pca(200, 2, 1), Grid("ppca", [2]), options).Best!;
        Assert.AreEqual(trial.HeldOut!.Elbo, trial.Score!.Value, 1e-9);
        Assert.AreEqual(0, trial.HeldOutLogLikelihood!.Samples);
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(4)]
    public void TheNumberOfLatents_IsFound_AndInShuffledColumnsTheLeast(int latents)
    {
        InMemoryRows rows = SelectionTestData.Pca(1000, latents, 5);
        SelectionCandidate[] candidates = [.. Grid("factor-analysis", [1, 2, 3, 4, 5, 6])];
        Assert.AreEqual(latents, ModelSelection.Run(rows, candidates).Best!.Latents);
        Assert.AreEqual(1, ModelSelection.Run(SelectionTestData.Shuffled(rows, 1), candidates).Best!.Latents);
    }

    [TestMethod]
    public void WellSeparatedComponents_AreFoundByBicAndIcl_OverlappingOnesByBicOnly()
    {
        Assert.AreEqual(4, Chosen(SelectionCriterion.Bic, Square));
        Assert.AreEqual(4, Chosen(SelectionCriterion.Icl, Square));
        int bic = Chosen(SelectionCriterion.Bic, Near);
        Assert.AreEqual(4, bic);
        Assert.IsLessThan(bic, Chosen(SelectionCriterion.Icl, Near));
        Assert.AreEqual(1, Chosen(SelectionCriterion.Bic, [(0, 0)]), "one blob");
        Assert.AreEqual(1, Chosen(SelectionCriterion.Icl, [(0, 0)]), "one blob");

        static int Chosen(SelectionCriterion criterion, (double X, double Y)[] centres) => ModelSelection.Run(
            SelectionTestData.Blobs(800, 7, centres), Mixtures(1, 6), new SelectionOptions { Criterion = criterion }).Best!.Latents;
    }

    [TestMethod]
    public void IclOfContinuousLatents_IsSaidToHaveAUnit()
    {
        SelectionOptions options = new() { Criterion = SelectionCriterion.Icl };
        SelectionResult mixed = ModelSelection.Run(SelectionTestData.Blobs(60, 1, Square), [.. Mixtures(2, 2), .. Grid("ppca", [1])], options);
        StringAssert.Contains(mixed.Warnings.Single(), "ICL of ppca");
        StringAssert.Contains(mixed.Warnings.Single(), "does not compare with that of components");
        Assert.IsEmpty(ModelSelection.Run(SelectionTestData.Blobs(60, 1, Square), Mixtures(2, 3), options).Warnings);
    }

    private static IReadOnlyList<SelectionCandidate> Mixtures(int from, int to) => new SettingsGrid
    {
        Families = ["mixture:gaussian-spherical"],
        Components = [.. Enumerable.Range(from, to - from + 1)],
        Common = new FitSettings { Scaling = ScalingKind.None },
    }.Candidates();

    private static IReadOnlyList<SelectionCandidate> Grid(string family, int[] latents) =>
        new SettingsGrid { Families = [family], Latents = latents }.Candidates();
}
