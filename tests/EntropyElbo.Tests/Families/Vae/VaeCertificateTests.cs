using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;
using Dense = MathNet.Numerics.LinearAlgebra.Matrix<double>;

namespace EntropyElbo.Tests.Families.Vae;

[TestClass]
public sealed class VaeCertificateTests
{
    private static readonly GaussianVaeOptions Small = new()
    {
        Latents = 2,
        Hidden = [16],
        Scaling = ScalingKind.None,
        Training = new MinibatchOptions { Epochs = 150, BatchSize = 64, StationarityTolerance = 0 },
    };

    /// <summary>A model that one epoch of training leaves raw has a closed gap; the certificate is not taken in by that.</summary>
    [TestMethod]
    public void OneEpoch_ClosesTheGap_AndIsNotConverged()
    {
        InMemoryRows rows = PcaData.Create(2000, seed: 3);
        TrainingRecord raw = Fit(rows, Small with { Training = Small.Training with { Epochs = 1 } }).Training;
        TrainingRecord trained = Fit(rows, Small).Training;
        Assert.IsLessThan(0.01, raw.Report!.Summary.RelativeGap);
        Assert.IsFalse(raw.Converged);
        Assert.IsFalse(raw.Certificate!.IsMet);
        Assert.IsGreaterThan(10 * raw.Certificate.Tolerance, raw.Certificate.ExpectedGain!.Value);
        Assert.IsLessThan(0.1 * raw.Certificate.ExpectedGain.Value, trained.Certificate!.ExpectedGain!.Value);
        Assert.IsGreaterThan(1, raw.Unclosed!.Gained);
        Assert.IsGreaterThan(trained.Unclosed!.NoiseResidualSize, raw.Unclosed.NoiseResidualSize);
        Assert.AreEqual(trained.Certificate.IsMet, trained.Converged);
    }

    /// <summary>One layer moved off its place, scales closed again: the gap sees nothing, gain and slope do.</summary>
    [TestMethod]
    [DataRow("encoder.0")]
    [DataRow("encoder.1")]
    [DataRow("decoder.0")]
    [DataRow("decoder.1")]
    public void ALayerOffItsPlace_IsSeen(string layer)
    {
        InMemoryRows rows = PcaData.Create(1000, seed: 3);
        GaussianVaeModel model = Fit(rows, Small);
        AlignedBuffer<float> parameters = Parameters(model);
        CertificateFacts before = Measure(model, parameters, rows);
        ParameterTensor weights = model.Network.Layout.Tensors.Single(t => t.Name == $"{layer}.weight");
        foreach (ref float weight in parameters.Span.Slice(weights.Offset, weights.Length))
        {
            weight *= 1.3f;
        }

        EvaluateOptions draws = new() { Samples = 20 };
        GaussianVaeBlockObjective objective = new(model.Network, VarianceUpdate.Gradient);
        objective.SolveScales(parameters, new GaussianVaeModel(model.Network, parameters, model.Header).Sums(rows, draws));
        Evaluation closed = new GaussianVaeModel(model.Network, parameters, model.Header).Evaluate(rows);
        CertificateFacts after = Measure(model, parameters, rows);
        Assert.IsLessThan(model.Report.Summary.Elbo - 0.05, closed.Summary.Elbo);
        Assert.IsLessThan(0.02, Math.Abs(closed.Summary.Elbo - closed.Summary.EntropySum));
        Assert.IsGreaterThan(3 * Math.Max(0.01, before.ExpectedGain!.Value), after.ExpectedGain!.Value);
        Assert.IsGreaterThan(Worst(before) + 0.02, Worst(after));
    }

