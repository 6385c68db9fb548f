using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Vae;

[TestClass]
public sealed class GaussianVaeTrainerTests
{
    private static readonly GaussianVaeOptions Small = new()
    {
        Latents = 2,
        Hidden = [16],
        Training = new MinibatchOptions { Epochs = 12, BatchSize = 64, StationarityTolerance = 0 },
    };

    [TestMethod]
    public void PcaData_EndsWithARelativeGapUnderATenthOfAPercent()
    {
        InMemoryRows rows = PcaData.Create(10_000, seed: 3);
        GaussianVaeTrainer trainer = new(new GaussianVaeOptions
        {
            Latents = 2,
            Hidden = [50, 50],
            Scaling = ScalingKind.None,
            Training = new MinibatchOptions { BatchSize = 500, LearningRate = 3e-3, Epochs = 250 },
        });
        LatentModel model = trainer.Fit(rows).Model;
        ElboReport report = model.Evaluate(rows, new EvaluateOptions { Samples = 100 }).Summary;
        Assert.IsLessThan(1e-3, report.RelativeGap, $"{report}");
        Assert.AreEqual(0, model.Report.Collapsed.Entropy);
    }

    [TestMethod]
    public void Checkpoint_InterruptedAndResumed_GivesTheSameModelFile()
    {
        InMemoryRows rows = PcaData.Create(500, seed: 1);
        string checkpoint = TempFile();
        try
        {
            byte[] whole = Bytes(new GaussianVaeTrainer(Small).Fit(rows));
            using CancellationTokenSource source = new();
            FitContext interrupted = new()
            {
                CheckpointPath = checkpoint,
                CancellationToken = source.Token,
                Progress = new OnProgress<FitProgress>(p =>
                {
                    if (p.Epoch == 5)
                    {
                        source.Cancel();
                    }
                }),
            };
            FitResult part = new GaussianVaeTrainer(Small).Fit(rows, interrupted);
            Assert.AreEqual(StopReason.Cancelled, part.Model.Training.StopReason);
            Assert.AreEqual(5, part.Model.Training.Epochs);
            FitResult resumed = new GaussianVaeTrainer(Small).Fit(rows, new FitContext { CheckpointPath = checkpoint, Resume = true, Threads = 1 });
            CollectionAssert.AreEqual(whole, Bytes(resumed));
        }
        finally
        {
            File.Delete(checkpoint);
        }
    }

    [TestMethod]
    public void Checkpoint_CanBeGoneOnFromWithAnotherLearningRateAndMoreEpochs()
    {
        InMemoryRows rows = PcaData.Create(500, seed: 1);
        string checkpoint = TempFile();
        try
        {
            FitContext context = new() { CheckpointPath = checkpoint, Resume = true };
            FitResult first = new GaussianVaeTrainer(Small).Fit(rows, context);
            GaussianVaeOptions more = Small with { Training = Small.Training with { Epochs = 16, LearningRate = Small.Training.LearningRate / 10 } };
            FitResult second = new GaussianVaeTrainer(more).Fit(rows, context);
            Assert.AreEqual(12, first.Model.Training.Epochs);
            Assert.AreEqual(16, second.Model.Training.Epochs);
            CollectionAssert.AreEqual(first.History.Select(p => p.Elbo).ToArray(), second.History.Take(12).Select(p => p.Elbo).ToArray());
            Assert.AreNotEqual(first.Model.Report.Summary.Elbo, second.Model.Report.Summary.Elbo);
        }
        finally
        {
            File.Delete(checkpoint);
        }
    }

    [TestMethod]
    public void Checkpoint_OfOtherOptionsOrData_IsRefused()
    {
        InMemoryRows rows = PcaData.Create(300, seed: 1);
        string checkpoint = TempFile();
        try
        {
            FitContext context = new() { CheckpointPath = checkpoint, Resume = true };
            new GaussianVaeTrainer(Small).Fit(rows, context);
            Assert.ThrowsExactly<ModelFileException>(() => new GaussianVaeTrainer(Small with { Latents = 3 }).Fit(rows, context));
            Assert.ThrowsExactly<ModelFileException>(() => new GaussianVaeTrainer(Small).Fit(rows.Take(299), context));
        }
        finally
        {
            File.Delete(checkpoint);
        }
    }

