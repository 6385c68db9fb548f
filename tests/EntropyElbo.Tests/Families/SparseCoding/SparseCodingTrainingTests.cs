using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.SparseCoding;

[TestClass]
public sealed class SparseCodingTrainingTests
{
    private const int Side = 4;
    private static readonly InMemoryRows Rows = Bars.Create(400, 2, side: Side);
    private static readonly SparseCodingOptions Options = new() { Latents = 2 * Side, Covariance = SparseCovariance.Full };

    /// <summary>The generating bars are found, and the ELBO is not below that of the true fields with their best scales.</summary>
    [TestMethod]
    public void Bars_AreFound()
    {
        FitResult fit = new SparseCodingTrainer(Options).Fit(Rows);
        SparseCodingModel model = (SparseCodingModel)fit.Model;
        Assert.AreEqual(StopReason.Stationary, model.Training.StopReason);
        Assert.IsTrue(model.Training.Converged);
        double[] bars = Bars.Weights(Side);
        for (int bar = 0; bar < 2 * Side; bar++)
        {
            double best = Enumerable.Range(0, 2 * Side).Max(h => Math.Abs(
                Enumerable.Range(0, Side * Side).Sum(d => model.Fields[(h * Side * Side) + d] * bars[(d * 2 * Side) + bar]))) / Math.Sqrt(Side);
            Assert.IsGreaterThan(0.9, best, $"bar {bar}");
        }

        Assert.IsGreaterThan(TrueElbo(bars) - 0.05, model.Report.Summary.Elbo);
        Assert.AreEqual(0.1, Math.Sqrt(model.NoiseVariance), 0.01);
        foreach (double scale in model.Scales)
        {
            Assert.AreEqual(Math.Sqrt(Side), scale, 0.35); // Laplace scale 1, a bar of length sqrt(side).
        }

        Assert.AreEqual(0, model.Report.Collapsed.Entropy + model.Report.Collapsed.Kl + model.Report.Collapsed.Activity);
    }

    /// <summary>V Theorem 3: at the end of training both objectives have one value.</summary>
    [TestMethod]
    public void ATrainedModel_HasNoGap()
    {
        ElboReport report = new SparseCodingTrainer(Options with { StationarityTolerance = 1e-9 }).Fit(Rows).Model.Report.Summary;
        Assert.AreEqual(report.Elbo, report.EntropySum, 1e-5);
        Assert.IsLessThan(1e-5, Math.Abs(report.PriorResidual));
        Assert.IsLessThan(1e-5, Math.Abs(report.NoiseResidual));
    }

    [TestMethod]
    [DataRow(SparseCovariance.Full, true)]
    [DataRow(SparseCovariance.Diagonal, true)]
    [DataRow(SparseCovariance.Full, false)]
    public void ExactEm_NeverFalls_AndEndsEveryStepWithoutResiduals(SparseCovariance covariance, bool centre)
    {
        SparseCodingOptions options = Options with
        {
            Optimizer = SparseCodingOptimizer.Em,
            Covariance = covariance,
            Centre = centre,
            Iterations = 60,
            InnerTolerance = 1e-11,
        };
        FitResult fit = new SparseCodingTrainer(options).Fit(Rows);
        for (int i = 1; i < fit.History.Count; i++)
        {
            Assert.IsGreaterThan(fit.History[i - 1].Elbo - 1e-9, fit.History[i].Elbo, $"iteration {i}");
        }

        FitProgress last = fit.History[^1];
        Assert.AreEqual(last.EntropySum, last.Elbo, 1e-10);
        Assert.IsGreaterThan(last.Elbo, fit.Model.Report.Summary.Elbo, "the report's E-step is one more");
        Assert.AreEqual(last.Elbo, fit.Model.Report.Summary.Elbo, 0.5);
    }

    /// <summary>Both ways climb one function: L-BFGS from where EM ends finds nothing that EM would not go on to.</summary>
    [TestMethod]
    public void EmAndLBfgs_AgreeOnTheValueOfParameters()
    {
        SparseCodingModel em = (SparseCodingModel)new SparseCodingTrainer(Options with { Optimizer = SparseCodingOptimizer.Em, Iterations = 5 }).Fit(Rows).Model;
        double[] elbos = new double[400];
        em.RowElbo(Rows.ReadAll().Values, elbos);
        Assert.AreEqual(elbos.Average(), em.Report.Summary.Elbo, 1e-9);
    }

