using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

/// <summary>What has no distribution is refused: a rejection that never accepts would not end.</summary>
[TestClass]
public sealed class RandomVariatesTests
{
    private static RandomStream Stream => new(1, RandomPurpose.Sampling);

    [TestMethod]
    [Timeout(10_000)]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    [DataRow(-1e9)]
    public void AGammaVariableNeedsAShape(double shape) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => RandomVariates.LogGamma(Stream, shape));

    [TestMethod]
    [Timeout(10_000)]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    [DataRow(800)]
    public void APoissonVariableNeedsARate(double logRate) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => RandomVariates.Poisson(Stream, logRate));

    [TestMethod]
    [Timeout(10_000)]
    public void ABinomialVariableNeedsALogit() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => RandomVariates.Binomial(Stream, 100, double.NaN));

    [TestMethod]
    [Timeout(10_000)]
    public void LimitsOfTheParametersHaveDraws()
    {
        Assert.AreEqual(double.NegativeInfinity, RandomVariates.LogGamma(Stream, 0));
        Assert.AreEqual(0, RandomVariates.Poisson(Stream, double.NegativeInfinity));
        Assert.AreEqual(100, RandomVariates.Binomial(Stream, 100, double.PositiveInfinity));
        Assert.AreEqual(0, RandomVariates.Binomial(Stream, 100, double.NegativeInfinity));
    }

    [TestMethod]
    [Timeout(10_000)]
    [DataRow(double.NaN)]
    [DataRow(-1e300)]
    [DataRow(double.NegativeInfinity)]
    public void PolygammasHaveNoValueThere(double x)
    {
        Assert.IsTrue(double.IsNaN(SpecialFunctions.Digamma(x)));
        Assert.IsTrue(double.IsNaN(SpecialFunctions.Trigamma(x)));
    }
}