    [TestMethod]
    public void EarlyStopping_ReturnsTheBestParameters()
    {
        InMemoryRows rows = PcaData.Create(60, seed: 1);
        InMemoryRows test = PcaData.Create(60, seed: 2);
        GaussianVaeOptions options = Small with
        {
            Hidden = [64],
            Training = Small.Training with { Epochs = 4000, EarlyStoppingPatience = 20, LearningRate = 0.01 },
        };
        FitResult result = new GaussianVaeTrainer(options).Fit(rows, new FitContext { TestRows = test });
        Assert.AreEqual(StopReason.EarlyStopping, result.Model.Training.StopReason);
        double best = result.History.Max(p => p.TestElbo!.Value);
        double now = result.Model.Evaluate(test, new EvaluateOptions { Samples = 2 }).Summary.Elbo;
        Assert.IsGreaterThan(best, now);
        Assert.IsGreaterThan(result.History[^1].TestElbo!.Value, best);
    }

    [TestMethod]
    public void EarlyStopping_WithoutTestRows_IsRefused()
    {
        GaussianVaeOptions options = Small with { Training = Small.Training with { EarlyStoppingPatience = 3 } };
        Assert.AreEqual("early-stopping", Assert.ThrowsExactly<BadOptionException>(() => new GaussianVaeTrainer(options).Fit(PcaData.Create(100, 1))).Option);
    }

    [TestMethod]
    public void Streaming_LearnsAsWellAsInMemory_AndIsDeterministic()
    {
        InMemoryRows rows = PcaData.Create(2000, seed: 1);
        GaussianVaeOptions options = Small with { Training = Small.Training with { Epochs = 200, LearningRate = 3e-3 } };
        FitResult memory = new GaussianVaeTrainer(options).Fit(rows);
        FitResult streamed = new GaussianVaeTrainer(options).Fit(rows, new FitContext { Caching = RowCaching.Stream, Threads = 1 });
        FitResult again = new GaussianVaeTrainer(options).Fit(rows, new FitContext { Caching = RowCaching.Stream, Threads = 2 });
        CollectionAssert.AreEqual(Bytes(streamed), Bytes(again));
        double difference = memory.Model.Report.Summary.Elbo - streamed.Model.Report.Summary.Elbo;
        Assert.IsLessThan(0.1, Math.Abs(difference));
    }

    [TestMethod]
    public void TimeBudget_EndsTraining()
    {
        GaussianVaeOptions options = Small with { Training = Small.Training with { Epochs = 1_000_000 } };
        FitResult result = new GaussianVaeTrainer(options).Fit(PcaData.Create(500, 1), new FitContext { TimeBudget = TimeSpan.FromMilliseconds(200) });
        Assert.AreEqual(StopReason.TimeLimit, result.Model.Training.StopReason);
    }

    [TestMethod]
    public void Stationarity_EndsTrainingBeforeTheLimit_AndIsCalledConverged()
    {
        GaussianVaeOptions options = Small with
        {
            Training = new MinibatchOptions { Epochs = 100_000, BatchSize = 128, StationarityTolerance = 2e-3 },
            Scaling = ScalingKind.None,
        };
        FitResult result = new GaussianVaeTrainer(options).Fit(PcaData.Create(4000, 1));
        Assert.AreEqual(StopReason.Stationary, result.Model.Training.StopReason);
        Assert.IsTrue(result.Model.Training.Converged);
        Assert.IsLessThan(2e-3, result.Model.Report.Summary.RelativeGap);
    }

    [TestMethod]
    public void LearningRateTooHigh_StopsWithAnError_NotWithNaN()
    {
        GaussianVaeOptions options = Small with { Scaling = ScalingKind.None, Training = Small.Training with { LearningRate = 1, Epochs = 400 } };
        InMemoryRows rows = PcaData.Create(500, 1);
        double[] values = [.. rows.ReadAll().Values.Select(v => v * 1e18)];
        TrainingException error = Assert.ThrowsExactly<TrainingException>(() => new GaussianVaeTrainer(options).Fit(new InMemoryRows(values, rows.Columns)));
        StringAssert.Contains(error.Message, "epoch");
    }

    [TestMethod]
    [DataRow(RowCaching.Memory)]
    [DataRow(RowCaching.Stream)]
    public void NonFiniteValue_StopsWithBatchRowLayerAndCheckpoint(RowCaching caching)
    {
        // Row 123 (counted from 1) overflows single precision in the first layer.
        double[] values = PcaData.Create(500, 1).ReadAll().Values;
        values.AsSpan(122 * 10, 10).Fill(3e38);
        string checkpoint = TempFile();
        GaussianVaeOptions options = Small with { Scaling = ScalingKind.None };
        TrainingException error = Assert.ThrowsExactly<TrainingException>(() => new GaussianVaeTrainer(options).Fit(
            new InMemoryRows(values, 10), new FitContext { CheckpointPath = checkpoint, Caching = caching }));
        StringAssert.Contains(error.Message, "epoch 1");
        StringAssert.Matches(error.Message, new System.Text.RegularExpressions.Regex(@"rows \d+ to \d+ of batch \d+, first in row 123 of the data"));
        StringAssert.Contains(error.Message, "the outputs of layer 1 of 2 of the encoder");
        Assert.DoesNotContain("checkpoint", error.Message);
        Assert.IsFalse(File.Exists(checkpoint));
    }

