using EntropyElbo.Data;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Models;
using EntropyElbo.Tests.Families;
using EntropyElbo.Tests.Families.Mixture;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Models;

/// <summary>One floor for all families: a share of a column's own variance, and of the mean of these where one noise serves all.</summary>
[TestClass]
public sealed class VarianceFloorsTests
{
    private const int Rows = 50;
    private const double Share = 1e-8;

    /// <summary>x, 2 x, and a constant: one latent explains all, and the constant column changes no floor.</summary>
    private static readonly InMemoryRows Degenerate = Table((x, d) => d switch { 0 => x, 1 => 2 * x, _ => 7 });

    private static double VarianceOfX { get; } = Variance();

    [TestMethod]
    public void EveryFamilyHasTheSameShare()
    {
        double unit = 2.5 * VarianceOfX; // The mean of v and 4 v.
        Equal(unit, ((ProbabilisticPcaModel)Fit(new ProbabilisticPcaTrainer(new() { Latents = 1, Scaling = ScalingKind.None }))).NoiseVariance);
        ReadOnlySpan<double> factors = ((FactorAnalysisModel)Fit(new FactorAnalysisTrainer(new() { Latents = 1, Scaling = ScalingKind.None }))).NoiseVariances;
        Equal(VarianceOfX, factors[0]);
        Equal(4 * VarianceOfX, factors[1]);
        Equal(unit, factors[2]);
        MixtureModel mixture = (MixtureModel)Fit(new MixtureTrainer(new() { Family = "gaussian-diagonal", Components = 1, Scaling = ScalingKind.None }));
        Equal(unit, mixture.StandardParameters(0)[5]);
        double linear = ((LinearVaeModel)Fit(new LinearVaeTrainer(new() { Latents = 1, Scaling = ScalingKind.None }))).NoiseVariance;
        Assert.IsTrue(linear >= (1 - 1e-9) * Share * unit && linear < 2 * Share * unit, $"{linear}");
        double sparse = ((SparseCodingModel)Fit(new SparseCodingTrainer(new() { Latents = 1 }))).NoiseVariance;
        Assert.IsTrue(sparse >= (1 - 1e-9) * Share * unit && sparse < 2 * Share * unit, $"{sparse}");
    }

    [TestMethod]
    public void AUsersFloorHolds()
    {
        ProbabilisticPcaModel model = (ProbabilisticPcaModel)Fit(
            new ProbabilisticPcaTrainer(new() { Latents = 1, Scaling = ScalingKind.None, VarianceFloor = 1e-5 }));
        Assert.AreEqual(1e-5 * 2.5 * VarianceOfX, model.NoiseVariance, 1e-12);
    }

    /// <summary>Two columns a thousandth of their deviation apart: the maximum is resolved, and no floor holds.</summary>
    [TestMethod]
    public void CloseColumnsMeetNoFloor()
    {
        double[] noise = LinearTestData.Gaussian(3, Rows, 1e-3);
        int row = 0;
        InMemoryRows rows = Table((x, d) => d == 0 ? x : x + noise[row++], 2);
        foreach (ITrainer trainer in new ITrainer[]
        {
            new ProbabilisticPcaTrainer(new() { Latents = 1 }),
            new FactorAnalysisTrainer(new() { Latents = 1 }),
            new MixtureTrainer(new() { Family = "gaussian-full", Components = 1 }),
        })
        {
            Assert.IsFalse(trainer.Fit(rows).Model.Training.IsAtFloor, trainer.GetType().Name);
        }
    }

    private static LatentModel Fit(ITrainer trainer)
    {
        LatentModel model = trainer.Fit(Degenerate).Model;
        Assert.IsTrue(model.Training.IsAtFloor, model.Family);
        return model;
    }

    private static void Equal(double unit, double variance) => Assert.AreEqual(Share * unit, variance, 1e-9 * Share * unit);

    private static InMemoryRows Table(Func<double, int, double> value, int columns = 3)
    {
        double[] x = LinearTestData.Gaussian(2, Rows);
        return new InMemoryRows([.. Enumerable.Range(0, Rows * columns).Select(i => value(x[i / columns], i % columns))], columns);
    }

    private static double Variance()
    {
        double[] x = LinearTestData.Gaussian(2, Rows);
        double mean = x.Average();
        return x.Average(v => (v - mean) * (v - mean));
    }
}
