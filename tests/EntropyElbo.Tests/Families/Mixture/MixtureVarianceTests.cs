using EntropyElbo.Families.Mixture;

namespace EntropyElbo.Tests.Families.Mixture;

/// <summary>Variances of responsibilities next to 0 and 1.</summary>
[TestClass]
public sealed class MixtureVarianceTests
{
    /// <summary>
    /// Rows ever further from all components but one: <c>r (1 - r)</c> of the oracle's joint densities, whose complements are sums, also
    /// where r is 1 to the last digit.
    /// </summary>
    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    public void Variances_KeepTheirDigitsBesideOne(int components)
    {
        MixtureModel model = MixtureTestData.Random("gaussian-tied", components, 3);
        double[] near = model.ComponentMean(0), far = model.ComponentMean(1), means = new double[components], variances = new double[components];
        int certain = 0;
        for (int step = 0; step < 40; step++)
        {
            double[] row = [.. near.Select((m, d) => m + (0.25 * (step - 8) * Math.Abs(step - 8) * (m - far[d])))];
            model.Encode(row, means, variances);
            certain += means.Max() == 1 ? 1 : 0;
            double[] joints = [.. Enumerable.Range(0, components).Select(k => MixtureOracle.LogJoint(model, k, row))];
            double[] parts = [.. joints.Select(j => Math.Exp(j - joints.Max()))];
            for (int k = 0; k < components; k++)
            {
                double others = parts.Where((_, j) => j != k).Sum(), expected = parts[k] * others / (parts.Sum() * parts.Sum());
                Assert.AreEqual(expected, variances[k], (1e-8 * expected) + 1e-300, $"step {step}, component {k}");
            }
        }

        Assert.IsTrue(certain > 3, $"{certain} rows with a responsibility of 1");
    }
}
