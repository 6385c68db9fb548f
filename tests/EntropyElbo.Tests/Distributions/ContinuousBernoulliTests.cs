using EntropyElbo.Distributions;
using EntropyElbo.Tests.Contracts;

namespace EntropyElbo.Tests.Distributions;

[TestClass]
public sealed class ContinuousBernoulliTests : ExponentialFamilyContract
{
    protected override string TableName => "continuous-bernoulli";

    protected override IReadOnlyList<Case> Cases =>
        [.. new[] { 0.3, 0.5000001, 0.731, 0.02, 0.99 }.Select(p => new Case(new ContinuousBernoulli(), [p]))];

    protected override IReadOnlyList<(double[] X, string Word)> OutsideSupport =>
        [([-0.01], "between 0 and 1"), ([1.01], "between 0 and 1"), ([double.NaN], "between 0 and 1"), ([double.PositiveInfinity], "between 0 and 1")];

    protected override IReadOnlyList<(double[] Standard, string Word)> BadStandard =>
        [([-0.1], "lambda"), ([1.1], "between 0 and 1"), ([0], "finite"), ([1], "finite"), ([double.NaN], "NaN")];

    protected override IReadOnlyList<double[]> BadNatural => [[double.NaN], [double.PositiveInfinity], [double.NegativeInfinity]];

    [TestMethod]
    public void NaturalOfMean_IsTheInverseOfTheMean()
    {
        ContinuousBernoulli family = new();
        double[] mean = new double[1];
        foreach (double natural in new[] { -1e6, -750, -40, -3, -1, -0.2, -1e-6, 0, 1e-6, 0.2, 1, 3, 40 })
        {
            family.MeanParameters([natural], mean);

            // Beside 0 the mean is 1/2 + eta / 12, and keeps of eta what a double beside 1/2 keeps.
            Assert.AreEqual(natural, ContinuousBernoulli.NaturalOfMean(mean[0]), 1e-12 * Math.Max(1, Math.Abs(natural)), $"{natural}");
        }

        foreach (double bad in new[] { 0, 1, -0.1, 1.1, double.NaN })
        {
            Assert.ThrowsExactly<ArgumentException>(() => ContinuousBernoulli.NaturalOfMean(bad));
        }
    }

    protected override ExponentialFamily Create(string name) => new ContinuousBernoulli();

    protected override double Total(Case instance, Func<double[], double> f) => Quadrature.Unit(x => f([x]));
}
