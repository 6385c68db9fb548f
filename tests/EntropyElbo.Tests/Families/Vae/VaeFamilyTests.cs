using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Distributions;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Vae;

/// <summary>VAE-3, the sparse VAE, and variances in closed form during training.</summary>
[TestClass]
public sealed class VaeFamilyTests
{
    [TestMethod]
    public void Vae3_OnPcaRing_ElboAndEntropySumAgreeWithinHalfAPercent()
    {
        InMemoryRows rows = PcaRing.Create(4000, seed: 2);
        LatentModel model = Fit(new GaussianVaeOptions { Variant = VaeVariant.VarianceNetwork, Latents = 2, Hidden = [50, 50] }, rows, 250, 250);
        ElboReport report = model.Evaluate(rows, new EvaluateOptions { Samples = 100, Seed = 9 }).Summary;
        Assert.IsLessThan(5e-3, report.RelativeGap, $"{report}");

        // The decoder entropy is sampled too, and moves as much as the reconstruction does.
        Assert.IsLessThan(8 * report.StandardError, Math.Abs(report.Elbo - report.EntropySum), $"{report}");
        Assert.IsNull(report.Remark);
    }

    [TestMethod]
    public void Vae3_LearnsWhereTheNoiseIs()
    {
        // Noise of 0.05 on one side, 0.5 on the other: a shared variance per column cannot say so.
        RandomStream random = new(4, RandomPurpose.Generation);
        double[] values = new double[4000 * 3];
        for (int row = 0; row < 4000; row++)
        {
            double z = random.NextGaussian();
            double noise = z > 0 ? 0.5 : 0.05;
            for (int d = 0; d < 3; d++)
            {
                values[(row * 3) + d] = z + (noise * random.NextGaussian());
            }
        }

        InMemoryRows rows = new(values, 3);
        GaussianVaeOptions options = new() { Latents = 1, Hidden = [24], Scaling = ScalingKind.None };
        GaussianVaeModel network = (GaussianVaeModel)Fit(options with { Variant = VaeVariant.VarianceNetwork }, rows, 150, 200);
        LatentModel columns = Fit(options with { Variant = VaeVariant.VariancePerColumn }, rows, 150, 200);
        Assert.IsGreaterThan(columns.Evaluate(rows).Summary.Elbo + 0.3, network.Evaluate(rows).Summary.Elbo);
        double[] low = VariancesOf(network, [-1.2, -1.2, -1.2]);
        double[] high = VariancesOf(network, [1.2, 1.2, 1.2]);
        for (int d = 0; d < 3; d++)
        {
            Assert.IsLessThan(0.2 * 0.2, low[d]);
            Assert.IsGreaterThan(0.3 * 0.3, high[d]);
        }

        Assert.HasCount(3, network.DecoderVariances);
        Assert.ThrowsExactly<InvalidOperationException>(() => ((GaussianVaeModel)columns).DecodeVariances([0.0]));
    }

    [TestMethod]
    public void SparseVae_OnSparseCodes_BeatsTheGaussianPrior()
    {
        // Laplace distributed sources through a linear map: the prior decides.
        InMemoryRows rows = SparseSources(3000, sources: 4, columns: 12);
        GaussianVaeOptions options = new() { Latents = 4, Hidden = [], Scaling = ScalingKind.None };
        GaussianVaeModel sparse = (GaussianVaeModel)Fit(options with { Variant = VaeVariant.SparsePrior }, rows, 800, 250);
        LatentModel normal = Fit(options with { Variant = VaeVariant.LearnedPrior }, rows, 800, 250);
        ElboReport report = sparse.Evaluate(rows).Summary;
        Assert.IsGreaterThan(normal.Evaluate(rows).Summary.Elbo + 0.05, report.Elbo);
        Assert.IsLessThan(1e-2, Math.Abs(report.PriorResidual));
        foreach (double variance in sparse.PriorVariances)
        {
            // Sources of lambda 1 through columns of length 1 in the data have 2 lambda^2 = 2; mixed ones look less sparse.
            Assert.IsInRange(1.0, 3.0, variance);
        }
    }

    [TestMethod]
    public void EntropySum_VariesATenthAsMuchAsTheSampledElbo_OverDrawsOfAHundredRows()
    {
        InMemoryRows rows = PcaData.Create(4000, seed: 1);
        LatentModel model = Fit(new GaussianVaeOptions { Latents = 2, Hidden = [50, 50], Scaling = ScalingKind.None }, rows, 150, 250);
        double[] values = rows.ReadAll().Values;
        List<double> elbos = [], sums = [];
        for (int draw = 0; draw < 40; draw++)
        {
            InMemoryRows hundred = new(values.AsSpan(draw * 1000, 1000).ToArray(), 10);
            ElboReport report = model.Evaluate(hundred, new EvaluateOptions { Samples = 2, Seed = (ulong)draw }).Summary;
            elbos.Add(report.Elbo);
            sums.Add(report.EntropySum);
        }

        Assert.IsLessThan(0.1 * Deviation(elbos), Deviation(sums));
    }

