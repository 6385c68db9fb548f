using EntropyElbo.Criterion;
using EntropyElbo.Data;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.PoissonSparseCoding;

[TestClass]
public sealed class PoissonSparseCodingTrainingTests
{
    private static readonly SparseCodingParameters Truth = MadeCounts.Blocks(3, 3, 1.5, 0.5);
    private static readonly InMemoryRows Rows = MadeCounts.Draw(Truth, 500, 3);
    private static readonly PoissonSparseCodingOptions Options = new() { Latents = 3 };

    /// <summary>The generating fields, scales and offsets are found, and the ELBO is not below that of the true parameters.</summary>
    [TestMethod]
    [DataRow(SparseCovariance.Full)]
    [DataRow(SparseCovariance.Diagonal)]
    public void TheGeneratingParameters_AreFound(SparseCovariance covariance)
    {
        PoissonSparseCodingModel model = Fit(Options with { Covariance = covariance });
        for (int h = 0; h < 3; h++)
        {
            double[] truth = Truth.Field(h);
            (double cosine, int place) = Enumerable.Range(0, 3).Select(k => (Math.Abs(VectorFold.Dot(model.Fields.Slice(k * 9, 9), truth)), k)).Max();
            Assert.IsGreaterThan(0.98, cosine, $"field {h}");
            Assert.AreEqual(1.5, model.Scales[place], 0.25);
        }

        for (int d = 0; d < 9; d++)
        {
            Assert.AreEqual(Truth.Mean[d], model.Offsets[d], 0.25);
        }

        ElboReport report = model.Report.Summary;
        Assert.IsGreaterThan(MadeCounts.Model(Truth, covariance == SparseCovariance.Diagonal).Evaluate(Rows).Summary.Elbo, report.Elbo);
        Assert.AreEqual(0, model.Report.Collapsed.Entropy + model.Report.Collapsed.Kl + model.Report.Collapsed.Activity);
    }

    /// <summary>
    /// At the end of training the ELBO is the sum of (pseudo) entropies, and the offsets have their closed form: a column's expected
    /// counts are its counts. Away from it neither holds.
    /// </summary>
    [TestMethod]
    public void ATrainedModel_HasNoGap_AndItsColumnsTheirMeans()
    {
        PoissonSparseCodingModel model = Fit(Options with { StationarityTolerance = 1e-9 });
        ElboReport report = model.Report.Summary;
        Assert.AreEqual(report.Elbo, report.EntropySum, 1e-4);
        Assert.IsLessThan(1e-4, Math.Abs(report.PriorResidual));
        Assert.IsLessThan(1e-4, Math.Abs(report.NoiseResidual));
        Assert.IsLessThan(1e-4, Shortfall(model.Parameters));
        Assert.IsGreaterThan(0.01, Shortfall(Truth));

        static double Shortfall(SparseCodingParameters parameters)
        {
            RowSolver solver = Solver(parameters);
            double[] values = Rows.ReadAll().Values, slopes = new double[9];
            for (int row = 0; row < 500; row++)
            {
                solver.Infer(values.AsSpan(row * 9, 9), isWarm: false);
                slopes = [.. slopes.Zip(solver.State.Slope, (a, b) => a + (b / 500))];
            }

            return slopes.Max(Math.Abs);
        }

        static RowSolver Solver(SparseCodingParameters parameters)
        {
            RowSolver solver = new(9, 3, isDiagonal: false);
            solver.Use(new RowBound(parameters.Fields, parameters.Mean, parameters.Scales, new PoissonTerms()));
            return solver;
        }
    }

    /// <summary>The criterion of its parameterization holds, so that the ELBO must be such a sum; without the offsets' factor it fails.</summary>
    [TestMethod]
    public void TheCriterion_Holds()
    {
        ModelCriterion criterion = ParameterizationCriterion.Of(MadeCounts.Model(Truth, isDiagonal: false));
        Assert.IsNull(criterion.Entropies);
        Assert.IsTrue(criterion.PseudoEntropies!.Holds, criterion.ToString());
    }

    /// <summary>Correlations are worth something where fields overlap, and the independent Poisson columns that neither knows are worse.</summary>
    [TestMethod]
    public void Full_IsNotBelowDiagonal()
    {
        InMemoryRows rows = MadeCounts.Draw(MadeCounts.Random(6, 3, 2), 300, 5);
        PoissonSparseCodingModel diagonal = Fit(Options with { Covariance = SparseCovariance.Diagonal, Iterations = 60 }, rows);
        double full = MadeCounts.Model(diagonal.Parameters, isDiagonal: false).Evaluate(rows).Summary.Elbo;
        Assert.IsGreaterThan(diagonal.Report.Summary.Elbo, full);
    }

