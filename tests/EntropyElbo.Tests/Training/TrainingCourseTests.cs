using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Files;
using EntropyElbo.Networks;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Cli;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Training;

/// <summary>Where minibatch training ends, and with which parameters.</summary>
[TestClass]
public sealed class TrainingCourseTests
{
    private static readonly GaussianVaeOptions Small = new()
    {
        Latents = 2,
        Hidden = [16],
        Training = new MinibatchOptions { Epochs = 400, BatchSize = 32, LearningRate = 0.01, StationarityTolerance = 0 },
    };

    [TestMethod]
    [DataRow(60, 60)]
    [DataRow(80, null)]
    public void Stationarity_DoesNotRaiseARateThatFallsAlready(int epoch, int? settles)
    {
        TrainingState state = new(new VaeNetwork(Small.Architecture(4)).Layout);
        MinibatchOptions options = new() { Epochs = 100 };
        TrainingCourse course = new(options, null!, state, 100, window: 5, patience: null);
        for (int i = 1; i <= epoch; i++)
        {
            state.History.Add(Still(i));
        }

        double before = course.LearningRate(epoch);
        course.Track(state.History[^1]);
        Assert.AreEqual(settles, state.SettleEpoch);
        Assert.IsLessThanOrEqualTo(before, course.LearningRate(epoch + 0.5));
    }

    [TestMethod]
    public void TestRows_EndTrainingWhereTheContextSaysSo()
    {
        InMemoryRows rows = PcaData.Create(60, seed: 1), test = PcaData.Create(60, seed: 2);
        GaussianVaeOptions wide = Small with { Hidden = [64], Training = Small.Training with { Epochs = 4000 } };
        FitContext context = new() { TestRows = test, StopsByTestRows = true };
        FitResult stopped = new GaussianVaeTrainer(wide).Fit(rows, context);
        Assert.AreEqual(StopReason.EarlyStopping, stopped.Model.Training.StopReason);
        Assert.IsLessThan(4000, stopped.Model.Training.Epochs);
        double best = stopped.History.Max(p => p.TestElbo!.Value);
        Assert.IsGreaterThan(best, stopped.Model.Evaluate(test, new EvaluateOptions { Samples = 2 }).Summary.Elbo, "the best parameters, and scales that serve new rows");
        FitResult limited = new GaussianVaeTrainer(Small with { Training = Small.Training with { EarlyStoppingPatience = 0 } }).Fit(rows, context);
        Assert.AreEqual(StopReason.EpochLimit, limited.Model.Training.StopReason);
        Assert.AreEqual(400, limited.Model.Training.Epochs);
    }

    [TestMethod]
    [DataRow(VaeVariant.LearnedVariance)]
    [DataRow(VaeVariant.VariancePerColumn)]
    [DataRow(VaeVariant.VarianceNetwork)]
    public void TestRows_SetTheNoise_AndTrainingRowsTheScalesOfTheLatents(VaeVariant variant)
    {
        // Three epochs leave the noise far below the errors. A common factor of all variances is stationary on the rows that set it.
        InMemoryRows rows = PcaData.Create(60, seed: 1), test = PcaData.Create(60, seed: 2);
        GaussianVaeOptions options = Small with { Variant = variant, Training = Small.Training with { Epochs = 3 } };
        FitContext context = new() { TestRows = test, StopsByTestRows = true };
        GaussianVaeModel closed = Fit(context), left = Fit(context with { LeavesScales = true });
        EvaluateOptions draws = new() { Samples = 200 };
        Assert.AreEqual(0, closed.Evaluate(test, draws).Summary.NoiseResidual, 0.5);
        Assert.AreEqual(0, closed.Evaluate(rows, draws).Summary.PriorResidual, 1e-3);
        Assert.IsGreaterThan(1, left.Evaluate(test, draws).Summary.NoiseResidual);
        Assert.AreEqual(variant != VaeVariant.VarianceNetwork, closed.Training.Certificate!.EulerResiduals.Any(r => r is { IsHeld: true, Block: "decoder.log_variance" }));

        GaussianVaeModel Fit(FitContext with) => (GaussianVaeModel)new GaussianVaeTrainer(options).Fit(rows, with).Model;
    }

