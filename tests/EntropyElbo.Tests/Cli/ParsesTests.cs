using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Tests.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Cli;

/// <summary>A fit parses a file once where memory holds its rows, and else as often as its family reads them, whatever is held out.</summary>
[TestClass]
public sealed class ParsesTests
{
    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Families =>
        [.. ModelFamilies.All.Select(f => new object[] { f.Name.Replace(":N", ":1", StringComparison.Ordinal) }), ["vae-1 early stopping"]];

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void AFit_ParsesEachOfItsFilesOnce(string name)
    {
        CountingRows training = new(Rows(name, 1)), test = new(Rows(name, 2));
        FitResult result = Trainer(name).Fit(training, new FitContext { TestRows = test, Threads = 2 });
        Assert.IsNotNull(result.Model.Training.Report);
        Assert.IsNotNull(result.Model.Training.TestReport);
        TestContext.WriteLine($"{name}: {training.Passes} and {test.Passes}");
        Assert.AreEqual(1, training.Passes, "training rows");
        Assert.AreEqual(1, test.Passes, "test rows");
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void AFitThatHoldsOutAShare_ParsesItsFileOnce(string name)
    {
        foreach (MissingValues missing in new[] { MissingValues.Reject, MissingValues.SkipRow })
        {
            CountingRows file = new(Rows(name, 1));
            SplitRows split = SplitRows.Split(file, 0.3, 1, missing, RowCaching.Memory, CancellationToken.None);
            Trainer(name).Fit(split.Training, new FitContext { TestRows = split.Test, MissingValues = missing, ColumnMaxima = split.Maxima, Threads = 2 });
            TestContext.WriteLine($"{name}: {file.Passes}");
            Assert.AreEqual(1, file.Passes);
        }
    }

    /// <summary>Rows that are streamed are parsed in every pass: nothing is kept behind the user's back.</summary>
    [TestMethod]
    public void AFitThatStreams_ReadsTheFileInEveryPass()
    {
        CountingRows training = new(Rows("vae-1", 1));
        Trainer("vae-1").Fit(training, new FitContext { Caching = RowCaching.Stream });
        Assert.IsGreaterThan(2, training.Passes);
    }

    [TestMethod]
    public void BothWays_GiveTheSameModel()
    {
        foreach (string name in new[] { "ppca", "vae-1", "mixture:gaussian-diagonal" })
        {
            LatentModel parsedOnce = Trainer(name).Fit(new CountingRows(Rows(name, 1))).Model, inMemory = Trainer(name).Fit(Rows(name, 1)).Model;
            CollectionAssert.AreEqual(EntropyElbo.Files.ModelFile.ToBytes(inMemory.ToRecord()), EntropyElbo.Files.ModelFile.ToBytes(parsedOnce.ToRecord()), name);
        }
    }

    private static ITrainer Trainer(string name)
    {
        string family = name.Split(' ')[0];
        bool isMixture = family.StartsWith("mixture:", StringComparison.Ordinal);
        FitSettings settings = new() { Latents = isMixture ? null : 2, Components = isMixture ? 2 : null, Epochs = family == "ppca" ? null : 2 };
        ITrainer trainer = ModelFamilies.Find(family).CreateTrainer(settings);
        return family != name && trainer is GaussianVaeTrainer vae
            ? new GaussianVaeTrainer(vae.Options with { Training = vae.Options.Training with { EarlyStoppingPatience = 1 } })
            : trainer;
    }

    /// <summary>Zeros and ones, or numbers between them for families that know neither.</summary>
    private static InMemoryRows Rows(string name, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation);
        bool binary = name is not ("mixture:gamma" or "mixture:exponential" or "mixture:beta");
        double[] values = new double[600 * 12];
        for (int i = 0; i < values.Length; i++)
        {
            double u = random.NextUniform();
            values[i] = binary ? Math.Round(u) : 0.1 + (0.8 * u);
        }

        return new InMemoryRows(values, 12);
    }
}
