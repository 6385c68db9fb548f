using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.SparseCoding;

/// <summary>Codes by a network that learns with the fields, and what they lack of the best.</summary>
[TestClass]
public sealed class AmortisedSparseCodingTests
{
    private static readonly InMemoryRows Rows = Bars.Create(600, 2, side: 3);

    private static readonly SparseCodingOptions Options = new()
    {
        Latents = 6, Learning = SparseCodingLearning.Amortised, BatchSize = 100, Iterations = 6, Covariance = SparseCovariance.LowRank, Rank = 2,
    };

    /// <summary>The gradient by the network's parameters, in doubles, against central differences of the summed bounds.</summary>
    [TestMethod]
    [DataRow(0, 1.0, 1.0)]
    [DataRow(2, 1.5, 0.5)]
    public void TheGradient_IsThatOfDifferences(int rank, double prior, double noise)
    {
        const int columns = 5, latents = 3, rows = 4;
        SparseReference reference = SparseReference.Random(rows, columns, latents, 5);
        SparseCodingParameters parameters = SparseCodingParameters.OfUnitFields(reference.Fields, reference.Scales, reference.Noise, reference.Mean);
        PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance, prior, noise);
        ResidualEncoder network = new(columns, latents, rank);
        AlignedBuffer<float> start = new(network.Layout.Length);
        network.Initialise(start.Span, new RandomStream(7, RandomPurpose.Initialisation));
        AlignedBuffer<double> point = new(network.Layout.Length), gradient = new(network.Layout.Length);
        for (int i = 0; i < start.Length; i++)
        {
            point[i] = 2 * start[i];
        }

        AmortisedWorker<double> worker = new(network, rows, [.. reference.Mean.Select(m => 0.5 * m)], 1.3);
        for (int row = 0; row < rows; row++)
        {
            reference.Rows[row].Select(x => (float)x).ToArray().CopyTo(worker.Rows[row]);
        }

        SparseCodingSums sums = new(columns, latents);
        double Value()
        {
            worker.Compute(model, parameters.Mean, point, null, rows, sums);
            return sums.Entropy - (prior * Enumerable.Range(0, latents).Sum(h => sums.Sizes[h] / parameters.Scales[h]))
                - (0.5 * noise * sums.Errors / parameters.NoiseVariance);
        }

