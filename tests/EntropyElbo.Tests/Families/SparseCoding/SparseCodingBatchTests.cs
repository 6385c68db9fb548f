using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.SparseCoding;

/// <summary>Minibatches, their running sums and the schedules of weights.</summary>
[TestClass]
public sealed class SparseCodingBatchTests
{
    private static readonly InMemoryRows Rows = Bars.Create(2000, 2, side: 3);
    private static readonly SparseCodingOptions Options = new() { Latents = 6, Covariance = SparseCovariance.Full, BatchSize = 100, Iterations = 20 };

    /// <summary>Both steps come near what all rows at once give; L-BFGS is the yardstick.</summary>
    [TestMethod]
    [DataRow(SparseCodingStep.Online, 0.5)]
    [DataRow(SparseCodingStep.Paper, 1.5)]
    public void Batches_ComeNearTheOptimum(SparseCodingStep step, double distance)
    {
        double best = new SparseCodingTrainer(Options with { BatchSize = null, Iterations = null }).Fit(Rows).Model.Report.Summary.Elbo;
        FitResult fit = new SparseCodingTrainer(Options with { BatchStep = step }).Fit(Rows);
        Assert.IsGreaterThan(fit.History[0].Elbo, fit.History[^1].Elbo);
        Assert.AreEqual(best, fit.Model.Report.Summary.Elbo, distance);
        Assert.AreEqual(fit.Model.Report.Summary.Elbo, fit.History[^1].Elbo, 0.5, "the epoch's value is that of rows before they are learned from");
    }

    /// <summary>
    /// The entropy form of a batch is a maximum over its own scales, so its mean is above the classical ELBO of the same q, and the
    /// further the smaller the batches are: by about H / 2n nats for batches of n rows and as many scales.
    /// </summary>
    [TestMethod]
    public void BatchEntropies_AreAboveTheElbo_TheMoreTheSmallerTheBatch()
    {
        double[] excess = [.. new[] { 10, 40 }.Select(size =>
        {
            FitResult fit = new SparseCodingTrainer(Options with { BatchSize = size, Iterations = 5 }).Fit(Rows);
            return fit.Model.Training.BatchEntropySum!.Value - fit.History[^1].Elbo;
        })];
        Assert.IsGreaterThan(0, excess[1]);
        Assert.IsGreaterThan(2 * excess[1], excess[0]);
        Assert.IsNull(new SparseCodingTrainer(Options with { BatchSize = null, Iterations = 3 }).Fit(Rows).Model.Training.BatchEntropySum);
    }

    /// <summary>Streamed rows are shuffled in a buffer that holds them all here, so they are the same batches.</summary>
    [TestMethod]
    public void StreamedRows_AreLearnedFrom()
    {
        SparseCodingOptions options = Options with { Iterations = 4 };
        FitResult streamed = new SparseCodingTrainer(options).Fit(Rows, new FitContext { Caching = RowCaching.Stream });
        Assert.AreEqual(new SparseCodingTrainer(options).Fit(Rows).Model.Report.Summary.Elbo, streamed.Model.Report.Summary.Elbo, 1);
    }

    /// <summary>All rows at once need not be in memory: only their codes are.</summary>
    [TestMethod]
    public void AllRowsStreamed_GiveTheBitsOfThoseInMemory()
    {
        SparseCodingOptions options = Options with { BatchSize = null, Iterations = 5 };
        byte[] kept = ModelFile.ToBytes(new SparseCodingTrainer(options).Fit(Rows).Model.ToRecord());
        byte[] streamed = ModelFile.ToBytes(new SparseCodingTrainer(options).Fit(Rows, new FitContext { Caching = RowCaching.Stream }).Model.ToRecord());
        CollectionAssert.AreEqual(kept, streamed);
        SparseCodingTrainer joint = new(options with { Optimizer = SparseCodingOptimizer.Joint });
        Assert.AreEqual("optimizer", Assert.ThrowsExactly<BadOptionException>(() => joint.Fit(Rows, new FitContext { Caching = RowCaching.Stream })).Option);
    }

