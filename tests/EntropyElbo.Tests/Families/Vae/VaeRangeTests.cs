using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Vae;

/// <summary>Finite values that single precision cannot take are refused by name; no code is a NaN.</summary>
[TestClass]
public sealed class VaeRangeTests
{
    [TestMethod]
    [DataRow("vae-1", ScalingKind.MinMax)]
    [DataRow("vae-1", ScalingKind.None)]
    [DataRow("vae-3", ScalingKind.Standard)]
    [DataRow("sparse-vae", ScalingKind.None)]
    public void ValuesBeyondSinglePrecision_AreNamed(string family, ScalingKind scaling)
    {
        LatentModel model = ModelFamilies.Find(family).CreateTrainer(new FitSettings { Latents = 2, Hidden = [6], Epochs = 2, Scaling = scaling })
            .Fit(new InMemoryRows(LinearTestData.Gaussian(1, 80 * 3), 3)).Model;
        double[] means = new double[6], variances = new double[6], elbos = new double[3];
        foreach (double value in new[] { 1e6, 1e30, 1e37, 3e38, 1e39, -1e39, 1e100, -1e300 })
        {
            double[] rows = [0.1, 0.2, 0.3, 0.1, value, 0.3, 0.2, 0.2, 0.2];
            Check(() => model.Encode(rows, means, variances), means.Concat(variances), value);
            Check(() => model.RowElbo(rows, elbos, 2), elbos.Where(e => !double.IsNegativeInfinity(e)), value);
            Check(() => model.LogLikelihood(rows, elbos, 2), elbos.Where(e => !double.IsNegativeInfinity(e)), value);
            Check(() => model.Evaluate(new InMemoryRows(rows, 3)), [], value);
        }
    }

    private static void Check(Action action, IEnumerable<double> results, double value)
    {
        try
        {
            action();
            Assert.IsLessThan(1e41, Math.Abs(value), "beyond any scaling of these columns");
            Assert.IsTrue(results.All(double.IsFinite), $"{value}");
        }
        catch (BadDataException error) when (error.Message.Contains("not all finite", StringComparison.Ordinal))
        {
            // Figures of all rows together, where a row alone may be impossible.
            Assert.IsGreaterThan(1e18, Math.Abs(value));
        }
        catch (BadDataException error)
        {
            Assert.AreEqual("c1", error.Column);
            Assert.AreEqual(1, error.Row);
            Assert.IsGreaterThan(1e30, Math.Abs(value));
        }
    }
}
