using EntropyElbo.Distributions;
using EntropyElbo.Tests.Contracts;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Distributions;

[TestClass]
public sealed class GammaTests : ExponentialFamilyContract
{
    protected override string TableName => "gamma";

    protected override IReadOnlyList<Case> Cases =>
        [.. new[] { (2.0, 1.0), (0.3, 2), (1, 0.5), (9.9, 3), (10.1, 3), (100, 7) }.Select(p => new Case(new Gamma(), [p.Item1, p.Item2]))];

    protected override IReadOnlyList<(double[] X, string Word)> OutsideSupport =>
        [([0], "above 0"), ([-1], "above 0"), ([double.NaN], "finite"), ([double.PositiveInfinity], "finite")];

    protected override IReadOnlyList<(double[] Standard, string Word)> BadStandard =>
        [([0, 1], "shape"), ([1, 0], "rate"), ([double.NaN, 1], "shape"), ([1, double.PositiveInfinity], "rate"), ([-2, 1], "-2")];

    protected override IReadOnlyList<double[]> BadNatural => [[-1, -1], [0, 0], [0, 1], [double.NaN, -1], [0, double.NaN]];

    protected override ExponentialFamily Create(string name) => new Gamma();

    protected override double Total(Case instance, Func<double[], double> f) =>
        Quadrature.HalfLine(x => f([x]), instance.Standard[0] / instance.Standard[1]);
}

[TestClass]
public sealed class ExponentialTests : ExponentialFamilyContract
{
    protected override string TableName => "exponential";

    protected override IReadOnlyList<Case> Cases => [.. new[] { 1, 0.2, 30 }.Select(rate => new Case(new Exponential(), [rate]))];

    protected override IReadOnlyList<(double[] X, string Word)> OutsideSupport =>
        [([-1], "0 or above"), ([double.NaN], "finite"), ([double.PositiveInfinity], "finite")];

    protected override IReadOnlyList<(double[] Standard, string Word)> BadStandard =>
        [([0], "rate"), ([-1], "positive"), ([double.NaN], "NaN")];

    protected override IReadOnlyList<double[]> BadNatural => [[0], [1], [double.NaN]];

    protected override ExponentialFamily Create(string name) => new Exponential();

    protected override double Total(Case instance, Func<double[], double> f) =>
        Quadrature.HalfLine(x => f([x]), 1 / instance.Standard[0]);
}

[TestClass]
public sealed class BetaTests : ExponentialFamilyContract
{
    protected override string TableName => "beta";

    protected override IReadOnlyList<Case> Cases =>
    [
        .. new[] { (2.5, 1.5), (0.8, 0.9), (1, 1), (3, 40), (9.9, 10.1), (60, 30) }.Select(p => new Case(new Beta(), [p.Item1, p.Item2])),
    ];

    protected override IReadOnlyList<(double[] X, string Word)> OutsideSupport =>
        [([0], "above 0"), ([1], "below 1"), ([-1], "above 0"), ([2], "below 1"), ([double.NaN], "above 0")];

    protected override IReadOnlyList<(double[] Standard, string Word)> BadStandard =>
        [([0, 1], "parameter a"), ([1, 0], "parameter b"), ([double.NaN, 1], "NaN"), ([1, double.PositiveInfinity], "finite")];

    protected override IReadOnlyList<double[]> BadNatural => [[-1, 0], [0, -1], [-2, 3], [double.NaN, 0], [0, double.NaN]];

    protected override ExponentialFamily Create(string name) => new Beta();

    protected override double Total(Case instance, Func<double[], double> f) => Quadrature.Unit(x => f([x]));
}

[TestClass]
public sealed class LaplaceTests : ExponentialFamilyContract
{
    protected override string TableName => "laplace";

    protected override IReadOnlyList<Case> Cases =>
        [new(new Laplace(2), [1, 0.3]), new(new Laplace(1), [5]), new(new Laplace(3), [0.1, 1, 7])];

    protected override IReadOnlyList<(double[] X, string Word)> OutsideSupport =>
        [([double.NaN, 0], "finite"), ([0, double.NegativeInfinity], "finite")];

    protected override IReadOnlyList<(double[] Standard, string Word)> BadStandard =>
        [([0, 1], "scale"), ([1, -1], "positive"), ([double.NaN, 1], "NaN")];

    protected override IReadOnlyList<double[]> BadNatural => [[0, -1], [-1, 1], [double.NaN, -1]];

    [TestMethod]
    public void DimensionMustBePositive() => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Laplace(0));

    protected override ExponentialFamily Create(string name) => new Laplace(name[^1] - '0');

    protected override double Total(Case instance, Func<double[], double> f) => instance.Family.Dimension == 1
        ? Quadrature.Line(x => f([x]), 0, instance.Standard[0])
        : Quadrature.Line(y => Quadrature.Line(x => f([x, y]), 0, instance.Standard[0]), 0, instance.Standard[1]);
}
