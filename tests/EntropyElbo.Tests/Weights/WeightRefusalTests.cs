using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Weights;

/// <summary>What counts every row once says so.</summary>
[TestClass]
public sealed class WeightRefusalTests
{
    [TestMethod]
    [DataRow("linear-vae", "latents=2;optimizer=adam", "optimizer adam")]
    [DataRow("sparse-coding", "latents=2;learning=amortised", "Amortised")]
    [DataRow("sparse-coding", "latents=2;optimizer=joint", "joint")]
    [DataRow("vae-1", "latents=2;image=1x5", "network of images")]
    [DataRow("vae-1", "latents=2;objective=importance-weighted;training-samples=3", "importance-weighted")]
    public void WaysOfTraining(string family, string settings, string what)
    {
        Weighted data = new(WeightedFitTests.Rows("real"));
        BadOptionException error = Assert.ThrowsExactly<BadOptionException>(
            () => WeightedFitTests.Trainer(family, settings).Fit(data.Rows));
        Assert.AreEqual("weight", error.Option);
        StringAssert.Contains(error.Message, what);
    }

    [TestMethod]
    public void WeightsInTwoPlaces()
    {
        Weighted data = new(WeightedFitTests.Rows("real"));
        MixtureOptions options = new() { Family = "gaussian-diagonal", Components = 2, RowWeights = data.Weights };
        StringAssert.Contains(
            Assert.ThrowsExactly<BadOptionException>(() => new MixtureTrainer(options).Fit(data.Rows)).Message, "RowWeights");
    }

    [TestMethod]
    public void WeightsThatSumToNothing()
    {
        IRowSource rows = new WeightedRows(WeightedFitTests.Rows("real"), new double[60]);
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(
            () => WeightedFitTests.Trainer("ppca", "latents=1;scale=standard").Fit(rows)).Message, "weight");
        Assert.ThrowsExactly<BadDataException>(() => WeightedFitTests.Trainer("ppca", "latents=1").Fit(rows));
        Assert.ThrowsExactly<BadDataException>(() => WeightedFitTests.Trainer("vae-1", "latents=1").Fit(rows));
    }

    [TestMethod]
    public void StandardErrors_OfLessThanARow()
    {
        IRowSource plain = WeightedFitTests.Rows("real");
        IRowSource rows = new WeightedRows(plain, [.. Enumerable.Repeat(0.01, 60)]);
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(
            () => WeightedFitTests.Trainer("ppca", "latents=1").Fit(plain).Model.EstimateElbo(rows)).Message, "mean 1");
    }
}
