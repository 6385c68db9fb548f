using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Contracts;

/// <summary>
/// What every family of models must do. A family derives from this class with a quick trainer and sample rows; gradients
/// and monotone EM are checked in the family's own tests, where its parameters are at hand.
/// </summary>
public abstract partial class ModelFamilyContract
{
    public TestContext TestContext { get; set; } = null!;

    /// <summary>The tool's name of the family.</summary>
    protected abstract string Name { get; }

    /// <summary>Relative tolerance of the identity (LW eq. 51, 69): 1e-9 where the family computes in doubles, 1e-5 in floats.</summary>
    protected abstract double IdentityTolerance { get; }

    /// <summary>Rows inside the family's support, more than 512, of 3 to 8 columns; different for each seed.</summary>
    protected virtual IRowSource Rows(ulong seed = 1) => Gaussian(600, 6, seed);

    /// <summary>A trainer that ends within a second.</summary>
    protected abstract ITrainer Trainer(ulong seed = 1, int latents = 2);

    /// <summary>A model with random parameters, far from any stationary point, for rows of that width.</summary>
    private protected abstract LatentModel Untrained(int columns, ulong seed);

    /// <summary>A model for very wide rows, for families that know them; null for others.</summary>
    private protected virtual LatentModel? Wide(IRowSource rows) => Untrained(rows.Columns, 1);

    /// <summary>Whether training draws random numbers, so that another seed gives another model.</summary>
    protected virtual bool IsRandom => true;

    private string TempFile => Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.eelbo");

