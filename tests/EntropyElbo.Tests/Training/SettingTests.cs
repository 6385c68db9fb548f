using System.Collections;
using System.Globalization;
using System.Reflection;
using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Networks;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Training;

/// <summary>The settings of the families: each is said once, and everything that speaks of settings knows it.</summary>
[TestClass]
public sealed class SettingTests
{
    /// <summary>For each setting a value that is nobody's default, and the member of the options that it is for; null where a family has no choice.</summary>
    private static readonly Dictionary<string, (string Value, string? Member)> Targets = new()
    {
        ["latents"] = ("7", "Latents|DeeperLayers"), // A deep net's second layer is half the first unless given.
        ["components"] = ("7", "Components"),
        ["hidden"] = ("9,5", "Hidden|DeeperLayers"),
        ["decoder-hidden"] = ("4,6,8", "DecoderHidden"),
        ["image"] = ("4x6x2:planar", "Images"),
        ["filters"] = ("3,5", "Images.Filters"),
        ["flips"] = ("yes", "Images.HorizontalFlips"),
        ["epochs"] = ("17", "Iterations|Training.Epochs"),
        ["batch"] = ("37", "BatchSize|Training.BatchSize"),
        ["learning-rate"] = ("0.0625", "LearningRate|Training.LearningRate"),
        ["beta"] = ("2.5", "Training.KlWeight.Weight"),
        ["kl-schedule"] = ("warm-up", "Training.KlWeight.Kind"),
        ["kl-start"] = ("0.125", "Training.KlWeight.StartWeight"),
        ["kl-epochs"] = ("23", "Training.KlWeight.Epochs"),
        ["kl-cycles"] = ("6", "Training.KlWeight.Cycles"),
        ["settle-share"] = ("0.375", "Training.SettleShare"),
        ["stationarity-tolerance"] = ("0.03125", "StationarityTolerance|Training.StationarityTolerance"),
        ["early-stopping"] = ("11", "Training.EarlyStoppingPatience"),
        ["entropy-annealing"] = ("custom", "Training.Annealing"),
        ["annealing-epochs"] = ("3", "Training.Annealing.EpochsPerValue"),
        ["prior-weights"] = ("4,2,1", "Training.Annealing.PriorWeights"),
        ["likelihood-weights"] = ("0.25,1", "Training.Annealing.LikelihoodWeights"),
        ["training-samples"] = ("5", "Training.Samples|Training.FurtherSamples"),
        ["objective"] = ("importance-weighted", "Training.Objective"),
        ["start"] = ("affine", "Start"),
        ["initial-log-variance"] = ("-5.5", "InitialLogVariance"),
        ["fixed-variance"] = ("0.75", "FixedVariance"),
        ["variance-update"] = ("closed-form", "VarianceUpdate"),
        ["variance-output"] = ("softplus", "VarianceOutput"),
        ["activation-factor"] = ("1.5", "Likelihood.ActivationFactor"),
        ["allow-fractions"] = ("yes", "Likelihood.AllowFractions"),
        ["likelihood"] = ("bernoulli", "Likelihood"),
        ["scale"] = ("standard", "Scaling"),
        ["seed"] = ("18446744073709551615", "Seed|Training.Seed"),
        ["optimizer"] = ("adam|em", "Optimizer"),
        ["initialisation"] = ("closed-form", "Initialisation"),
        ["variance-floor"] = ("0.0078125", "VarianceFloor"),
        ["initial-noise-share"] = ("0.5", "InitialNoiseShare"),
        ["restarts"] = ("3", "Restarts"),
        ["smoothing"] = ("0.25", "Smoothing"),
        ["kept-components"] = ("2", "KeptComponents"),
        ["posterior"] = ("truncated", "Posterior"),
        ["states"] = ("48", "States"),
        ["newton-steps"] = ("13", "NewtonSteps"),
        ["covariance"] = ("diagonal", "Covariance"),
        ["covariance-rank"] = ("3", "Rank"),
        ["learning"] = ("amortised", "Learning"),
        ["encoding"] = ("e-step", "Encoding"),
        ["scale-start"] = ("free", "ScaleStart"),
        ["centre"] = ("no", "Centre"),
        ["inner-tolerance"] = ("1e-5", "InnerTolerance"),
        ["encoding-tolerance"] = ("1e-5", "EncodingTolerance"),
        ["batch-step"] = ("paper", "BatchStep"),
        ["annealing"] = ("likelihood:0.5,1", "Annealing"),
    };

