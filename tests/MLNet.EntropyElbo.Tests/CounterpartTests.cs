using System.Globalization;
using System.Reflection;
using System.Text.Json;
using EntropyElbo.Catalog;
using EntropyElbo.Networks;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Whatever a family can be told by name, the properties of its options class tell it too.</summary>
[TestClass]
public sealed class CounterpartTests
{
    /// <summary>
    /// For each setting: texts of settings, itself among them, with which a fit is another than by default, and the properties of
    /// ML.NET's options that say the same. Words are those of the enumerations; of several properties or words a class has one, of those
    /// with a question mark perhaps none.
    /// </summary>
    private static readonly Dictionary<string, (string Settings, (string Property, object Value)[] Properties)> Counterparts = new()
    {
        ["latents"] = ("latents=3", [("Latents", 3)]),
        ["components"] = ("components=3", [("Latents", 3)]),
        ["hidden"] = ("hidden=9,5", [("Hidden|DeeperLayers", new[] { 9, 5 })]),
        ["decoder-hidden"] = ("decoder-hidden=4,6,8", [("DecoderHidden", new[] { 4, 6, 8 })]),
        ["image"] = ("image=4x6", [("Images", new ImageNetworks { Shape = new(4, 6) })]),
        ["filters"] = ("image=4x6;filters=3,5", [("Images", new ImageNetworks { Shape = new(4, 6), Filters = [3, 5] })]),
        ["flips"] = ("image=4x6;flips=yes", [("Images", new ImageNetworks { Shape = new(4, 6), HorizontalFlips = true })]),
        ["epochs"] = ("epochs=17", [("Epochs|Iterations", 17)]),
        ["beta"] = ("beta=2.5", [("KlWeight", 2.5)]),
        ["kl-schedule"] = ("kl-schedule=warm-up", [("KlSchedule", new KlSchedule { Kind = KlScheduleKind.WarmUp })]),
        ["kl-start"] = ("kl-schedule=warm-up;kl-start=0.125", [("KlSchedule", new KlSchedule { Kind = KlScheduleKind.WarmUp, StartWeight = 0.125 })]),
        ["kl-epochs"] = ("kl-schedule=warm-up;kl-epochs=23", [("KlSchedule", new KlSchedule { Kind = KlScheduleKind.WarmUp, Epochs = 23 })]),
        ["kl-cycles"] = ("kl-schedule=cyclical;kl-cycles=6", [("KlSchedule", new KlSchedule { Kind = KlScheduleKind.Cyclical, Cycles = 6 })]),
        ["entropy-annealing"] = ("entropy-annealing=likelihood", [("EntropyAnnealing", new EntropyAnnealing { Kind = EntropyAnnealingKind.Likelihood })]),
        ["annealing-epochs"] = (
            "entropy-annealing=tempering;annealing-epochs=3",
            [("EntropyAnnealing", new EntropyAnnealing { Kind = EntropyAnnealingKind.Tempering, EpochsPerValue = 3 })]),
        ["prior-weights"] = (
            "entropy-annealing=custom;prior-weights=4,2,1",
            [("EntropyAnnealing", new EntropyAnnealing { Kind = EntropyAnnealingKind.Custom, PriorWeights = [4, 2, 1] })]),
        ["likelihood-weights"] = (
            "entropy-annealing=custom;likelihood-weights=0.25,1",
            [("EntropyAnnealing", new EntropyAnnealing { Kind = EntropyAnnealingKind.Custom, LikelihoodWeights = [0.25, 1] })]),
        ["training-samples"] = ("training-samples=5", [("TrainingSamples", 5)]),
        ["objective"] = ("objective=importance-weighted", [("Objective", "ImportanceWeighted")]),
        ["settle-share"] = ("settle-share=0.375", [("SettleShare", 0.375)]),
        ["stationarity-tolerance"] = ("stationarity-tolerance=0.03125", [("StationarityTolerance", 0.03125)]),
        ["early-stopping"] = ("early-stopping=11", [("EarlyStoppingPatience", 11)]),
        ["start"] = ("start=affine", [("Start", "AffineMaximumLikelihood")]),
        ["initial-log-variance"] = ("initial-log-variance=-5.5", [("InitialLogVariance", -5.5)]),
        ["fixed-variance"] = ("fixed-variance=0.75", [("FixedVariance", 0.75)]),
        ["variance-update"] = ("variance-update=closed-form", [("VarianceUpdate", "ClosedForm")]),
        ["variance-output"] = ("variance-output=softplus", [("VarianceOutput", "Softplus")]),
        ["likelihood"] = ("likelihood=gamma", [("Likelihood", "gamma")]),
        ["allow-fractions"] = ("likelihood=bernoulli;allow-fractions=yes", [("Likelihood", "bernoulli"), ("AllowFractions", true)]),
        ["activation-factor"] = ("likelihood=gamma;activation-factor=1.5", [("Likelihood", "gamma"), ("ActivationFactor", 1.5)]),
        ["scale"] = ("scale=standard", [("Scaling", "Standard")]),
        ["seed"] = ("seed=12345", [("Seed", 12345)]),
        ["initialisation"] = ("initialisation=closed-form", [("Initialisation", "ClosedForm")]),
        ["variance-floor"] = ("variance-floor=0.0078125", [("VarianceFloor", 0.0078125)]),
        ["initial-noise-share"] = ("initial-noise-share=0.5", [("InitialNoiseShare", 0.5)]),
        ["restarts"] = ("restarts=3", [("Restarts", 3)]),
        ["smoothing"] = ("smoothing=0.25", [("Smoothing", 0.25)]),
        ["kept-components"] = ("kept-components=1", [("KeptComponents", 1)]),
        ["posterior"] = ("posterior=truncated", [("Posterior", "Truncated")]),
        ["states"] = ("states=48", [("States", 48)]),
        ["newton-steps"] = ("newton-steps=13", [("NewtonSteps", 13)]),
        ["covariance"] = ("covariance=diagonal", [("Covariance", "Diagonal")]),
        ["covariance-rank"] = ("covariance=low-rank;covariance-rank=3", [("Covariance", "LowRank"), ("Rank", 3)]),
        ["learning"] = ("learning=amortised", [("Learning", "Amortised")]),
        ["encoding"] = ("learning=amortised;encoding=e-step", [("Learning", "Amortised"), ("Encoding", "EStep")]),
        ["scale-start"] = ("optimizer=l-bfgs;scale-start=free|scale-start=free", [("ScaleStart", "Free")]),
        ["centre"] = ("centre=no", [("Centre", false)]),
        ["inner-tolerance"] = ("inner-tolerance=1e-5", [("InnerTolerance", 1e-5)]),
        ["encoding-tolerance"] = ("encoding-tolerance=1e-5", [("EncodingTolerance", 1e-5)]),
        ["batch-step"] = ("batch=16;batch-step=paper", [("BatchSize", 16), ("BatchStep", "Paper")]),
        ["annealing"] = ("batch=16;annealing=likelihood:0.5,1", [("BatchSize", 16), ("Annealing", "likelihood:0.5,1")]),
        ["batch"] = ("optimizer=adam;batch=37|batch=37", [("Optimizer?", "Adam"), ("BatchSize", 37)]),
        ["learning-rate"] = (
            "optimizer=adam;learning-rate=0.0625|learning=amortised;learning-rate=0.0625|learning-rate=0.0625",
            [("Optimizer?", "Adam"), ("Learning?", "Amortised"), ("LearningRate", 0.0625)]),
        ["optimizer"] = ("optimizer=em|optimizer=adam", [("Optimizer", "Em|Adam")]),
    };