    /// <summary>The slope of a block is the derivative of the ELBO by the logarithm of a factor on all its entries.</summary>
    [TestMethod]
    [DataRow(VaeVariant.LearnedVariance, "gaussian")]
    [DataRow(VaeVariant.LearnedPrior, "gaussian")]
    [DataRow(VaeVariant.VarianceNetwork, "gaussian")]
    [DataRow(VaeVariant.VariancePerColumn, "gaussian")]
    [DataRow(VaeVariant.SparsePrior, "gaussian")]
    [DataRow(VaeVariant.LearnedVariance, "bernoulli")]
    [DataRow(VaeVariant.LearnedVariance, "poisson")]
    public void Slopes_AreDerivativesAlongTheScaleOfABlock(VaeVariant variant, string likelihood)
    {
        const double step = 0.002;
        (VaeNetwork network, AlignedBuffer<float> parameters, InMemoryRows rows) = Random(variant, likelihood, 16);
        using IRowCursor cursor = rows.Open();
        VaeCurvaturePass pass = new(network, parameters, 1, Header(rows, 16), cursor, 1);
        pass.Run(default);
        Assert.AreEqual(16, pass.Rows);
        foreach (ParameterBlock block in pass.Blocks)
        {
            for (int draw = 0; draw < VaeCurvaturePass.Draws; draw++)
            {
                double expected = (Elbo(network, Scaled(parameters, block, step), rows, draw) - Elbo(network, Scaled(parameters, block, -step), rows, draw)) / (2 * step);
                double slope = block.Slope(parameters.Span, pass.Gradient(draw));
                Assert.AreEqual(expected, slope, 0.02 * Math.Max(0.5, Math.Abs(expected)), $"{block.Name}, draw {draw}");
            }
        }
    }

    /// <summary>
    /// Every layer's two Fisher matrices, by the rows and by rows that the model draws, written out as dense Kronecker products of means
    /// over rows and both draws.
    /// </summary>
    [TestMethod]
    public void ExpectedGain_IsThatOfTheDenseMatrices()
    {
        (VaeNetwork network, AlignedBuffer<float> parameters, InMemoryRows rows) = Random(VaeVariant.LearnedVariance, "gaussian", 16);
        CertificateFacts facts = VaeCertificate.Measure(network, parameters, 1, Header(rows, 16), rows, new FitContext());
        List<(Dense Input, Dense Gradient)>[] data = new List<(Dense, Dense)>[2], drawn = new List<(Dense, Dense)>[2];
        double[] slopes = new double[2];
        for (int draw = 0; draw < 2; draw++)
        {
            (VaeWorkspace<float> work, AlignedBuffer<float> gradient, _, data[draw]) = Backward(network, parameters, rows, draw);
            slopes[draw] = gradient[network.LogVariance!.Tensor.Offset] / 16;
            drawn[draw] = Watch(work, () => new GaussianVaeObjective<float>(network).DrawnGradient(
                parameters,
                gradient,
                work,
                1,
                new DrawnRows<float>(new RandomStream(1, RandomPurpose.EvaluationNoise, 4 + (ulong)draw, 0), new double[16 * 6], new Matrix<float>(16, 6)),
                new ElboStatistics(3, 2)));
        }

        // The Fisher information of the logarithm of one variance for six columns is 3.
        double expected = 0.5 * slopes[0] * slopes[1] / 3;
        for (int layer = 0; layer < data[0].Count; layer++)
        {
            (Dense x, Dense g) = data[0][layer];
            (Dense y, Dense h) = data[1][layer];
            double[] first = (x.TransposeThisAndMultiply(g) / 16).ToRowMajorArray(), second = (y.TransposeThisAndMultiply(h) / 16).ToRowMajorArray();
            double Gain(Dense one, Dense two) => 0.5 * Dense.Build.Dense(first.Length, 1, first).Column(0).DotProduct(
                Damped(x.TransposeThisAndMultiply(x) + y.TransposeThisAndMultiply(y)).KroneckerProduct(
                    Damped(one.TransposeThisAndMultiply(one) + two.TransposeThisAndMultiply(two))).Solve(Dense.Build.Dense(second.Length, 1, second).Column(0)));
            double byData = Gain(g, h), byModel = Gain(drawn[0][layer].Gradient, drawn[1][layer].Gradient);
            expected += byData * byModel > 0 ? Math.Sign(byData) * Math.Sqrt(byData * byModel) : 0;
        }

        Assert.AreEqual(expected, facts.ExpectedGain!.Value, 1e-3 * Math.Abs(expected));
        Assert.AreEqual(facts.ExpectedGain.Value, facts.EulerResiduals!.Sum(r => r.ExpectedGain!.Value), 1e-12 * Math.Abs(expected));
    }