        worker.Compute(model, parameters.Mean, point, gradient, rows, sums);
        RandomStream random = new(11, RandomPurpose.Generation);
        foreach (EntropyElbo.Networks.ParameterTensor tensor in network.Layout.Tensors)
        {
            for (int draw = 0; draw < 12; draw++)
            {
                long place = tensor.Offset + ((long)random.NextInt(tensor.Rows) * tensor.Stride) + random.NextInt(tensor.Columns);
                const double step = 1e-5;
                double held = point[place];
                point[place] = held + step;
                double above = Value();
                point[place] = held - step;
                double below = Value();
                point[place] = held;
                double expected = -(above - below) / (2 * step);
                Assert.AreEqual(expected, gradient[place], 1e-6 * Math.Max(1, Math.Abs(expected)), $"{tensor.Name} {place}");
            }
        }
    }

    /// <summary>
    /// Learning raises the ELBO; scales and noise are closed for the network's codes; the E-step from its output is better by the
    /// gap that the report names; and the network learned something: with the heads of another order the gap is far wider.
    /// </summary>
    [TestMethod]
    [DataRow(SparseCovariance.Diagonal)]
    [DataRow(SparseCovariance.LowRank)]
    public void TheNetworksCodes_LackTheGapOfTheReport(SparseCovariance covariance)
    {
        FitResult fit = new SparseCodingTrainer(Options with { Covariance = covariance, Iterations = 40 }).Fit(Rows);
        Assert.IsGreaterThan(fit.History[0].Elbo + 1, fit.History[^1].Elbo);
        SparseCodingModel model = (SparseCodingModel)fit.Model;
        EntropyElbo.Reports.ElboReport report = model.Evaluate(Rows).Summary;
        Assert.AreEqual(0, report.PriorResidual, 1e-4);
        Assert.AreEqual(0, report.NoiseResidual, 1e-4);
        Assert.IsNotNull(report.AmortisationGap);
        Assert.IsGreaterThan(0.001, report.AmortisationGap.Value);
        double better = model.With(SparseCodingEncoding.EStep).Evaluate(Rows).Summary.Elbo;
        Assert.AreEqual(better - report.Elbo, report.AmortisationGap.Value, 1e-9);

        AlignedBuffer<float> mixed = model.Encoder!.Parameters.Clone();
        model.Encoder.Network.Reorder(mixed.Span, [5, 4, 3, 2, 1, 0], [1, 1, 1, 1, 1, 1]);
        SparseCodingModel wrong = new(model.Parameters, model.Rank is { } r ? CovarianceShape.LowRank(r, 6) : true, 1e-10, model.Header)
        {
            Encoder = new RowEncoder(model.Encoder.Network, mixed, model.Encoder.Offset, model.Encoder.Unit), Encoding = SparseCodingEncoding.Network,
        };
        Assert.IsGreaterThan(3 * report.AmortisationGap.Value, wrong.Evaluate(Rows).Summary.AmortisationGap!.Value);
    }

    [TestMethod]
    public void Threads_ChangeNoBit()
    {
        SparseCodingModel[] models = [.. new[] { 1, 3 }.Select(threads =>
            (SparseCodingModel)new SparseCodingTrainer(Options with { BatchSize = 300, Iterations = 3 }).Fit(Rows, new FitContext { Threads = threads }).Model)];
        CollectionAssert.AreEqual(models[0].Fields.ToArray(), models[1].Fields.ToArray());
        CollectionAssert.AreEqual(models[0].Scales.ToArray(), models[1].Scales.ToArray());
        CollectionAssert.AreEqual(models[0].Encoder!.Parameters.Span.ToArray(), models[1].Encoder!.Parameters.Span.ToArray());
        Assert.AreEqual(models[0].Report.Summary.Elbo, models[1].Report.Summary.Elbo);
    }

    /// <summary>Streamed rows are shuffled in a buffer that holds them all here.</summary>
    [TestMethod]
    public void StreamedRows_AreLearnedFrom()
    {
        double elbo = new SparseCodingTrainer(Options).Fit(Rows).Model.Report.Summary.Elbo;
        FitResult streamed = new SparseCodingTrainer(Options).Fit(Rows, new FitContext { Caching = RowCaching.Stream });
        Assert.AreEqual(elbo, streamed.Model.Report.Summary.Elbo, 1);
        Assert.IsGreaterThan(streamed.History[0].Elbo, streamed.Model.Report.Summary.Elbo);
    }

    [TestMethod]
    public void TheSchedule_IsThatOfThePaper()
    {
        SparseCodingOptions options = Options with { Annealing = AnnealingSchedule.Parse("prior") };
        for (int epoch = 0; epoch < 15; epoch++)
        {
            Assert.AreEqual(Math.Max(1, 2 - (0.1 * epoch)), options.Schedule.At(epoch).Prior, 1e-12);
        }

        Assert.AreEqual(10, (options with { Learning = SparseCodingLearning.ESteps }).Schedule.At(0).Prior);
        FitResult fit = new SparseCodingTrainer(options with { Iterations = 14 }).Fit(Rows);
        Assert.IsTrue(double.IsFinite(fit.Model.Report.Summary.Elbo));
    }

    public static IEnumerable<object[]> BadOptions =>
    [
        [Options with { Covariance = SparseCovariance.Full }, "covariance"],
        [Options with { Optimizer = SparseCodingOptimizer.Em }, "optimizer"],
        [Options with { BatchStep = SparseCodingStep.Paper }, "batch-step"],
        [Options with { BatchSize = SparseCodingOptions.MaxAmortisedBatch + 1 }, "batch"],
        [Options with { Rank = 0 }, "covariance-rank"],
        [Options with { Rank = SparseCodingOptions.MaxRank + 1 }, "covariance-rank"],
        [Options with { LearningRate = 0 }, "learning-rate"],
        [Options with { Learning = SparseCodingLearning.ESteps, BatchSize = null, Optimizer = SparseCodingOptimizer.Joint }, "optimizer"],
    ];

    [TestMethod]
    [DynamicData(nameof(BadOptions))]
    public void BadOptions_AreNamed(object options, string name) =>
        Assert.AreEqual(name, Assert.ThrowsExactly<BadOptionException>(() => new SparseCodingTrainer((SparseCodingOptions)options).Fit(Rows)).Option);

    [TestMethod]
    public void ANetworkThatNoMemoryHolds_IsRefused() =>
        Assert.AreEqual("learning", Assert.ThrowsExactly<BadOptionException>(() => new ResidualEncoder(10_000, 4, 0)).Option);

    [TestMethod]
    public void AModelWithoutANetwork_HasOneEncoding()
    {
        SparseCodingModel model = (SparseCodingModel)new SparseCodingTrainer(new() { Latents = 2, Iterations = 2 }).Fit(Rows).Model;
        Assert.IsFalse(model.HasNetwork);
        Assert.IsNull(model.Report.Summary.AmortisationGap);
        Assert.AreSame(model, model.With(SparseCodingEncoding.EStep));
        Assert.AreEqual("encoding", Assert.ThrowsExactly<BadOptionException>(() => model.With(SparseCodingEncoding.Network)).Option);
    }
}
