using EntropyElbo.Data;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Selection;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Selection;

[TestClass]
public sealed class ModelSelectionTests
{
    private const int TrueLatents = 3;
    private static readonly IReadOnlyList<SelectionCandidate> Candidates = new SettingsGrid
    {
        Families = ["ppca"],
        Latents = [1, 2, TrueLatents, 4, 5],
    }.Candidates();

    [TestMethod]
    [DataRow(SelectionCriterion.Bic)]
    [DataRow(SelectionCriterion.Aic)]
    [DataRow(SelectionCriterion.HeldOut)]
    public void EachCriterion_FindsTheDimensionThatMadeTheRows(SelectionCriterion criterion)
    {
        // Unscaled, because the noise is alike in all columns, as probabilistic PCA has it.
        IReadOnlyList<SelectionCandidate> candidates = new SettingsGrid
        {
            Families = ["ppca"],
            Latents = [1, 2, TrueLatents, 4, 5],
            Common = new FitSettings { Scaling = ScalingKind.None },
        }.Candidates();
        SelectionResult result = ModelSelection.Run(Rows(2000), candidates, new SelectionOptions { Criterion = criterion });
        // AIC allows a little more than there is, at hardly any gain; too little all rule out. Held-out ELBOs that hardly differ are a tie for fewer latents.
        int chosen = result.Best!.Latents;
        Assert.IsTrue(chosen == TrueLatents || (criterion == SelectionCriterion.Aic && chosen > TrueLatents), $"{chosen}");
        double Score(int latents) => Math.Abs(result.Trials.Single(t => t.Latents == latents).Score!.Value);
        Assert.IsLessThan(0.05, Math.Abs(Score(chosen) - Score(TrueLatents)) / (Score(TrueLatents - 1) - Score(TrueLatents)));
        Assert.AreEqual(chosen, result.BestFit!.Model.LatentDimension);
        Assert.AreEqual(2000, result.BestFit.Model.Training.Rows, "the best is fitted to all rows");
        Assert.AreEqual(SelectionStop.Completed, result.Stop);
        CollectionAssert.AreEqual(new int?[] { 1, 2, 3, 4, 5 }, result.Trials.Select(t => t.Rank).ToArray());
        double[] scores = [.. result.Trials.Skip(1).Select(t => t.Score!.Value)];
        double[] sorted = criterion == SelectionCriterion.HeldOut ? [.. scores.OrderDescending()] : [.. scores.Order()];
        CollectionAssert.AreEqual(sorted, scores);
        Assert.IsFalse(result.IsInDataUnits);
    }