    /// <summary>The two forms of a model are one model, and their certificates agree: to what damping leaves.</summary>
    [TestMethod]
    public void TheFormWithALearnedPrior_HasTheSameGainAndSlopes()
    {
        InMemoryRows rows = PcaData.Create(500, seed: 3);
        GaussianVaeModel standard = Fit(rows, Small with { Training = Small.Training with { Epochs = 5 } }), learned = standard.ToLearnedPrior();
        CertificateFacts one = Measure(standard, Parameters(standard), rows), two = Measure(learned, Parameters(learned), rows);
        Assert.AreEqual(one.ExpectedGain!.Value, two.ExpectedGain!.Value, 0.03 * one.ExpectedGain.Value);
        foreach (EulerResidual residual in one.EulerResiduals!)
        {
            EulerResidual same = two.EulerResiduals!.Single(r => r.Block == residual.Block);
            if (residual.Block != "encoder.1")
            {
                // The last encoder layer's bias holds the logarithm of the latents' scale, which is no factor.
                Assert.AreEqual(residual.Residual, same.Residual, 1e-3 * Math.Max(1, Math.Abs(residual.Residual)), residual.Block);
            }
        }
    }

    /// <summary>What closing is said to gain is what the ELBO rises by under the same draws.</summary>
    [TestMethod]
    [DataRow(VaeVariant.LearnedVariance, "gaussian")]
    [DataRow(VaeVariant.LearnedPrior, "gaussian")]
    [DataRow(VaeVariant.VariancePerColumn, "gaussian")]
    [DataRow(VaeVariant.VarianceNetwork, "gaussian")]
    [DataRow(VaeVariant.SparsePrior, "gaussian")]
    [DataRow(VaeVariant.FixedVariance, "gaussian")]
    [DataRow(VaeVariant.LearnedVariance, "poisson")]
    public void Gained_IsTheRiseUnderTheSameDraws(VaeVariant variant, string likelihood)
    {
        (VaeNetwork network, AlignedBuffer<float> parameters, InMemoryRows rows) = Random(variant, likelihood, 200);
        GaussianVaeBlockObjective objective = new(network, VarianceUpdate.Gradient);
        EvaluateOptions draws = new() { Samples = 5, Seed = 9 };
        ElboStatistics before = new GaussianVaeModel(network, parameters.Clone(), Header(rows, 200)).Sums(rows, draws);
        double elbo = (before.Reconstruction - before.Kl.Sum()) / before.Rows;
        ElboReport report = objective.Summarise(parameters, before);
        UnclosedResiduals unclosed = objective.SolveScales(parameters, before);
        ElboStatistics after = new GaussianVaeModel(network, parameters, Header(rows, 200)).Sums(rows, draws);
        double rise = ((after.Reconstruction - after.Kl.Sum()) / after.Rows) - elbo;
        Assert.AreEqual(rise, unclosed.Gained, 1e-3 * Math.Max(1, rise));
        Assert.IsGreaterThan(0.001, unclosed.Gained);
        Assert.AreEqual(report.PriorResidual, unclosed.PriorResidual);
        Assert.AreEqual(report.NoiseResidual, unclosed.NoiseResidual);
        Assert.IsGreaterThanOrEqualTo(Math.Abs(unclosed.PriorResidual), unclosed.PriorResidualSize);
    }