    [TestMethod]
    public void TestRows_JudgeTheAverage_WhichKeepsUnitColumns()
    {
        // One epoch is its own average, two are the mean of both; VAE-2's columns have length 1 whatever is averaged.
        InMemoryRows rows = PcaData.Create(200, seed: 1), test = PcaData.Create(60, seed: 2);
        GaussianVaeOptions options = Small with { Variant = VaeVariant.LearnedPrior, Training = Small.Training with { Epochs = 30, EarlyStoppingPatience = 30 } };
        FitResult judged = new GaussianVaeTrainer(options).Fit(rows, new FitContext { TestRows = test });
        FitResult traced = new GaussianVaeTrainer(options with { Training = options.Training with { EarlyStoppingPatience = 0 } })
            .Fit(rows, new FitContext { TestRows = test, Traces = true });
        Assert.AreEqual(traced.History[0].TestElbo!.Value, judged.History[0].TestElbo!.Value, 1e-6);
        Assert.AreNotEqual(traced.History[3].TestElbo!.Value, judged.History[3].TestElbo!.Value);
        Assert.AreEqual(traced.History[^1].TestElbo!.Value, judged.History[^1].TestElbo!.Value, "where the rate falls the parameters are judged as they are");
        CollectionAssert.AreEqual(traced.History.Select(p => p.Elbo).ToArray(), judged.History.Select(p => p.Elbo).ToArray(), "judging changes no step");
        GaussianVaeModel model = (GaussianVaeModel)judged.Model;
        ParameterTensor first = model.Network.Decoder.FirstWeights;
        for (int h = 0; h < first.Rows; h++)
        {
            double length = model.Parameters.Slice(first.Offset + (h * first.Stride), first.Columns).ToArray().Sum(w => (double)w * w);
            Assert.AreEqual(1, length, 1e-5);
        }
    }

    [TestMethod]
    public void Checkpoint_UnderEarlyStopping_ResumesToTheSameModel()
    {
        InMemoryRows rows = PcaData.Create(100, seed: 1), test = PcaData.Create(60, seed: 2);
        GaussianVaeOptions options = Small with { Training = Small.Training with { Epochs = 24 } };
        FitContext context = new() { TestRows = test, StopsByTestRows = true };
        byte[] whole = ModelFile.ToBytes(new GaussianVaeTrainer(options).Fit(rows, context).Model.ToRecord());
        string checkpoint = Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.eelbo");
        try
        {
            using CancellationTokenSource source = new();
            context = context with { CheckpointPath = checkpoint };
            OnProgress<FitProgress> stop = new(p => (p.Epoch == 7 ? source : null)?.Cancel());
            new GaussianVaeTrainer(options).Fit(rows, context with { CancellationToken = source.Token, Progress = stop });
            FitResult resumed = new GaussianVaeTrainer(options).Fit(rows, context with { Resume = true });
            Assert.AreEqual(24, resumed.Model.Training.Epochs);
            CollectionAssert.AreEqual(whole, ModelFile.ToBytes(resumed.Model.ToRecord()));
        }
        finally
        {
            File.Delete(checkpoint);
        }
    }

    [TestMethod]
    public void Tool_TestFractionStopsEarlyUnlessSwitchedOff_AndSaysWhatToDo()
    {
        using CliFolder folder = new();
        string[] fit = ["fit", folder.Data, "--model", "vae-1", "--latents", "2", "--hidden", "64", "--batch", "8", "--learning-rate", "0.01"];
        CliRun stopped = CliRun.Of([.. fit, "--test-fraction", "0.3"]);
        StringAssert.Contains(stopped.Out, "the ELBO of the test rows stopped rising");
        StringAssert.Contains(stopped.Out, "use the model");
        CliRun off = CliRun.Of([.. fit, "--test-fraction", "0.3", "--set", "early-stopping=0"]);
        StringAssert.Contains(off.Out, "the limit of 400 epochs was reached");
        StringAssert.Contains(CliRun.Of(folder.Fit()).Out, "--test-fraction 0.2");
    }

    private static FitProgress Still(int epoch) => new()
    {
        Epoch = epoch,
        Epochs = 100,
        Elbo = 1,
        EntropySum = 1,
        PriorResidual = 0,
        NoiseResidual = 0,
        Collapsed = 0,
        Elapsed = TimeSpan.Zero,
        RowsPerSecond = 0,
    };
}