    /// <summary>Settings that the test leaves out, and why.</summary>
    private static readonly Dictionary<string, string> LeftOut = new()
    {
        ["sbn scale"] = "rows of zeros and ones are taken as they are",
        ["deep-sbn scale"] = "rows of zeros and ones are taken as they are",
    };

    public static IEnumerable<object[]> Families => ModelFamilies.All.Select(f => new object[] { f.Name });

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void EverySetting_HasAProperty_ThatMakesTheSameTrainer(string name)
    {
        ModelFamily family = ModelFamilies.Find(name);
        FitSettings basis = Basis(family);
        string without = Options(family.CreateTrainer(basis));
        Assert.AreEqual(without, Options(Estimator(name, []).CreateTrainer()), $"{name}: the defaults");
        foreach (Setting setting in family.Settings.Where(s => s.Choices.Count != 1 && !LeftOut.ContainsKey($"{name} {s.Name}")))
        {
            Assert.IsTrue(
                Counterparts.TryGetValue(setting.Name, out (string Settings, (string, object)[] Properties) pair),
                $"{name} has the setting '{setting.Name}', and ML.NET's options no property for it: add one, or say in LeftOut why there is none.");
            FitSettings given = Given(family, pair.Settings, basis);
            string with = Options(family.CreateTrainer(given));
            Assert.AreNotEqual(without, with, $"{name} {setting.Name}");
            Assert.AreEqual(with, Options(Estimator(name, pair.Properties).CreateTrainer()), $"{name} {setting.Name}");
        }
    }

