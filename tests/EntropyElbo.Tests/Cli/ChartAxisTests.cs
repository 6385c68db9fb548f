using EntropyElbo.Cli.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary>Axes of the report's charts.</summary>
[TestClass]
public sealed class ChartAxisTests
{
    [TestMethod]
    [DataRow(-7.0, 41.0, new[] { "0", "10", "20", "30", "40" })]
    [DataRow(0.0, 1.0, new[] { "0", "0.2", "0.4", "0.6", "0.8", "1" })]
    [DataRow(-2500.0, -1100.0, new[] { "\u22122500", "\u22122000", "\u22121500" })]
    public void LinearTicksAreRound(double low, double high, string[] labels)
    {
        ChartAxis axis = ChartAxis.Linear(low, high);
        CollectionAssert.AreEqual(labels, axis.Ticks().Select(axis.Label).ToArray());
        Assert.AreEqual(0, axis.Position(low), 1e-12);
        Assert.AreEqual(1, axis.Position(high), 1e-12);
    }

    [TestMethod]
    public void ALevelLineHasAnAxis()
    {
        foreach (double value in new[] { 0.0, -163.2, 1e-9 })
        {
            ChartAxis axis = ChartAxis.Linear(value, value);
            Assert.AreEqual(0.5, axis.Position(value), 1e-6);
        }
    }

    [TestMethod]
    public void SymmetricAxesMarkPowersOfTenOnBothSides()
    {
        ChartAxis axis = ChartAxis.Symmetric(-20, 3000, 0.02);
        double[] ticks = [.. axis.Ticks()];
        CollectionAssert.Contains(ticks, 0.0);
        Assert.IsTrue(ticks.Any(t => t < 0) && ticks.Any(t => t > 0));
        Assert.IsTrue(ticks.All(t => axis.Position(t) is >= 0 and <= 1));
        Assert.IsTrue(ticks.All(t => t == 0 || Math.Abs(Math.Log10(Math.Abs(t)) - Math.Round(Math.Log10(Math.Abs(t)))) < 1e-9));

        // Linear near 0: twice the value, twice the distance; logarithmic beyond: ten times the value, always the same step.
        double zero = axis.Position(0);
        Assert.AreEqual(2, (axis.Position(0.002) - zero) / (axis.Position(0.001) - zero), 0.01);
        Assert.AreEqual(axis.Position(1000) - axis.Position(100), axis.Position(100) - axis.Position(10), 1e-4);
    }

    /// <summary>Ranges of rounding, of nothing and of everything: few ticks, all within, and every position a number.</summary>
    [TestMethod]
    [DataRow(-163.2, -163.2, DisplayName = "no range")]
    [DataRow(-163.2, -163.19999999999996, DisplayName = "1 ulp")]
    [DataRow(-163.2, -163.1999999999998, DisplayName = "few ulps")]
    [DataRow(1e15, 1e15 + 0.5, DisplayName = "few ulps of a large value")]
    [DataRow(9007199254740991.0, 9007199254740992.0, DisplayName = "1 ulp at 2^53")]
    [DataRow(1e18, 1.0000000001e18, DisplayName = "a step of more than one, below the values' digits")]
    [DataRow(0.0, double.Epsilon, DisplayName = "denormals")]
    [DataRow(-3e-310, 4e-310, DisplayName = "denormals through 0")]
    [DataRow(double.MinValue, double.MaxValue, DisplayName = "everything")]
    [DataRow(1e308, double.MaxValue, DisplayName = "huge")]
    [DataRow(double.NegativeInfinity, double.PositiveInfinity, DisplayName = "infinite")]
    [DataRow(double.NaN, double.NaN, DisplayName = "NaN")]
    public void EveryRangeHasAnAxis(double low, double high)
    {
        foreach (ChartAxis axis in new[] { ChartAxis.Linear(low, high), ChartAxis.Symmetric(low, high, 1e-9), ChartAxis.Symmetric(low, high, 1e290) })
        {
            double[] ticks = [.. axis.Ticks().Take(100)];
            Assert.IsInRange(1, 13, ticks.Length);
            Assert.HasCount(ticks.Length, ticks.Distinct());
            Assert.IsTrue(ticks.All(t => axis.Position(t) is >= -1e-9 and <= 1 + 1e-9));
            if (double.IsFinite(low) && double.IsFinite(high))
            {
                Assert.IsTrue(double.IsFinite(axis.Position(low)) && double.IsFinite(axis.Position(high)));
            }
        }
    }
}