    /// <summary>V's joint problem: its gradient is that of its value.</summary>
    [TestMethod]
    public void TheJointProblem_HasTheGradientOfItsValue()
    {
        SparseCodingOptions options = new() { Latents = 3, Covariance = SparseCovariance.Full };
        InMemoryRows few = Bars.Create(7, 2, side: 2);
        SparseCodingColumns columns = SparseCodingColumns.Read(new CheckedRows(few), ScalingKind.None, default);
        using JointFit fit = new(options, columns, few.ReadAll().Values, SparseCodingStart.Random(options, columns), 1);
        RandomStream random = new(4, RandomPurpose.Generation);
        double[] point = new double[fit.Dimension], gradient = new double[fit.Dimension], other = new double[fit.Dimension];
        random.FillGaussian(point);
        fit.Evaluate(point, gradient);
        for (int i = 0; i < point.Length; i++)
        {
            double at = point[i];
            point[i] = at + 1e-5;
            double up = fit.Evaluate(point, other);
            point[i] = at - 1e-5;
            double down = fit.Evaluate(point, other);
            point[i] = at;
            Assert.AreEqual((up - down) / 2e-5, gradient[i], 1e-6, $"variable {i}");
        }
    }

    /// <summary>A fit that begins at the end of another stays there; with one latent more it gains, with one fewer it loses.</summary>
    [TestMethod]
    public void AFitFromAModel_BeginsWhereThatEnded()
    {
        SparseCodingModel model = (SparseCodingModel)new SparseCodingTrainer(Options with { Latents = 6 }).Fit(Rows).Model;
        double From(int latents) => new SparseCodingTrainer(Options with { Latents = latents, Iterations = 60, From = model }).Fit(Rows).Model.Report.Summary.Elbo;
        double elbo = model.Report.Summary.Elbo;
        Assert.AreEqual(elbo, From(6), 1e-3);
        Assert.IsGreaterThan(elbo + 0.1, From(7));
        Assert.IsLessThan(elbo - 0.1, From(5));
        SparseCodingTrainer other = new(Options with { From = model });
        Assert.ThrowsExactly<BadDataException>(() => other.Fit(Bars.Create(50, 1, side: 3)));
        SparseCodingTrainer scaled = new(Options with { Scaling = ScalingKind.Standard, From = model });
        Assert.AreEqual("scale", Assert.ThrowsExactly<BadOptionException>(() => scaled.Fit(Rows)).Option);
    }

    [TestMethod]
    public void Files_HaveOneOrder()
    {
        SparseCodingModel model = (SparseCodingModel)new SparseCodingTrainer(Options with { Iterations = 30, ScaleStart = ScaleStart.Free }).Fit(Rows).Model;
        for (int h = 0; h < model.LatentDimension; h++)
        {
            double[] field = model.Fields.Slice(h * Side * Side, Side * Side).ToArray();
            Assert.AreEqual(1, field.Sum(f => f * f), 1e-14);
            Assert.IsGreaterThan(0, field.MaxBy(Math.Abs));
            Assert.IsTrue(h == 0 || model.Scales[h] <= model.Scales[h - 1]);
        }
    }

    [TestMethod]
    [DataRow(SparseCodingOptimizer.LBfgs, SparseCovariance.Full, 7)]
    [DataRow(SparseCodingOptimizer.LBfgs, SparseCovariance.Diagonal, 130)]
    [DataRow(SparseCodingOptimizer.Em, SparseCovariance.Full, 7)]
    [DataRow(SparseCodingOptimizer.Joint, SparseCovariance.Full, 7)]
    public void AResumedFit_EndsWithTheSameBits(SparseCodingOptimizer optimizer, SparseCovariance covariance, int interrupted) =>
        ResumesToTheSameBits(Options with { Optimizer = optimizer, Covariance = covariance, Latents = 5, Iterations = interrupted + 30 }, interrupted);

    [TestMethod]
    [DataRow(SparseCodingStep.Online)]
    [DataRow(SparseCodingStep.Paper)]
    public void AResumedFitOnBatches_EndsWithTheSameBits(SparseCodingStep step) => ResumesToTheSameBits(
        Options with { BatchSize = 60, BatchStep = step, Latents = 5, Iterations = 6, Annealing = AnnealingSchedule.Parse("likelihood:0.5,0.7,0.8,1") }, 2);