    private static FitSettings Basis(ModelFamily family) =>
        new FitSettings { Seed = 1 }.With(family.Settings.Any(s => s.Name == "components") ? "components" : "latents", 2);

    /// <summary>The first of the texts that the family takes.</summary>
    private static FitSettings Given(ModelFamily family, string texts, FitSettings basis) => texts.Split('|')
        .Select(text => text.Split(';').Select(t => t.Split('=')).ToArray())
        .First(pairs => pairs.All(p => family.Settings.FirstOrDefault(s => s.Name == p[0]) is { } s && (s.Choices.Count == 0 || s.Choices.Contains(p[1]))))
        .Aggregate(basis, (settings, p) => settings.With(p[0], family.Setting(p[0]).Parse(p[1])));

    internal static LatentEstimator Estimator(string family, (string Property, object Value)[] properties, MLContext? context = null)
    {
        LatentVariablesCatalog catalog = (context ?? new MLContext(1)).LatentVariables();
        GaussianVaeEstimator.Options vae = new();
        return family switch
        {
            "ppca" => catalog.ProbabilisticPca(With(new ProbabilisticPcaEstimator.Options(), properties)),
            "linear-vae" => catalog.LinearVae(With(new LinearVaeEstimator.Options(), properties)),
            "factor-analysis" => catalog.FactorAnalysis(With(new FactorAnalysisEstimator.Options(), properties)),
            "sparse-coding" => catalog.SparseCoding(With(new SparseCodingEstimator.Options(), properties)),
            "poisson-sparse-coding" => catalog.PoissonSparseCoding(With(new PoissonSparseCodingEstimator.Options(), properties)),
            "sbn" => catalog.SigmoidBeliefNet(With(new SigmoidBeliefNetEstimator.Options(), properties)),
            "deep-sbn" => catalog.SigmoidBeliefNet(With(new SigmoidBeliefNetEstimator.Options { DeeperLayers = [1] }, properties)),
            "vae-0" => catalog.FixedVarianceVae(With(vae, properties)),
            "vae-1" => catalog.GaussianVae(With(vae, properties)),
            "vae-2" => catalog.LearnedPriorVae(With(vae, properties)),
            "vae-d" => catalog.VariancePerColumnVae(With(vae, properties)),
            "vae-3" => catalog.VarianceNetworkVae(With(vae, properties)),
            "sparse-vae" => catalog.SparseVae(With(vae, properties)),
            _ => catalog.Mixture(With(new MixtureEstimator.Options { ComponentFamily = family["mixture:".Length..] }, properties)),
        };
    }

    /// <summary>Options with two latents and a seed, and the values.</summary>
    private static TOptions With<TOptions>(TOptions options, (string Property, object Value)[] properties)
        where TOptions : LatentOptions
    {
        options.Latents = 2;
        options.Seed = 1;
        options.TestData = Rows.View(new MLContext(1), Rows.Continuous(3));
        foreach ((string names, object value) in properties)
        {
            PropertyInfo? property = names.TrimEnd('?').Split('|').Select(n => typeof(TOptions).GetProperty(n)).FirstOrDefault(p => p is not null);
            Assert.IsTrue(property is not null || names.EndsWith('?'), $"{typeof(TOptions).FullName} has no property {names}.");
            Type? type = property is null ? null : Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            string? word = type is { IsEnum: true } ? ((string)value).Split('|').FirstOrDefault(Enum.GetNames(type).Contains) : null;
            if (type is { IsEnum: false } || word is not null)
            {
                property!.SetValue(options, word is null ? value : Enum.Parse(type!, word));
            }
        }

        return options;
    }

    /// <summary>The options of a trainer, as text.</summary>
    private static string Options(ITrainer trainer)
    {
        object options = trainer.GetType().GetProperty("Options")!.GetValue(trainer)!;
        return JsonSerializer.Serialize(options, options.GetType()) + Samples(options);
    }

    /// <summary>The one member that the text leaves out.</summary>
    private static string Samples(object options) => options is global::EntropyElbo.Families.Vae.GaussianVaeOptions vae
        ? vae.Training.Samples.ToString(CultureInfo.InvariantCulture)
        : "";
}
