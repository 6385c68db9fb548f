using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Tests.Contracts;

/// <content>Terms of a row's ELBO, and estimates from some rows.</content>
public abstract partial class ModelFamilyContract
{
    [TestMethod]
    public void RowTerms_AddUpToTheElbo_AndToTheReport()
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            IRowSource rows = Rows(seed);
            RequireSums(Untrained(rows.Columns, seed), rows, $"seed {seed}");
        }

        RequireSums(Trainer().Fit(Rows()).Model, Rows(), "trained");
    }

    [TestMethod]
    public void RowTerms_DoNotDependOnNeighbours_NorOnWhatElseIsAskedFor()
    {
        IRowSource rows = Rows();
        LatentModel model = Untrained(rows.Columns, 2);
        double[] values = rows.ReadAll().Values;
        Terms all = Terms.Of(model, values, samples: 3);
        double[] columns = new double[model.ObservedDimension], kl = new double[model.LatentTerms], entropies = new double[model.LatentTerms];
        for (int row = 0; row < values.Length / rows.Columns; row += 37)
        {
            ReadOnlySpan<double> own = values.AsSpan(row * rows.Columns, rows.Columns);
            model.RowTerms(own, columns, [], [], 3);
            model.RowTerms(own, [], kl, [], 3);
            model.RowTerms(own, [], [], entropies, 3);
            RequireEqual(all.Columns.AsSpan(row * columns.Length, columns.Length), columns);
            RequireEqual(all.Kl.AsSpan(row * kl.Length, kl.Length), kl);
            RequireEqual(all.Entropies.AsSpan(row * kl.Length, kl.Length), entropies);
        }

        Assert.ThrowsExactly<ArgumentException>(() => model.RowTerms(values, new double[values.Length - 1], [], []));
        Assert.ThrowsExactly<ArgumentException>(() => model.RowTerms(values, [], new double[1], []));
        Assert.ThrowsExactly<ArgumentException>(() => model.RowTerms(values, [], [], new double[1]));
    }

    /// <summary>Terms take no more memory for more rows than their ELBOs do.</summary>
    [TestMethod]
    public void RowTerms_AllocateNothingForARow()
    {
        IRowSource rows = Rows();
        LatentModel model = Untrained(rows.Columns, 1);
        double[] values = rows.Take(512).ReadAll().Values;
        double[] columns = new double[values.Length], kl = new double[512 * model.LatentTerms], entropies = new double[kl.Length], elbos = new double[512];
        long elbo = Allocated(() => model.RowElbo(values, elbos, 2));
        long terms = Allocated(() => model.RowTerms(values, columns, kl, entropies, 2));
        Assert.IsLessThan(2048, terms - elbo);

        // The least of a few runs: a first one fills pools, and the runtime's own work may fall into any.
        static long Allocated(Action action)
        {
            long least = long.MaxValue;
            for (int run = 0; run < 5; run++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                action();
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        }
    }

    [TestMethod]
    public void Estimates_AreTheReportsValues_WithTheSpreadOfTheirRows()
    {
        IRowSource rows = Rows();
        LatentModel model = Untrained(rows.Columns, 3);
        EvaluateOptions options = new() { Samples = 3, Seed = 5, Threads = 1 };
        ElboReport report = model.Evaluate(rows, options).Summary;
        RowEstimate elbo = model.EstimateElbo(rows, options), sum = model.EstimateEntropySum(rows, options);
        Assert.AreEqual(report.Elbo, elbo.Value, IdentityTolerance * (1 + Math.Abs(report.Elbo)));
        Assert.AreEqual(report.EntropySum, sum.Value, IdentityTolerance * (1 + Math.Abs(report.EntropySum)));
        Assert.AreEqual(report.Rows, elbo.Rows);
        Assert.AreEqual(report.Samples, elbo.Samples);
        Assert.AreEqual(elbo, model.EstimateElbo(rows, options with { Threads = 3 }));
        Assert.AreEqual(sum, model.EstimateEntropySum(rows, options with { Threads = 3 }));
        Assert.IsTrue(sum.StandardError >= 0 && double.IsFinite(sum.StandardError));
        if (report.Samples == 0)
        {
            double[] elbos = new double[report.Rows];
            model.RowElbo(rows.ReadAll().Values, elbos);
            double squares = elbos.Sum(e => (e - elbos.Average()) * (e - elbos.Average()));
            Assert.AreEqual(Math.Sqrt(squares / (elbos.Length - 1) / elbos.Length), elbo.StandardError, 1e-9 * (1 + Math.Abs(report.Elbo)));
            Assert.AreEqual(elbo, model.EstimateElbo(rows, options with { Samples = 1, Seed = 9 }), "samples are of no meaning in closed form");
        }
        else
        {
            Assert.IsGreaterThan(report.StandardError, elbo.StandardError, "it holds the rows' spread beside that of sampling");
            Assert.AreEqual(1, model.EstimateElbo(rows, options with { Samples = 1 }).Samples);
        }

        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => model.EstimateElbo(rows.Take(1))).Message, "at least 2");
        Assert.ThrowsExactly<BadDataException>(() => model.EstimateEntropySum(Gaussian(10, rows.Columns + 1, 1)));
        Assert.ThrowsExactly<BadOptionException>(() => model.EstimateElbo(rows, options with { Samples = 0 }));
    }

    private void RequireSums(LatentModel model, IRowSource rows, string what)
    {
        double[] values = rows.ReadAll().Values;
        Terms terms = Terms.Of(model, values, samples: 3);
        double[] elbos = new double[terms.Rows];
        model.RowElbo(values, elbos, samples: 3);
        ElboReport report = model.Evaluate(rows).Summary;
        for (int row = 0; row < elbos.Length; row++)
        {
            double[] columns = terms.Columns[(row * model.ObservedDimension)..((row + 1) * model.ObservedDimension)];
            double[] kl = terms.Kl[(row * model.LatentTerms)..((row + 1) * model.LatentTerms)];
            double size = 1 + columns.Sum(Math.Abs) + kl.Sum();
            Assert.AreEqual(elbos[row], columns.Sum() - kl.Sum(), IdentityTolerance * size, $"{what}, row {row}");
            Assert.IsGreaterThanOrEqualTo(-IdentityTolerance * size, kl.Min(), $"{what}, row {row}");
        }

        Assert.AreEqual(report.Kl, terms.Kl.Sum() / elbos.Length, IdentityTolerance * (1 + report.Kl), what);
        Assert.AreEqual(report.EncoderEntropy, terms.Entropies.Sum() / elbos.Length, IdentityTolerance * (1 + Math.Abs(report.EncoderEntropy)), what);
        if (report.Samples == 0)
        {
            Assert.AreEqual(report.Reconstruction, terms.Columns.Sum() / elbos.Length, IdentityTolerance * (1 + Math.Abs(report.Reconstruction)), what);
        }
    }

    private static void RequireEqual(ReadOnlySpan<double> expected, double[] actual)
    {
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-11 * (1 + Math.Abs(expected[i])));
        }
    }

    /// <summary>The terms of all rows.</summary>
    private sealed record Terms(int Rows, double[] Columns, double[] Kl, double[] Entropies)
    {
        public static Terms Of(LatentModel model, double[] values, int samples)
        {
            int rows = values.Length / model.ObservedDimension;
            Terms terms = new(rows, new double[values.Length], new double[rows * model.LatentTerms], new double[rows * model.LatentTerms]);
            model.RowTerms(values, terms.Columns, terms.Kl, terms.Entropies, samples);
            return terms;
        }
    }
}
