using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Families;
using EntropyElbo.Tests.Families.Mixture;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Weights;

/// <summary>A row of weight w is w rows: for every family, a fit with weights is that of the rows repeated.</summary>
[TestClass]
public sealed class WeightedFitTests
{
    /// <summary>Settings of one fit of each family whose result does not hang on draws by a row's place.</summary>
    private static readonly (string Family, string Settings, string Rows)[] s_fits =
    [
        ("ppca", "latents=2", "real"),
        ("ppca", "latents=2;scale=standard", "real"),
        ("ppca", "latents=2;scale=minmax", "wide"),
        ("linear-vae", "latents=2;epochs=60", "real"),
        ("linear-vae", "latents=2;epochs=60", "wide"),
        ("factor-analysis", "latents=2;epochs=20;optimizer=em", "real"),
        ("factor-analysis", "latents=2;epochs=8", "wide"),
        ("sparse-coding", "latents=2;epochs=4;optimizer=em", "real"),
        ("sparse-coding", "latents=2;epochs=4;optimizer=l-bfgs;covariance=diagonal", "real"),
        ("sparse-coding", "latents=3;epochs=3;optimizer=em;covariance=low-rank;covariance-rank=1", "real"),
        ("sparse-coding", "latents=2;epochs=5;batch=500", "real"),
        ("poisson-sparse-coding", "latents=2;epochs=4", "counts"),
        ("sbn", "latents=3;epochs=5", "bits"),
        ("sbn", "latents=3;epochs=5;posterior=truncated;states=8", "bits"),
        ("deep-sbn", "latents=2;hidden=2;epochs=5", "bits"),
    ];

    public static IEnumerable<object[]> Fits => s_fits.Select(f => new object[] { f.Family, f.Settings, f.Rows });

    public static IEnumerable<object[]> Kinds => MixtureTestData.Families.Select(f => new object[] { f });

