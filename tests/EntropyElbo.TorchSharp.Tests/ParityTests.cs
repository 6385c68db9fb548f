using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace EntropyElbo.TorchSharp.Tests;

/// <summary>The two engines from the same parameters, rows and noise: hand-written gradients against autograd.</summary>
[TestClass]
[DoNotParallelize]
public sealed class ParityTests
{
    private const int Rows = 48;
    private const int Columns = 20;
    private const int Latents = 5;

    public static IEnumerable<object[]> Members =>
    [
        [VaeVariant.FixedVariance, "gaussian", VarianceOutput.Exponential],
        [VaeVariant.LearnedVariance, "gaussian", VarianceOutput.Exponential],
        [VaeVariant.LearnedPrior, "gaussian", VarianceOutput.Exponential],
        [VaeVariant.VariancePerColumn, "gaussian", VarianceOutput.Exponential],
        [VaeVariant.VarianceNetwork, "gaussian", VarianceOutput.Exponential],
        [VaeVariant.VarianceNetwork, "gaussian", VarianceOutput.Softplus],
        [VaeVariant.VarianceNetwork, "gaussian", VarianceOutput.OffsetRelu],
        [VaeVariant.SparsePrior, "gaussian", VarianceOutput.Exponential],
        [VaeVariant.LearnedVariance, "bernoulli", VarianceOutput.Exponential],
        [VaeVariant.LearnedPrior, "binomial:8", VarianceOutput.Exponential],
        [VaeVariant.SparsePrior, "poisson", VarianceOutput.Exponential],
        [VaeVariant.LearnedVariance, "continuous-bernoulli", VarianceOutput.Exponential],
        [VaeVariant.LearnedVariance, "gamma", VarianceOutput.Exponential],
        [VaeVariant.VariancePerColumn, "gamma", VarianceOutput.Exponential],
        [VaeVariant.LearnedVariance, "gaussian", VarianceOutput.Exponential, "5x2x2"],
        [VaeVariant.LearnedPrior, "gaussian", VarianceOutput.Exponential, "6x4:planar"],
        [VaeVariant.VariancePerColumn, "gaussian", VarianceOutput.Exponential, "7x6x3:planar"],
        [VaeVariant.VarianceNetwork, "gaussian", VarianceOutput.Exponential, "6x5x2"],
        [VaeVariant.VarianceNetwork, "gaussian", VarianceOutput.Exponential, "6x7x2:planar"],
        [VaeVariant.SparsePrior, "bernoulli", VarianceOutput.Exponential, "8x8"],
    ];

    [TestMethod]
    [DynamicData(nameof(Members))]
    public void Objective_AgreesInElboResidualsAndGradients(VaeVariant variant, string likelihood, VarianceOutput output, string? image = null)
    {
        using Probe probe = new(variant, likelihood, output, image);
        Compare(probe, 0.7);
        Compare(probe, new StepWeights(2, 0.5));
    }

    private static void Compare(Probe probe, StepWeights weights)
    {
        (ElboStatistics sums, float[] gradient) = probe.Own(weights);
        (ElboStatistics torchSums, float[] torchGradient) = probe.Torch(weights);
        ElboReport expected = probe.Report(sums), actual = probe.Report(torchSums);
        foreach (Func<ElboReport, double> figure in (Func<ElboReport, double>[])
            [r => r.Elbo, r => r.Reconstruction, r => r.Kl, r => r.EncoderEntropy, r => r.DecoderEntropy, r => r.BaseMeasure, r => r.PriorResidual, r => r.NoiseResidual])
        {
            Assert.AreEqual(figure(expected), figure(actual), 1e-5 * Math.Max(1, Math.Abs(figure(expected))));
        }

        foreach (ParameterTensor statistic in probe.Network.Normalisations.SelectMany(n => new[] { n.RunningMean, n.RunningVariance }))
        {
            // The library hands out statistics of the batch here; updates show whether they are the same.
            gradient.AsSpan(statistic.Offset, statistic.Length).Clear();
        }

        AssertSame(gradient, torchGradient, 1e-4, "gradient");
    }

