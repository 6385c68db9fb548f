using System.Globalization;
using EntropyElbo.Distributions;
using EntropyElbo.Tests.Contracts;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Distributions;

[TestClass]
public sealed class GaussianDiagonalTests : ExponentialFamilyContract
{
    protected override string TableName => "gaussian-diagonal";

    protected override IReadOnlyList<Case> Cases =>
    [
        new(new GaussianDiagonal(2), [1, -2, 0.5, 3]), new(new GaussianDiagonal(1), [0, 1]),
        new(new GaussianDiagonal(4), [0.1, 3, -1, 2, 1, 0.25, 2, 0.7]),
    ];

    protected override IReadOnlyList<(double[] X, string Word)> OutsideSupport =>
        [([double.NaN, 0], "finite"), ([0, double.NegativeInfinity], "finite")];

    protected override IReadOnlyList<(double[] Standard, string Word)> BadStandard =>
        [([0, 0, 1, 0], "variance"), ([0, 0, -1, 1], "positive"), ([double.NaN, 0, 1, 1], "mean"), ([0, 0, double.NaN, 1], "NaN")];

    protected override IReadOnlyList<double[]> BadNatural =>
        [[0, 0, -1, 0], [0, 0, 1, -1], [0, 0, double.NaN, -1], [double.NaN, 0, -1, -1]];

    [TestMethod]
    public void DimensionMustBePositive() => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GaussianDiagonal(0));

    protected override ExponentialFamily Create(string name) => new GaussianDiagonal(name[^1] - '0');

    protected override double Total(Case instance, Func<double[], double> f)
    {
        double[] s = instance.Standard;
        return instance.Family.Dimension == 1
            ? Quadrature.Line(x => f([x]), s[0], Math.Sqrt(s[1]))
            : Quadrature.Line(y => Quadrature.Line(x => f([x, y]), s[0], Math.Sqrt(s[2])), s[1], Math.Sqrt(s[3]));
    }
}

[TestClass]
public sealed class GaussianFullTests : ExponentialFamilyContract
{
    protected override string TableName => "gaussian-full";

    protected override IReadOnlyList<Case> Cases =>
    [
        new(new GaussianFull(2), [1, -2, 0.5, -0.4, 3]), new(new GaussianFull(1), [-1, 2]),
        new(new GaussianFull(3), [0.1, 3, -1, 2, 0.5, 1, -0.3, 0.2, 0.7]),
    ];

    protected override IReadOnlyList<(double[] X, string Word)> OutsideSupport =>
        [([double.NaN, 0], "finite"), ([0, double.NegativeInfinity], "finite")];

    protected override IReadOnlyList<(double[] Standard, string Word)> BadStandard =>
    [
        ([0, 0, 1, 1, 1], "covariance is not positive definite: row 1"), ([0, 0, -1, 0, 1], "row 0"), ([0, 0, 1, 2, 1], "variance floor"),
        ([double.NaN, 0, 1, 0, 1], "mean"), ([0, 0, 1, double.NaN, 1], "not finite"),
    ];

    protected override IReadOnlyList<double[]> BadNatural =>
        [[0, 0, -1, 2, -1], [0, 0, 1, 0, -1], [0, 0, -1, double.NaN, -1], [double.NaN, 0, -1, 0, -1]];

    [TestMethod]
    public void AgreesWithTheDiagonalFamily()
    {
        GaussianFull full = new(3);
        GaussianDiagonal diagonal = new(3);
        double[] fullNatural = new double[9];
        double[] diagonalNatural = new double[6];
        full.ToNatural([1, 2, -3, 0.5, 0, 2, 0, 0, 7], fullNatural);
        diagonal.ToNatural([1, 2, -3, 0.5, 2, 7], diagonalNatural);
        Assert.AreEqual(diagonal.Entropy(diagonalNatural), full.Entropy(fullNatural), 1e-14);
        Assert.AreEqual(diagonal.LogPartition(diagonalNatural), full.LogPartition(fullNatural), 1e-13);
        Assert.AreEqual(diagonal.LogDensity([0.5, -1, 2], diagonalNatural), full.LogDensity([0.5, -1, 2], fullNatural), 1e-13);
    }

    [TestMethod]
    public void DimensionIsBounded()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GaussianFull(0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GaussianFull(20001));
    }

    protected override ExponentialFamily Create(string name) =>
        new GaussianFull(int.Parse(name.Split(':')[1], CultureInfo.InvariantCulture));

    protected override double Total(Case instance, Func<double[], double> f)
    {
        double[] s = instance.Standard;
        return instance.Family.Dimension == 1
            ? Quadrature.Line(x => f([x]), s[0], Math.Sqrt(s[1]))
            : Quadrature.Line(y => Quadrature.Line(x => f([x, y]), s[0], Math.Sqrt(s[2])), s[1], Math.Sqrt(s[4]));
    }
}
