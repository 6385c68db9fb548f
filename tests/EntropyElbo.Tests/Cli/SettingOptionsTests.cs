using System.CommandLine;
using System.Text.Json;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Commands;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary>Settings on the command line: each has an option, or is given by its name.</summary>
[TestClass]
public sealed class SettingOptionsTests
{
    public static IEnumerable<object[]> Families => ModelFamilies.All.Select(f => new object[] { f.Name });

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void EverySettingOfEveryFamily_ReachesTheSettingsOfTheFit(string name)
    {
        ModelFamily family = ModelFamilies.Find(name);
        foreach (Setting setting in family.Settings)
        {
            string text = setting.Kind switch
            {
                SettingKind.Choice => setting.Choices[^1],
                SettingKind.WholeList => "3,2",
                SettingKind.Switch => "yes",
                SettingKind.Text => setting.Name switch { "image" => "4x2x3", "likelihood" => "poisson", "annealing" => "prior:2,1", _ => "4,2,1" },
                SettingKind.Real => "0.0625",
                _ => "5",
            };
            string[] given = !setting.IsCommon ? ["--set", $"{setting.Name}={text}"]
                : setting.Kind == SettingKind.Switch ? [$"--{setting.Name}"]
                : [$"--{setting.Name}", text];
            string[] needed = setting is not { Needs: { } needs, NeededValue: null } ? []
                : needs == "image" ? ["--image", "4x4"]
                : needs == "batch" ? ["--batch", "16"]
                : ["--set", "kl-schedule=cyclical"];
            FitOptions options = new();
            ParseResult parsed = options.Create("fit", "").Parse(["data.csv", "--model", name, .. given, .. needed]);
            Assert.IsEmpty(parsed.Errors, string.Join(' ', parsed.Errors.Select(e => e.Message)));
            object? value = options.Settings(parsed, family)[setting.Name];
            Assert.AreEqual(text, Setting.Text(value!), $"{name} {setting.Name}");
        }
    }

    [TestMethod]
    public void RareSettings_ChangeTheFit()
    {
        using CliFolder folder = new();
        string[] plain = folder.Fit("--json");
        double elbo = Elbo();
        foreach (string[] set in (string[][])
        [
            ["kl-schedule=warm-up", "kl-epochs=2"], ["decoder-hidden=8"], ["start=affine"], ["variance-update=closed-form"], ["initial-log-variance=-2"], ["settle-share=0.5"],
        ])
        {
            Assert.AreNotEqual(elbo, Elbo(set), string.Join(' ', set));
        }

        Assert.AreEqual(elbo, Elbo("start=random", "kl-schedule=constant"));

        double Elbo(params string[] set)
        {
            CliRun run = CliRun.Of([.. plain, .. set.SelectMany(s => new[] { "--set", s })]);
            Assert.AreEqual(0, run.Status, run.Error);
            return run.Json.GetProperty("elbo").GetDouble();
        }
    }