    /// <summary>
    /// Both engines make each update from the same parameters and moments, and gradients and arithmetic of the update are compared apart. Parameters after ten updates
    /// from one start would compare something else: an activation within rounding of the leaky rectifier's kink takes the other branch on one of the engines, and an
    /// entry whose gradient is of the size of its rounding gets a whole step of either sign from Adam, which divides by that size.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Members))]
    public void EachOfTenUpdates_GivesTheSameParameters(VaeVariant variant, string likelihood, VarianceOutput output, string? image = null)
    {
        bool closes = variant is not VaeVariant.FixedVariance and not VaeVariant.VarianceNetwork || (variant, output) == (VaeVariant.VarianceNetwork, VarianceOutput.Exponential);
        foreach (VarianceUpdate update in closes ? Enum.GetValues<VarianceUpdate>() : [VarianceUpdate.Gradient])
        {
            using Probe probe = new(variant, likelihood, output, image);
            TrainingState own = probe.State();
            for (int step = 1; step <= 10; step++)
            {
                string name = $"{update}, update {step}";
                TrainingState before = probe.CopyOf(own), torch = probe.CopyOf(own), mixed = probe.CopyOf(own);
                probe.OwnUpdate(own, update);
                probe.TorchUpdate(torch, update);
                float[] gradient = GradientOf(before, torch);
                Assert.IsLessThan(0.01, Distance(GradientOf(before, own), gradient), $"{name}, gradient");
                probe.OwnUpdate(mixed, update, gradient);
                AssertSame(mixed.Parameters.Span.ToArray(), torch.Parameters.Span.ToArray(), 1e-5, $"{name}, parameters");
            }

            Assert.IsGreaterThan(1e-3, own.Parameters.Span.ToArray().Zip(probe.Start, (a, b) => Math.Abs(a - b)).Max(), "the parameters must have moved for this test to say anything");
        }
    }

    [TestMethod]
    [DataRow("5x2x2")]
    [DataRow("8x9x3:planar")]
    public void ProductsOverWindows_AreTheConvolutions(string image)
    {
        using Probe probe = new(VaeVariant.LearnedVariance, "gaussian", VarianceOutput.Exponential, image);
        float[] expected = probe.GraphGradient(unfolds: false), actual = probe.GraphGradient(unfolds: true);
        AssertSame(expected, actual, 1e-5, "gradient");
        Assert.IsTrue(expected.Any(g => g != 0));
    }

    /// <summary>The gradient that Adam was given, from its first moment before and after.</summary>
    private static float[] GradientOf(TrainingState before, TrainingState after)
    {
        float[] gradient = new float[before.Adam.Length];
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = (after.Adam.FirstMoment[i] - (Adam<float>.Beta1 * before.Adam.FirstMoment[i])) / (1 - Adam<float>.Beta1);
        }

