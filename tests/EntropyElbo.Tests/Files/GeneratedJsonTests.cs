using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EntropyElbo.Data;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Files;

/// <summary>JSON by generated code is what reflection wrote before, so files keep their bytes and checkpoints their fingerprints.</summary>
[TestClass]
public sealed class GeneratedJsonTests
{
    [TestMethod]
    public void FingerprintsOfOptionsAreAsByReflection()
    {
        Same(new FactorAnalysisOptions { Latents = 2 }, FactorAnalysisOptionsJson.Default.FactorAnalysisOptions);
        Same(new LinearVaeOptions { Latents = 2, Scaling = ScalingKind.Standard }, LinearVaeOptionsJson.Default.LinearVaeOptions);
        Same(new SigmoidBeliefNetOptions { Latents = 3, DeeperLayers = [2] }, SigmoidBeliefNetOptionsJson.Default.SigmoidBeliefNetOptions);
        Same(new PoissonSparseCodingOptions { Latents = 3 }, PoissonSparseCodingOptionsJson.Default.PoissonSparseCodingOptions);
        Same(new SparseCodingOptions { Latents = 3 }, SparseCodingOptionsJson.Default.SparseCodingOptions);
        Same(new MixtureOptions { Family = "poisson@1-2,gamma@3", Components = 3, RowWeights = [1, 2] }, MixtureOptionsJson.Default.MixtureOptions);
        Same(
            new GaussianVaeOptions
            {
                Latents = 4,
                Hidden = [5],
                Likelihood = ObservableLikelihood.Parse("binomial:8"),
                Images = new ImageNetworks { Shape = ImageShape.Parse("8x8x3"), Filters = [4] },
            },
            GaussianVaeOptionsJson.Default.GaussianVaeOptions);
    }

    [TestMethod]
    public void FactsAreAsByReflection()
    {
        JsonSerializerOptions reflection = FactJson.For(new DefaultJsonTypeInfoResolver(), new WordConverter<StopReason>(), new WordConverter<GainMethod>());
        TrainingRecord record = Record() with { Certificate = Certificate, Warnings = ["\u00e9 \"<\u202e"], AffineReference = double.NaN };
        string json = new ModelRecord("f", 1).Set("training", record, ModelFacts.Training).GetJson("training");
        Assert.AreEqual(JsonSerializer.Serialize(record, reflection), json);
        StringAssert.Contains(json, "\"stopReason\":\"epochLimit\"");
    }

    [TestMethod]
    public void AbsentListsOfARecordAreEmpty()
    {
        const string json = """{"converged":true,"stopReason":"closedForm","epochs":1,"steps":1,"rows":3}""";
        TrainingRecord read = new ModelRecord("f", 1).SetJson("training", json).Get("training", ModelFacts.Training);
        Assert.IsEmpty(read.ConstantColumns);
        Assert.IsEmpty(read.Warnings);
        Assert.IsNull(read.Certificate);
        Assert.IsNull(read.Unclosed);
    }

    [TestMethod]
    public void ACertificateIsReadAsItWasWritten()
    {
        TrainingRecord read = new ModelRecord("f", 1).Set("training", Record() with { Certificate = Certificate }, ModelFacts.Training).Get("training", ModelFacts.Training);
        Assert.AreEqual(Certificate, read.Certificate! with { EulerResiduals = Certificate.EulerResiduals });
        Assert.AreEqual(Certificate.EulerResiduals[0], read.Certificate!.EulerResiduals.Single());
    }

    private static ConvergenceCertificate Certificate { get; } = new()
    {
        ExpectedGain = 0.1 + 0.2,
        Method = GainMethod.NaturalStep,
        Rise = 1e-3,
        RiseError = 0.5,
        Window = 34,
        Tolerance = 0.25,
        Baseline = -7,
        EulerResiduals = [new EulerResidual("decoder.0", -1.5, 0.1) { WorstUnit = "unit 3", WorstResidual = -2, ExpectedGain = 0.3 }],
    };

    private static void Same<T>(T options, JsonTypeInfo<T> generated) =>
        Assert.AreEqual(JsonSerializer.Serialize(options), JsonSerializer.Serialize(options, generated));

    private static TrainingRecord Record() => new()
    {
        Converged = false,
        StopReason = StopReason.EpochLimit,
        Epochs = 7,
        Steps = 70,
        Rows = 100,
        Report = new Evaluation(
            new ElboReport
            {
                Elbo = 0.1,
                Reconstruction = 1.0 / 3,
                Kl = 1e-300,
                EncoderEntropy = -0.0,
                PriorEntropy = 1,
                DecoderEntropy = double.PositiveInfinity,
                BaseMeasure = 0,
                PriorResidual = 0,
                NoiseResidual = 0,
                StandardError = 0,
                Rows = 100,
                Samples = 0,
            },
            [],
            5),
    };
}