    [TestMethod]
    [DataRow(2, "--set", "kl-schedule", "--set takes name=value, not 'kl-schedule'.")]
    [DataRow(2, "--set", "=3", "--set takes name=value, not '=3'.")]
    [DataRow(2, "--batch", "many", "--batch takes a whole number; not 'many'.")]
    [DataRow(2, "--scale", "log", "--scale takes none, minmax or standard; not 'log'.")]
    [DataRow(1, "--set", "kl-epocs=3", "--set kl-epocs: The model vae-1 has no setting 'kl-epocs'; leave it out. The nearest that it has are 'kl-epochs', 'epochs', 'flips'.")]
    [DataRow(1, "--set", "settle-share=1", "--set settle-share: 'settle-share' is 1; it must be at least 0 and below 1.")]
    [DataRow(1, "--set", "settle-share=much", "--set settle-share: 'settle-share' is 'much'; it must be a number at least 0 and below 1.")]
    [DataRow(1, "--set", "start=fast", "--set start: 'start' is fast; it must be random, affine or affine-at-zero.")]
    [DataRow(1, "--set", "fixed-variance=1", "--set fixed-variance: The model vae-1 has no setting 'fixed-variance'")]
    [DataRow(1, "--set", "latents=3", "'latents' is given twice; give it once.")]
    [DataRow(1, "--set", "seed=3", "The seed is that of the whole run; give it by --seed.")]
    [DataRow(1, "--set", "early-stopping=3", "--set early-stopping: Early stopping watches the ELBO of test rows; give test rows, or leave it out.")]
    [DataRow(1, "--set", "kl-cycles=3", "--set kl-cycles: 'kl-cycles' means nothing to the model vae-1 without 'kl-schedule' cyclical")]
    [DataRow(1, "--beta", "-1", "--beta: 'beta' is -1; it must be at least 0.")]
    public void Refused(int status, string option, string value, string message)
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of(folder.Fit(option, value));
        Assert.AreEqual(status, run.Status, run.Error);
        Assert.AreEqual("", run.Out);
        StringAssert.Contains(run.Error, message);
    }

    [TestMethod]
    public void Select_TriesEveryValue_AndSaysThemInTheJson()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of(
            "select", folder.Data, "--model", "mixture:gaussian-diagonal,factor-analysis", "--latents", "2", "--restarts", "1,2", "--set", "optimizer=newton,em",
            "--set", "kept-components=1", "--set", "variance-floor=0.001", "--json");
        Assert.AreEqual(0, run.Status, run.Error);
        string[] trials = [.. run.Json.GetProperty("trials").EnumerateArray().Select(t => t.GetProperty("model").GetString() + t.GetProperty("options").GetRawText()).Order()];
        CollectionAssert.AreEqual(
            new[]
            {
                """factor-analysis{"latents":2,"optimizer":"em","varianceFloor":0.001,"seed":1}""",
                """factor-analysis{"latents":2,"optimizer":"newton","varianceFloor":0.001,"seed":1}""",
                """mixture:gaussian-diagonal{"components":2,"restarts":1,"keptComponents":1,"varianceFloor":0.001,"seed":1}""",
                """mixture:gaussian-diagonal{"components":2,"restarts":2,"keptComponents":1,"varianceFloor":0.001,"seed":1}""",
            },
            trials);
        CliRun unknown = CliRun.Of("select", folder.Data, "--model", "ppca,sbn", "--latents", "2", "--set", "stats=3");
        Assert.AreEqual(1, unknown.Status);
        StringAssert.Contains(unknown.Error, "--set stats: None of the models ppca, sbn has a setting 'stats'; leave it out. The nearest that they have are 'states'");
        CliRun useless = CliRun.Of("select", folder.Data, "--model", "linear-vae", "--latents", "2", "--learning-rate", "0.1,0.2");
        Assert.AreEqual(1, useless.Status);
        StringAssert.Contains(useless.Error, "--learning-rate: 'learning-rate' means nothing to the models linear-vae without 'optimizer' adam");
    }

    [TestMethod]
    public void Models_ListsEveryFamilyWithItsSettings()
    {
        JsonElement[] models = [.. CliRun.Of("models", "--json").Json.GetProperty("models").EnumerateArray()];
        CollectionAssert.AreEqual(ModelFamilies.All.Select(f => f.Name).ToArray(), models.Select(m => m.GetProperty("model").GetString()).ToArray());
        foreach ((ModelFamily family, JsonElement model) in ModelFamilies.All.Zip(models))
        {
            CollectionAssert.AreEqual(
                family.Settings.Select(s => s.Name).ToArray(), model.GetProperty("settings").EnumerateArray().Select(s => s.GetProperty("name").GetString()).ToArray());
        }

        JsonElement rate = models[5].GetProperty("settings").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "learning-rate");
        Assert.AreEqual("0.003", rate.GetProperty("default").GetString());
        Assert.AreEqual("above 0 and at most 1", rate.GetProperty("range").GetString());
        Assert.AreEqual("real", rate.GetProperty("type").GetString());
        Assert.IsTrue(rate.GetProperty("hasOption").GetBoolean());

        string text = CliRun.Of("models").Out;
        foreach (ModelFamily family in ModelFamilies.All)
        {
            StringAssert.Contains(text, $"  {family.Name} ");
            StringAssert.Contains(text, family.Summary);
        }

        string one = CliRun.Of("models", "mixture:binomial:8").Out;
        StringAssert.Contains(one, "mixture:binomial:8");
        StringAssert.Contains(one, "--components <K>");
        Assert.DoesNotContain("ppca", one);
        CliRun none = CliRun.Of("models", "nothing");
        Assert.AreEqual(1, none.Status);
        StringAssert.Contains(none.Error, "no model family 'nothing'");
    }

    [TestMethod]
    public void Help_ListsSettingsUnderTheirFamilies_SharedOnesOnce()
    {
        foreach (string command in new[] { "fit", "select" })
        {
            string help = CliRun.Of(command, "--help").Out;
            string[] sections = help.Split("Settings of ");
            StringAssert.StartsWith(sections[1], "several models:");
            CollectionAssert.AreEqual(
                new[] { "several models", "Linear VAE", "Factor analysis", "Sparse coding", "Gaussian VAEs", "Mixtures", "Sigmoid belief nets" },
                sections.Skip(1).Select(s => s[..s.IndexOf(':', StringComparison.Ordinal)]).ToArray());
            foreach (Setting setting in ModelFamilies.All.SelectMany(f => f.Settings).Where(s => s.Name != "seed"))
            {
                StringAssert.Contains(help, setting.IsCommon ? $"  --{setting.Name}" : $"  --set {setting.Name}=");
            }

            Assert.HasCount(2, help.Split("  --latents <"));
            Assert.HasCount(2, help.Split("--set variance-floor="));
            StringAssert.Contains(help, "--set centre=yes|no");
            StringAssert.Contains(sections[1], "[all but Mixtures]");
            StringAssert.Contains(sections.Single(s => s.StartsWith("Gaussian", StringComparison.Ordinal)), "[all but sparse-vae]");
            StringAssert.Contains(sections.Single(s => s.StartsWith("Mixtures", StringComparison.Ordinal)), "--restarts <N>");
            foreach ((string kind, string own) in new[] { ("Linear VAE", "optimizer=l-bfgs|adam"), ("Factor analysis", "optimizer=newton|em") })
            {
                StringAssert.Contains(sections.Single(s => s.StartsWith(kind, StringComparison.Ordinal)), own, "one name, two meanings");
            }

            Assert.DoesNotContain("--latents", sections[0], "settings are apart from the other options");
            StringAssert.Contains(sections[0], "--threads <T>");
        }

        Assert.DoesNotContain("Settings of", CliRun.Of("encode", "--help").Out);
    }
}
