using EntropyElbo.Data;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Vae;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Contracts;

/// <summary>Models that a fit cannot start from: the message names what differs.</summary>
[TestClass]
public sealed class ModelStartRefusalTests
{
    public static IEnumerable<object[]> Cases => StartCases.All;

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void AnotherFamily_OrOtherColumns_AreNamed(string name, string settings, int epochs, double noise)
    {
        InMemoryRows rows = StartCases.Rows(name, settings);
        LatentModel model = StartCases.Trainer(name, settings, 1).Fit(rows, new FitContext { Certificate = false }).Model;
        BadOptionException family = Assert.ThrowsExactly<BadOptionException>(
            () => ModelStart.Apply(StartCases.Trainer(name, settings, epochs), Other(name), null));
        Assert.AreEqual("from", family.Option, $"{noise}");
        StringAssert.Contains(family.Message, name);
        StringAssert.Contains(family.Message, Other(name).Family);

        ITrainer trainer = StartCases.From(model, name, settings, 1);
        BadDataException names = Assert.ThrowsExactly<BadDataException>(() => trainer.Fit(StartCases.Rows(name, settings, prefix: "y")));
        StringAssert.Contains(names.Message, "'xa'");
        StringAssert.Contains(names.Message, "'ya'");
        double[] values = rows.ReadAll().Values;
        InMemoryRows wide = new(values, 2 * StartCases.Columns);
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => trainer.Fit(wide)).Message, "6 columns (xa, xb, ..., xf), the rows have 12");
        InMemoryRows turned = new(values, StartCases.Columns, [.. rows.ColumnNames.Reverse()]);
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => trainer.Fit(turned)).Message, "its order");

        // Numbered names are none: rows in memory that nobody named. In another order they are columns that somebody moved.
        InMemoryRows unnamed = new(values, StartCases.Columns);
        LatentModel numbered = trainer.Fit(unnamed, new FitContext { Certificate = false }).Model;
        InMemoryRows moved = new(values, StartCases.Columns, [.. unnamed.ColumnNames.Reverse()]);
        StringAssert.Contains(
            Assert.ThrowsExactly<BadDataException>(() => StartCases.From(numbered, name, settings, 1).Fit(moved)).Message, "its order");
    }

    [TestMethod]
    [DataRow("linear-vae", "", "latents=3", "latents")]
    [DataRow("factor-analysis", "", "latents=3", "latents")]
    [DataRow("vae-1", "hidden=8", "hidden=8;latents=3", "latents")]
    [DataRow("vae-1", "hidden=8", "hidden=8,4", "hidden")]
    [DataRow("vae-1", "hidden=8", "hidden=8;decoder-hidden=5", "decoder-hidden")]
    [DataRow("vae-1", "hidden=8", "image=2x3;filters=4", "image")]
    [DataRow("vae-1", "image=2x3;filters=4", "hidden=8", "image")]
    [DataRow("vae-1", "image=2x3;filters=4", "image=2x3;filters=5", "filters")]
    [DataRow("vae-1", "hidden=8;scale=none", "hidden=8;likelihood=gamma", "likelihood")]
    [DataRow("vae-1", "hidden=8;likelihood=gamma", "hidden=8;likelihood=gamma;activation-factor=2", "activation-factor")]
    [DataRow("vae-0", "hidden=8", "hidden=8;fixed-variance=0.5", "fixed-variance")]
    [DataRow("vae-3", "hidden=8", "hidden=8;variance-output=softplus", "variance-output")]
    [DataRow("vae-1", "hidden=8", "hidden=8;start=affine", "start")]
    [DataRow("vae-1", "hidden=8", "hidden=8;initial-log-variance=-2", "initial-log-variance")]
    [DataRow("linear-vae", "", "initialisation=closed-form", "initialisation")]
    [DataRow("factor-analysis", "", "initial-noise-share=0.5", "initial-noise-share")]
    [DataRow("mixture:gaussian-full", "", "components=3", "components")]
    [DataRow("mixture:gaussian-full", "", "restarts=3", "restarts")]
    [DataRow("sparse-coding", "", "restarts=3", "restarts")]
    [DataRow("poisson-sparse-coding", "", "restarts=3", "restarts")]
    [DataRow("sbn", "", "latents=3", "latents")]
    [DataRow("deep-sbn", "hidden=2", "hidden=3", "hidden")]
    public void AnotherShape_IsNamed(string name, string settings, string others, string option)
    {
        InMemoryRows rows = StartCases.Rows(name, settings);
        LatentModel model = StartCases.Trainer(name, settings, 1).Fit(rows, new FitContext { Certificate = false }).Model;
        BadOptionException refused = Assert.ThrowsExactly<BadOptionException>(() => StartCases.From(model, name, others, 1).Fit(rows));
        Assert.AreEqual(option, refused.Option, refused.Message);
        StringAssert.Contains(refused.Message, option);
        StringAssert.Contains(refused.Message, "start");
    }

    /// <summary>A checkpoint of a fit from one model is none of a fit from another, or from none.</summary>
    [TestMethod]
    [DataRow("linear-vae", "")]
    [DataRow("factor-analysis", "")]
    [DataRow("sparse-coding", "")]
    [DataRow("sparse-coding", "batch=50")]
    [DataRow("poisson-sparse-coding", "")]
    [DataRow("vae-1", "hidden=8")]
    [DataRow("mixture:poisson", "restarts=1")]
    [DataRow("sbn", "")]
    public void ACheckpoint_KnowsItsStart(string name, string settings)
    {
        InMemoryRows rows = StartCases.Rows(name, settings);
        LatentModel[] models = [.. new[] { 1, 2 }.Select(
            epochs => StartCases.Trainer(name, settings, epochs).Fit(rows, new FitContext { Certificate = false }).Model)];
        string path = Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.checkpoint");
        FitContext context = new() { CheckpointPath = path, Resume = true, Certificate = false };
        try
        {
            StartCases.From(models[0], name, settings, 3).Fit(rows, context);
            LatentModel resumed = StartCases.From(models[0], name, settings, 6).Fit(rows, context).Model;
            LatentModel whole = StartCases.From(models[0], name, settings, 6).Fit(rows, context with { CheckpointPath = null, Resume = false }).Model;
            if (whole is not GaussianVaeModel)
            {
                // A VAE's learning rate falls towards its limit of epochs, which was another at first.
                CollectionAssert.AreEqual(StartCases.Bytes(whole), StartCases.Bytes(resumed));
            }

            Assert.ThrowsExactly<ModelFileException>(() => StartCases.From(models[1], name, settings, 6).Fit(rows, context));
            Assert.ThrowsExactly<ModelFileException>(() => StartCases.Trainer(name, settings, 6).Fit(rows, context));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>
    /// A category that only the model has is kept; one that it does not have is refused. From zeros alone EM goes on: rows that a model rules
    /// out belong to its components by their weights.
    /// </summary>
    [TestMethod]
    public void CategoriesAndOnes_ThatTheModelHasNotSeen_AreNamed()
    {
        double[] values = [.. Enumerable.Range(0, 60).SelectMany(i => new[] { i % 3, (double)(i % 2) })];
        InMemoryRows rows = new(values, 2), fewer = new(Array.ConvertAll(values, v => Math.Min(v, 1)), 2);
        MixtureOptions options = new() { Family = "categorical", Components = 2, Iterations = 3, Restarts = 1 };
        MixtureModel three = Fit(options, rows), two = Fit(options, fewer);
        Assert.AreEqual(5, Fit(options with { From = three }, fewer).StandardParameters(0).Length / 2, "three categories and two");
        StringAssert.Contains(
            Assert.ThrowsExactly<BadDataException>(() => Fit(options with { From = two }, rows)).Message, "'c0' has the category 2, and the model to start from knows 0 to 1");

        MixtureOptions ones = options with { Family = "bernoulli" };
        MixtureModel zeros = Fit(ones, new InMemoryRows(Array.ConvertAll(values, _ => 0.0), 2));
        MixtureModel learned = Fit(ones with { From = zeros }, fewer);
        Assert.AreEqual(-Math.Log(2) - Entropy(1.0 / 3), learned.Report.Summary.Elbo, 1e-9, "two columns that are independent");
        static double Entropy(double share) => -(share * Math.Log(share)) - ((1 - share) * Math.Log(1 - share));

        static MixtureModel Fit(MixtureOptions options, InMemoryRows rows) => (MixtureModel)new MixtureTrainer(options).Fit(rows).Model;
    }

    /// <summary>The learner of streams takes rows as they come.</summary>
    [TestMethod]
    public void ALearnerOfAStream_StartsFromAModel()
    {
        InMemoryRows rows = StartCases.Rows("linear-vae", "");
        LinearVaeOptions options = new() { Latents = 2, Scaling = ScalingKind.None };
        LinearVaeModel model = (LinearVaeModel)new LinearVaeTrainer(options).Fit(rows).Model;
        double[] values = rows.ReadAll().Values;
        Assert.AreEqual(model.Report.Summary.Elbo, new LinearVaeLearner(6, options with { From = model }).Elbo(values), 1e-9);
        Assert.AreNotEqual(model.Report.Summary.Elbo, new LinearVaeLearner(6, options).Elbo(values), 1);
        LinearVaeModel scaled = (LinearVaeModel)new LinearVaeTrainer(options with { Scaling = ScalingKind.MinMax }).Fit(rows).Model;
        Assert.AreEqual("scale", Assert.ThrowsExactly<BadOptionException>(() => new LinearVaeLearner(6, options with { From = scaled })).Option);
        Assert.AreEqual("columns", Assert.ThrowsExactly<BadOptionException>(() => new LinearVaeLearner(7, options with { From = model })).Option);
    }

    private static LatentModel Other(string name) => name.StartsWith("mixture", StringComparison.Ordinal) ? Of("linear-vae") : Of("mixture:gaussian-full");

    private static LatentModel Of(string name) => Others.GetOrAdd(
        name, n => StartCases.Trainer(n, "", 1).Fit(StartCases.Rows(n, ""), new FitContext { Certificate = false }).Model);

    private static System.Collections.Concurrent.ConcurrentDictionary<string, LatentModel> Others { get; } = [];
}
