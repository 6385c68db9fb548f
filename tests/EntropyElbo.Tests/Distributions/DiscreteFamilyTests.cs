using System.Globalization;
using EntropyElbo.Distributions;
using EntropyElbo.Numerics;
using EntropyElbo.Tests.Contracts;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Distributions;

/// <summary>Families whose support is 0, 1, 2, ...</summary>
public abstract class DiscreteFamilyTests : ExponentialFamilyContract
{
    protected override double Total(Case instance, Func<double[], double> f) =>
        Enumerable.Range(0, Last(instance.Family) + 1).Sum(k => f([k]));

    protected abstract int Last(ExponentialFamily family);

    protected static int Argument(string name) => int.Parse(name.Split(':')[1], CultureInfo.InvariantCulture);

    /// <summary>All quantities at a boundary where the natural parameter is infinite.</summary>
    protected static void AssertPointMass(ExponentialFamily family, double[] natural, double mass, double other)
    {
        Assert.AreEqual(0, family.Entropy(natural));
        Assert.AreEqual(0, family.LogDensity([mass], natural));
        Assert.AreEqual(double.NegativeInfinity, family.LogDensity([other], natural));
        double[] x = [double.NaN];
        RandomStream random = new(1, RandomPurpose.Sampling);
        for (int i = 0; i < 100; i++)
        {
            family.Sample(natural, random, x);
            Assert.AreEqual(mass, x[0]);
        }
    }
}

[TestClass]
public sealed class BernoulliTests : DiscreteFamilyTests
{
    protected override string TableName => "bernoulli";

    protected override IReadOnlyList<Case> Cases =>
        [.. new[] { 0.5, 0.03, 0.99, 0.7 }.Select(p => new Case(new Bernoulli(), [p]))];

    protected override IReadOnlyList<(double[] X, string Word)> OutsideSupport =>
        [([0.5], "0 or 1"), ([-1], "0 or 1"), ([2], "0 or 1"), ([double.NaN], "0 or 1"), ([double.PositiveInfinity], "0 or 1")];

    protected override IReadOnlyList<(double[] Standard, string Word)> BadStandard =>
        [([-0.1], "probability"), ([1.1], "between 0 and 1"), ([double.NaN], "NaN")];

    protected override IReadOnlyList<double[]> BadNatural => [[double.NaN]];

    [TestMethod]
    public void BoundaryIsAPointMass()
    {
        AssertPointMass(new Bernoulli(), [double.NegativeInfinity], 0, 1);
        AssertPointMass(new Bernoulli(), [double.PositiveInfinity], 1, 0);
    }

    protected override ExponentialFamily Create(string name) => new Bernoulli();

    protected override int Last(ExponentialFamily family) => 1;
}

[TestClass]
public sealed class BinomialTests : DiscreteFamilyTests
{
    protected override string TableName => "binomial";

    protected override IReadOnlyList<Case> Cases =>
    [
        new(new Binomial(8), [0.3]), new(new Binomial(8), [0.97]), new(new Binomial(1), [0.5]),
        new(new Binomial(100), [0.099]), new(new Binomial(100), [0.101]), new(new Binomial(100), [0.899]),
        new(new Binomial(300), [0.5]), new(new Binomial(2000), [0.004]), new(new Binomial(2000), [0.98]),
    ];

    protected override IReadOnlyList<(double[] X, string Word)> OutsideSupport =>
        [([-1], "from 0 to 8"), ([9], "from 0 to 8"), ([0.5], "whole"), ([double.NaN], "whole"), ([double.PositiveInfinity], "whole")];

    protected override IReadOnlyList<(double[] Standard, string Word)> BadStandard =>
        [([-0.1], "probability"), ([1.1], "between 0 and 1"), ([double.NaN], "NaN")];

    protected override IReadOnlyList<double[]> BadNatural => [[double.NaN]];