    [TestMethod]
    public void EarlyStopping_ClosesByTheRowsThatEndedTraining_SoTheNoiseOfTrainingRowsStaysOpen()
    {
        GaussianVaeOptions options = Small with { Training = Small.Training with { EarlyStoppingPatience = 2, Epochs = 8 } };
        FitContext context = new() { TestRows = PcaData.Create(200, 4) };
        TrainingRecord training = new GaussianVaeTrainer(options).Fit(PcaData.Create(500, 3), context).Model.Training;
        ElboReport report = training.Report!.Summary;
        Assert.AreEqual(0, report.PriorResidual, 1e-3);
        Assert.AreNotEqual(0, report.NoiseResidual, "the optimum of other rows");
        Assert.IsLessThan(Math.Abs(training.Unclosed!.NoiseResidual), Math.Abs(report.NoiseResidual), "eight epochs leave the noise far off");
        Assert.IsGreaterThan(0, training.Unclosed.Gained, "and closing it for others brings these rows much, too");
    }

    [TestMethod]
    public void WithoutACertificate_TheModelIsTheSame_AndSaysOnlyHowTrainingEnded()
    {
        InMemoryRows rows = PcaData.Create(300, 3);
        GaussianVaeOptions options = Small with { Training = Small.Training with { Epochs = 3 } };
        LatentModel with = Fit(rows, options);
        LatentModel without = new GaussianVaeTrainer(options).Fit(rows, new FitContext { Certificate = false }).Model;
        Assert.IsNull(without.Training.Certificate);
        Assert.IsFalse(without.Training.Converged);
        Assert.AreEqual(with.Report.Summary, without.Report.Summary);
        Assert.AreEqual(with.Training.Unclosed, without.Training.Unclosed);
    }

    /// <summary>A raw net of convolutions has much to gain, a trained one less, and one with a layer off its place more again.</summary>
    [TestMethod]
    public void Convolutions_HaveAGain_ThatFallsWithTraining_AndShowsABrokenLayer()
    {
        InMemoryRows rows = Blobs.Create(600, 1, side: 8);
        GaussianVaeOptions options = new()
        {
            Latents = 4,
            Images = new ImageNetworks { Shape = Blobs.Shape(8), Filters = [8, 16] },
            Training = new MinibatchOptions { Epochs = 1, BatchSize = 50, StationarityTolerance = 0, LearningRate = 3e-3 },
        };
        double raw = Fit(rows, options).Training.Certificate!.ExpectedGain!.Value;
        GaussianVaeModel model = Fit(rows, options with { Training = options.Training with { Epochs = 60 } });
        double trained = model.Training.Certificate!.ExpectedGain!.Value;
        Assert.IsGreaterThan(1, raw);
        Assert.IsLessThan(0.5 * raw, trained);
        AlignedBuffer<float> parameters = Parameters(model);
        ParameterTensor shift = ((ConvolutionalNetwork)model.Network.Encoder).Normalisations[0].Shift;
        foreach (ref float entry in parameters.Span.Slice(shift.Offset, shift.Columns))
        {
            entry += 1;
        }

        Assert.IsGreaterThan(2 * trained, Measure(model, parameters, rows).ExpectedGain!.Value);
    }

