using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Reports;

namespace EntropyElbo.Tests.Families.Mixture;

/// <summary>What the columns of a row have of a mixture's ELBO.</summary>
[TestClass]
public sealed class MixtureTermsTests
{
    /// <summary>With one component a column's term is its own log density, from the distributions one value at a time.</summary>
    [TestMethod]
    [DataRow("gaussian-diagonal")]
    [DataRow("gaussian-spherical")]
    [DataRow("gamma")]
    [DataRow("exponential")]
    [DataRow("beta")]
    [DataRow("bernoulli")]
    [DataRow("binomial:6")]
    [DataRow("poisson")]
    [DataRow("categorical")]
    public void IndependentColumns_HaveTheirOwnLogDensities(string family)
    {
        MixtureModel model = MixtureTestData.Random(family, 1, 3);
        double[] row = MixtureTestData.Rows(family, 1, 4).ReadAll().Values;
        double[] columns = new double[4];
        model.RowTerms(row, columns, [], []);
        double all = MixtureOracle.LogJoint(model, 0, row);
        Assert.AreEqual(all, columns.Sum(), 1e-9 * Math.Abs(all));
        double[] swapped = [.. row];
        for (int d = 0; d < 4; d++)
        {
            // A change of one value changes its own column's term alone, by what it changes the joint density.
            double other = MixtureTestData.Rows(family, 50, 9).ReadAll().Values[(7 * 4) + d];
            swapped[d] = other;
            double[] changed = new double[4];
            model.RowTerms(swapped, changed, [], []);
            double difference = MixtureOracle.LogJoint(model, 0, swapped) - all;
            for (int e = 0; e < 4; e++)
            {
                Assert.AreEqual(columns[e] + (e == d ? difference : 0), changed[e], 1e-9 * (1 + Math.Abs(changed[e])), $"column {e} after column {d}");
            }

            swapped[d] = row[d];
        }
    }

    /// <summary>Several components: r of the oracle's joint densities, and the means of the components' own terms under it.</summary>
    [TestMethod]
    public void SeveralComponents_AreWeighedByTheirResponsibilities()
    {
        MixtureModel model = MixtureTestData.Random(MixtureTestData.Mixed, 3, 5);
        double[] row = MixtureTestData.Rows(MixtureTestData.Mixed, 1, 6).ReadAll().Values;
        double[] columns = new double[11], kl = new double[3], entropies = new double[3];
        model.RowTerms(row, columns, kl, entropies);
        double[] joints = [.. Enumerable.Range(0, 3).Select(k => MixtureOracle.LogJoint(model, k, row))];
        double[] r = [.. joints.Select(j => Math.Exp(j - joints.Max()))];
        r = [.. r.Select(v => v / r.Sum())];
        double expected = 0;
        for (int k = 0; k < 3; k++)
        {
            double weight = model.Weights[k];
            expected += r[k] * (joints[k] - Math.Log(weight));
            Assert.AreEqual((r[k] * Math.Log(r[k] / weight)) - r[k] + weight, kl[k], 1e-9);
            Assert.AreEqual(-r[k] * Math.Log(r[k]), entropies[k], 1e-9);
        }

        Assert.AreEqual(expected, columns.Sum(), 1e-9 * Math.Abs(expected));
    }