    /// <summary>Sums counted from another origin are those of rows counted from it.</summary>
    [TestMethod]
    public void MovedSums_AreThoseOfTheOtherOrigin()
    {
        SparseReference reference = SparseReference.Random(5, 4, 3, 7);
        double[] origin = [0.3, -1, 2, 0.1];
        SparseCodingSums moved = reference.Sums(), expected = reference.Sums(origin);
        moved.MoveOrigin(reference.Mean, origin);
        Assert.AreEqual(expected.Squares, moved.Squares, 1e-12);
        Near(expected.Centred, moved.Centred);
        Near(expected.Products.Entries.ToArray(), moved.Products.Entries.ToArray());
    }

    /// <summary>The M-step is where the derivatives vanish, by V's formulas, and sums of halves give what the whole gives.</summary>
    [TestMethod]
    public void TheMaximisation_LeavesNoSlope()
    {
        SparseReference reference = SparseReference.Random(9, 4, 3, 8);
        double[] origin = new double[4];
        Maximisation step = Maximisation.Of(
            origin, reference.Sums(origin), hasMean: true, default, SparseCodingParameters.OfUnitFields(reference.Fields, reference.Scales, reference.Noise, reference.Mean));
        SparseReference after = reference.With(step.Parameters, step.Lengths);
        Assert.AreEqual(after.Classical(), step.Values.Elbo, 1e-11);
        Assert.AreEqual(after.Entropies(), step.Values.Elbo, 1e-11);
        Assert.IsGreaterThan(reference.Classical(), step.Values.Elbo);
        SparseCodingObjective objective = after.Objective();
        MatrixView<double> fields = new Matrix<double>(3, 4);
        double[] mean = new double[4];
        objective.FieldGradients(1, fields);
        objective.MeanGradient(1, mean);
        Near(new double[4], mean);
        Near(new double[fields.Entries.Length], fields.Entries.ToArray());
        Assert.AreEqual(0, objective.NoiseResidual, 1e-11);
        Assert.AreEqual(0, objective.PriorResidual, 1e-11);
    }

    [TestMethod]
    [DataRow("none", 0, 1.0, 1.0)]
    [DataRow("prior", 0, 10.0, 1.0)]
    [DataRow("prior", 4, 2.0, 1.0)]
    [DataRow("prior", 5, 1.0, 1.0)]
    [DataRow("likelihood", 5, 1.0, 0.5)]
    [DataRow("likelihood", 6, 1.0, 1.0)]
    [DataRow("tempering:3,2,1", 1, 2.0, 2.0)]
    [DataRow("prior:4,1", 100, 1.0, 1.0)]
    public void Schedules_AreThoseOfThePaper(string text, int epoch, double prior, double noise)
    {
        Assert.AreEqual((prior, noise), AnnealingSchedule.Parse(text).At(epoch));
        Assert.AreEqual(text, AnnealingSchedule.Parse(text).ToString());
    }

    [TestMethod]
    [DataRow("prior:4,2")]
    [DataRow("prior:")]
    [DataRow("prior:x,1")]
    [DataRow("prior:1000,1")]
    [DataRow("beta")]
    [DataRow("none:1")]
    public void BadSchedules_AreRefused(string text) =>
        Assert.AreEqual("annealing", Assert.ThrowsExactly<BadOptionException>(() => AnnealingSchedule.Parse(text)).Option);

    [TestMethod]
    public void AnnealingOnAllRows_IsForEm()
    {
        SparseCodingOptions options = Options with { BatchSize = null, Annealing = AnnealingSchedule.Parse("likelihood") };
        Assert.AreEqual("annealing", Assert.ThrowsExactly<BadOptionException>(() => new SparseCodingTrainer(options).Fit(Rows)).Option);
        FitResult fit = new SparseCodingTrainer(options with { Optimizer = SparseCodingOptimizer.Em, Iterations = 30 }).Fit(Rows);
        Assert.IsTrue(double.IsFinite(fit.Model.Report.Summary.Elbo));
    }

    private static void Near(double[] expected, double[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-11);
        }
    }
}
