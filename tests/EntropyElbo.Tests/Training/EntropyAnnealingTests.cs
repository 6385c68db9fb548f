using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Training;

/// <summary>Weights of the parts of the ELBO, and several draws of a row.</summary>
[TestClass]
public sealed class EntropyAnnealingTests
{
    private static readonly GaussianVaeOptions Small = new()
    {
        Variant = VaeVariant.SparsePrior,
        Latents = 3,
        Hidden = [8],
        Training = new MinibatchOptions { Epochs = 12, BatchSize = 32 },
    };

    [TestMethod]
    [DataRow(EntropyAnnealingKind.Prior, new[] { 10.0, 8, 6, 4, 2, 1, 1 }, new[] { 1.0, 1, 1, 1, 1, 1, 1 })]
    [DataRow(EntropyAnnealingKind.Likelihood, new[] { 1.0, 1, 1, 1, 1, 1, 1 }, new[] { 1 / 7.0, 1 / 6.0, 1 / 5.0, 1 / 4.0, 1 / 3.0, 1 / 2.0, 1 })]
    [DataRow(EntropyAnnealingKind.Tempering, new[] { 1 / 7.0, 1 / 6.0, 1 / 5.0, 1 / 4.0, 1 / 3.0, 1 / 2.0, 1 }, new[] { 1 / 7.0, 1 / 6.0, 1 / 5.0, 1 / 4.0, 1 / 3.0, 1 / 2.0, 1 })]
    [DataRow(EntropyAnnealingKind.None, new[] { 1.0, 1 }, new[] { 1.0, 1 })]
    public void Courses_AreThePapers(EntropyAnnealingKind kind, double[] prior, double[] likelihood)
    {
        EntropyAnnealing annealing = new() { Kind = kind }, slow = annealing with { EpochsPerValue = 3 };
        for (int i = 0; i < prior.Length; i++)
        {
            Assert.AreEqual((prior[i], likelihood[i]), annealing.At(i));
            Assert.AreEqual((prior[i], likelihood[i]), slow.At((3 * i) + 2));
        }

        Assert.AreEqual((1.0, 1.0), annealing.At(annealing.SettledEpoch));
        Assert.AreEqual(3 * annealing.SettledEpoch, slow.SettledEpoch);
    }

    [TestMethod]
    public void AmortisedCourse_FallsByATenth()
    {
        EntropyAnnealing annealing = new() { Kind = EntropyAnnealingKind.Amortised };
        Assert.AreEqual(2, annealing.At(0).Prior);
        Assert.AreEqual(1.7, annealing.At(3).Prior, 1e-12);
        Assert.AreEqual(1.1, annealing.At(9).Prior, 1e-12);
        Assert.AreEqual(1, annealing.At(10).Prior);
        Assert.AreEqual(10, annealing.SettledEpoch);
    }

    [TestMethod]
    public void StepWeights_AreRelativeToTheLikelihood()
    {
        MinibatchOptions options = new()
        {
            KlWeight = new KlSchedule { Weight = 3 },
            Annealing = new() { Kind = EntropyAnnealingKind.Custom, PriorWeights = [8, 1], LikelihoodWeights = [0.5, 0.25, 1] },
        };
        Assert.AreEqual(new StepWeights(48, 6), options.Weights(0, 0));
        Assert.AreEqual(new StepWeights(12, 12), options.Weights(1, 1.5));
        Assert.AreEqual(new StepWeights(3, 3), options.Weights(2, 2));
    }