    [TestMethod]
    [DynamicData(nameof(Fits))]
    public void Fit_IsThatOfRepeatedRows(string family, string settings, string rows)
    {
        Weighted data = new(Rows(rows));
        ITrainer trainer = Trainer(family, settings);
        RequireSame(data, trainer.Fit(data.Rows), trainer.Fit(data.Repeated));
        RequireOther(data, trainer.Fit(data.Rows).Model, trainer.Fit(data.Counted).Model);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Mixture_FromTheSameStart_IsThatOfRepeatedRows(string kind)
    {
        Weighted data = new(MixtureTestData.Rows(kind, 120));
        MixtureOptions options = new() { Family = kind, Components = 2, Iterations = 6, StationarityTolerance = 0 };
        MixtureModel start = MixtureTestData.Mixture(MixtureTestData.Fit(data.Counted, options with { Iterations = 2, Restarts = 1 }));
        options = options with { From = start, Smoothing = 0.5 };
        foreach (RowCaching caching in Enum.GetValues<RowCaching>())
        {
            FitContext context = new() { Caching = caching };
            RequireSame(data, MixtureTestData.Fit(data.Rows, options, context), MixtureTestData.Fit(data.Repeated, options, context));
        }

        RequireOther(data, MixtureTestData.Fit(data.Rows, options).Model, MixtureTestData.Fit(data.Counted, options).Model);
    }

    /// <summary>Weights go to their rows in the second and third block, too.</summary>
    [TestMethod]
    [DataRow("ppca", "latents=2", "real", 1200)]
    [DataRow("sparse-coding", "latents=2;epochs=2;optimizer=em", "real", 700)]
    [DataRow("poisson-sparse-coding", "latents=2;epochs=2", "counts", 200)]
    [DataRow("sbn", "latents=3;epochs=3", "bits", 700)]
    [DataRow("sbn", "latents=3;epochs=3;posterior=truncated;states=8", "bits", 700)]
    public void ManyBlocks_AreThoseOfRepeatedRows(string family, string settings, string rows, int count)
    {
        Weighted data = new(Rows(rows, count));
        ITrainer trainer = Trainer(family, settings);
        RequireSame(data, trainer.Fit(data.Rows), trainer.Fit(data.Repeated));
    }

    /// <summary>The states that training kept of a row are its own in the report, too: the E-step after the last M-step gains.</summary>
    [TestMethod]
    public void KeptStates_AreTheRowsOwn()
    {
        Weighted data = new(Rows("bits", 300));
        FitResult fit = Trainer("sbn", "latents=6;epochs=6;posterior=truncated;states=2").Fit(data.Rows);
        Console.WriteLine($"{fit.History[^1].Elbo}, report {fit.Model.Report.Summary.Elbo}");
        Assert.IsGreaterThanOrEqualTo(fit.History[^1].Elbo - 1e-9, fit.Model.Report.Summary.Elbo);
    }

    /// <summary>More rows than a segment of EM's sums.</summary>
    [TestMethod]
    public void ManyBlocksOfAMixture_AreThoseOfRepeatedRows()
    {
        Weighted data = new(MixtureTestData.Rows("gaussian-diagonal", 3000));
        MixtureOptions options = new() { Family = "gaussian-diagonal", Components = 2, Iterations = 2, StationarityTolerance = 0 };
        options = options with { From = MixtureTestData.Mixture(MixtureTestData.Fit(data.Counted, options with { Restarts = 1 })) };
        RequireSame(data, MixtureTestData.Fit(data.Rows, options), MixtureTestData.Fit(data.Repeated, options));
    }

    /// <summary>Sparse coding that leaves missing values out of their rows.</summary>
    [TestMethod]
    public void RowsWithHoles_AreThoseRepeated()
    {
        double[] values = Rows("real").ReadAll().Values;
        for (int i = 0; i < values.Length; i += 7)
        {
            values[i] = double.NaN;
        }

        Weighted data = new(new InMemoryRows(values, 5));
        ITrainer trainer = Trainer("sparse-coding", "latents=2;epochs=4");
        FitContext context = new() { MissingValues = MissingValues.Marginal };
        TrainingRecord Record(IRowSource rows) => trainer.Fit(rows, context).Model.Training;
        TrainingRecord own = Record(data.Rows), all = Record(data.Repeated), once = Record(data.Counted);
        RequireSameCertificate(all.Certificate!, own.Certificate!);
        Assert.AreNotEqual(once.Certificate!.Baseline!.Value, own.Certificate!.Baseline!.Value, 1e-3);
        ElboReport weighted = own.Report!.Summary, repeated = all.Report!.Summary, counted = once.Report!.Summary;
        Assert.AreEqual(repeated.Elbo, weighted.Elbo, 1e-6 * Math.Abs(repeated.Elbo));
        Assert.AreEqual(repeated.EntropySum, weighted.EntropySum, 1e-6 * Math.Abs(repeated.Elbo));
        Assert.AreNotEqual(counted.Elbo, weighted.Elbo, 1e-3);
    }

    /// <summary>A new family has to say here how its weights are checked, or refuse them.</summary>
    [TestMethod]
    public void EveryFamily_IsChecked()
    {
        HashSet<string> elsewhere = ["vae-0", "vae-1", "vae-2", "vae-d", "vae-3", "sparse-vae"]; // GradientByWeights_IsThatOfRepeatedRows
        foreach (string name in ModelFamilies.All.Select(f => f.Name))
        {
            Assert.IsTrue(
                elsewhere.Contains(name) || s_fits.Any(f => f.Family == name)
                    || MixtureTestData.Families.Any(k => MixtureSpecification.Prefix + k.Split(':')[0] == name.Replace(":N", "", StringComparison.Ordinal)),
                $"{name} has no test of weights; add a fit, or refuse them.");
        }
    }

    [TestMethod]
    [DataRow("ppca", "latents=2", "real")]
    [DataRow("mixture:gaussian-full", "components=2;epochs=4", "real")]
    [DataRow("sparse-coding", "latents=2;epochs=2", "real")]
    [DataRow("sbn", "latents=3;epochs=3", "bits")]
    [DataRow("vae-1", "latents=2;hidden=4;epochs=3;batch=16", "real")]
    public void Threads_DoNotChangeBits(string family, string settings, string rows)
    {
        Weighted data = new(Rows(rows));
        ITrainer trainer = Trainer(family, settings);
        double[] one = data.Elbos(trainer.Fit(data.Rows, new FitContext { Threads = 1 }).Model);
        double[] three = data.Elbos(trainer.Fit(data.Rows, new FitContext { Threads = 3 }).Model);
        CollectionAssert.AreEqual(one, three);
    }

    [TestMethod]
    [DataRow("sparse-coding", "latents=2;epochs=4;optimizer=em", "real")]
    [DataRow("poisson-sparse-coding", "latents=2;epochs=4", "counts")]
    public void StreamedRows_LearnTheSame(string family, string settings, string rows)
    {
        Weighted data = new(Rows(rows));
        ITrainer trainer = Trainer(family, settings);
        double[] kept = data.Elbos(trainer.Fit(data.Rows).Model);
        double[] streamed = data.Elbos(trainer.Fit(data.Rows, new FitContext { Caching = RowCaching.Stream }).Model);
        for (int i = 0; i < kept.Length; i++)
        {
            Assert.AreEqual(kept[i], streamed[i], 1e-4 * (1 + Math.Abs(kept[i])));
        }
    }

    internal static ITrainer Trainer(string family, string settings)
    {
        ModelFamily entry = ModelFamilies.Find(family);
        return entry.CreateTrainer(settings.Split(';').Select(t => t.Split('='))
            .Aggregate(new FitSettings { Seed = 1 }, (given, pair) => given.With(pair[0], entry.Setting(pair[0]).Parse(pair[1]))));
    }

    internal static IRowSource Rows(string kind, int count = 60)
    {
        int columns = kind == "wide" ? 90 : 5;
        double[] noise = Weighted.Noise(count * columns, 1), latents = Weighted.Noise(2 * count, 2), loadings = Weighted.Noise(2 * columns, 3);
        double[] values = new double[count * columns];
        for (int i = 0; i < values.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, columns);
            double value = (latents[2 * row] * loadings[2 * column]) + (latents[(2 * row) + 1] * loadings[(2 * column) + 1]) + (0.3 * noise[i]);
            values[i] = kind switch
            {
                "bits" => value > 0 ? 1 : 0,
                "counts" => Math.Min(9, Math.Floor(Math.Exp(0.7 * value) * 2)),
                _ => value,
            };
        }

        return new InMemoryRows(values, columns);
    }