    [TestMethod]
    public void Identity_HoldsAtRandomParameters()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            IRowSource rows = Rows(seed);
            LatentModel model = Untrained(rows.Columns, seed);
            ElboReport report = model.Evaluate(rows, new EvaluateOptions { Seed = seed, Samples = 3 }).Summary;
            double byEntropies = report.EntropySum - report.PriorResidual - report.NoiseResidual;
            Assert.AreEqual(report.Elbo, byEntropies, IdentityTolerance * Math.Abs(report.Elbo), $"seed {seed}: {report}");
            Assert.IsGreaterThan(1e-3, Math.Abs(report.Elbo - report.EntropySum), "parameters must be far from stationary for this test to say anything");
        }
    }

    [TestMethod]
    public void Report_IsOfOnePiece()
    {
        IRowSource rows = Rows();
        Evaluation evaluation = Trainer().Fit(rows).Model.Evaluate(rows);
        ElboReport report = evaluation.Summary;
        Assert.AreEqual(report.Elbo, report.Reconstruction - report.Kl, 1e-9 * Math.Abs(report.Elbo));
        Assert.AreEqual(rows.CountRows(), report.Rows);
        Assert.AreEqual(report.EncoderEntropy - report.PriorEntropy - report.DecoderEntropy + report.BaseMeasure, report.EntropySum, 1e-9);
        Assert.IsTrue(double.IsFinite(evaluation.Bic) && double.IsFinite(evaluation.Aic) && report.StandardError >= 0);
        Assert.IsGreaterThan(0, evaluation.FreeParameters);
    }

    [TestMethod]
    public void Evaluate_DoesNotDependOnThreads()
    {
        IRowSource rows = Rows();
        Assert.IsGreaterThan(2 * LatentModel.BlockRows, rows.CountRows(), "the rows must fill several blocks");
        LatentModel model = Untrained(rows.Columns, 1);
        Evaluation one = model.Evaluate(rows, new EvaluateOptions { Threads = 1 });
        Evaluation three = model.Evaluate(rows, new EvaluateOptions { Threads = 3 });
        Assert.AreEqual(one.Summary, three.Summary);
        CollectionAssert.AreEqual(one.Latents.ToArray(), three.Latents.ToArray());
    }

    /// <summary>Blocks of very wide rows hold fewer of them: whatever follows from a row's place must not go by the number of the block.</summary>
    [TestMethod]
    public void VeryWideRows_KeepTheirPlaces()
    {
        double[] values = Widened(Rows(), 300, 16_640);
        InMemoryRows rows = new(values, 16_640);
        if (Wide(rows) is not { } model)
        {
            return;
        }

        Assert.IsLessThan(LatentModel.BlockRows, model.RowsPerBlock);
        ElboReport report = model.Evaluate(rows, new EvaluateOptions { Threads = 1, Samples = 2 }).Summary;
        Assert.AreEqual(report, model.Evaluate(rows, new EvaluateOptions { Threads = 2, Samples = 2 }).Summary);
        Assert.IsTrue(double.IsFinite(report.Elbo));
        if (report.Samples == 0)
        {
            double[] elbos = new double[300];
            model.RowElbo(values, elbos);
            Assert.AreEqual(elbos.Average(), report.Elbo, 1e-9 * Math.Abs(report.Elbo));
        }

        values[(260 * 16_640) + 7] = -1.5;
        try
        {
            model.Evaluate(new InMemoryRows(values, 16_640), new EvaluateOptions { Samples = 2 });
        }
        catch (BadDataException outside)
        {
            Assert.AreEqual(260, outside.Row);
            StringAssert.Contains(outside.Message, "row 261");
        }
    }

    [TestMethod]
    public void RowElbos_AverageToTheElbo()
    {
        IRowSource rows = Rows();
        LatentModel model = Trainer().Fit(rows).Model;
        double[] values = rows.ReadAll().Values;
        double[] elbos = new double[values.Length / rows.Columns];
        double[] scores = new double[elbos.Length];
        model.RowElbo(values, elbos, samples: 4000);
        model.AnomalyScore(values, scores, samples: 4000);
        ElboReport report = model.Evaluate(rows, new EvaluateOptions { Samples = 100 }).Summary;
        double tolerance = report.Samples == 0 ? 1e-9 * Math.Abs(report.Elbo) : 0.05 * (1 + Math.Abs(report.Elbo));
        Assert.AreEqual(report.Elbo, elbos.Average(), tolerance);
        CollectionAssert.AreEqual(elbos.Select(e => -e).ToArray(), scores);
    }

    [TestMethod]
    public void RowElbo_DoesNotDependOnNeighbours()
    {
        IRowSource rows = Rows();
        LatentModel model = Untrained(rows.Columns, 2);
        double[] values = rows.ReadAll().Values;
        int count = values.Length / rows.Columns;
        double[] together = new double[count];
        model.RowElbo(values, together);
        double[] alone = new double[1];
        for (int row = 0; row < count; row += 37)
        {
            model.RowElbo(values.AsSpan(row * rows.Columns, rows.Columns), alone);
            Assert.AreEqual(together[row], alone[0], 1e-12 * Math.Abs(alone[0]), $"row {row}");
        }
    }

    [TestMethod]
    public void LogLikelihood_IsNotBelowTheElbo()
    {
        IRowSource rows = Rows();
        LatentModel model = Trainer().Fit(rows).Model;
        double[] values = rows.ReadAll().Values;
        double[] logLikelihoods = new double[values.Length / rows.Columns];
        double[] elbos = new double[logLikelihoods.Length];
        model.LogLikelihood(values, logLikelihoods, samples: 500);
        model.RowElbo(values, elbos, samples: 500);
        Assert.IsGreaterThanOrEqualTo(elbos.Average() - (1e-9 * Math.Abs(elbos.Average())), logLikelihoods.Average());
    }

    [TestMethod]
    public void Encode_GivesFiniteMeansAndPositiveVariances_RowByRowAsInABlock()
    {
        IRowSource rows = Rows();
        LatentModel model = Trainer().Fit(rows).Model;
        double[] values = rows.ReadAll().Values;
        int count = values.Length / rows.Columns;
        int latents = model.LatentDimension;
        double[] means = new double[count * latents];
        double[] variances = new double[count * latents];
        model.Encode(values, means, variances);
        Assert.IsTrue(means.All(double.IsFinite));
        Assert.IsTrue(variances.All(v => v >= 0 && double.IsFinite(v)));
        double[] mean = new double[latents];
        double[] variance = new double[latents];
        for (int row = 0; row < count; row += 41)
        {
            model.Encode(values.AsSpan(row * rows.Columns, rows.Columns), mean, variance);
            for (int h = 0; h < latents; h++)
            {
                Assert.AreEqual(means[(row * latents) + h], mean[h], 1e-12 * (1 + Math.Abs(mean[h])));
                Assert.AreEqual(variances[(row * latents) + h], variance[h], 1e-12);
            }
        }
    }

    [TestMethod]
    public void Encode_IsSafeOnManyThreads()
    {
        IRowSource rows = Rows();
        LatentModel model = Trainer().Fit(rows).Model;
        double[] values = rows.ReadAll().Values;
        int latents = model.LatentDimension;
        int count = values.Length / rows.Columns;
        double[] expected = new double[count * latents];
        model.Encode(values, expected, new double[expected.Length]);
        int wrong = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            double[] mean = new double[latents];
            double[] variance = new double[latents];
            for (int i = 0; i < 500; i++)
            {
                int row = i % count;
                model.Encode(values.AsSpan(row * rows.Columns, rows.Columns), mean, variance);
                if (!mean.AsSpan().SequenceEqual(expected.AsSpan(row * latents, latents)))
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        });
        Assert.AreEqual(0, wrong);
    }

    [TestMethod]
    public void Sample_IsSeeded_AndDecodeAndReconstructGiveRowsOfTheDatasUnits()
    {
        IRowSource rows = Rows();
        LatentModel model = Trainer().Fit(rows).Model;
        double[] first = new double[50 * rows.Columns];
        double[] second = new double[first.Length];
        double[] other = new double[first.Length];
        model.Sample(first, 1);
        model.Sample(second, 1);
        model.Sample(other, 2);
        CollectionAssert.AreEqual(first, second);
        CollectionAssert.AreNotEqual(first, other);
        Assert.IsTrue(first.All(double.IsFinite));
        double[] values = rows.ReadAll().Values;
        double[] reconstructions = new double[values.Length];
        model.Reconstruct(values, reconstructions);
        double error = values.Zip(reconstructions, (a, b) => (a - b) * (a - b)).Average();
        double spread = values.Average(v => v * v);
        Assert.IsTrue(double.IsFinite(error) && error <= spread, $"error {error}, mean square {spread}");
    }

    [TestMethod]
    public void SaveAndLoad_KeepEveryBit()
    {
        IRowSource rows = Rows();
        LatentModel model = Trainer().Fit(rows).Model;
        string path = TempFile;
        try
        {
            model.Save(path);
            LatentModel loaded = ModelFamilies.Load(path);
            Assert.AreEqual(Name, loaded.Family);
            CollectionAssert.AreEqual(ModelFile.ToBytes(model.ToRecord()), ModelFile.ToBytes(loaded.ToRecord()));
            Assert.AreEqual(model.Evaluate(rows).Summary, loaded.Evaluate(rows).Summary);
            Assert.AreEqual(model.Report.Summary, loaded.Report.Summary);
            Assert.AreEqual(model.FreeParameters, loaded.FreeParameters);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void SameSeed_SameModel_WhateverTheThreads()
    {
        byte[] one = Bytes(Trainer().Fit(Rows(), new FitContext { Threads = 1 }));
        byte[] two = Bytes(Trainer().Fit(Rows(), new FitContext { Threads = 2 }));
        byte[] five = Bytes(Trainer().Fit(Rows(), new FitContext { Threads = 5 }));
        CollectionAssert.AreEqual(one, two);
        CollectionAssert.AreEqual(one, five);
        if (IsRandom)
        {
            CollectionAssert.AreNotEqual(one, Bytes(Trainer(seed: 2).Fit(Rows(), new FitContext { Threads = 1 })));
        }
    }

    [TestMethod]
    public void FitTwice_WithOneTrainer_GivesIndependentEqualModels()
    {
        ITrainer trainer = Trainer();
        FitResult first = trainer.Fit(Rows());
        byte[] before = Bytes(first);
        trainer.Fit(Rows(seed: 2));
        CollectionAssert.AreEqual(before, Bytes(first));
        CollectionAssert.AreEqual(before, Bytes(trainer.Fit(Rows())));
    }

    [TestMethod]
    public void BadInput_NoRows() =>
        Assert.ThrowsExactly<BadDataException>(() => Trainer().Fit(new InMemoryRows(Array.Empty<double>(), Rows().Columns)));

    [TestMethod]
    public void BadInput_ASingleRow()
    {
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => Trainer().Fit(Rows().Take(1)));
        StringAssert.Contains(error.Message, "row");
        StringAssert.Contains(error.Message, "at least");
    }

    [TestMethod]
    public void BadInput_NotANumber_NamesRowAndColumn_OrIsSkippedAndCounted()
    {
        IRowSource rows = Rows();
        double[] values = rows.ReadAll().Values;
        values[(7 * rows.Columns) + 1] = double.NaN;
        values[(9 * rows.Columns) + 2] = double.PositiveInfinity;
        InMemoryRows holed = new(values, rows.Columns, rows.ColumnNames);
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => Trainer().Fit(holed));
        Assert.AreEqual(7, error.Row);
        Assert.AreEqual(rows.ColumnNames[1], error.Column);
        StringAssert.Contains(error.Message, rows.ColumnNames[1]);
        FitResult result = Trainer().Fit(holed, new FitContext { MissingValues = MissingValues.SkipRow });
        Assert.AreEqual(2, result.Model.Training.SkippedRows);
        Assert.AreEqual(rows.CountRows() - 2, result.Model.Training.Rows);
        Assert.AreEqual(rows.CountRows() - 2, result.Model.Report.Summary.Rows);
    }

    [TestMethod]
    public void BadInput_ZeroLatents()
    {
        BadOptionException error = Assert.ThrowsExactly<BadOptionException>(() => Trainer(latents: 0).Fit(Rows()));
        StringAssert.Contains(error.Message, "0");
    }

    [TestMethod]
    public void BadInput_WrongWidth()
    {
        IRowSource rows = Rows();
        LatentModel model = Untrained(rows.Columns, 1);
        double[] wrong = new double[rows.Columns + 1];
        double[] codes = new double[model.LatentDimension];
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => model.Encode(wrong, codes, codes)).Message, $"{rows.Columns}");
        Assert.ThrowsExactly<BadDataException>(() => model.Evaluate(Gaussian(10, rows.Columns + 1, 1)));
        Assert.ThrowsExactly<ArgumentException>(() => model.Encode(rows.ReadAll().Values.AsSpan(0, rows.Columns), new double[model.LatentDimension + 1], codes));
    }

    [TestMethod]
    public void BadInput_RecordOfANewerVersionOrWithAHole()
    {
        ModelRecord record = Untrained(Rows().Columns, 1).ToRecord();
        ModelRecord newer = new(record.Family, record.FamilyVersion + 100);
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => ModelFamilies.Read(newer, "m.eelbo"));
        StringAssert.Contains(error.Message, "newer");
        ModelRecord holed = new(record.Family, record.FamilyVersion);
        Assert.ThrowsExactly<ModelFileException>(() => ModelFamilies.Read(holed, "m.eelbo"));
    }

    [TestMethod]
    public void ConstantColumn_TrainsAndIsReported()
    {
        IRowSource rows = Rows();
        double[] values = rows.ReadAll().Values;
        for (int i = 2; i < values.Length; i += rows.Columns)
        {
            values[i] = values[2];
        }

        LatentModel model = Trainer().Fit(new InMemoryRows(values, rows.Columns, rows.ColumnNames)).Model;
        CollectionAssert.Contains(model.Training.ConstantColumns.ToArray(), rows.ColumnNames[2]);
        Assert.IsTrue(double.IsFinite(model.Report.Summary.Elbo));
    }

    [TestMethod]
    public void Cancellation_KeepsTheModelSoFar()
    {
        using CancellationTokenSource source = new();
        source.Cancel();
        LatentModel? model = null;
        try
        {
            model = Trainer().Fit(Rows(), new FitContext { CancellationToken = source.Token }).Model;
        }
        catch (OperationCanceledException)
        {
            // Cancelled before there was anything to keep.
        }

        if (model is not null)
        {
            Assert.AreEqual(StopReason.Cancelled, model.Training.StopReason);
            Assert.IsFalse(model.Training.Converged);
        }
    }

    /// <summary>Correlated Gaussian rows: two strong directions and noise.</summary>
    protected static InMemoryRows Gaussian(int rows, int columns, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 99);
        double[] loadings = new double[2 * columns];
        random.FillGaussian(loadings);
        double[] values = new double[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            double a = random.NextGaussian();
            double b = random.NextGaussian();
            for (int column = 0; column < columns; column++)
            {
                values[(row * columns) + column] =
                    (a * loadings[column]) + (b * loadings[columns + column]) + (0.3 * random.NextGaussian()) + column;
            }
        }

        return new InMemoryRows(values, columns);
    }

    /// <summary>The first rows, their columns repeated until they are that wide.</summary>
    protected static double[] Widened(IRowSource rows, int count, int columns)
    {
        double[] narrow = rows.Take(count).ReadAll().Values;
        double[] values = new double[count * columns];
        for (int i = 0; i < values.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, columns);
            values[i] = narrow[(row * rows.Columns) + (column % rows.Columns)];
        }

        return values;
    }

    private static byte[] Bytes(FitResult result) => ModelFile.ToBytes(result.Model.ToRecord());
}
