using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Reports;

namespace EntropyElbo.Tests.Families.Mixture;

/// <summary>Floors and bounds keep clear of maxima that the rows resolve.</summary>
[TestClass]
public sealed class MixtureFloorTests
{
    /// <summary>Four sensors of one signal, each with noise of a thousandth: one Gaussian's maximum is known in closed form.</summary>
    [TestMethod]
    [DataRow("gaussian-full", ScalingKind.None)]
    [DataRow("gaussian-full", ScalingKind.MinMax)]
    [DataRow("gaussian-tied", ScalingKind.None)]
    public void CloselyCorrelatedColumns_ReachTheMaximum_WithoutAWarning(string family, ScalingKind scaling)
    {
        const int rows = 400;
        double[] signal = LinearTestData.Gaussian(2, rows);
        double[] noise = LinearTestData.Gaussian(3, rows * 4, 1e-3);
        double[] values = [.. noise.Select((v, i) => v + signal[i / 4])];
        MixtureModel model = MixtureTestData.Mixture(MixtureTestData.Fit(
            new InMemoryRows(values, 4), new MixtureOptions { Family = family, Components = 1, Scaling = scaling }));

        // log det through the Gram-Schmidt residuals of the columns.
        double logDeterminant = 0;
        List<double[]> basis = [];
        for (int d = 0; d < 4; d++)
        {
            double mean = Enumerable.Range(0, rows).Average(n => values[(n * 4) + d]);
            double[] column = [.. Enumerable.Range(0, rows).Select(n => values[(n * 4) + d] - mean)];
            foreach (double[] other in basis)
            {
                double slope = column.Zip(other, (a, b) => a * b).Sum() / other.Sum(v => v * v);
                column = [.. column.Zip(other, (a, b) => a - (slope * b))];
            }

            basis.Add(column);
            logDeterminant += Math.Log(column.Sum(v => v * v) / rows);
        }

        double expected = -0.5 * ((4 * Math.Log(2 * Math.PI * Math.E)) + logDeterminant);
        double elbo = model.Report.Summary.Elbo + model.Scaling.LogVolume;
        Assert.AreEqual(expected, elbo, 1e-6);
        Assert.IsEmpty(model.Training.Warnings);
    }

    /// <summary>A gamma distribution of shape 1e12 is a normal one to 1e-6.</summary>
    [TestMethod]
    [DataRow(1e6, 1.0)]
    [DataRow(1e3, 1e-4)]
    public void NarrowPositiveValues_ReachTheGammasMaximum_WithoutAWarning(double centre, double deviation)
    {
        double[] values = [.. LinearTestData.Gaussian(4, 500, deviation).Select(v => v + centre)];
        double mean = values.Average();
        double variance = values.Average(v => (v - mean) * (v - mean));
        MixtureModel model = MixtureTestData.Mixture(MixtureTestData.Fit(
            new InMemoryRows(values, 1), new MixtureOptions { Family = "gamma", Components = 1 }));
        ElboReport report = model.Report.Summary;
        Assert.AreEqual(-0.5 * Math.Log(2 * Math.PI * Math.E * variance), report.Elbo, 1e-5);
        Assert.AreEqual(report.EntropySum - report.PriorResidual - report.NoiseResidual, report.Elbo, 1e-8);
        Assert.AreEqual(mean * mean / variance, model.StandardParameters(0)[0], 1e-3 * mean * mean / variance);
        Assert.IsEmpty(model.Training.Warnings);
    }

    /// <summary>log a - psi(a) = 1/(2a) + 1/(12 a^2) - ...</summary>
    [TestMethod]
    [DataRow(1e5)]
    [DataRow(1e9)]
    [DataRow(1e15)]
    [DataRow(1e19)]
    public void LargeShapes_AreSolved(double shape) =>
        Assert.AreEqual(shape, GammaFamily.Shape((0.5 / shape) + (1 / (12 * shape * shape)), 1e20), 1e-10 * shape);
}