    /// <summary>The slope of a convolution is the derivative of the ELBO with running statistics by a factor on what it gives.</summary>
    [TestMethod]
    public void Convolutions_HaveTheSlopesOfTheElboInUse()
    {
        const double step = 0.002;
        VaeNetwork network = new(new VaeArchitecture(VaeVariant.LearnedVariance, 16, 3, []) { Images = new ImageNetworks { Shape = ImageShape.Parse("4x4"), Filters = [4, 6] } });
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        network.Initialise(parameters.Span, 7, -1);
        RandomStream random = new(8, RandomPurpose.Generation);
        foreach (ParameterTensor tensor in network.Layout.Tensors.Where(t => t.Rows == 1 && !t.Name.Contains("log", StringComparison.Ordinal)))
        {
            for (int i = 0; i < tensor.Columns; i++)
            {
                parameters[tensor.Offset + i] *= (float)Math.Exp(0.3 * random.NextGaussian());
                parameters[tensor.Offset + i] += tensor.Name.EndsWith("variance", StringComparison.Ordinal) ? 0 : (float)(0.3 * random.NextGaussian());
            }
        }

        double[] values = new double[16 * 16];
        random.FillGaussian(values);
        InMemoryRows rows = new(values, 16);
        using IRowCursor cursor = rows.Open();
        VaeCurvaturePass pass = new(network, parameters, 1, Header(rows, 16), cursor, 1);
        pass.Run(default);
        foreach (ParameterBlock block in pass.Blocks)
        {
            double expected = (Elbo(network, Scaled(parameters, block, step), rows, 0) - Elbo(network, Scaled(parameters, block, -step), rows, 0)) / (2 * step);
            double slope = block.Slope(parameters.Span, pass.Gradient(0));
            Assert.AreEqual(expected, slope, 0.02 * Math.Max(0.5, Math.Abs(expected)), block.Name);
            Assert.AreEqual(slope, Enumerable.Range(0, block.Units).Sum(unit => block.Slope(parameters.Span, pass.Gradient(0), unit)), 1e-9);
        }
    }

    /// <summary>Of many images a share has the curvature, and all the gradient: the gain is that of fewer from the same source.</summary>
    [TestMethod]
    public void Convolutions_OfManyImages_HaveTheGainOfFew()
    {
        VaeNetwork network = new(new VaeArchitecture(VaeVariant.LearnedVariance, 16, 3, []) { Images = new ImageNetworks { Shape = ImageShape.Parse("4x4"), Filters = [4] } });
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        network.Initialise(parameters.Span, 7, -1);
        double[] values = new double[10_000 * 16];
        new RandomStream(8, RandomPurpose.Generation).FillGaussian(values);
        double[] gains = [.. new[] { 4_000, 10_000 }.Select(count => new InMemoryRows(values[..(count * 16)], 16)).Select(
            rows => VaeCertificate.Measure(network, parameters, 1, Header(rows, rows.RowCount!.Value), rows, new FitContext()).ExpectedGain!.Value)];
        Assert.AreEqual(1, gains[1] / gains[0], 0.1);
    }

    private static GaussianVaeModel Fit(IRowSource rows, GaussianVaeOptions options) => (GaussianVaeModel)new GaussianVaeTrainer(options).Fit(rows).Model;

    private static AlignedBuffer<float> Parameters(GaussianVaeModel model)
    {
        AlignedBuffer<float> parameters = new(model.Network.Layout.Length);
        model.Parameters.CopyTo(parameters.Span);
        return parameters;
    }

    private static CertificateFacts Measure(GaussianVaeModel model, AlignedBuffer<float> parameters, IRowSource rows) =>
        VaeCertificate.Measure(model.Network, parameters, 1, model.Header, rows, new FitContext());

    private static double Worst(CertificateFacts facts) => facts.EulerResiduals!.Max(r => r.Size);

    private static ModelHeader Header(InMemoryRows rows, long count) =>
        new(Scaling.Identity(rows.Columns), rows.ColumnNames, TrainingRecord.Unfinished(count, 0));

    private static (VaeNetwork Network, AlignedBuffer<float> Parameters, InMemoryRows Rows) Random(VaeVariant variant, string likelihood, int count)
    {
        const int columns = 6;
        VaeNetwork network = new(new VaeArchitecture(variant, columns, 3, [8, 5]) { Likelihood = ObservableLikelihood.Parse(likelihood) });
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        network.Initialise(parameters.Span, 7, -1);
        RandomStream random = new(8, RandomPurpose.Generation);
        foreach (ParameterTensor bias in network.Layout.Tensors.Where(t => t.Name.EndsWith(".bias", StringComparison.Ordinal)))
        {
            for (int i = 0; i < bias.Columns; i++)
            {
                parameters[bias.Offset + i] += (float)(0.3 * random.NextGaussian());
            }
        }

        double[] values = new double[count * columns];
        random.FillGaussian(values);
        return (network, parameters, new InMemoryRows(likelihood == "gaussian" ? values : Array.ConvertAll(values, v => v > 0.3 ? 1.0 : 0), columns));
    }