    public static IEnumerable<object[]> Families => ModelFamilies.All.Select(f => new object[] { f.Name });

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void EverySetting_ChangesItsMemberOfTheOptions_AndNoOther(string name)
    {
        ModelFamily family = ModelFamilies.Find(name);
        foreach (Setting setting in family.Settings)
        {
            FitSettings without = Companions(family, setting);
            FitSettings with = without.With(setting.Name, setting.Parse(ValueFor(setting)));
            Dictionary<string, string> before = Members(Options(family.CreateTrainer(without)));
            Dictionary<string, string> after = Members(Options(family.CreateTrainer(with)));
            string[] changed = [.. after.Where(m => m.Value != before.GetValueOrDefault(m.Key)).Select(m => m.Key)];
            string[] members = Targets[setting.Name].Member!.Split('|');
            if (setting.Choices.Count == 1)
            {
                Assert.IsEmpty(changed, $"{name} {setting.Name} is a fact, not a choice");
                continue;
            }

            Assert.IsNotEmpty(changed, $"{name} {setting.Name} changes nothing");
            Assert.IsTrue(changed.All(c => members.Any(m => c == m || c.StartsWith(m + '.', StringComparison.Ordinal))), $"{name} {setting.Name} changes {string.Join(", ", changed)}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void EverySetting_HasWordsForAHelpText_AndADefaultThatIsAllowed(string name)
    {
        ModelFamily family = ModelFamilies.Find(name);
        Assert.AreEqual(family.Settings.Count, family.Settings.Select(s => s.Name).Distinct().Count());
        foreach (Setting setting in family.Settings)
        {
            Assert.IsTrue(setting.Help.EndsWith('.') && !setting.Help.Contains('\n'), setting.Name);
            Assert.IsTrue(setting.Name.All(c => char.IsAsciiLetterLower(c) || c == '-'), setting.Name);
            Assert.AreEqual(setting.Kind == SettingKind.Switch, setting.Placeholder.Length == 0, setting.Name);
            if (setting.Kind is SettingKind.Choice or SettingKind.Real && setting.Default is { } text && !text.Contains(' ', StringComparison.Ordinal))
            {
                setting.Check(setting.Parse(text));
            }

            Assert.IsTrue(setting.Needs is null || family.Settings.TakeWhile(s => s.Name != setting.Name).Any(s => s.Name == setting.Needs), $"{setting.Name} comes after what it needs");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void EveryNumber_IsRefusedOutsideItsRange_WithNameAndRange(string name)
    {
        ModelFamily family = ModelFamilies.Find(name);
        foreach (Setting setting in family.Settings.Where(s => s.Range.Length > 0 && s.Choices.Count == 0))
        {
            object outside = setting.Kind switch
            {
                SettingKind.Whole => int.MinValue,
                SettingKind.Real => double.NaN,
                _ => new[] { 0 },
            };
            BadOptionException refused = Assert.ThrowsExactly<BadOptionException>(() => family.CreateTrainer(Companions(family, setting).With(setting.Name, outside)));
            Assert.AreEqual(setting.Name, refused.Option);
            Assert.AreEqual($"'{setting.Name}' is {Setting.Text(outside)}; it must be {setting.Range}.", refused.Message);
            BadOptionException text = Assert.ThrowsExactly<BadOptionException>(() => family.CreateTrainer(Companions(family, setting).With(setting.Name, "x;y")));
            Assert.AreEqual(setting.Name, text.Option);
            StringAssert.Contains(text.Message, "'x;y'");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void EveryWord_IsRefusedThatIsNoChoice(string name)
    {
        ModelFamily family = ModelFamilies.Find(name);
        foreach (Setting setting in family.Settings.Where(s => s.Choices.Count > 0))
        {
            BadOptionException refused = Assert.ThrowsExactly<BadOptionException>(() => family.CreateTrainer(Companions(family, setting).With(setting.Name, "sideways")));
            Assert.AreEqual(setting.Name, refused.Option);
            Assert.IsTrue(setting.Choices.All(c => refused.Message.Contains(c, StringComparison.Ordinal)), refused.Message);
        }
    }

    [TestMethod]
    public void Ranges_InWords()
    {
        (NumberRange Range, string Words, double[] In, double[] Out)[] cases =
        [
            (new(1), "at least 1", [1, 1e300], [0.999, double.PositiveInfinity, double.NaN]),
            (new(0, 1) { IsAboveLeast = true }, "above 0 and at most 1", [1e-300, 1], [0, 1.001, -1]),
            (new(0, 1) { IsBelowMost = true }, "at least 0 and below 1", [0, 0.999], [1]),
            (new(1e-14, 1), "between 1e-14 and 1", [1e-14, 1], [0.9e-14]),
            (new(1, 10_000_000), "between 1 and 10,000,000", [1], [10_000_001]),
        ];
        foreach ((NumberRange range, string words, double[] inside, double[] outside) in cases)
        {
            Assert.AreEqual(words, range.ToString());
            Assert.IsTrue(inside.All(range.Holds), words);
            Assert.IsFalse(outside.Any(range.Holds), words);
        }
    }

    [TestMethod]
    public void Refusals_SayWhatToDo()
    {
        Assert.AreEqual(
            "The model ppca has no setting 'varience-floor'; leave it out. The nearest that it has are 'variance-floor', 'likelihood', 'latents'.",
            Refused("ppca", new FitSettings { Latents = 1, ["varience-floor"] = 0.1 }, "varience-floor"));
        Assert.AreEqual("The model mixture:gamma has components in place of latents; use 'components'.", Refused("mixture:gamma", new FitSettings { Latents = 1 }, "latents"));
        Assert.AreEqual("The model sbn needs 'latents': Number of latents.", Refused("sbn", new FitSettings(), "latents"));
        Assert.AreEqual(
            "'batch' means nothing to the model linear-vae without 'optimizer' adam; give that, or leave it out.",
            Refused("linear-vae", new FitSettings { Latents = 1, BatchSize = 8 }, "batch"));
        Assert.AreEqual(
            "'filters' means nothing to the model vae-1 without 'image'; give that, or leave it out.",
            Refused("vae-1", new FitSettings { Latents = 1, ["filters"] = "3" }, "filters"));
        Assert.AreEqual(
            "'hidden' and 'image' exclude one another; leave one of the two out.",
            Refused("vae-1", new FitSettings { Latents = 1, Hidden = [4], ["image"] = "2x2" }, "hidden"));
        StringAssert.Contains(Refused("sbn", new FitSettings { Latents = 2, Hidden = [1] }, "hidden"), "The model sbn has no setting 'hidden'");
        StringAssert.Contains(Refused("vae-1", new FitSettings { Latents = 1, Likelihood = "cauchy" }, "likelihood"), "'cauchy'");

        static string Refused(string family, FitSettings settings, string option)
        {
            BadOptionException error = Assert.ThrowsExactly<BadOptionException>(() => ModelFamilies.Find(family).CreateTrainer(settings));
            Assert.AreEqual(option, error.Option);
            return error.Message;
        }
    }

    [TestMethod]
    public void Settings_AreABagOfValues_WithPropertiesForTheCommonOnes()
    {
        FitSettings settings = new() { Latents = 4, Scaling = ScalingKind.MinMax, Hidden = [8, 2], ["kl-schedule"] = "warm-up" };
        Assert.AreEqual(4, settings["latents"]);
        Assert.AreEqual("minmax", settings["scale"]);
        Assert.AreEqual(ScalingKind.MinMax, settings.Scaling);
        CollectionAssert.AreEqual(new[] { "hidden", "kl-schedule", "latents", "scale" }, settings.Values.Keys.ToArray());
        Assert.AreEqual(new FitSettings { ["kl-schedule"] = "warm-up", ["hidden"] = new[] { 8, 2 }, ["scale"] = "minmax", ["latents"] = 4 }, settings);
        Assert.AreEqual(settings.GetHashCode(), (settings with { }).GetHashCode());
        Assert.AreNotEqual(settings, settings with { Latents = 5 });
        Assert.AreEqual(4, settings.Latents, "another record's value changes nothing here");
        Assert.IsNull(settings.With("latents", null).Latents);
        Assert.AreEqual(1UL, settings.Seed);
        Assert.AreEqual("latents", Assert.ThrowsExactly<BadOptionException>(() => new FitSettings { ["latents"] = "few" }.Latents).Option);

        ImageNetworks images = new() { Shape = ImageShape.Parse("4x4x2:planar"), Filters = [3], HorizontalFlips = true };
        FitSettings convolutional = new() { Images = images };
        Assert.AreEqual(images.Shape, convolutional.Images!.Shape);
        Assert.IsTrue(convolutional.Images.HorizontalFlips);
        CollectionAssert.AreEqual(new[] { 3 }, convolutional.Images.Filters.ToArray());
        Assert.IsEmpty((convolutional with { Images = null }).Values);
    }

    /// <summary>A family that nothing else of the library knows: what its list says is all that a setting takes.</summary>
    [TestMethod]
    public void ASetting_IsTheOptionsRecordAndTheList_AndNothingElse()
    {
        ModelFamily family = ModelFamily.Of(
            "toy", "A family of this test.", "Toys", new ToyOptions(),
            [
                SettingsOf<ToyOptions>.Latents(o => o.Size, (o, v) => o with { Size = v }),
                SettingsOf<ToyOptions>.Real("wobble", "W", "How it wobbles.", new(0, 2), o => o.Wobble, (o, v) => o with { Wobble = v }),
            ],
            options => new ToyTrainer(options), (_, _) => throw new NotSupportedException());
        Assert.AreEqual("0.5", family.Setting("wobble").Default);
        ToyTrainer trainer = (ToyTrainer)family.CreateTrainer(new FitSettings { Latents = 3, ["wobble"] = "1.5" });
        Assert.AreEqual(new ToyOptions { Size = 3, Wobble = 1.5 }, trainer.Options);
        Assert.AreEqual("wobble", Assert.ThrowsExactly<BadOptionException>(() => family.CreateTrainer(new FitSettings { Latents = 3, ["wobble"] = 3 })).Option);
    }

    /// <summary>
    /// The files of the sources that name a setting which has no property of its own: its family's folder, or that of what its family is trained
    /// by, and no other. (It was nine files: the bag of settings, its refusals, the family, the grid, texts, JSON, two command lines, ML.NET.)
    /// </summary>
    [TestMethod]
    public void NoFileAboveTheFamilies_NamesASetting()
    {
        string[] names = [.. ModelFamilies.All.SelectMany(f => f.Settings).Where(s => !s.IsCommon).Select(s => s.Name).Distinct()];
        string source = Path.Combine(Repository.Root, "src");
        string[] naming = [.. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(source, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Where(path => !path.StartsWith("EntropyElbo/", StringComparison.Ordinal) || path.Split('/')[1] is "Catalog" or "Selection" or "Criterion" or "Streaming")
            .Where(path => File.ReadLines(Path.Combine(source, path)).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
                .Any(line => names.Any(n => line.Contains($"\"{n}\"", StringComparison.Ordinal))))];
        Assert.IsEmpty(naming, string.Join(", ", naming));
    }

    /// <summary>What must be beside a setting for it to be accepted.</summary>
    private static FitSettings Companions(ModelFamily family, Setting setting)
    {
        FitSettings settings = new FitSettings().With(family.LatentSetting.Name, 2);
        return setting.Needs is { } needed
            ? settings.With(needed, setting.NeededValue ?? (needed switch { "image" => "2x2", "batch" => "16", "entropy-annealing" => "prior", _ => "cyclical" }))
            : settings;
    }

    private static string ValueFor(Setting setting) =>
        setting.Choices.Count == 1 ? setting.Choices[0] : Targets[setting.Name].Value.Split('|').First(v => setting.Choices.Count == 0 || setting.Choices.Contains(v));

    private static object Options(ITrainer trainer) => trainer.GetType().GetProperty("Options")!.GetValue(trainer)!;

    /// <summary>The public members of a record and of the records in it, by their paths, as text.</summary>
    private static Dictionary<string, string> Members(object record, string path = "")
    {
        Dictionary<string, string> members = [];
        foreach (PropertyInfo property in record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            object? value = property.GetValue(record);
            string name = path + property.Name;
            if (value is KlSchedule or EntropyAnnealing or MinibatchOptions or ImageNetworks or ImageShape or EntropyElbo.Families.Vae.Likelihoods.ObservableLikelihood)
            {
                foreach ((string key, string text) in Members(value, name + '.'))
                {
                    members[key] = text;
                }
            }
            else if (property.GetMethod!.GetParameters().Length == 0 && property.Name != "EqualityContract")
            {
                members[name] = value is IEnumerable list and not string ? string.Join(',', list.Cast<object>()) : Convert.ToString(value, CultureInfo.InvariantCulture)!;
            }
        }

        return members;
    }

    private sealed record ToyOptions
    {
        public int Size { get; init; }

        public double Wobble { get; init; } = 0.5;
    }

    private sealed class ToyTrainer(ToyOptions options) : ITrainer
    {
        public ToyOptions Options { get; } = options;

        public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