    [TestMethod]
    public void NonFiniteValue_AfterACheckpoint_NamesIt()
    {
        Spoiling rows = new(PcaData.Create(500, 1));
        string checkpoint = TempFile();
        try
        {
            FitContext context = new()
            {
                CheckpointPath = checkpoint,
                Caching = RowCaching.Stream,
                Progress = new OnProgress<FitProgress>(p => rows.Spoiled = p.Epoch == 2),
            };
            TrainingException error = Assert.ThrowsExactly<TrainingException>(() => new GaussianVaeTrainer(Small).Fit(rows, context));
            StringAssert.Contains(error.Message, "epoch 3");
            StringAssert.Contains(error.Message, "first in row 1 of the data");
            StringAssert.Contains(error.Message, $"The last good checkpoint, of epoch 2, is '{checkpoint}': a lower learning rate can go on from there.");
            Assert.AreEqual(
                StopReason.EpochLimit,
                new GaussianVaeTrainer(Small).Fit(rows.Inner, new FitContext { CheckpointPath = checkpoint, Resume = true, Caching = RowCaching.Stream })
                    .Model.Training.StopReason);
        }
        finally
        {
            File.Delete(checkpoint);
        }
    }

    /// <summary>Rows whose first value overflows single precision once they are spoiled.</summary>
    private sealed class Spoiling(InMemoryRows inner) : IRowSource
    {
        public bool Spoiled { get; set; }

        public InMemoryRows Inner => inner;

        public int Columns => inner.Columns;

        public IReadOnlyList<string> ColumnNames => inner.ColumnNames;

        public long? RowCount => inner.RowCount;

        public IRowCursor Open() => new Cursor(this);

        private sealed class Cursor(Spoiling source) : IRowCursor
        {
            private readonly IRowCursor _cursor = source.Inner.Open();
            private bool _first = true;

            public int Read(Span<double> block)
            {
                int read = _cursor.Read(block);
                if (_first && source.Spoiled)
                {
                    block[0] = 1e300;
                }

                _first = false;
                return read;
            }

            public void Dispose() => _cursor.Dispose();
        }
    }

    [TestMethod]
    [DataRow("latents")]
    [DataRow("hidden")]
    [DataRow("epochs")]
    [DataRow("batch")]
    [DataRow("learning-rate")]
    [DataRow("beta")]
    [DataRow("initial-log-variance")]
    [DataRow("fixed-variance")]
    [DataRow("settle-share")]
    [DataRow("stationarity-tolerance")]
    public void OptionsOutOfRange_AreNamed(string option)
    {
        GaussianVaeOptions options = option switch
        {
            "latents" => Small with { Latents = -1 },
            "hidden" => Small with { Hidden = [10, 0] },
            "epochs" => Small with { Training = Small.Training with { Epochs = 0 } },
            "batch" => Small with { Training = Small.Training with { BatchSize = 0 } },
            "learning-rate" => Small with { Training = Small.Training with { LearningRate = double.NaN } },
            "beta" => Small with { Training = Small.Training with { KlWeight = new KlSchedule { Weight = -1 } } },
            "initial-log-variance" => Small with { InitialLogVariance = double.NaN },
            "fixed-variance" => Small with { FixedVariance = 0 },
            "settle-share" => Small with { Training = Small.Training with { SettleShare = 1 } },
            _ => Small with { Training = Small.Training with { StationarityTolerance = 2 } },
        };
        Assert.AreEqual(option, Assert.ThrowsExactly<BadOptionException>(() => new GaussianVaeTrainer(options).Fit(PcaData.Create(100, 1))).Option);
    }

    [TestMethod]
    public void KlWeight_TradesReconstructionForKl()
    {
        InMemoryRows rows = PcaData.Create(1000, 1);
        ElboReport Report(double weight) => new GaussianVaeTrainer(Small with
        {
            Variant = VaeVariant.FixedVariance,
            Training = Small.Training with { Epochs = 100, KlWeight = new KlSchedule { Weight = weight } },
        }).Fit(rows).Model.Report.Summary;
        ElboReport light = Report(0.2);
        ElboReport heavy = Report(5);
        Assert.IsLessThan(light.Kl, heavy.Kl);
        Assert.IsLessThan(light.Reconstruction, heavy.Reconstruction);
    }

    private static byte[] Bytes(FitResult result) => ModelFile.ToBytes(result.Model.ToRecord());

    private static string TempFile() => Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.eelbo");
}
