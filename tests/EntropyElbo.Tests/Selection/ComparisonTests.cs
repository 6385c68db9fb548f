using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Reports;
using EntropyElbo.Selection;
using EntropyElbo.Tests.Families;
using EntropyElbo.Tests.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Selection;

/// <summary>What a selection must not be decided by, and what it must say.</summary>
[TestClass]
public sealed class ComparisonTests
{
    private const int Rows = 120;

    private static readonly SelectionCandidate[] Two =
    [
        SelectionCandidate.Of("ppca", new FitSettings { Latents = 1 }),
        SelectionCandidate.Of("mixture:gaussian-diagonal", new FitSettings { Components = 2 }),
    ];

    [TestMethod]
    [DataRow(SelectionCriterion.Bic, null)]
    [DataRow(SelectionCriterion.HeldOut, null)]
    [DataRow(SelectionCriterion.HeldOut, 3)]
    public void AConstantColumn_LeavesTheComparison_AndStaysInTheBestModel(SelectionCriterion criterion, int? folds)
    {
        SelectionOptions options = new() { Criterion = criterion, Folds = folds };
        SelectionResult without = ModelSelection.Run(Source(_ => null), Two, options);
        SelectionResult with = ModelSelection.Run(Source(_ => 2.5), Two, options);
        CollectionAssert.AreEqual(without.Trials.Select(t => t.Score).ToArray(), with.Trials.Select(t => t.Score).ToArray());
        Assert.IsEmpty(without.Warnings);
        StringAssert.Contains(with.Warnings.Single(), "1 column is constant in rows that are trained on, c4: left out");
        Assert.AreEqual(5, with.BestFit!.Model.ObservedDimension);
        Assert.AreEqual(4, with.Best!.Columns);
    }

    /// <summary>One row differs: its fold is trained without it.</summary>
    [TestMethod]
    [DataRow(SelectionCriterion.Bic, null, false)]
    [DataRow(SelectionCriterion.HeldOut, 3, true)]
    public void AColumnThatIsConstantInAFold_LeavesToo(SelectionCriterion criterion, int? folds, bool leaves)
    {
        SelectionResult result = ModelSelection.Run(Source(row => row == 17 ? 1 : 0), Two, new SelectionOptions { Criterion = criterion, Folds = folds });
        Assert.AreEqual(leaves ? 4 : 5, result.Best!.Columns);
        Assert.AreEqual(leaves, result.Warnings.Count == 1);
    }

    [TestMethod]
    public void ColumnsNamedByTheirPlace_KeepTheConstantOnes_AndThatIsSaid()
    {
        SelectionCandidate[] candidates = [Two[0], SelectionCandidate.Of("mixture:gaussian-diagonal@1-3,gaussian-full@4-5", new FitSettings { Components = 1 })];
        SelectionResult result = ModelSelection.Run(Source(_ => 2.5), candidates);
        Assert.IsTrue(result.Trials.All(t => t.Succeeded && t.Columns == 5));
        StringAssert.Contains(result.Warnings.Single(), "kept, because a model speaks of columns by their place");
        Assert.IsTrue(result.Trials.Single(t => t.Candidate.Family != "ppca").IsAtFloor);
    }

    [TestMethod]
    public void ABestModelThatCannotTakeTheConstantColumns_KnowsTheOthers()
    {
        ITrainer Narrow() => new NarrowTrainer();
        SelectionResult result = ModelSelection.Run(Source(_ => 2.5), [new SelectionCandidate("ppca", [], Narrow)]);
        Assert.AreEqual(4, result.BestFit!.Model.ObservedDimension);
        StringAssert.Contains(result.Warnings[1], "cannot be fitted with the constant columns");
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(4)]
    public void WhatAFitKnowsOfItself_ReachesItsTrial(int? folds)
    {
        // Column 4 repeats column 0, so a latent explains both wholly.
        double[] values = Source(_ => 0).ReadAll().Values;
        for (int i = 0; i < values.Length; i += 5)
        {
            values[i + 4] = values[i];
        }

        SelectionCandidate[] candidates = [SelectionCandidate.Of("factor-analysis", new FitSettings { Latents = 1 }), Two[0], SelectionCandidate.Of("factor-analysis", new FitSettings { Latents = 1, Epochs = 1 })];
        SelectionOptions options = new() { Criterion = folds is null ? SelectionCriterion.Bic : SelectionCriterion.HeldOut, Folds = folds };
        SelectionTrial[] trials = [.. ModelSelection.Run(new InMemoryRows(values, 5), candidates, options).Trials.OrderBy(t => t.Index)];
        Assert.IsTrue(trials[0].IsAtFloor);
        StringAssert.Contains(string.Join(' ', trials[0].Warnings), "Heywood case: the noise variance of 2 columns is held at its floor: c0, c4");
        Assert.IsFalse(trials[1].IsAtFloor);
        Assert.IsEmpty(trials[1].Warnings);
        Assert.IsFalse(trials[2].Training!.Converged);
        Assert.AreEqual(StopReason.EpochLimit, trials[2].Training!.StopReason);
    }