    private static AlignedBuffer<float> Scaled(AlignedBuffer<float> parameters, ParameterBlock block, double step)
    {
        AlignedBuffer<float> scaled = parameters.Clone();
        foreach (ParameterTensor tensor in new[] { block.Weights, block.Bias }.OfType<ParameterTensor>())
        {
            for (int i = tensor.Offset; i < tensor.Offset + tensor.Length; i++)
            {
                scaled[i] = (float)(block.IsLog ? scaled[i] + (IsPadding(tensor, i) ? 0 : step) : scaled[i] * Math.Exp(step));
            }
        }

        return scaled;
    }

    private static bool IsPadding(ParameterTensor tensor, int entry) => (entry - tensor.Offset) % tensor.Stride >= tensor.Columns;

    /// <summary>What went through the layers of encoder and decoder in a backward pass, in their order.</summary>
    private static List<(Dense Input, Dense Gradient)> Watch(VaeWorkspace<float> work, Action backward)
    {
        Recorder encoder = new(), decoder = new();
        (work.Encoder.Observer, work.Decoder.Observer) = (encoder, decoder);
        backward();
        return [.. encoder.Layers.Values, .. decoder.Layers.Values];
    }

    private static Dense Damped(Dense sums)
    {
        Dense mean = sums / 32;
        return mean + (Dense.Build.DenseIdentity(mean.RowCount) * (0.001 * mean.Trace() / mean.RowCount));
    }

    /// <summary>The ELBO of 16 rows under the noise of the pass's first block.</summary>
    private static double Elbo(VaeNetwork network, AlignedBuffer<float> parameters, InMemoryRows rows, int draw)
    {
        ElboStatistics sums = Backward(network, parameters, rows, draw).Sums;
        return (sums.Reconstruction - sums.Kl.Sum()) / 16;
    }

    private static (VaeWorkspace<float> Work, AlignedBuffer<float> Gradient, ElboStatistics Sums, List<(Dense Input, Dense Gradient)> Layers) Backward(
        VaeNetwork network, AlignedBuffer<float> parameters, InMemoryRows rows, int draw)
    {
        GaussianVaeObjective<float> objective = new(network);
        VaeWorkspace<float> work = new(network, 16, withGradients: true);
        ElementLoops.Load(rows.ReadAll().Values, 16, work.Rows);
        work.FillNoise(new RandomStream(1, RandomPurpose.EvaluationNoise, 2 + (ulong)draw, 0), 16);
        ElboStatistics sums = new(network.Architecture.Latents, objective.MomentCount);
        AlignedBuffer<float> gradient = new(network.Layout.Length);
        work.Encoder.IsFrozen = true;
        work.Decoder.IsFrozen = true;
        List<(Dense, Dense)> layers = Watch(work, () => objective.Gradient(parameters, gradient, work, 16, 1, sums));
        return (work, gradient, sums, layers);
    }

    private sealed class Recorder : ILayerObserver<float>
    {
        public SortedDictionary<int, (Dense Input, Dense Gradient)> Layers { get; } = [];

        public void Add(int layer, MatrixView<float> input, MatrixView<float> outputGradient) => Layers[layer] = (
            Dense.Build.Dense(input.Rows, input.Columns + 1, (i, j) => j < input.Columns ? input[i][j] : 1),
            Dense.Build.Dense(outputGradient.Rows, outputGradient.Columns, (i, j) => outputGradient[i][j]));

        public void AddPixels(int layer, MatrixView<float> outputGradient, int pixels)
        {
        }
    }
}
