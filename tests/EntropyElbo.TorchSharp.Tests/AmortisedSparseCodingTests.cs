using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace EntropyElbo.TorchSharp.Tests;

/// <summary>Amortised learning of sparse coding: hand-written gradients and steps against autograd, and whole fits.</summary>
[TestClass]
[DoNotParallelize]
public sealed class AmortisedSparseCodingTests
{
    private const int Columns = 9;

    private static readonly InMemoryRows Rows = Bars.Create(600, 2, side: 3);
    private static readonly TorchEngine Engine = new(new TorchOptions { Device = "cpu" });

    private static readonly SparseCodingOptions Options = new()
    {
        Latents = 6, Learning = SparseCodingLearning.Amortised, BatchSize = 100, Iterations = 40, Covariance = SparseCovariance.LowRank, Rank = 2,
    };

    /// <summary>Sums of a batch, the gradient by the fields, the gradient by the network, and the network after an update.</summary>
    [TestMethod]
    [DataRow(0, 1.0, 1.0)]
    [DataRow(3, 1.0, 1.0)]
    [DataRow(3, 1.7, 0.4)]
    public void ABatch_AgreesInSumsGradientsAndUpdate(int rank, double prior, double noise)
    {
        Batch own = new(rank, prior, noise, s => s.OnCpu()), torch = new(rank, prior, noise, s => new TorchAmortisedSteps(s, global::TorchSharp.torch.CPU, new TorchOptions()));
        AssertSame(own.Values, torch.Values, 1e-5, "sums");
        AssertSame(own.FieldGradient, torch.FieldGradient, 1e-4, "gradient by the fields");
        AssertSame(own.NetworkGradient, torch.NetworkGradient, 1e-4, "gradient by the network");
        Assert.IsTrue(own.NetworkGradient.Count(g => g != 0) > own.NetworkGradient.Length / 3, "there must be gradients for this test to say anything");

        // An entry whose gradient is of the size of its rounding gets a whole step of either sign from Adam.
        double largest = own.NetworkGradient.Max(Math.Abs);
        for (int i = 0; i < own.Network.Length; i++)
        {
            double tolerance = Math.Abs(own.NetworkGradient[i]) > 1e-3 * largest ? 1e-4 : 2;
            Assert.AreEqual(own.Network[i], torch.Network[i], tolerance * Batch.Rate, $"parameter {i}");
        }
    }

    /// <summary>Both engines end at the same ELBO, far from where they were after an epoch.</summary>
    [TestMethod]
    [DataRow(SparseCovariance.Diagonal)]
    [DataRow(SparseCovariance.LowRank)]
    public void AFit_EndsWhereTheCpuEngineDoes(SparseCovariance covariance)
    {
        SparseCodingOptions options = Options with { Covariance = covariance };
        FitResult own = new SparseCodingTrainer(options).Fit(Rows), torch = OnTorch(options).Fit(Rows);
        double expected = own.Model.Report.Summary.Elbo, actual = torch.Model.Report.Summary.Elbo;
        Assert.AreEqual(expected, actual, 0.1);
        Assert.AreEqual(own.Model.Training.Steps, torch.Model.Training.Steps);
        Assert.IsLessThan(expected - 1, OnTorch(options with { Iterations = 1 }).Fit(Rows).Model.Report.Summary.Elbo);
        Assert.AreEqual(0, torch.Model.Report.Summary.PriorResidual, 1e-4);
        Assert.AreEqual(0, torch.Model.Report.Summary.NoiseResidual, 1e-4);
        Assert.AreEqual(own.Model.Report.Summary.AmortisationGap!.Value, torch.Model.Report.Summary.AmortisationGap!.Value, 0.1);
        Assert.IsFalse(torch.Model.Training.Warnings.Any(w => w.Contains("CPU", StringComparison.Ordinal)), "it was trained on the device");
    }

    [TestMethod]
    [DataRow(RowCaching.Memory)]
    [DataRow(RowCaching.Stream)]
    public void SameSeed_SameModel_AndResumedTheSame(RowCaching caching)
    {
        string checkpoint = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.checkpoint");
        SparseCodingOptions options = Options with { Iterations = 8 };
        try
        {
            FitContext context = new() { Caching = caching };
            byte[] whole = Bytes(options, context);
            CollectionAssert.AreEqual(whole, Bytes(options, context));
            OnTorch(options with { Iterations = 3 }).Fit(Rows, context with { CheckpointPath = checkpoint });
            CollectionAssert.AreEqual(whole, Bytes(options, context with { CheckpointPath = checkpoint, Resume = true }));
        }
        finally
        {
            File.Delete(checkpoint);
        }
    }