    [TestMethod]
    [DataRow(1, 9)]
    [DataRow(2, 30)]
    public void AResumedFit_EndsWithTheSameBits(int restarts, int interrupted)
    {
        PoissonSparseCodingOptions options = Options with { Restarts = restarts, Iterations = 25, Covariance = SparseCovariance.Full };
        string path = Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.checkpoint");
        try
        {
            byte[] whole = Bytes(new PoissonSparseCodingTrainer(options).Fit(Rows));
            new PoissonSparseCodingTrainer(options).Fit(Rows, Interrupted(path, interrupted));
            FitResult resumed = new PoissonSparseCodingTrainer(options).Fit(Rows, new FitContext { CheckpointPath = path, Resume = true, Threads = 1 });
            CollectionAssert.AreEqual(whole, Bytes(resumed));
            Assert.ThrowsExactly<ModelFileException>(() => new PoissonSparseCodingTrainer(options with { Seed = 9 }).Fit(
                Rows, new FitContext { CheckpointPath = path, Resume = true }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void AFitFromAModel_BeginsWhereThatEnded()
    {
        PoissonSparseCodingModel model = Fit(Options with { Latents = 2 });
        double From(int latents) => new PoissonSparseCodingTrainer(Options with { Latents = latents, Iterations = 60, From = model }).Fit(Rows).Model.Report.Summary.Elbo;
        double elbo = model.Report.Summary.Elbo;
        Assert.AreEqual(elbo, From(2), 1e-3);
        Assert.IsGreaterThan(elbo + 0.1, From(3));
        Assert.IsLessThan(elbo - 0.1, From(1));
        Assert.ThrowsExactly<BadDataException>(
            () => new PoissonSparseCodingTrainer(Options with { From = model }).Fit(MadeCounts.Draw(MadeCounts.Random(4, 2, 1), 50, 1)));
        Assert.AreEqual("restarts", Assert.ThrowsExactly<BadOptionException>(
            () => new PoissonSparseCodingTrainer(Options with { Restarts = 2, From = model }).Fit(Rows)).Option);
    }

    /// <summary>Rows that are read again in every pass start cold, and end at the same parameters but for the tolerance of E-steps.</summary>
    [TestMethod]
    public void StreamedRows_GiveTheSameModel()
    {
        PoissonSparseCodingOptions options = Options with { Iterations = 15 };
        double kept = Fit(options).Report.Summary.Elbo;
        double streamed = new PoissonSparseCodingTrainer(options).Fit(Rows, new FitContext { Caching = RowCaching.Stream }).Model.Report.Summary.Elbo;
        Assert.AreEqual(kept, streamed, 1e-4);
    }

    [TestMethod]
    public void WhatIsNoCount_IsNamed()
    {
        double[] values = Rows.ReadAll().Values;
        values[13] = 1.5;
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => Fit(Options, new InMemoryRows(values, 9)));
        Assert.AreEqual(1, error.Row);
        StringAssert.Contains(error.Message, "1.5");
        values[13] = -1;
        Assert.ThrowsExactly<BadDataException>(() => Fit(Options, new InMemoryRows(values, 9)));
        Assert.AreEqual("restarts", Assert.ThrowsExactly<BadOptionException>(() => Fit(Options with { Restarts = 0 })).Option);
    }

    /// <summary>A column without any count, and one of large counts.</summary>
    [TestMethod]
    public void ColumnsOfNoCounts_AndOfMany_AreLearned()
    {
        double[] values = [.. Rows.ReadAll().Values.Select((v, i) => (i % 9) switch { 4 => 0, 7 => 1000 * v, _ => v })];
        PoissonSparseCodingModel model = Fit(Options with { Iterations = 40 }, new InMemoryRows(values, 9));
        Assert.IsTrue(double.IsFinite(model.Report.Summary.Elbo));
        Assert.IsLessThan(-3, model.Offsets[4]);
        CollectionAssert.Contains(model.Training.ConstantColumns.ToArray(), model.ColumnNames[4]);
    }

    private static FitContext Interrupted(string path, int iterations)
    {
        CancellationTokenSource source = new();
        return new FitContext
        {
            CheckpointPath = path,
            CancellationToken = source.Token,
            Progress = new Immediate(p =>
            {
                if (p.Epoch >= iterations)
                {
                    source.Cancel();
                }
            }),
        };
    }

    private static PoissonSparseCodingModel Fit(PoissonSparseCodingOptions options, InMemoryRows? rows = null) =>
        (PoissonSparseCodingModel)new PoissonSparseCodingTrainer(options).Fit(rows ?? Rows).Model;

    private static byte[] Bytes(FitResult result) => ModelFile.ToBytes(result.Model.ToRecord());

    private sealed class Immediate(Action<FitProgress> action) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => action(value);
    }
}