    [TestMethod]
    public void DensitiesAndProbabilities_AreNotRankedTogether_UnlessAskedFor()
    {
        SelectionCandidate[] candidates =
        [
            SelectionCandidate.Of("mixture:gaussian-spherical", new FitSettings { Components = 1 }),
            SelectionCandidate.Of("mixture:gaussian-spherical", new FitSettings { Components = 2 }),
            SelectionCandidate.Of("mixture:bernoulli", new FitSettings { Components = 1 }),
            SelectionCandidate.Of("mixture:bernoulli", new FitSettings { Components = 2 }),
        ];
        double[] bits = [.. LinearTestData.Gaussian(3, 4 * Rows).Select(v => v > 0.3 ? 1.0 : 0)];
        InMemoryRows rows = new(bits, 4);
        int fits = 0;
        SelectionOptions counted = new() { Progress = new Counter(() => fits++) };
        BadOptionException refused = Assert.ThrowsExactly<BadOptionException>(() => ModelSelection.Run(rows, candidates, counted));
        Assert.AreEqual("mixed-likelihoods", refused.Option);
        StringAssert.Contains(refused.Message, "mixture:gaussian-spherical gives densities, mixture:bernoulli gives probabilities");
        Assert.AreEqual(0, fits, "before any fit");

        SelectionResult apart = ModelSelection.Run(rows, candidates, counted with { MixedLikelihoods = MixedLikelihoods.Apart });
        CollectionAssert.AreEqual(new int?[] { 1, 2, 1, 2 }, apart.Trials.Select(t => t.Rank).ToArray());
        Assert.IsNull(apart.Best);
        Assert.IsNull(apart.BestFit);
        SelectionResult together = ModelSelection.Run(rows, candidates, counted with { MixedLikelihoods = MixedLikelihoods.Together });
        CollectionAssert.AreEqual(new int?[] { 1, 2, 3, 4 }, together.Trials.Select(t => t.Rank).ToArray());
        StringAssert.Contains(together.Warnings.Single(), "unlike likelihoods are in one list");
        Assert.IsNotNull(together.BestFit);
    }

    [TestMethod]
    public void WhatATrainerDoesNotTell_ItsModelDoes()
    {
        double[] bits = [.. LinearTestData.Gaussian(3, 4 * Rows).Select(v => v > 0.3 ? 1.0 : 0)];
        SelectionCandidate[] candidates =
        [
            Two[0],
            new SelectionCandidate("mixture:bernoulli", [], () => new Silent(ModelFamilies.Find("mixture:bernoulli").CreateTrainer(new FitSettings { Components = 1 }))),
        ];
        Assert.ThrowsExactly<BadOptionException>(() => ModelSelection.Run(new InMemoryRows(bits, 4), candidates));
    }

    [TestMethod]
    public void FamiliesOfProbabilities_AreKnownToTheirTrainersAndModels()
    {
        double[] bits = [.. LinearTestData.Gaussian(3, 4 * Rows).Select(v => v > 0.3 ? 1.0 : 0)];
        foreach ((string family, string? likelihood, string kinds) in new (string, string?, string)[]
        {
            ("ppca", null, "0000"), ("linear-vae", null, "0000"), ("factor-analysis", null, "0000"), ("vae-1", null, "0000"),
            ("vae-1", "bernoulli", "1111"), ("vae-1", "poisson", "1111"), ("vae-1", "continuous-bernoulli", "0000"), ("sbn", null, "1111"), ("mixture:gaussian-tied", null, "0000"),
            ("mixture:poisson@1-2,gaussian-diagonal@3,binomial:4@4", null, "1101"), ("mixture:categorical", null, "1111"),
        })
        {
            bool mixture = family.StartsWith("mixture", StringComparison.Ordinal);
            ITrainer trainer = ModelFamilies.Find(family).CreateTrainer(new FitSettings
            {
                Latents = mixture ? null : 1,
                Components = mixture ? 1 : null,
                Epochs = family == "ppca" ? null : 1,
                Likelihood = likelihood,
            });
            bool[] expected = [.. kinds.Select(k => k == '1')];
            CollectionAssert.AreEqual(expected, ((IColumnUse)trainer).Probabilities(4), family);
            CollectionAssert.AreEqual(expected, trainer.Fit(new InMemoryRows(bits, 4)).Model.Probabilities, family);
        }
    }

    /// <summary>Four columns of two latents and noise, and a fifth where one is given.</summary>
    private static InMemoryRows Source(Func<int, double?> fifth)
    {
        double[] latents = LinearTestData.Gaussian(1, 2 * Rows), noise = LinearTestData.Gaussian(2, 4 * Rows, 0.4);
        bool wide = fifth(0) is not null;
        List<double> values = [];
        for (int row = 0; row < Rows; row++)
        {
            (double a, double b) = (latents[2 * row], latents[(2 * row) + 1]);
            double[] signal = [a, a + b, b, a - b];
            values.AddRange(signal.Select((v, d) => v + noise[(4 * row) + d]));
            if (wide)
            {
                values.Add(fifth(row)!.Value);
            }
        }

        return new InMemoryRows([.. values], wide ? 5 : 4);
    }

    private sealed class Counter(Action count) : IProgress<SelectionProgress>
    {
        public void Report(SelectionProgress value) => count();
    }

    /// <summary>Tells nothing of its columns.</summary>
    private sealed class Silent(ITrainer inner) : ITrainer
    {
        public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default) => inner.Fit(rows, context, cancellationToken);
    }

    private sealed class NarrowTrainer : ITrainer, IColumnUse
    {
        public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default) => rows.Columns == 4
            ? ModelFamilies.Find("ppca").CreateTrainer(new FitSettings { Latents = 1 }).Fit(rows, context, cancellationToken)
            : throw new TrainingException("too wide");
    }
}
