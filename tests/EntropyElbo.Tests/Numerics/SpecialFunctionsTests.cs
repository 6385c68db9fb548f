using EntropyElbo.Numerics;
using EntropyElbo.Tests.Reference;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Numerics;

[TestClass]
public sealed class SpecialFunctionsTests
{
    private static readonly Dictionary<string, Func<double[], double>> Functions = new()
    {
        ["LogGamma"] = a => SpecialFunctions.LogGamma(a[0]),
        ["Digamma"] = a => SpecialFunctions.Digamma(a[0]),
        ["Trigamma"] = a => SpecialFunctions.Trigamma(a[0]),
        ["StirlingRemainder"] = a => SpecialFunctions.StirlingRemainder(a[0]),
        ["DigammaRemainder"] = a => SpecialFunctions.DigammaRemainder(a[0]),
        ["LogBeta"] = a => SpecialFunctions.LogBeta(a[0], a[1]),
        ["LogBinomial"] = a => SpecialFunctions.LogBinomial(a[0], a[1]),
        ["Softplus"] = a => SpecialFunctions.Softplus(a[0]),
        ["Logistic"] = a => SpecialFunctions.Logistic(a[0]),
        ["Logit"] = a => SpecialFunctions.Logit(a[0]),
        ["BernoulliEntropy"] = a => SpecialFunctions.BernoulliEntropy(a[0]),
        ["Log1P"] = a => SpecialFunctions.Log1P(a[0]),
        ["XLogX"] = a => SpecialFunctions.XLogX(a[0]),
        ["HalfDeviance"] = a => SpecialFunctions.HalfDeviance(a[0], a[1]),
        ["Erf"] = a => ErrorFunction.Erf(a[0]),
        ["LogSumExp"] = a => SpecialFunctions.LogSumExp(a),
    };

    [TestMethod]
    public void EveryTableRowHasItsFunctionAndEveryFunctionItsRows() => CollectionAssert.AreEquivalent(
        Functions.Keys.ToArray(), ReferenceTable.Read("specialfunctions.csv").Select(cells => cells[0]).Distinct().ToArray());

    [TestMethod]
    public void MatchesTheHighPrecisionTable()
    {
        List<string> failures = [];
        List<string[]> table = ReferenceTable.Read("specialfunctions.csv");
        foreach (string[] cells in table)
        {
            double actual = Functions[cells[0]](ReferenceTable.Numbers(cells[1]));
            string? mismatch = ReferenceTable.Mismatch(
                ReferenceTable.Numbers(cells[2])[0], actual, ReferenceTable.Numbers(cells[3])[0]);
            if (mismatch is not null)
            {
                failures.Add($"{cells[0]}({cells[1]}): {mismatch}");
            }
        }

        ReferenceTable.AssertNone(failures, table.Count);
    }

    [TestMethod]
    public void LimitsAreTakenWithoutNaN()
    {
        const double infinity = double.PositiveInfinity;
        Assert.AreEqual(0, SpecialFunctions.XLogX(0));
        Assert.AreEqual(0, SpecialFunctions.Softplus(-infinity));
        Assert.AreEqual(infinity, SpecialFunctions.Softplus(infinity));
        Assert.AreEqual(0, SpecialFunctions.Logistic(-infinity));
        Assert.AreEqual(1, SpecialFunctions.Logistic(infinity));
        Assert.AreEqual(-infinity, SpecialFunctions.Logit(0));
        Assert.AreEqual(infinity, SpecialFunctions.Logit(1));
        Assert.AreEqual(0, SpecialFunctions.BernoulliEntropy(infinity));
        Assert.AreEqual(0, SpecialFunctions.BernoulliEntropy(-infinity));
        Assert.AreEqual(3, SpecialFunctions.HalfDeviance(0, 3));
        Assert.AreEqual(infinity, SpecialFunctions.HalfDeviance(3, 0));
        Assert.AreEqual(infinity, SpecialFunctions.Log1P(infinity));
        Assert.AreEqual(-infinity, SpecialFunctions.Log1P(-1));
        Assert.AreEqual(-infinity, SpecialFunctions.LogSumExp([]));
        Assert.AreEqual(-infinity, SpecialFunctions.LogSumExp([-infinity, -infinity]));
        Assert.AreEqual(1, SpecialFunctions.LogSumExp([-infinity, 1]));
        Assert.AreEqual(infinity, SpecialFunctions.LogSumExp([0, infinity]));
    }

    [TestMethod]
    public void NaNStaysNaN()
    {
        foreach ((string name, Func<double[], double> function) in Functions)
        {
            Assert.IsTrue(double.IsNaN(function([double.NaN, 1])), name);
            if (name is "LogBeta" or "LogBinomial" or "HalfDeviance" or "LogSumExp")
            {
                Assert.IsTrue(double.IsNaN(function([1, double.NaN])), name);
            }
        }
    }
}
