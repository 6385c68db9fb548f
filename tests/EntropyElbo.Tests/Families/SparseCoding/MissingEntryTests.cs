using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.SparseCoding;

/// <summary>Rows with missing values: the marginal distribution of the columns that are there.</summary>
[TestClass]
public sealed class MissingEntryTests
{
    private static readonly InMemoryRows Rows = Bars.Create(150, 2, side: 3);
    private static readonly FitContext Marginal = new() { MissingValues = MissingValues.Marginal };
    private static readonly EvaluateOptions Evaluated = new() { MissingValues = MissingValues.Marginal };

    /// <summary>A row's figures are those of the model without the columns that are missing; a row that shows nothing has the optimal q of its prior.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ARow_CountsByTheColumnsThatAreThere(bool isDiagonal)
    {
        SparseCodingParameters parameters = Parameters(9, 4, isDiagonal ? 1UL : 2);
        int[] seen = [0, 2, 3, 5, 8];
        LatentModel model = Model(parameters, isDiagonal).WithMissingEntries(), small = Model(Reduced(parameters, seen), isDiagonal);
        double[] values = Rows.ReadAll().Values, holed = [.. values.Select((v, i) => i / 9 % 3 == 0 && !seen.Contains(i % 9) ? double.NaN : v)];
        for (int row = 0; row < 30; row += 3)
        {
            double[] own = holed[(row * 9)..((row + 1) * 9)], rest = [.. seen.Select(d => own[d])];
            AssertSame(Figures(small, rest), Figures(model, own), $"row {row}");
        }

        double[] none = [.. Enumerable.Repeat(double.NaN, 9)], mean = new double[4], variance = new double[4], elbo = new double[1];
        model.Encode(none, mean, variance);
        model.RowElbo(none, elbo);
        for (int h = 0; h < 4; h++)
        {
            Assert.AreEqual(0, mean[h], 1e-6);
            Assert.AreEqual(Math.PI / 2 * parameters.Scales[h] * parameters.Scales[h], variance[h], 1e-4);
        }

        // The least KL divergence of a normal distribution from a Laplace distribution, a latent.
        Assert.AreEqual(-4 * (Math.Log(2 / Math.PI) + 0.5), elbo[0], 1e-8);
    }

    /// <summary>What a pass over mixed rows reports is the mean over its rows, and its parts fit together.</summary>
    [TestMethod]
    public void AReport_IsOverWhatIsThere()
    {
        LatentModel model = Model(Parameters(9, 4, 3), isDiagonal: false);
        InMemoryRows rows = Holed(0.3);
        ElboReport report = model.Evaluate(rows, Evaluated).Summary;
        double[] elbos = new double[150];
        model.WithMissingEntries().RowElbo(rows.ReadAll().Values, elbos);
        Assert.AreEqual(elbos.Average(), report.Elbo, 1e-9);
        Assert.AreEqual(report.Elbo, report.EntropySum - report.PriorResidual - report.NoiseResidual, 1e-9 * Math.Abs(report.Elbo));
        Assert.AreEqual(report.Elbo, report.Reconstruction - report.Kl, 1e-9 * Math.Abs(report.Elbo));
        double[] columns = new double[9], kl = new double[4], one = new double[1];
        double[] row = rows.ReadAll().Values[..9];
        model.WithMissingEntries().RowTerms(row, columns, kl, []);
        model.WithMissingEntries().RowElbo(row, one);
        Assert.AreEqual(one[0], columns.Sum() - kl.Sum(), 1e-9);
        Assert.IsTrue(Enumerable.Range(0, 9).All(d => !double.IsNaN(row[d]) || columns[d] == 0));
        Assert.ThrowsExactly<BadDataException>(() => model.Evaluate(rows), "nobody asked for it");
        Assert.ThrowsExactly<BadDataException>(() => model.RowElbo(row, one));
    }

    /// <summary>Without missing values both ways of training end at one optimum.</summary>
    [TestMethod]
    [DataRow(SparseCovariance.Full)]
    [DataRow(SparseCovariance.Diagonal)]
    public void CompleteRows_GiveThePlainFit(SparseCovariance covariance)
    {
        SparseCodingOptions options = new() { Latents = 6, Covariance = covariance, StationarityTolerance = 1e-8 };
        double plain = new SparseCodingTrainer(options).Fit(Rows).Model.Report.Summary.Elbo;
        double marginal = new SparseCodingTrainer(options).Fit(Rows, Marginal).Model.Report.Summary.Elbo;
        Assert.AreEqual(plain, marginal, 1e-3);
    }

    /// <summary>Columns that no row shows do not matter.</summary>
    [TestMethod]
    public void ColumnsThatAreNeverThere_ChangeNothing()
    {
        double[] values = Rows.ReadAll().Values;
        int[] seen = [0, 1, 2, 3, 4, 5];
        double[] holed = [.. values.Select((v, i) => i % 9 > 5 ? double.NaN : v)], rest = [.. Enumerable.Range(0, 900).Select(i => values[(i / 6 * 9) + (i % 6)])];
        SparseCodingOptions options = new() { Latents = 2, Covariance = SparseCovariance.Full, StationarityTolerance = 1e-8 };
        SparseCodingModel whole = (SparseCodingModel)new SparseCodingTrainer(options).Fit(new InMemoryRows(holed, 9), Marginal).Model;
        SparseCodingModel part = (SparseCodingModel)new SparseCodingTrainer(options with { Restarts = 3 }).Fit(new InMemoryRows(rest, 6)).Model;
        Assert.AreEqual(part.Report.Summary.Elbo, whole.Report.Summary.Elbo, 0.02);
        for (int h = 0; h < 2; h++)
        {
            Assert.IsTrue(whole.Fields.Slice((9 * h) + 6, 3).ToArray().All(w => w == 0));
        }
    }