    private static void RequireSame(Weighted data, FitResult own, FitResult all)
    {
        (LatentModel weighted, LatentModel repeated) = (own.Model, all.Model);
        (FitProgress last, FitProgress lastOfAll) = (own.History[^1], all.History[^1]);
        Same(lastOfAll.Elbo, last.Elbo);
        Same(lastOfAll.EntropySum, last.EntropySum);
        double[] expected = data.Elbos(repeated), actual = data.Elbos(weighted);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-6 * (1 + Math.Abs(expected[i])), $"row {i}");
        }

        ElboReport report = weighted.Report.Summary, other = repeated.Report.Summary;
        Assert.AreEqual(data.Weights.Sum(), report.RowWeight);
        Assert.AreEqual(data.Weights.Count(w => w > 0), report.Rows);
        Assert.AreEqual(report.RowWeight, weighted.Training.RowWeight);
        Assert.IsNull(other.RowWeight);
        Same(other.Elbo, report.Elbo);
        Same(other.EntropySum, report.EntropySum);
        Same(other.PriorResidual, report.PriorResidual);
        Same(other.NoiseResidual, report.NoiseResidual);
        Same(repeated.Report.Bic, weighted.Report.Bic);
        Same(repeated.Report.Aic, weighted.Report.Aic);
        Same(repeated.Report.Icl, weighted.Report.Icl);
        Same(repeated.Report.EntropyBic, weighted.Report.EntropyBic);
        Assert.AreEqual(repeated.Report.Collapsed, weighted.Report.Collapsed);
        RequireSameCertificate(repeated.Training.Certificate!, weighted.Training.Certificate!);
        for (int h = 0; h < repeated.Report.Latents.Count; h++)
        {
            Same(repeated.Report.Latents[h].Kl, weighted.Report.Latents[h].Kl);
            Same(repeated.Report.Latents[h].Activity, weighted.Report.Latents[h].Activity);
        }

        RowEstimate estimate = weighted.EstimateElbo(data.Rows), exact = weighted.EstimateElbo(data.Repeated);
        Same(exact.Value, estimate.Value);
        Same(exact.StandardError, estimate.StandardError);

        static void Same(double expected, double actual) => Assert.AreEqual(expected, actual, 1e-6 * (1 + Math.Abs(expected)));
    }

    /// <summary>What steps from the end gain, and what they are measured by; a rise over epochs is the history's.</summary>
    private static void RequireSameCertificate(ConvergenceCertificate repeated, ConvergenceCertificate weighted)
    {
        Assert.AreEqual(repeated.Method, weighted.Method);
        Same(repeated.ExpectedGain, weighted.ExpectedGain, 1e-5 * (1e-3 + Math.Abs(repeated.ExpectedGain ?? 0)));
        Same(repeated.NextStep, weighted.NextStep, 1e-5 * (1e-3 + Math.Abs(repeated.NextStep ?? 0)));
        Same(repeated.Baseline, weighted.Baseline, 1e-8 * (1 + Math.Abs(repeated.Baseline ?? 0)));
        Same(repeated.Tolerance, weighted.Tolerance, 1e-6);

        static void Same(double? expected, double? actual, double tolerance)
        {
            Assert.AreEqual(expected is null, actual is null);
            Assert.AreEqual(expected ?? 0, actual ?? 0, tolerance);
        }
    }

    /// <summary>The test can fail: rows that all count once give another model.</summary>
    private static void RequireOther(Weighted data, LatentModel weighted, LatentModel counted) => Assert.IsTrue(
        data.Elbos(weighted).Zip(data.Elbos(counted)).Max(e => Math.Abs(e.First - e.Second)) > 1e-3);
}