    [TestMethod]
    public void Tensors_DoNotLeak()
    {
        List<long> counts = [];
        long before = torch.Tensor.TotalCount;
        OnTorch(Options with { Iterations = 6 }).Fit(Rows, new FitContext { Progress = new OnProgress<FitProgress>(_ => counts.Add(torch.Tensor.TotalCount)) });
        Assert.HasCount(6, counts);
        Assert.AreEqual(1, counts.Skip(1).Distinct().Count(), string.Join(", ", counts));
        Assert.IsGreaterThan(before, counts[^1], "the device must have had a part in the fit");
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    [TestMethod]
    public void Bfloat16_TrainsNearSinglePrecision()
    {
        double single = OnTorch(Options).Fit(Rows).Model.Report.Summary.Elbo;
        TorchEngine half = new(new TorchOptions { Device = "cpu", Precision = TorchPrecision.BFloat16 });
        double coarse = new EngineTrainer(new SparseCodingTrainer(Options), half.OnDevice()).Fit(Rows).Model.Report.Summary.Elbo;
        Assert.AreNotEqual(single, coarse);
        Assert.AreEqual(single, coarse, 1);
    }

    [TestMethod]
    public void NonFiniteCodes_StopTraining()
    {
        TrainingException error = Assert.ThrowsExactly<TrainingException>(() => OnTorch(Options with { LearningRate = 1 }).Fit(new InMemoryRows(
            [.. Rows.ReadAll().Values.Select((v, i) => i == 5 ? 1e30 : v)], Columns)));
        StringAssert.Contains(error.Message, "epoch");
    }

    /// <summary>E-steps stay on the CPU on any engine, and the record says why.</summary>
    [TestMethod]
    [DataRow(null)]
    [DataRow(100)]
    public void ESteps_AreTheCpus_AndTheRecordSaysWhy(int? batch)
    {
        SparseCodingOptions options = new() { Latents = 3, BatchSize = batch, Iterations = 3 };
        IEnumerable<string> own = new SparseCodingTrainer(options).Fit(Rows).Model.Training.Warnings, torch = OnTorch(options).Fit(Rows).Model.Training.Warnings;
        string warning = torch.Except(own).Single();
        StringAssert.Contains(warning, "double precision");
        StringAssert.Contains(warning, "amortised");
    }

    private static byte[] Bytes(SparseCodingOptions options, FitContext context) => ModelFile.ToBytes(OnTorch(options).Fit(Rows, context).Model.ToRecord());

    private static EngineTrainer OnTorch(SparseCodingOptions options) => new(new SparseCodingTrainer(options), Engine.OnDevice());

    private static void AssertSame(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance, string name)
    {
        Assert.HasCount(expected.Count, actual);
        double scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.AreEqual(expected[i], actual[i], tolerance * scale, $"{name}, entry {i}");
        }
    }

    /// <summary>What an engine makes of one batch.</summary>
    private sealed class Batch
    {
        public const double Rate = 1e-2;

        public Batch(int rank, double prior, double noise, Func<AmortisedStepsTask, IAmortisedSteps> engine)
        {
            const int latents = 6, count = 70;
            RandomStream random = new(3, RandomPurpose.Generation);
            double[] draw(int length, double scale) => [.. Enumerable.Range(0, length).Select(_ => scale * random.NextGaussian())];
            double[][] fields = [.. Enumerable.Range(0, latents).Select(_ => draw(Columns, 1))];
            double[] mean = draw(Columns, 0.5), scales = [.. Enumerable.Range(0, latents).Select(h => 1.4 - (0.15 * h))];
            SparseCodingParameters parameters = SparseCodingParameters.Of(fields, scales, 0.6, mean);
            ResidualEncoder network = new(Columns, latents, rank);
            RowEncoder encoder = new(network, new AlignedBuffer<float>(network.Layout.Length), draw(Columns, 0.3), 1.3);
            network.Initialise(encoder.Parameters.Span, random);
            AmortisedState state = new(encoder, new Adam<float>(network.Layout.Length));
            MemoryTrainingRows rows = new(new CheckedRows(Rows.Take(count)), Scaling.Identity(Columns), count, 1);
            using IAmortisedSteps steps = engine(new AmortisedStepsTask(state, rows, count, 1));
            rows.BeginEpoch(0);
            rows.NextBatch();
            SparseCodingSums sums = new(Columns, latents);
            steps.Encode(parameters, prior, noise, isLearning: false, sums);
            double before = sums.Errors;
            steps.Encode(parameters, prior, noise, isLearning: true, sums);
            Assert.AreEqual(before, sums.Errors, 1e-6 * before);
            Matrix<double> gradient = new(latents, Columns);
            steps.FieldGradients(gradient);
            Values =
            [
                .. Entries(sums.Products), .. Entries(sums.Seconds), .. sums.Means[..latents], .. sums.Sizes[..latents], .. sums.Centred[..Columns],
                sums.Squares, sums.Entropy, sums.Errors, sums.Rows,
            ];
            FieldGradient = Entries(gradient);
            steps.Learn(Rate);
            steps.Store();
            NetworkGradient = [.. state.Adam.FirstMoment.ToArray().Select(m => (double)m / (1 - Adam<float>.Beta1))];
            Network = [.. encoder.Parameters.Span.ToArray().Select(p => (double)p)];
        }

        public double[] Values { get; }

        public double[] FieldGradient { get; }

        public double[] NetworkGradient { get; }

        public double[] Network { get; }

        private static double[] Entries(MatrixView<double> matrix) => [.. Enumerable.Range(0, matrix.Rows).SelectMany(row => matrix[row].ToArray())];
    }
}
