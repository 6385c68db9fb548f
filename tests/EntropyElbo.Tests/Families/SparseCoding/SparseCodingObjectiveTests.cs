using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Families.SparseCoding;

/// <summary>The library's objectives and gradients beside V's formulas written down term by term.</summary>
[TestClass]
public sealed class SparseCodingObjectiveTests
{
    private const double Step = 1e-5;

    [TestMethod]
    public void BothForms_AreThoseOfThePaper()
    {
        SparseReference reference = SparseReference.Random(4, 5, 3, 1);
        SparseCodingObjective objective = reference.Objective();
        Assert.AreEqual(reference.Classical(), objective.Elbo, 1e-12);
        Assert.AreEqual(reference.Entropies(), objective.EntropyForm(), 1e-12);
        Assert.AreEqual(reference.Entropies(3, 0.5), objective.EntropyForm(3, 0.5), 1e-12);
        Assert.AreEqual(objective.Elbo, objective.EntropySum - objective.PriorResidual - objective.NoiseResidual, 1e-12);
    }

    /// <summary>V Theorem 1: with the scales at their optima the classical ELBO is the sum of entropies, and it is their maximum.</summary>
    [TestMethod]
    public void TheEntropyForm_IsTheClassicalOneAtItsBestScales()
    {
        SparseReference reference = SparseReference.Random(4, 5, 3, 2);
        double before = reference.Classical();
        Close(reference);
        SparseCodingObjective objective = reference.Objective();
        Assert.AreEqual(reference.Entropies(), objective.Elbo, 1e-12);
        Assert.AreEqual(objective.EntropyForm(), objective.Elbo, 1e-12);
        Assert.IsGreaterThan(before, objective.Elbo);
    }

    /// <summary>V Lemma 1: where the scales are optimal both objectives have the same gradients.</summary>
    [TestMethod]
    public void OnTheManifold_BothFormsHaveTheSameGradients()
    {
        SparseReference reference = SparseReference.Random(4, 5, 3, 3);
        Assert.IsGreaterThan(1e-3, Distance(reference.ByMean(0, true), reference.ByMean(0, false)), "away from it they differ");
        Close(reference);
        for (int n = 0; n < reference.Rows.Length; n++)
        {
            Assert.IsLessThan(1e-10, Distance(reference.ByMean(n, true), reference.ByMean(n, false)));
            Assert.IsLessThan(1e-10, Distance(reference.ByCovariance(n, true), reference.ByCovariance(n, false)));
        }

        MatrixView<double> fields = new Matrix<double>(reference.Latents, reference.Columns);
        reference.Objective().FieldGradients(1, fields);
        for (int h = 0; h < reference.Latents; h++)
        {
            Assert.IsLessThan(1e-10, Distance(reference.ByField(h, true), reference.ByField(h, false)));
            Assert.IsLessThan(1e-10, Distance(reference.ByField(h, true), fields[h].ToArray()));
        }
    }

    [TestMethod]
    [DataRow(true, 1.0, 1.0)]
    [DataRow(false, 1.0, 1.0)]
    [DataRow(false, 3.0, 0.5)]
    public void GradientsByQ_AreThoseOfTheValues(bool classical, double prior, double noise)
    {
        SparseReference reference = SparseReference.Random(3, 5, 3, 4);
        double Value() => classical ? reference.Objective().Elbo : reference.Objective().EntropyForm(prior, noise);
        for (int n = 0; n < reference.Rows.Length; n++)
        {
            double[] means = reference.ByMean(n, classical, prior, noise), covariances = reference.ByCovariance(n, classical, prior, noise);
            for (int h = 0; h < reference.Latents; h++)
            {
                Assert.AreEqual(Difference(Value, t => reference.Means[n][h] += t), means[h], 1e-6);
                for (int k = 0; k <= h; k++)
                {
                    int entry = (h * 3) + k, mirror = (k * 3) + h;
                    double both = Difference(Value, t => Move(reference.Covariances[n], entry, mirror, t));
                    Assert.AreEqual(both, covariances[entry] * (entry == mirror ? 1 : 2), 1e-6);
                }
            }
        }
    }

    [TestMethod]
    public void GradientsByTheParameters_AreThoseOfTheValues()
    {
        SparseReference reference = SparseReference.Random(3, 5, 3, 5);
        SparseCodingObjective objective = reference.Objective();
        MatrixView<double> fields = new Matrix<double>(3, 5);
        objective.FieldGradients(1, fields);
        double[] mean = new double[5];
        objective.MeanGradient(1, mean);
        double Value() => reference.Objective().Elbo;
        for (int d = 0; d < 5; d++)
        {
            Assert.AreEqual(Difference(Value, t => reference.Mean[d] += t), mean[d], 1e-6);
            for (int h = 0; h < 3; h++)
            {
                double[] field = reference.Fields[h];
                double slope = Difference(Value, t =>
                {
                    double[] moved = [.. field];
                    moved[d] += t;
                    reference.Fields[h] = t == 0 ? field : SparseReference.Unit(moved);
                }, undo: () => reference.Fields[h] = field);
                Assert.AreEqual(slope, fields[h][d], 1e-6);
            }
        }

        Assert.AreEqual(Difference(Value, t => reference.Noise *= Math.Exp(t)), objective.NoiseResidual, 1e-6);
        double scales = Difference(Value, t => reference.Scales = [.. reference.Scales.Select(s => s * Math.Exp(t))]);
        Assert.AreEqual(scales, objective.PriorResidual, 1e-6);
    }

    private static void Close(SparseReference reference)
    {
        reference.Scales = [.. Enumerable.Range(0, reference.Latents).Select(reference.MeanSize)];
        reference.Noise = reference.MeanError();
    }

    private static void Move(double[] covariance, int entry, int mirror, double by)
    {
        covariance[entry] += by;
        covariance[mirror] += entry == mirror ? 0 : by;
    }

    private static double Difference(Func<double> value, Action<double> move, Action? undo = null)
    {
        move(Step);
        double up = value();
        (undo ?? (() => move(-Step)))();
        move(-Step);
        double down = value();
        (undo ?? (() => move(Step)))();
        return (up - down) / (2 * Step);
    }

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