    [TestMethod]
    [DataRow("prior-weights", VaeVariant.SparsePrior, EntropyAnnealingKind.Custom, new[] { 4.0, 2 })]
    [DataRow("prior-weights", VaeVariant.SparsePrior, EntropyAnnealingKind.Custom, new[] { double.NaN, 1 })]
    [DataRow("prior-weights", VaeVariant.SparsePrior, EntropyAnnealingKind.Custom, new[] { 0.0, 1 })]
    [DataRow("entropy-annealing", VaeVariant.SparsePrior, EntropyAnnealingKind.Custom, new double[0])]
    [DataRow("entropy-annealing", VaeVariant.LearnedVariance, EntropyAnnealingKind.Custom, new[] { 2.0, 1 })]
    [DataRow("entropy-annealing", VaeVariant.LearnedVariance, EntropyAnnealingKind.Prior, new double[0])]
    [DataRow("entropy-annealing", VaeVariant.FixedVariance, EntropyAnnealingKind.Amortised, new double[0])]
    public void WeightsThatMakeNoSense_AreRefused(string option, VaeVariant variant, EntropyAnnealingKind kind, double[] prior)
    {
        GaussianVaeOptions options = Small with
        {
            Variant = variant,
            Training = Small.Training with { Annealing = new() { Kind = kind, PriorWeights = prior } },
        };
        Assert.AreEqual(option, Assert.ThrowsExactly<BadOptionException>(() => new GaussianVaeTrainer(options).Fit(PcaData.Create(100, 1))).Option);
    }

    [TestMethod]
    public void Annealing_MustEndBeforeTraining()
    {
        EntropyAnnealing annealing = new() { Kind = EntropyAnnealingKind.Likelihood, EpochsPerValue = 2 };
        GaussianVaeOptions options = Small with { Training = Small.Training with { Annealing = annealing } };
        Assert.AreEqual("epochs", Assert.ThrowsExactly<BadOptionException>(() => new GaussianVaeTrainer(options).Fit(PcaData.Create(100, 1))).Option);
        FitResult fit = new GaussianVaeTrainer(options with { Training = options.Training with { Epochs = 13 } }).Fit(PcaData.Create(100, 1));
        CollectionAssert.AreEqual(
            new[] { 7.0, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1 }, fit.History.Select(p => Math.Round(1 / p.LikelihoodWeight!.Value, 9)).ToArray());
    }

    [TestMethod]
    [DataRow(VaeVariant.SparsePrior, 0.01)]
    [DataRow(VaeVariant.LearnedPrior, 0.0001)]
    public void PriorScales_HaveAFloorWhileThePriorWeighsMore(VaeVariant variant, double floor)
    {
        VaeNetwork network = new((Small with { Variant = variant }).Architecture(5));
        GaussianVaeBlockObjective objective = new(network, VarianceUpdate.Gradient);
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        network.Initialise(parameters.Span, 1, -1);
        ref float log = ref parameters.Span[network.PriorScale!.Tensor.Offset];
        log = -25;
        objective.FinishUpdate(parameters.Span, 1);
        Assert.AreEqual(-25, log);
        objective.FinishUpdate(parameters.Span, new StepWeights(2, 1));
        Assert.AreEqual(floor, Math.Exp(log), 1e-6 * floor + 1e-9);
    }

    [TestMethod]
    [DataRow(TrainingObjective.Elbo)]
    [DataRow(TrainingObjective.ImportanceWeighted)]
    public void SeveralDraws_GiveTheSameModelForAnyThreads_AndCountRowsOnce(TrainingObjective objective)
    {
        GaussianVaeOptions options = Small with { Training = Small.Training with { Samples = 4, Objective = objective, BatchSize = 100 } };
        FitResult one = new GaussianVaeTrainer(options).Fit(PcaData.Create(200, 1), new FitContext { Threads = 1 });
        FitResult two = new GaussianVaeTrainer(options).Fit(PcaData.Create(200, 1), new FitContext { Threads = 2 });
        CollectionAssert.AreEqual(ModelFile.ToBytes(one.Model.ToRecord()), ModelFile.ToBytes(two.Model.ToRecord()));
        Assert.AreEqual(one.History[^1].Epoch * 200, one.RowsPerSecond * one.History[^1].Elapsed.TotalSeconds, 1e-6 * 200 * 12);
        Assert.IsGreaterThan(one.History[0].Elbo, one.Model.Report.Summary.Elbo);
    }

    [TestMethod]
    public void ImportanceWeights_OfAWeightedElbo_AreRefused()
    {
        MinibatchOptions training = Small.Training with { Objective = TrainingObjective.ImportanceWeighted, KlWeight = new KlSchedule { Weight = 2 } };
        Assert.AreEqual(
            "objective", Assert.ThrowsExactly<BadOptionException>(() => new GaussianVaeTrainer(Small with { Training = training }).Fit(PcaData.Create(100, 1))).Option);
    }
}
