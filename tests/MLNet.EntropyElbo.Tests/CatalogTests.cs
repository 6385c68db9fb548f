using EntropyElbo;
using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Reports;
using EntropyElbo.Selection;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Evaluation, cross-validation and selection on the catalog.</summary>
[TestClass]
public sealed class CatalogTests
{
    [TestMethod]
    public void Evaluate_IsTheModelsEvaluation_FittedAndLoaded_BehindOtherTransforms()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        IDataView training = Rows.View(ml, Rows.Continuous(150));
        Row[] other = Rows.Continuous(90, seed: 9);
        IDataView rows = Rows.View(ml, [.. other, new Row { Features = [.. Enumerable.Repeat(float.NaN, Rows.Columns)] }]);
        var chain = ml.Transforms.NormalizeMinMax("Scaled", "Features").Append(Vae(ml, "Scaled")).Fit(training);
        ml.Model.Save(chain, training.Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);

        double[] values = [.. chain.First().Transform(Rows.View(ml, other)).GetColumn<float[]>("Scaled").SelectMany(r => r).Select(v => (double)v)];
        Evaluation expected = chain.LastTransformer.Model.Evaluate(new InMemoryRows(values, Rows.Columns), new EvaluateOptions { Samples = 7 });
        foreach (ITransformer model in new[] { chain, loaded })
        {
            LatentVariableMetrics metrics = ml.LatentVariables().Evaluate(model, rows, samples: 7);
            Assert.AreEqual(expected.Summary, metrics.Report.Summary);
            Assert.AreEqual(expected.Summary.Elbo + chain.LastTransformer.Model.Scaling.LogVolume, metrics.Elbo);
            Assert.AreEqual(90, metrics.Rows);
        }