        return gradient;
    }

    /// <summary>Length of the difference as a share of the length: one activation on the other side of a kink hardly shows in it.</summary>
    private static double Distance(float[] expected, float[] actual) =>
        Math.Sqrt(expected.Zip(actual, (a, b) => ((double)a - b) * ((double)a - b)).Sum() / expected.Sum(a => (double)a * a));

    private static void AssertSame(float[] expected, float[] actual, double tolerance, string name)
    {
        double scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], tolerance * scale, $"{name}, entry {i}");
        }
    }

    private sealed class Probe : IDisposable
    {
        private readonly GaussianVaeObjective<float> _objective;
        private readonly VaeWorkspace<float> _work;

        public Probe(VaeVariant variant, string likelihood, VarianceOutput output, string? image = null)
        {
            ImageNetworks? images = image is null ? null : new ImageNetworks { Shape = ImageShape.Parse(image), Filters = [33, 17] };
            Network = new VaeNetwork(new VaeArchitecture(variant, images?.Shape.Columns ?? Columns, Latents, [33, 17])
            {
                Images = images,
                Likelihood = ObservableLikelihood.Parse(likelihood) with { ActivationFactor = likelihood == "bernoulli" ? 2 : 1 },
                VarianceOutput = output,
            });
            _objective = new GaussianVaeObjective<float>(Network);
            AlignedBuffer<float> start = new(Network.Layout.Length);
            Network.Initialise(start.Span, 3, -0.7);
            RandomStream random = new(3, RandomPurpose.Generation);
            foreach (ParameterTensor tensor in Network.Layout.Tensors.Where(t => t.Rows == 1))
            {
                foreach (ref float value in start.Span.Slice(tensor.Offset, tensor.Columns))
                {
                    value += (float)(0.2 * random.NextGaussian());
                }
            }

            Start = start.Span.ToArray();
            _work = new VaeWorkspace<float>(Network, Rows, withGradients: true);
            for (int row = 0; row < Rows; row++)
            {
                foreach (ref float value in _work.Rows[row])
                {
                    double draw = random.NextGaussian();
                    int limit = Network.Architecture.Likelihood.Trials;
                    value = (float)(Network.Architecture.Likelihood.Name switch
                    {
                        "gaussian" => draw,
                        "gamma" => Math.Exp(draw),
                        "continuous-bernoulli" => 1 / (1 + Math.Exp(-2 * draw)),
                        _ => Math.Min(Math.Floor(Math.Abs(3 * draw)), limit > 0 ? limit : 9),
                    });
                }
            }

            _work.FillNoise(random, Rows);
        }

        public VaeNetwork Network { get; }

        private int Width => Network.Architecture.Columns;

        public float[] Start { get; }

        public ElboReport Report(ElboStatistics sums)
        {
            AlignedBuffer<float> parameters = Parameters();
            ElboReport report = _objective.Summarise(parameters, sums);
            return report;
        }

        public (ElboStatistics Sums, float[] Gradient) Own(StepWeights klWeight)
        {
            AlignedBuffer<float> parameters = Parameters(), gradient = new(Start.Length);
            ElboStatistics sums = new(Latents, _objective.MomentCount);
            _objective.Gradient(parameters, gradient, _work, Rows, klWeight, sums);
            return (sums, gradient.Span.ToArray());
        }

        public (ElboStatistics Sums, float[] Gradient) Torch(StepWeights klWeight)
        {
            TrainingState state = State();
            using TorchVaeRunner runner = Runner(state, VarianceUpdate.Gradient);
            ElboStatistics sums = new(Latents, _objective.MomentCount);
            using DisposeScope scope = torch.NewDisposeScope();
            float[] gradient = runner.GradientOf(Tensor(_work.Rows), Tensor(_work.Noise), klWeight, sums);
            return (sums, gradient);
        }

        public float[] GraphGradient(bool unfolds)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using VaeGraph graph = new(Network, torch.CPU, TorchPrecision.Single, unfolds);
            graph.Layout.ToDevice(Start, graph.Parameters);
            graph.Objective(Tensor(_work.Rows), Tensor(_work.Noise), 0.7).Loss.backward();
            float[] gradient = new float[Start.Length];
            graph.Layout.ToHost(graph.Gradient, gradient);
            return gradient;
        }

        /// <summary>One update of the library's own engine; <paramref name="given"/> takes the place of its gradient behind everything but Adam.</summary>
        public void OwnUpdate(TrainingState state, VarianceUpdate update, float[]? given = null)
        {
            GaussianVaeBlockObjective block = new(Network, update);
            AlignedBuffer<float> gradient = new(Start.Length);
            ElboStatistics sums = new(Latents, _objective.MomentCount);
            _objective.Gradient(state.Parameters, gradient, _work, Rows, 0.7, sums);
            AlignedBuffer<float>[] gradients = [gradient];
            float scale = block.PrepareUpdate(state.Parameters, gradients, sums) / Rows;
            if (given is not null)
            {
                given.CopyTo(gradient.Span);
                scale = 1;
            }

            state.Adam.BeginStep(1e-2);
            state.Adam.Apply(state.Parameters, gradients, scale, 0, state.Adam.Length);
            block.FinishUpdate(state.Parameters.Span, 0.7);
        }

        public void TorchUpdate(TrainingState state, VarianceUpdate update)
        {
            using TorchVaeRunner runner = Runner(state, update);
            using DisposeScope scope = torch.NewDisposeScope();
            runner.Step(Tensor(_work.Rows), Tensor(_work.Noise), 0.7, 1e-2);
            runner.EndEpoch(new ElboStatistics(Latents, _objective.MomentCount));
        }

        public TrainingState State()
        {
            TrainingState state = new(Network.Layout);
            Start.CopyTo(state.Parameters.Span);
            return state;
        }

        public TrainingState CopyOf(TrainingState other)
        {
            TrainingState state = new(Network.Layout);
            other.Parameters.Span.CopyTo(state.Parameters.Span);
            other.Adam.FirstMoment.CopyTo(state.Adam.FirstMoment);
            other.Adam.SecondMoment.CopyTo(state.Adam.SecondMoment);
            state.Adam.Steps = other.Adam.Steps;
            return state;
        }

        public void Dispose() => GC.KeepAlive(_work);

        private TorchVaeRunner Runner(TrainingState state, VarianceUpdate update)
        {
            MemoryTrainingRows rows = new(new CheckedRows(new InMemoryRows(new double[2 * Width], Width)), Scaling.Identity(Width), 2, 1);
            GaussianVaeOptions options = new() { Latents = Latents, VarianceUpdate = update };
            VaeStepsTask task = new(Network, options, new GaussianVaeBlockObjective(Network, update), state, rows, threads: 1);
            return new TorchVaeRunner(task, torch.CPU, new TorchOptions());
        }

        private AlignedBuffer<float> Parameters()
        {
            AlignedBuffer<float> parameters = new(Start.Length);
            Start.CopyTo(parameters.Span);
            return parameters;
        }

        private static torch.Tensor Tensor(MatrixView<float> view)
        {
            float[] values = new float[view.Rows * view.Columns];
            for (int row = 0; row < view.Rows; row++)
            {
                view[row].CopyTo(values.AsSpan(row * view.Columns));
            }

            return torch.tensor(values, [view.Rows, view.Columns]);
        }
    }
}