    [TestMethod]
    public void ClosedForm_WithoutHiddenLayers_ReachesTheLikelihoodOfPca()
    {
        InMemoryRows rows = PcaData.Create(2000, seed: 1);
        double exact = new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 2, Scaling = ScalingKind.None }).Fit(rows).Model.Evaluate(rows).Summary.Elbo;
        GaussianVaeOptions options = new() { Latents = 2, Hidden = [], Scaling = ScalingKind.None, VarianceUpdate = VarianceUpdate.ClosedForm };
        foreach (VaeVariant variant in (VaeVariant[])[VaeVariant.LearnedVariance, VaeVariant.LearnedPrior])
        {
            LatentModel model = Fit(options with { Variant = variant }, rows, 1500, 200);
            ElboReport report = model.Evaluate(rows, new EvaluateOptions { Samples = 100 }).Summary;
            Assert.AreEqual(exact, report.Elbo, 0.02, $"{variant}");
        }
    }

    [TestMethod]
    public void ClosedForm_KeepsTheNoiseResidualSmallAllTheWay()
    {
        InMemoryRows rows = PcaData.Create(2000, seed: 1);
        double Largest(VarianceUpdate update)
        {
            Course course = new();
            new GaussianVaeTrainer(Options(update)).Fit(rows, new FitContext { Progress = course });
            return course.Epochs.Skip(5).Max(e => Math.Abs(e.NoiseResidual));
        }

        Assert.IsLessThan(0.5 * Largest(VarianceUpdate.Gradient), Largest(VarianceUpdate.ClosedForm));
    }

    [TestMethod]
    public void ClosedForm_GivesTheSameBitsForAnyThreadCount()
    {
        InMemoryRows rows = PcaData.Create(1000, seed: 1);
        GaussianVaeModel Model(int threads) =>
            (GaussianVaeModel)new GaussianVaeTrainer(Options(VarianceUpdate.ClosedForm)).Fit(rows, new FitContext { Threads = threads }).Model;
        CollectionAssert.AreEqual(Model(1).Parameters.ToArray(), Model(2).Parameters.ToArray());
    }

    [TestMethod]
    [DataRow(VaeVariant.FixedVariance, "gaussian", VarianceOutput.Exponential)]
    [DataRow(VaeVariant.LearnedVariance, "bernoulli", VarianceOutput.Exponential)]
    [DataRow(VaeVariant.VarianceNetwork, "gaussian", VarianceOutput.Softplus)]
    public void ClosedForm_WithoutAVarianceThatHasOne_IsRefused(VaeVariant variant, string likelihood, VarianceOutput output)
    {
        GaussianVaeOptions options = Options(VarianceUpdate.ClosedForm) with
        {
            Variant = variant,
            Likelihood = ObservableLikelihood.Parse(likelihood),
            VarianceOutput = output,
            Scaling = null,
        };
        BadOptionException error = Assert.ThrowsExactly<BadOptionException>(() => new GaussianVaeTrainer(options).Fit(new InMemoryRows([0, 1, 1, 0], 2)));
        Assert.AreEqual("variance-update", error.Option);
    }

    private static double Deviation(List<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
    }

    private static double[] VariancesOf(GaussianVaeModel model, double[] row)
    {
        double[] mean = new double[model.LatentDimension];
        model.Encode(row, mean, new double[mean.Length]);
        return model.DecodeVariances(mean);
    }

    private static GaussianVaeOptions Options(VarianceUpdate update) => new()
    {
        Latents = 2,
        Hidden = [16],
        Scaling = ScalingKind.None,
        VarianceUpdate = update,
        Training = new MinibatchOptions { Epochs = 30, BatchSize = 250, StationarityTolerance = 0 },
    };

    private static LatentModel Fit(GaussianVaeOptions options, IRowSource rows, int epochs, int batch) => new GaussianVaeTrainer(options with
    {
        Training = new MinibatchOptions { Epochs = epochs, BatchSize = batch, LearningRate = 1e-2, StationarityTolerance = 0 },
    }).Fit(rows).Model;

    private static InMemoryRows SparseSources(int count, int sources, int columns)
    {
        RandomStream random = new(7, RandomPurpose.Generation);
        double[] map = new double[sources * columns];
        random.FillGaussian(map);
        for (int h = 0; h < sources; h++)
        {
            Span<double> column = map.AsSpan(h * columns, columns);
            double length = Math.Sqrt(column.ToArray().Sum(w => w * w));
            System.Numerics.Tensors.TensorPrimitives.Divide(column, length, column);
        }

        double[] values = new double[count * columns];
        double[] z = new double[sources];
        double[] natural = [.. Enumerable.Repeat(-1.0, sources)];
        Laplace laplace = new(sources);
        for (int row = 0; row < count; row++)
        {
            laplace.Sample(natural, random, z);
            for (int d = 0; d < columns; d++)
            {
                values[(row * columns) + d] = (0.05 * random.NextGaussian()) + Enumerable.Range(0, sources).Sum(h => z[h] * map[(h * columns) + d]);
            }
        }

        return new InMemoryRows(values, columns);
    }

    private sealed class Course : IProgress<FitProgress>
    {
        public List<FitProgress> Epochs { get; } = [];

        public void Report(FitProgress value) => Epochs.Add(value);
    }
}
