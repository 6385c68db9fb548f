using EntropyElbo;
using EntropyElbo.Selection;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>The catalog's selection has the searches, criteria, trials side by side and studies of the core.</summary>
[TestClass]
public sealed class SelectionSearchTests
{
    [TestMethod]
    public void AGrid_IsDrawnFromOrHalved_AsTheOptionsSay()
    {
        MLContext ml = new(1);
        IDataView data = Rows.View(ml, Rows.Continuous(100));
        SettingsGrid grid = new()
        {
            Families = ["vae-1"],
            ["latents"] = [new SettingRange(1, 3)],
            ["learning-rate"] = [new SettingRange(1e-4, 1e-1)],
            Common = new FitSettings { Hidden = [3], Epochs = 6 },
        };
        SelectionOptions options = new() { Search = SelectionSearch.Random, MaxTrials = 4, Criterion = SelectionCriterion.EntropyBic };
        LatentSelection drawn = ml.LatentVariables().Select(data, "Latent", "Features", grid, options);
        Assert.HasCount(4, drawn.Trials);
        Assert.IsNotNull(drawn.Model);
        LatentSelection halved = ml.LatentVariables().Select(data, "Latent", "Features", grid, options with { Search = SelectionSearch.Halving });
        Assert.AreEqual(2, halved.Result.Rounds);
        Assert.AreEqual(2, halved.Trials.Count(t => t.EpochLimit == 2));
        Assert.AreEqual("learning-rate", Assert.ThrowsExactly<BadOptionException>(
            () => ml.LatentVariables().Select(data, "Latent", "Features", grid)).Option);
    }

    [TestMethod]
    public void Estimators_AreTriedSideBySide_FromSeveralStarts_AndAStudyKnowsThem()
    {
        string folder = Directory.CreateTempSubdirectory("eelbo-study-").FullName;
        try
        {
            MLContext ml = new(1);
            LatentVariablesCatalog catalog = ml.LatentVariables();
            IDataView data = Rows.View(ml, Rows.Continuous(90));
            SelectionOptions options = new()
            {
                Criterion = SelectionCriterion.ImportanceWeighted,
                Folds = 2,
                ImportanceSamples = 5,
                Starts = 2,
                StudyPath = Path.Combine(folder, "study"),
            };
            LatentSelection first = catalog.Select(data, Estimators(catalog, 1), options with { Threads = 4 });
            LatentSelection again = catalog.Select(data, Estimators(catalog, 1), options with { Threads = 1 });
            Assert.IsTrue(again.Trials.All(t => t.IsFromStudy));
            CollectionAssert.AreEqual(Scores(first), Scores(again));
            Assert.AreEqual(first.Model!.Metrics.Elbo, again.Model!.Metrics.Elbo);
            LatentSelection seeds = catalog.Select(data, Estimators(catalog, 2), options);
            Assert.AreEqual(0, seeds.Trials.Count(t => t.IsFromStudy), "another seed is another trial");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static LatentEstimator[] Estimators(LatentVariablesCatalog catalog, int seed) =>
        [
            .. new[] { 1, 2 }.Select(latents => catalog.GaussianVae(
                new GaussianVaeEstimator.Options { Latents = latents, Epochs = 3, Hidden = [3], Seed = seed })),
            catalog.ProbabilisticPca(new ProbabilisticPcaEstimator.Options { Latents = 2, Seed = seed }),
        ];

        static double?[] Scores(LatentSelection selection) => [.. selection.Trials.Select(t => t.Score)];
    }
}