    private static void ResumesToTheSameBits(SparseCodingOptions options, int interrupted)
    {
        string path = Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.checkpoint");
        try
        {
            byte[] whole = Bytes(new SparseCodingTrainer(options).Fit(Rows));
            new SparseCodingTrainer(options with { Iterations = interrupted }).Fit(Rows, new FitContext { CheckpointPath = path });
            byte[] resumed = Bytes(new SparseCodingTrainer(options).Fit(Rows, new FitContext { CheckpointPath = path, Resume = true, Threads = 1 }));
            CollectionAssert.AreEqual(whole, resumed);
            Assert.ThrowsExactly<ModelFileException>(
                () => new SparseCodingTrainer(options with { Seed = 9 }).Fit(Rows, new FitContext { CheckpointPath = path, Resume = true }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Rows of two directions without noise: the noise variance meets its floor, and the record says so.</summary>
    [TestMethod]
    [DataRow(SparseCodingOptimizer.LBfgs)]
    [DataRow(SparseCodingOptimizer.Em)]
    public void AFloorThatHolds_IsReported(SparseCodingOptimizer optimizer)
    {
        double[] values = Bars.Create(200, 2, side: 1, noise: 0).ReadAll().Values;
        InMemoryRows rows = new([.. values.SelectMany(v => new[] { v, 2 * v, -v })], 3);
        SparseCodingModel model = (SparseCodingModel)new SparseCodingTrainer(
            new() { Latents = 1, Optimizer = optimizer, VarianceFloor = 1e-4 }).Fit(rows).Model;
        Assert.IsTrue(model.Training.IsAtFloor);
        StringAssert.Contains(string.Concat(model.Training.Warnings), "held at its floor");
        Assert.IsTrue(double.IsFinite(model.Report.Summary.Elbo));
    }

    /// <summary>Vectors whose index is known in closed form; and the codes of sparse rows are sparser than those of a model's own normal latents would be.</summary>
    [TestMethod]
    public void TheGiniIndex_IsThatOfHurleyAndRickard()
    {
        Assert.AreEqual(0, GiniIndex.Of([3, 3, 3, 3]), 1e-15);
        Assert.AreEqual(0.75, GiniIndex.Of([0, 5, 0, 0]), 1e-15);
        Assert.AreEqual(2.0 / 9, GiniIndex.Of([3, 1, 2]), 1e-15);
        Assert.AreEqual(0, GiniIndex.Of([0, 0]));

        // For independent exponential sizes, as Laplace latents have, the index of H of them is (H - 1) / 2H in the mean.
        GiniIndex index = ((SparseCodingModel)new SparseCodingTrainer(Options).Fit(Rows).Model).Gini(Rows);
        Assert.AreEqual(7.0 / 16, index.Mean, 0.03);
        Assert.IsTrue(index.Deviation is > 0.02 and < 0.2 && Math.Abs(index.OfMeans - index.Mean) < 0.05, $"{index}");
    }

    [TestMethod]
    public void BadOptions_AreNamed()
    {
        Assert.AreEqual("covariance", Refused(new() { Latents = 5000, Covariance = SparseCovariance.Full }));
        Assert.AreEqual("variance-floor", Refused(new() { Latents = 2, VarianceFloor = 0 }));
        Assert.AreEqual("inner-tolerance", Refused(new() { Latents = 2, InnerTolerance = double.NaN }));
        Assert.AreEqual("latents", Refused(new() { Latents = 0 }));
    }

    /// <summary>What nothing but the units changes.</summary>
    [TestMethod]
    public void AUnit_MovesTheElboByItsLogarithm()
    {
        SparseCodingOptions options = Options with { Iterations = 60 };
        double one = new SparseCodingTrainer(options).Fit(Rows).Model.Report.Summary.Elbo;
        foreach (int exponent in new[] { -40, 40 })
        {
            InMemoryRows other = new([.. Rows.ReadAll().Values.Select(v => Math.ScaleB(v, exponent))], Side * Side);
            double elbo = new SparseCodingTrainer(options).Fit(other).Model.Report.Summary.Elbo;
            Assert.AreEqual(one, elbo + (Side * Side * exponent * Math.Log(2)), 1e-6, $"2^{exponent}");
        }
    }

    private static string Refused(SparseCodingOptions options) =>
        Assert.ThrowsExactly<BadOptionException>(() => new SparseCodingTrainer(options).Fit(Rows)).Option;

    private static byte[] Bytes(FitResult result) => ModelFile.ToBytes(result.Model.ToRecord());

    /// <summary>The ELBO of the true bars, with scales and mean at their best by EM without its step for the fields.</summary>
    private static double TrueElbo(double[] bars)
    {
        double[][] fields = [.. Enumerable.Range(0, 2 * Side).Select(h => Enumerable.Range(0, Side * Side).Select(d => bars[(d * 2 * Side) + h]).ToArray())];
        double[] values = Rows.ReadAll().Values, scales = [.. Enumerable.Repeat(2.0, 2 * Side)], mean = new double[Side * Side];
        double noise = 0.01, elbo = double.NegativeInfinity;
        using SparseCodingPass pass = new(new SparseCodingTable(values, Side * Side), 2 * Side, false, 1);
        while (true)
        {
            SparseCodingParameters parameters = SparseCodingParameters.Of(fields, scales, noise, mean);
            SparseCodingObjective objective = new(parameters, pass.Run(parameters, new(parameters.Fields, scales, noise), default));
            if (objective.Elbo < elbo + 1e-7)
            {
                return objective.Elbo;
            }

            (elbo, noise, scales) = (objective.Elbo, objective.MeanError, objective.Sizes);
            double[] slope = new double[mean.Length];
            objective.MeanGradient(1, slope);
            mean = [.. mean.Select((m, d) => m + (slope[d] * parameters.NoiseVariance))];
        }
    }
}