    /// <summary>What is missing is filled in from the other columns, far better than by its column's mean.</summary>
    [TestMethod]
    public void MissingValues_AreFilledIn()
    {
        double[] truth = Bars.Create(400, 5, side: 3).ReadAll().Values;
        double[] holed = [.. truth.Select((v, i) => (i * 7919) % 11 == 0 ? double.NaN : v)], filled = new double[truth.Length];
        LatentModel model = new SparseCodingTrainer(new() { Latents = 6, Covariance = SparseCovariance.Full }).Fit(new InMemoryRows(holed, 9), Marginal).Model;
        model.WithMissingEntries().Reconstruct(holed, filled);
        (double own, double mean) = (0, 0);
        for (int i = 0; i < truth.Length; i++)
        {
            if (double.IsNaN(holed[i]))
            {
                double average = Enumerable.Range(0, 400).Select(r => holed[(r * 9) + (i % 9)]).Where(double.IsFinite).Average();
                own += (truth[i] - filled[i]) * (truth[i] - filled[i]);
                mean += (truth[i] - average) * (truth[i] - average);
            }
        }

        Assert.IsLessThan(0.5 * mean, own);
    }

    [TestMethod]
    public void WhatKnowsNoMissingValues_RefusesThem()
    {
        InMemoryRows rows = Holed(0.2);
        Assert.AreEqual("missing-entries", Assert.ThrowsExactly<BadOptionException>(
            () => EntropyElbo.Catalog.ModelFamilies.Find("ppca").CreateTrainer(new FitSettings { Latents = 2 }).Fit(rows, Marginal)).Option);
        LatentModel ppca = EntropyElbo.Catalog.ModelFamilies.Find("ppca").CreateTrainer(new FitSettings { Latents = 2 }).Fit(Rows).Model;
        Assert.AreEqual("missing-entries", Assert.ThrowsExactly<BadOptionException>(() => ppca.Evaluate(rows, Evaluated)).Option);
        SparseCodingOptions options = new() { Latents = 2 };
        Assert.AreEqual("batch", Refused(options with { BatchSize = 10 }));
        Assert.AreEqual("optimizer", Refused(options with { Optimizer = SparseCodingOptimizer.Em }));
        Assert.AreEqual("scale", Refused(options with { Scaling = ScalingKind.Standard }));
        double[] infinite = Rows.ReadAll().Values;
        infinite[10] = double.PositiveInfinity;
        Assert.AreEqual(1, Assert.ThrowsExactly<BadDataException>(() => new SparseCodingTrainer(options).Fit(new InMemoryRows(infinite, 9), Marginal)).Row);

        string Refused(SparseCodingOptions refused) =>
            Assert.ThrowsExactly<BadOptionException>(() => new SparseCodingTrainer(refused).Fit(rows, Marginal)).Option;
    }

    private static InMemoryRows Holed(double share) => new(
        [.. Rows.ReadAll().Values.Select((v, i) => (i * 7919 % 1009) < 1009 * share ? double.NaN : v)], 9);

    private static double[] Figures(LatentModel model, double[] row)
    {
        double[] means = new double[4], variances = new double[4], elbo = new double[1], likelihood = new double[1], kl = new double[4], entropies = new double[4];
        model.Encode(row, means, variances);
        model.RowElbo(row, elbo);
        model.LogLikelihood(row, likelihood, 200);
        model.RowTerms(row, [], kl, entropies);
        return [.. means, .. variances, .. elbo, .. likelihood, .. kl, .. entropies];
    }

    private static void AssertSame(double[] expected, double[] actual, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-4 * (1 + Math.Abs(expected[i])), $"{what}, figure {i}");
        }
    }

    private static SparseCodingParameters Parameters(int columns, int latents, ulong seed)
    {
        EntropyElbo.Numerics.RandomStream random = new(seed, EntropyElbo.Numerics.RandomPurpose.Generation, 5);
        double[][] fields = [.. Enumerable.Range(0, latents).Select(_ => new double[columns])];
        double[] mean = new double[columns];
        Array.ForEach(fields, f => random.FillGaussian(f));
        random.FillGaussian(mean);
        return SparseCodingParameters.Of(fields, [.. Enumerable.Range(0, latents).Select(h => 1.5 - (0.2 * h))], 0.3, mean);
    }

    /// <summary>The same model of some columns: fields lose length, which goes into the scales.</summary>
    private static SparseCodingParameters Reduced(SparseCodingParameters whole, int[] seen) => SparseCodingParameters.OfUnitFields(
        [.. Enumerable.Range(0, whole.Latents).Select(h => seen.Select(d => whole.Fields[d][h]).ToArray())],
        [.. whole.Scales], whole.NoiseVariance, [.. seen.Select(d => whole.Mean[d])]);

    private static SparseCodingModel Model(SparseCodingParameters parameters, bool isDiagonal) => new(
        parameters, isDiagonal, 1e-12,
        new ModelHeader(
            Scaling.Identity(parameters.Columns), [.. Enumerable.Range(0, parameters.Columns).Select(d => $"c{d}")], TrainingRecord.Unfinished(0, 0)));
}
