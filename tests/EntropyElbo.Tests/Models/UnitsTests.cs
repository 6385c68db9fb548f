using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Tests.Families;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Models;

/// <summary>Units so small or so large that variances leave the range of doubles: figures or an error, never an end without figures.</summary>
[TestClass]
public sealed class UnitsTests
{
    [TestMethod]
    public void AnyUnit_GivesFiguresOrAnError()
    {
        double[] values = LinearTestData.Gaussian(5, 60 * 3);
        foreach (string family in new[] { "ppca", "linear-vae", "factor-analysis", "sparse-coding", "mixture:gaussian-full", "mixture:gaussian-diagonal", "vae-1" })
        {
            foreach (double unit in new[] { 1e-300, 1e-200, 1e-155, 1e-140, 1e-20, 1e20, 1e140, 1e155, 1e200, 1e300 })
            {
                foreach (ScalingKind scaling in Enum.GetValues<ScalingKind>())
                {
                    RequireFiguresOrError(family, scaling, new InMemoryRows([.. values.Select(v => v * unit)], 3), unit);
                }
            }
        }
    }

    /// <summary>Where a unit is accepted nothing but the unit changes.</summary>
    [TestMethod]
    [DataRow("ppca")]
    [DataRow("linear-vae")]
    [DataRow("factor-analysis")]
    public void AUnit_MovesTheLikelihoodByItsLogarithm(string family)
    {
        double[] values = LinearTestData.Gaussian(5, 60 * 3);
        double one = Elbo(family, values);
        foreach (int exponent in new[] { -440, -40, 40, 440 })
        {
            double[] other = [.. values.Select(v => Math.ScaleB(v, exponent))];
            Assert.AreEqual(one, Elbo(family, other) + (3 * exponent * Math.Log(2)), 1e-7, $"2^{exponent}");
        }
    }

    [TestMethod]
    public void AColumnThatVariesTooLittle_IsNamed()
    {
        double[] values = LinearTestData.Gaussian(5, 60 * 3);
        for (int i = 1; i < values.Length; i += 3)
        {
            values[i] *= 1e-155;
        }

        ITrainer trainer = ModelFamilies.Find("ppca").CreateTrainer(new FitSettings { Latents = 1, Scaling = ScalingKind.None });
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => trainer.Fit(new InMemoryRows(values, 3)));
        Assert.AreEqual("c1", error.Column);
        StringAssert.Contains(error.Message, "change its unit");
    }

    private static double Elbo(string family, double[] values) =>
        ModelFamilies.Find(family).CreateTrainer(new FitSettings { Latents = 1, Scaling = ScalingKind.None })
            .Fit(new InMemoryRows(values, 3)).Model.Report.Summary.Elbo;

    private static void RequireFiguresOrError(string family, ScalingKind scaling, InMemoryRows rows, double unit)
    {
        bool mixture = family.StartsWith("mixture", StringComparison.Ordinal);
        FitSettings settings = new()
        {
            Latents = mixture ? null : 1,
            Components = mixture ? 2 : null,
            Epochs = 5,
            Scaling = scaling,
        };
        settings = family == "ppca" ? settings with { Epochs = null } : settings;
        try
        {
            TrainingRecord training = ModelFamilies.Find(family).CreateTrainer(settings).Fit(rows).Model.Training;
            Assert.IsTrue(double.IsFinite(training.Report!.Summary.Elbo), $"{family} {scaling} {unit}");
        }
        catch (EntropyElboException error)
        {
            Assert.IsFalse(string.IsNullOrEmpty(error.Message));
        }
    }
}