    [TestMethod]
    public void Bic_IsTheReports()
    {
        InMemoryRows rows = Rows(300);
        SelectionTrial trial = ModelSelection.Run(rows, [Candidates[1]]).Best!;
        LatentModel model = new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 2 }).Fit(rows).Model;
        Assert.AreEqual(model.Evaluate(rows).Bic, trial.Score!.Value, 1e-9 * Math.Abs(trial.Score.Value));
        Assert.IsNull(trial.HeldOut);
    }

    [TestMethod]
    public void HeldOutShare_IsTheMeanOfRowsNotTrainedOn_WithItsStandardError()
    {
        InMemoryRows rows = Rows(400);
        SelectionOptions options = new() { Criterion = SelectionCriterion.HeldOut, HeldOutShare = 0.3, Seed = 5 };
        SelectionTrial trial = ModelSelection.Run(rows, [Candidates[1]], options).Best!;
        (IRowSource training, IRowSource test) = RowSplit.ByFraction(rows, 0.3, 5);
        LatentModel model = new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 2 }).Fit(training).Model;
        (double[] values, int count) = test.ReadAll();
        double[] elbos = new double[count];
        model.RowElbo(values, elbos);
        double mean = elbos.Average();
        double deviation = Math.Sqrt(elbos.Sum(e => (e - mean) * (e - mean)) / (count - 1));
        Assert.AreEqual(count, trial.HeldOut!.Rows);
        Assert.AreEqual(mean, trial.HeldOut.Elbo, 1e-9 * Math.Abs(mean));
        Assert.AreEqual(deviation / Math.Sqrt(count), trial.HeldOut.StandardError, 1e-9);
        Assert.AreEqual(trial.HeldOut.Elbo, trial.Score);
        Assert.AreEqual(400 - count, trial.Report!.Summary.Rows);
    }

    [TestMethod]
    public void Folds_HoldOutEveryRowOnce_InTheUnitsOfTheReport()
    {
        InMemoryRows rows = Rows(300);
        SelectionOptions options = new() { Criterion = SelectionCriterion.HeldOut, Folds = 4, Seed = 2 };
        SelectionTrial trial = ModelSelection.Run(rows, [Candidates[1]], options).Best!;
        ProbabilisticPcaTrainer trainer = new(new ProbabilisticPcaOptions { Latents = 2 });
        double volume = trainer.Fit(rows).Model.Scaling.LogVolume;
        List<double> elbos = [];
        for (int fold = 0; fold < 4; fold++)
        {
            (IRowSource training, IRowSource test) = RowSplit.Fold(rows, fold, 4, 2);
            LatentModel model = trainer.Fit(training).Model;
            (double[] values, int count) = test.ReadAll();
            double[] part = new double[count];
            model.RowElbo(values, part);
            elbos.AddRange(part.Select(e => e + model.Scaling.LogVolume - volume));
        }

        double mean = elbos.Average();
        double deviation = Math.Sqrt(elbos.Sum(e => (e - mean) * (e - mean)) / 299);
        Assert.AreEqual(300, trial.HeldOut!.Rows);
        Assert.AreEqual(mean, trial.HeldOut.Elbo, 1e-9 * Math.Abs(mean));
        Assert.AreEqual(deviation / Math.Sqrt(300), trial.HeldOut.StandardError, 1e-9);
        Assert.AreEqual(300, trial.Report!.Summary.Rows);
    }

    /// <summary>Columns of one range: scaling them changes nothing about probabilistic PCA but its units.</summary>
    [TestMethod]
    public void DifferentScalings_AreComparedInUnitsOfTheData()
    {
        double[] values = Rows(200).ReadAll().Values;
        for (int column = 0; column < 8; column++)
        {
            double[] cells = [.. Enumerable.Range(0, 200).Select(r => values[(r * 8) + column])];
            (double min, double max) = (cells.Min(), cells.Max());
            for (int row = 0; row < 200; row++)
            {
                values[(row * 8) + column] = 50 * ((cells[row] - min) / (max - min));
            }
        }

        InMemoryRows rows = new(values, 8);
        SelectionCandidate[] both = [.. new[] { ScalingKind.None, ScalingKind.MinMax }
            .Select(s => SelectionCandidate.Of("ppca", new FitSettings { Latents = 2, Scaling = s }))];
        foreach (SelectionCriterion criterion in Enum.GetValues<SelectionCriterion>())
        {
            SelectionResult result = ModelSelection.Run(rows, both, new SelectionOptions { Criterion = criterion });
            Assert.IsTrue(result.IsInDataUnits);
            Assert.AreEqual(result.Trials[0].Score!.Value, result.Trials[1].Score!.Value, 1e-8 * Math.Abs(result.Trials[0].Score!.Value));
            double apart = Math.Abs(result.Trials[0].Report!.Summary.Elbo - result.Trials[1].Report!.Summary.Elbo);
            Assert.AreEqual(8 * Math.Log(50), apart, 1e-8, "their reports differ by the volume");
        }
    }

    [TestMethod]
    public void Failures_AreKeptWithTheirReason_AndComeLast()
    {
        SelectionCandidate[] candidates =
        [
            SelectionCandidate.Of("ppca", new FitSettings { Latents = 0 }),
            SelectionCandidate.Of("ppca", new FitSettings { Latents = 2 }),
            SelectionCandidate.Of("ppca", new FitSettings { Latents = 2, Beta = 2 }),
        ];
        SelectionResult result = ModelSelection.Run(Rows(200), candidates);
        Assert.HasCount(3, result.Trials);
        Assert.AreEqual(1, result.Best!.Index);
        CollectionAssert.AreEqual(new[] { 0, 2 }, result.Trials.Skip(1).Select(t => t.Index).ToArray());
        StringAssert.Contains(result.Trials[1].Failure, "'latents' is 0");
        StringAssert.Contains(result.Trials[2].Failure, "no setting 'beta'");
        Assert.IsNull(result.Trials[1].Score);
        Assert.IsNull(result.Trials[1].Rank);

        SelectionResult none = ModelSelection.Run(Rows(200), [candidates[0]]);
        Assert.IsNull(none.Best);
        Assert.IsNull(none.BestFit);
    }

    [TestMethod]
    public void ADefectIsNoFailure()
    {
        SelectionCandidate broken = new("ppca", [], () => throw new InvalidOperationException("defect"));
        Assert.ThrowsExactly<InvalidOperationException>(() => ModelSelection.Run(Rows(50), [broken]));
    }

    [TestMethod]
    public void TrialLimitAndTimeBudget_EndTheSearch()
    {
        SelectionResult limited = ModelSelection.Run(Rows(200), Candidates, new SelectionOptions { MaxTrials = 2 });
        Assert.HasCount(2, limited.Trials);
        Assert.AreEqual(SelectionStop.TrialLimit, limited.Stop);
        SelectionResult timed = ModelSelection.Run(
            Rows(200), Candidates, new SelectionOptions { TimeBudget = TimeSpan.FromTicks(1), Criterion = SelectionCriterion.HeldOut });
        Assert.AreEqual(SelectionStop.TimeLimit, timed.Stop);
        Assert.IsLessThan(2, timed.Trials.Count);
    }

    [TestMethod]
    public void Cancellation_ReturnsTheTrialsSoFar()
    {
        using CancellationTokenSource source = new();
        List<SelectionProgress> seen = [];
        SelectionOptions options = new()
        {
            Criterion = SelectionCriterion.HeldOut,
            CancellationToken = source.Token,
            Progress = new OnProgress<SelectionProgress>(progress =>
            {
                seen.Add(progress);
                if (progress.Done == 2)
                {
                    source.Cancel();
                }
            }),
        };
        SelectionResult result = ModelSelection.Run(Rows(200), Candidates, options);
        Assert.AreEqual(SelectionStop.Cancelled, result.Stop);
        Assert.HasCount(2, result.Trials);
        Assert.IsNotNull(result.BestFit);
        CollectionAssert.AreEqual(new[] { 1, 2 }, seen.Select(p => p.Done).ToArray());
        Assert.IsTrue(seen.All(p => p.Trials == 5 && p.Best is not null));
        Assert.ThrowsExactly<OperationCanceledException>(() => ModelSelection.Run(Rows(200), Candidates, options));
    }

    [TestMethod]
    public void SelectionTwice_IsTheSame()
    {
        SelectionCandidate[] candidates = [.. new SettingsGrid
        {
            Families = ["vae-1"],
            Latents = [1, 2],
            Common = new FitSettings { Epochs = 3, Hidden = [6] },
        }.Candidates()];
        SelectionOptions options = new() { Criterion = SelectionCriterion.HeldOut, Folds = 2, Threads = 1 };
        SelectionResult first = ModelSelection.Run(Rows(100), candidates, options);
        SelectionResult second = ModelSelection.Run(Rows(100), candidates, options);
        CollectionAssert.AreEqual(first.Trials.Select(t => t.Score).ToArray(), second.Trials.Select(t => t.Score).ToArray());
        Assert.AreEqual(first.Best!.Report!.Summary, second.Best!.Report!.Summary);
    }

    [TestMethod]
    [DataRow(1, null, SelectionCriterion.HeldOut, "folds")]
    [DataRow(null, 1.0, SelectionCriterion.HeldOut, "held-out-share")]
    [DataRow(3, 0.5, SelectionCriterion.HeldOut, "folds")]
    [DataRow(3, null, SelectionCriterion.Bic, "folds")]
    [DataRow(null, null, (SelectionCriterion)9, "criterion")]
    public void BadOptions_AreNamed(int? folds, double? share, SelectionCriterion criterion, string option)
    {
        SelectionOptions options = new() { Folds = folds, HeldOutShare = share, Criterion = criterion };
        Assert.AreEqual(option, Assert.ThrowsExactly<BadOptionException>(() => ModelSelection.Run(Rows(50), Candidates, options)).Option);
    }

    [TestMethod]
    public void BadOptions_OfTheSearch()
    {
        Assert.ThrowsExactly<BadOptionException>(() => ModelSelection.Run(Rows(50), []));
        Assert.AreEqual("max-trials", Assert.ThrowsExactly<BadOptionException>(
            () => ModelSelection.Run(Rows(50), Candidates, new SelectionOptions { MaxTrials = 0 })).Option);
        Assert.AreEqual("time", Assert.ThrowsExactly<BadOptionException>(
            () => ModelSelection.Run(Rows(50), Candidates, new SelectionOptions { TimeBudget = TimeSpan.Zero })).Option);
    }

    /// <summary>Rows of 8 columns that three latents and noise made.</summary>
    private static InMemoryRows Rows(int count)
    {
        RandomStream random = new(3, RandomPurpose.Generation, 5);
        double[] loadings = new double[TrueLatents * 8];
        random.FillGaussian(loadings);
        double[] values = new double[count * 8];
        double[] latents = new double[TrueLatents];
        for (int row = 0; row < count; row++)
        {
            random.FillGaussian(latents);
            for (int column = 0; column < 8; column++)
            {
                double value = 0.5 * random.NextGaussian();
                for (int h = 0; h < TrueLatents; h++)
                {
                    value += latents[h] * loadings[(h * 8) + column];
                }

                values[(row * 8) + column] = value;
            }
        }

        return new InMemoryRows(values, 8);
    }
}