    /// <summary>
    /// Covariance [2, 1.2; 1.2, 1], precision 1 / 0.56 times [1, -1.2; -1.2, 2]; row (1, -2), mean 0. P y = (3.4, -5.2) / 0.56, so the quadratic shares are
    /// 3.4 / 0.56 and 10.4 / 0.56.
    /// </summary>
    [TestMethod]
    public void CovarianceShares_AreThoseOfTheDefinition()
    {
        double determinant = 0.56;
        double[] precision = [1 / determinant, 2 / determinant];
        double rest = (-0.5 * Math.Log(determinant)) - (0.5 * Math.Log(precision[0])) - (0.5 * Math.Log(precision[1]));
        double first = (0.5 * Math.Log(precision[0] / (2 * Math.PI))) + (rest / 2) - (0.5 * 3.4 / determinant);
        double second = (0.5 * Math.Log(precision[1] / (2 * Math.PI))) + (rest / 2) - (0.5 * 10.4 / determinant);
        double[] columns = new double[2];
        foreach (string family in (string[])["gaussian-full", "gaussian-tied"])
        {
            MixtureTestData.Model(family, [1], 2, [0, 0, 2, 1.2, 1.2, 1]).RowTerms([1, -2], columns, [], []);
            Assert.AreEqual(first, columns[0], 1e-12);
            Assert.AreEqual(second, columns[1], 1e-12);
            MixtureTestData.Model(family, [1], 2, [0, 0, 1, 1.2, 1.2, 2]).RowTerms([-2, 1], columns, [], []);
            Assert.AreEqual(second, columns[0], 1e-12, "the order of the columns is of no meaning");

            // Another unit of the second column moves its term by the logarithm of the unit, and nothing else.
            MixtureTestData.Model(family, [1], 2, [0, 0, 2, 12, 12, 100]).RowTerms([1, -20], columns, [], []);
            Assert.AreEqual(first, columns[0], 1e-12);
            Assert.AreEqual(second - Math.Log(10), columns[1], 1e-12);
        }
    }

    /// <summary>A value that a component of the row gives probability 0 is minus infinity in its own column; one that training did not see is left out.</summary>
    [TestMethod]
    public void ImpossibleAndUnseenValues_AreInTheirColumns()
    {
        MixtureModel model = Excluding();
        double[] columns = new double[4], kl = new double[2], elbo = new double[1];
        model.RowElbo(Impossible, elbo);
        model.RowTerms(Impossible, columns, kl, []);
        Assert.AreEqual(double.NegativeInfinity, elbo[0]);
        Assert.AreEqual(double.NegativeInfinity, columns[0]);
        Assert.AreEqual(Math.Log(0.7), columns[1], 1e-14);
        Assert.AreEqual(0, columns[2]);
        Assert.AreEqual(double.NegativeInfinity, columns[3]);
        Assert.AreEqual(0, kl.Sum(), 1e-15);

        double[] unseen = [0, 1, 5, 9];
        Assert.AreEqual(2, model.CountUnseen(unseen));
        model.RowElbo(unseen, elbo);
        model.RowTerms(unseen, columns, kl, []);
        Assert.AreEqual(0, columns[0], 1e-15);
        Assert.AreEqual(Math.Log(0.3), columns[1], 1e-14);
        CollectionAssert.AreEqual(new double[2], columns[2..]);
        Assert.AreEqual(elbo[0], columns.Sum() - kl.Sum(), 1e-14);
        Assert.AreEqual(Math.Log(2), kl.Sum(), 1e-14);
    }

    [TestMethod]
    public void ValuesOutsideTheSupport_AreNamed()
    {
        MixtureModel model = MixtureTestData.Random("gamma", 2, 1);
        double[] rows = MixtureTestData.Rows("gamma", 3).ReadAll().Values;
        rows[6] = -1;
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => model.RowTerms(rows, new double[12], [], []));
        Assert.AreEqual(1, error.Row);
        Assert.AreEqual("c2", error.Column);
    }

    /// <summary>The mean of numbers of which one is minus infinity has no bounded spread; the entropies have.</summary>
    [TestMethod]
    public void Estimates_WithAnImpossibleRow_SayThatTheyHaveNoBound()
    {
        InMemoryRows rows = new([0, 1, 0, 0, .. Impossible, 1, 1, 0, 1], 4);
        RowEstimate elbo = Excluding().EstimateElbo(rows);
        Assert.AreEqual((double.NegativeInfinity, double.PositiveInfinity, 3L), (elbo.Value, elbo.StandardError, elbo.Rows));
        RowEstimate sum = Excluding().EstimateEntropySum(rows);
        Assert.IsTrue(double.IsFinite(sum.Value) && double.IsFinite(sum.StandardError));
    }

    private static double[] Impossible => [1, 0, 0, 0];

    /// <summary>Two patterns, each of which excludes values of the other; no component has seen a count in column 3.</summary>
    private static MixtureModel Excluding() => MixtureTestData.Model(
        "bernoulli@1-2,poisson@3,categorical@4",
        [0.5, 0.5],
        4,
        [0, 1, 0.3, 0.7, 1, 0, 0.3, 0.7],
        [0, 0],
        [1, 0, 0, 0, 0, 1, 0, 0]);
}