        Assert.ThrowsExactly<ArgumentException>(() => ml.LatentVariables().Evaluate(chain.First(), rows));
        Assert.ThrowsExactly<BadDataException>(() => ml.LatentVariables().Evaluate(chain, Rows.View(ml, [])));
    }

    [TestMethod]
    public void CrossValidate_EvaluatesRowsThatAFoldDidNotSee()
    {
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(150));
        IReadOnlyList<LatentCrossValidationResult> folds =
            ml.LatentVariables().CrossValidate(rows, ml.Transforms.NormalizeMinMax("Scaled", "Features").Append(Vae(ml, "Scaled")), numberOfFolds: 3);
        Assert.HasCount(3, folds);
        Assert.AreEqual(150, folds.Sum(f => f.Metrics.Rows));
        foreach (LatentCrossValidationResult fold in folds)
        {
            Assert.AreEqual(150, fold.Metrics.Rows + ml.LatentVariables().FindModel(fold.Model).Training.Rows);
            Assert.AreEqual(fold.Metrics.Rows, fold.ScoredHoldOutSet.GetColumn<float[]>("Latent").Count());
        }

        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, folds.Select(f => f.Fold).ToArray());
    }

    [TestMethod]
    public void Select_RanksFamiliesTogether_AndTheBestEncodes()
    {
        MLContext ml = new(1);
        LatentVariablesCatalog catalog = ml.LatentVariables();
        Row[] rows = [.. Rows.Continuous(150), new Row { Features = [.. Enumerable.Repeat(float.NaN, Rows.Columns)] }];
        IDataView view = Rows.View(ml, rows);
        List<LatentEstimator> candidates =
        [
            catalog.ProbabilisticPca("Latent", "Features", latents: 1),
            catalog.ProbabilisticPca("Latent", "Features", latents: 6),
            catalog.ProbabilisticPca("Latent", "Features", latents: 2),
            Vae(ml, "Features"),
        ];
        List<SelectionProgress> seen = [];
        LatentSelection selection = catalog.Select(view, candidates, new SelectionOptions
        {
            Criterion = SelectionCriterion.HeldOut,
            Folds = 3,
            Threads = 1,
            Progress = new OnProgress<SelectionProgress>(seen.Add),
        });
        Assert.HasCount(4, selection.Trials);
        Assert.HasCount(4, seen);
        Assert.AreEqual(1, selection.Trials[^1].Index);
        StringAssert.Contains(selection.Trials[^1].Failure, "6");
        Assert.AreSame(candidates[selection.Best!.Index], selection.Estimator);
        Assert.AreEqual(150, selection.Model!.Model.Training.Rows);
        Assert.AreEqual(1, selection.Model.Model.Training.SkippedRows);
        Assert.HasCount(151, selection.Model.Transform(view).GetColumn<float[]>("Latent").ToArray());
        Assert.AreEqual("Latents", selection.Trials[0].Candidate.Settings[0].Key);
        Assert.ThrowsExactly<BadOptionException>(() => catalog.Select(view, []));
        Assert.ThrowsExactly<BadOptionException>(() => catalog.Select(view, [Vae(ml, "Features"), Vae(ml, "Other")]));
    }

    [TestMethod]
    public void Select_ByNamesAndGrid()
    {
        MLContext ml = new(1);
        LatentSelection selection = ml.LatentVariables().Select(
            Rows.View(ml, Rows.Continuous(100)), "Latent", "Features", new SettingsGrid { Families = ["ppca", "linear-vae"], Latents = [1, 2] });
        Assert.HasCount(4, selection.Trials);
        SelectionTrial ppca = selection.Trials.First(t => t.Candidate.Family == "ppca" && t.Latents == 2);
        SelectionTrial linear = selection.Trials.First(t => t.Candidate.Family == "linear-vae" && t.Latents == 2);
        Assert.AreEqual(ppca.Score!.Value, linear.Score!.Value, 0.01 * Math.Abs(ppca.Score.Value), "one optimum");
    }

    [TestMethod]
    public void Model_TakesEverySettingOfTheFamilyByName()
    {
        LatentVariablesCatalog catalog = new MLContext(1).LatentVariables();
        FitSettings settings = new() { ["kept-components"] = 2, ["variance-floor"] = "0.5" };
        MixtureTrainer trainer = (MixtureTrainer)catalog.Model("mixture:gamma", "Latent", "Features", 3, settings).CreateTrainer();
        Assert.AreEqual(3, trainer.Options.Components, "latents are the components");
        Assert.AreEqual(2, trainer.Options.KeptComponents);
        Assert.AreEqual(0.5, trainer.Options.VarianceFloor);
        Assert.AreEqual("kept-components", Assert.ThrowsExactly<BadOptionException>(() => catalog.Model("ppca", "Latent", "Features", 3, settings)).Option);
    }

    [TestMethod]
    public void Candidates_AreDrawnFromTheAnnotatedRanges()
    {
        MLContext ml = new(1);
        LatentVariablesCatalog catalog = ml.LatentVariables();
        GaussianVaeEstimator.Options basis = new() { Epochs = 2, InputColumnName = "Features" };
        IReadOnlyList<LatentEstimator> drawn = LatentVariablesCatalog.RandomCandidates(catalog.GaussianVae, 30, basis, seed: 4);
        GaussianVaeEstimator.Options[] options = [.. drawn.Select(e => (GaussianVaeEstimator.Options)e.BaseOptions)];
        Assert.IsTrue(options.All(o => o.Latents is >= 1 and <= 64 && o.LearningRate is >= 1e-4 and <= 1e-2 && o.BatchSize is >= 32 and <= 1024 && o.Epochs == 2));
        Assert.IsGreaterThan(5, options.Select(o => o.Latents).Distinct().Count());
        Assert.IsGreaterThan(25, options.Select(o => o.LearningRate).Distinct().Count());
        IReadOnlyList<LatentEstimator> again = LatentVariablesCatalog.RandomCandidates(catalog.GaussianVae, 30, basis, seed: 4);
        CollectionAssert.AreEqual(options.Select(o => o.LearningRate).ToArray(), again.Select(e => ((GaussianVaeEstimator.Options)e.BaseOptions).LearningRate).ToArray());
        IReadOnlyList<LatentEstimator> grid = LatentVariablesCatalog.GridCandidates<ProbabilisticPcaEstimator.Options>(catalog.ProbabilisticPca, 4);
        CollectionAssert.AreEqual(new[] { 1, 4, 16, 64 }, grid.Select(e => e.BaseOptions.Latents).ToArray());
        LatentSelection selection = catalog.Select(
            Rows.View(ml, Rows.Continuous(100)), LatentVariablesCatalog.RandomCandidates(catalog.GaussianVae, 3, basis), new SelectionOptions { Threads = 1 });
        Assert.HasCount(3, selection.Trials);
        Assert.IsNotNull(selection.Best);
    }

    [TestMethod]
    public void Candidates_BeginWithTheDefaults_StayWithinTheData_AndDoNotRepeat()
    {
        MLContext ml = new(1);
        LatentVariablesCatalog catalog = ml.LatentVariables();
        IDataView data = Rows.View(ml, Rows.Continuous(40));
        int columns = ((VectorDataViewType)data.Schema["Features"].Type).Size;
        Latents(LatentVariablesCatalog.RandomCandidates<ProbabilisticPcaEstimator.Options>(catalog.ProbabilisticPca, 100), 64, 8);
        Latents(LatentVariablesCatalog.RandomCandidates<ProbabilisticPcaEstimator.Options>(catalog.ProbabilisticPca, 100, data: data), columns - 1, columns - 1);
        Latents(LatentVariablesCatalog.RandomCandidates<MixtureEstimator.Options>(catalog.Mixture, 100, data: data), 40, 8);
        GaussianVaeEstimator.Options[] networks =
            [.. LatentVariablesCatalog.RandomCandidates<GaussianVaeEstimator.Options>(catalog.GaussianVae, 50, data: data).Select(e => (GaussianVaeEstimator.Options)e.BaseOptions)];
        Assert.HasCount(50, networks);
        Assert.AreEqual(new GaussianVaeEstimator.Options().LearningRate, networks[0].LearningRate);
        Assert.IsTrue(networks.All(o => o.BatchSize <= 40 && o.Latents < columns));

        static void Latents(IReadOnlyList<LatentEstimator> candidates, int most, int first)
        {
            int[] latents = [.. candidates.Select(e => e.BaseOptions.Latents)];
            Assert.AreEqual(first, latents[0], "the defaults, as far as the data allow");
            CollectionAssert.AreEqual(Enumerable.Range(1, most).ToArray(), latents.Order().ToArray(), "all that there are, each once");
        }
    }

    [TestMethod]
    public void Select_CancelExecution_Throws()
    {
        MLContext ml = new(1);
        IReadOnlyList<LatentEstimator> candidates = [.. Enumerable.Range(1, 3).Select(h => ml.LatentVariables().ProbabilisticPca("Latent", "Features", h))];
        SelectionOptions options = new() { Progress = new OnProgress<SelectionProgress>(_ => ml.CancelExecution()) };
        Assert.ThrowsExactly<OperationCanceledException>(() => ml.LatentVariables().Select(Rows.View(ml, Rows.Continuous(60)), candidates, options));
    }

    /// <summary>Every family of the library, also those that have no estimator of their own, by its name.</summary>
    [TestMethod]
    public void Model_EveryFamily_FitsSavesAndLoads()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        foreach (ModelFamily family in ModelFamilies.All)
        {
            LatentModelEstimator estimator = ml.LatentVariables().Model(new LatentModelEstimator.Options
            {
                Family = family.Name,
                Latents = 2,
                Threads = 1,
                Seed = 1,
                ComponentColumnName = family.Name.StartsWith("mixture:", StringComparison.Ordinal) ? "Component" : null,
                TimeBudget = TimeSpan.FromSeconds(0.5),
            });
            IDataView rows = Rows.View(ml, Rows.Continuous(150));
            LatentTransformer fitted;
            try
            {
                fitted = estimator.Fit(rows);
            }
            catch (BadDataException) // A family of zeros and ones, or of counts.
            {
                rows = Rows.View(ml, Rows.Binary(150));
                fitted = estimator.Fit(rows);
            }

            ml.Model.Save(fitted, rows.Schema, folder["m.zip"]);
            ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
            Assert.AreEqual(family.Name, ml.LatentVariables().FindModel(loaded).Family);
            CollectionAssert.AreEqual(
                LoadCheck.Bits.Of(fitted.Transform(rows), rows.Schema).ToArray(),
                LoadCheck.Bits.Of(loaded.Transform(rows), rows.Schema).ToArray(),
                family.Name);
        }
    }

    [TestMethod]
    public void Component_IsTheKeyOfTheLargestResponsibility()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        Row[] rows = [.. Rows.Continuous(60), new Row { Features = [.. Enumerable.Repeat(float.NaN, Rows.Columns)] }];
        IDataView view = Rows.View(ml, rows);
        LatentTransformer fitted = ml.LatentVariables().Mixture(new MixtureEstimator.Options
        {
            ComponentFamily = "gaussian-spherical",
            Latents = 3,
            ComponentColumnName = "Component",
        }).Fit(view);
        ml.Model.Save(fitted, view.Schema, folder["m.zip"]);
        foreach (ITransformer transformer in new[] { fitted, ml.Model.Load(folder["m.zip"], out _) })
        {
            IDataView encoded = transformer.Transform(view);
            KeyDataViewType type = (KeyDataViewType)encoded.Schema["Component"].Type;
            Assert.AreEqual(3UL, type.Count);
            uint[] keys = [.. encoded.GetColumn<uint>("Component")];
            float[][] codes = [.. encoded.GetColumn<float[]>("Latent")];
            for (int i = 0; i < 60; i++)
            {
                Assert.AreEqual((uint)Array.IndexOf(codes[i], codes[i].Max()) + 1, keys[i]);
            }

            Assert.AreEqual(0u, keys[60], "a row with missing values has no component");
            Assert.IsGreaterThan(1, keys.Take(60).Distinct().Count());
            IDataView values = ml.Transforms.Conversion.MapKeyToValue("Value", "Component").Fit(encoded).Transform(encoded);
            Assert.AreEqual(keys[0] - 1, values.GetColumn<uint>("Value").First());
        }
    }

    private static GaussianVaeEstimator Vae(MLContext ml, string column) => ml.LatentVariables().GaussianVae(
        new GaussianVaeEstimator.Options { InputColumnName = column, Latents = 2, Hidden = [6], Epochs = 5, Threads = 1, Seed = 1 });
}