    [TestMethod]
    public void BoundaryIsAPointMass()
    {
        AssertPointMass(new Binomial(8), [double.NegativeInfinity], 0, 1);
        AssertPointMass(new Binomial(8), [double.PositiveInfinity], 8, 7);
    }

    [TestMethod]
    public void TrialsMustBePositive() => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Binomial(0));

    [TestMethod]
    public void NameHoldsTheTrials() => Assert.AreEqual("binomial:8", new Binomial(8).Name);

    protected override ExponentialFamily Create(string name) => new Binomial(Argument(name));

    protected override int Last(ExponentialFamily family) => ((Binomial)family).Trials;
}

[TestClass]
public sealed class PoissonTests : DiscreteFamilyTests
{
    protected override string TableName => "poisson";

    protected override IReadOnlyList<Case> Cases =>
        [.. new[] { 1, 0.01, 3.7, 9.99, 10.01, 60, 700 }.Select(rate => new Case(new Poisson(), [rate]))];

    protected override IReadOnlyList<(double[] X, string Word)> OutsideSupport =>
        [([-1], "0 or above"), ([1.5], "whole"), ([double.NaN], "finite"), ([double.PositiveInfinity], "finite")];

    protected override IReadOnlyList<(double[] Standard, string Word)> BadStandard =>
        [([-0.1], "rate"), ([double.PositiveInfinity], "finite"), ([double.NaN], "NaN")];

    protected override IReadOnlyList<double[]> BadNatural => [[double.NaN], [800], [double.PositiveInfinity]];

    [TestMethod]
    public void RateZeroIsAPointMass()
    {
        double[] natural = [double.NaN];
        new Poisson().ToNatural([0], natural);
        Assert.AreEqual(double.NegativeInfinity, natural[0]);
        AssertPointMass(new Poisson(), natural, 0, 1);
        Assert.AreEqual(0, new Poisson().LogPartition(natural));
    }

    protected override ExponentialFamily Create(string name) => new Poisson();

    protected override int Last(ExponentialFamily family) => 1100;
}

[TestClass]
public sealed class CategoricalTests : DiscreteFamilyTests
{
    protected override string TableName => "categorical";

    protected override IReadOnlyList<Case> Cases =>
    [
        new(new Categorical(3), [0.2, 0.5, 0.3]), new(new Categorical(2), [0.9, 0.1]),
        new(new Categorical(5), [0.01, 0.02, 0.9, 0.03, 0.04]),
    ];

    protected override IReadOnlyList<(double[] X, string Word)> OutsideSupport =>
        [([-1], "from 0 to 2"), ([3], "from 0 to 2"), ([0.5], "whole"), ([double.NaN], "whole")];

    protected override IReadOnlyList<(double[] Standard, string Word)> BadStandard =>
        [([0.5, 0.5, 0], "last category"), ([-0.1, 0.5, 0.6], "probability"), ([0.1, double.NaN, 0.6], "NaN"), ([0.5, 0.5], "3")];

    protected override IReadOnlyList<double[]> BadNatural => [[double.NaN, 0], [double.PositiveInfinity, 0]];

    [TestMethod]
    public void EmptyCategoriesAddNothing()
    {
        Categorical family = new(3);
        double[] natural = new double[2];
        double[] standard = new double[3];
        family.ToNatural([0, 3, 1], natural);
        family.ToStandard(natural, standard);
        CollectionAssert.AreEqual(new[] { 0, 0.75, 0.25 }, standard);
        Assert.AreEqual(-(0.75 * Math.Log(0.75)) - (0.25 * Math.Log(0.25)), family.Entropy(natural), 1e-15);
        Assert.AreEqual(double.NegativeInfinity, family.LogDensity([0], natural));
        AssertPointMass(family, [double.NegativeInfinity, double.NegativeInfinity], 2, 0);
    }

    [TestMethod]
    public void OneCategoryIsNotAFamily() => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Categorical(1));

    protected override ExponentialFamily Create(string name) => new Categorical(Argument(name));

    protected override int Last(ExponentialFamily family) => ((Categorical)family).Categories - 1;
}
