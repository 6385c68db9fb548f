using EntropyElbo.Data;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.SigmoidBeliefNet;

[TestClass]
public sealed class SigmoidBeliefNetTests
{
    [TestMethod]
    [DataRow(new[] { 5 })]
    [DataRow(new[] { 4, 3 })]
    [DataRow(new[] { 3, 2, 2 })]
    public void LikelihoodAndPosterior_AreSumsOverAllStates(int[] sizes)
    {
        SigmoidBeliefNetModel model = BeliefTestData.Random(9, sizes, 3);
        double[] values = BeliefTestData.Rows(40, 9, 4).ReadAll().Values;
        double[] logLikelihoods = new double[40];
        double[] means = new double[40 * model.LatentDimension];
        double[] variances = new double[means.Length];
        model.LogLikelihood(values, logLikelihoods);
        model.Encode(values, means, variances);
        double total = 0;
        for (int row = 0; row < 40; row++)
        {
            (double expected, double[] posterior) = BeliefTestData.Enumerate(model, values.AsSpan(row * 9, 9));
            total += expected;
            Assert.AreEqual(expected, logLikelihoods[row], 1e-11);
            for (int h = 0; h < posterior.Length; h++)
            {
                Assert.AreEqual(posterior[h], means[(row * posterior.Length) + h], 1e-12);
                Assert.AreEqual(posterior[h] * (1 - posterior[h]), variances[(row * posterior.Length) + h], 1e-12);
            }
        }

        // Exact posteriors: the ELBO is the likelihood, and entropies and residuals say it another way.
        ElboReport report = model.Evaluate(new InMemoryRows(values, 9)).Summary;
        Assert.AreEqual(total / 40, report.Elbo, 1e-11);
        Assert.AreEqual(report.Elbo, report.EntropySum - report.PriorResidual - report.NoiseResidual, 1e-10);
        IReadOnlyList<LayerEvaluation> layers = model.EvaluateLayers(new InMemoryRows(values, 9));
        Assert.HasCount(sizes.Length + 1, layers);
        Assert.AreEqual(report.EntropySum, report.EncoderEntropy - layers.Sum(l => l.Entropy), 1e-10);
        Assert.AreEqual(report.Elbo, report.EntropySum - layers.Sum(l => l.Residual), 1e-10);
    }

    [TestMethod]
    [DataRow(new[] { 6 })]
    [DataRow(new[] { 4, 2 })]
    public void AfterEveryExactMStep_ElboIsTheEntropySum_AndItNeverFalls(int[] sizes)
    {
        SigmoidBeliefNetOptions options = new()
        {
            Latents = sizes[0],
            DeeperLayers = sizes[1..],
            Iterations = 60,
            StationarityTolerance = 0,
        };
        InMemoryRows rows = BeliefTestData.Rows(700, 12, 1);
        SigmoidBeliefNetModel model = BeliefTestData.Fit(rows, options, out IReadOnlyList<FitProgress> history);
        Assert.HasCount(60, history);
        double last = double.NegativeInfinity;
        foreach (FitProgress p in history)
        {
            Assert.AreEqual(p.Elbo, p.EntropySum, 1e-9 * Math.Abs(p.Elbo), $"iteration {p.Epoch}");
            Assert.IsGreaterThanOrEqualTo(last - 1e-10, p.Elbo, $"iteration {p.Epoch}");
            last = p.Elbo;
        }

        // A further E-step raises the ELBO to the likelihood.
        double likelihood = rows.ReadAll().Values.Chunk(12).Average(row => BeliefTestData.Enumerate(model, row).LogLikelihood);
        Assert.AreEqual(likelihood, model.Report.Summary.Elbo, 1e-10);
        Assert.IsGreaterThanOrEqualTo(last - 1e-10, likelihood);
        Assert.IsGreaterThan(history[0].Elbo + 0.5, likelihood);
    }

    [TestMethod]
    public void TruncatedWithAllStates_IsExact()
    {
        InMemoryRows rows = BeliefTestData.Rows(400, 10, 2);
        SigmoidBeliefNetOptions exact = new() { Latents = 8, Iterations = 15, StationarityTolerance = 0 };
        SigmoidBeliefNetOptions all = exact with
        {
            Posterior = BeliefPosterior.Truncated,
            States = 256,
            NewtonSteps = SigmoidBeliefNetOptions.ExactNewtonSteps,
        };
        SigmoidBeliefNetModel one = BeliefTestData.Fit(rows, exact, out IReadOnlyList<FitProgress> first);
        SigmoidBeliefNetModel two = BeliefTestData.Fit(rows, all, out IReadOnlyList<FitProgress> second);
        for (int i = 0; i < first.Count; i++)
        {
            // States below the negligible share are left out: 256 of them make less than 3e-6 nats.
            Assert.AreEqual(first[i].Elbo, second[i].Elbo, 1e-5);
        }

        double[] values = rows.ReadAll().Values;
        double[] a = new double[400];
        double[] b = new double[400];
        one.LogLikelihood(values, a);
        two.LogLikelihood(values, b);
        Assert.AreEqual(a.Average(), b.Average(), 1e-4);

        // The same parameters, exact and truncated to all states.
        SigmoidBeliefNetModel random = BeliefTestData.Random(10, [8], 5);
        SigmoidBeliefNetModel kept = new(random.Net, isExact: false, 256, random.Header);
        Assert.AreEqual(random.Evaluate(rows).Summary.Elbo, kept.Evaluate(rows).Summary.Elbo, 1e-10);
        Assert.AreEqual(random.Evaluate(rows).Summary.EntropySum, kept.Evaluate(rows).Summary.EntropySum, 1e-10);
    }

    [TestMethod]
    [DataRow(new[] { 14 })]
    [DataRow(new[] { 10, 5, 3 })]
    public void TruncatedElbo_NeverFalls_AndIsBelowTheLikelihood(int[] sizes)
    {
        InMemoryRows rows = BeliefTestData.Rows(300, 12, 3);
        SigmoidBeliefNetOptions options = new()
        {
            Latents = sizes[0],
            DeeperLayers = sizes[1..],
            Posterior = BeliefPosterior.Truncated,
            States = 12,
            Iterations = 40,
            StationarityTolerance = 0,
        };
        SigmoidBeliefNetModel model = BeliefTestData.Fit(rows, options, out IReadOnlyList<FitProgress> history);
        double last = double.NegativeInfinity;
        foreach (FitProgress p in history)
        {
            Assert.IsGreaterThanOrEqualTo(last - 2e-7, p.Elbo, $"iteration {p.Epoch}");
            last = p.Elbo;
        }

        Assert.IsGreaterThan(history[0].Elbo + 0.5, last);
        if (model.LatentDimension <= 16)
        {
            SigmoidBeliefNetModel exact = new(model.Net, isExact: true, 12, model.Header);
            Assert.IsLessThanOrEqualTo(exact.Evaluate(rows).Summary.Elbo, model.Evaluate(rows).Summary.Elbo);
        }
    }

    [TestMethod]
    public void ANetOfItsOwnDraws_IsFoundAgain()
    {
        // One latent, its patterns far apart: pi and sigmoid(W + mu) are shares that can be counted.
        const int columns = 6;
        BeliefNet net = new(columns, [1]);
        net.Blocks[0].Set([3, -3, 3, -3, 3, -3, -1.5, 1.5, -1.5, 1.5, -1.5, 1.5]);
        net.Blocks[1].Set([SpecialFunctions.Logit(0.3)]);
        SigmoidBeliefNetModel truth = new(net, isExact: true, 1, LinearTestData.Header(columns));
        double[] values = new double[20_000 * columns];
        truth.Sample(values, 7);
        InMemoryRows rows = new(values, columns);
        SigmoidBeliefNetModel model = BeliefTestData.Fit(rows, new SigmoidBeliefNetOptions { Latents = 1 }, out _);
        double pi = model.Prior[0];
        bool swapped = pi > 0.5;
        Assert.AreEqual(0.3, swapped ? 1 - pi : pi, 0.02);
        double[] bias = model.Bias(0);
        double[] weights = model.Weights(0);
        for (int d = 0; d < columns; d++)
        {
            double sign = d % 2 == 0 ? 1 : -1;
            Assert.AreEqual(1.5 * sign, swapped ? bias[d] : bias[d] + weights[d], 0.12);
            Assert.AreEqual(-1.5 * sign, swapped ? bias[d] + weights[d] : bias[d], 0.12);
        }

        Assert.IsTrue(model.Training.Converged);
    }

    [TestMethod]
    [DataRow(BeliefPosterior.Exact)]
    [DataRow(BeliefPosterior.Truncated)]
    public void AResumedFit_EndsWithTheSameBits(BeliefPosterior posterior)
    {
        InMemoryRows rows = BeliefTestData.Rows(300, 9, 6);
        SigmoidBeliefNetOptions options = new()
        {
            Latents = 4,
            DeeperLayers = [2],
            Posterior = posterior,
            States = 7,
            Iterations = 14,
            StationarityTolerance = 0,
        };
        byte[] whole = ModelFile.ToBytes(BeliefTestData.Fit(rows, options, out _).ToRecord());
        string path = Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.eelbo");
        try
        {
            SigmoidBeliefNetModel first = BeliefTestData.Fit(rows, options with { Iterations = 6 }, out _, new FitContext { CheckpointPath = path });
            Assert.AreEqual(StopReason.EpochLimit, first.Training.StopReason);
            SigmoidBeliefNetModel second = BeliefTestData.Fit(rows, options, out _, new FitContext { CheckpointPath = path, Resume = true });
            CollectionAssert.AreEqual(whole, ModelFile.ToBytes(second.ToRecord()));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void AValueThatIsNeither0Nor1_IsNamed()
    {
        double[] values = BeliefTestData.Rows(300, 5, 1).ReadAll().Values;
        values[(270 * 5) + 2] = 0.5;
        InMemoryRows rows = new(values, 5);
        BadDataException error = Assert.ThrowsExactly<BadDataException>(
            () => new SigmoidBeliefNetTrainer(new SigmoidBeliefNetOptions { Latents = 2 }).Fit(rows));
        StringAssert.Contains(error.Message, "row 271");
        StringAssert.Contains(error.Message, "'c2'");
        StringAssert.Contains(error.Message, "0.5");
        SigmoidBeliefNetModel model = BeliefTestData.Random(5, [2], 1);
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => model.Evaluate(rows)).Message, "row 271");
    }

    [TestMethod]
    public void BadOptions_AreNamed()
    {
        (SigmoidBeliefNetOptions Options, string Name)[] cases =
        [
            (new() { Latents = 0 }, "latents"),
            (new() { Latents = 513 }, "latents"),
            (new() { Latents = 4, DeeperLayers = [0] }, "hidden"),
            (new() { Latents = 17, Posterior = BeliefPosterior.Exact }, "posterior"),
            (new() { Latents = 4, States = 0 }, "states"),
            (new() { Latents = 4, NewtonSteps = 0 }, "newton-steps"),
            (new() { Latents = 4, Scaling = ScalingKind.MinMax }, "scale"),
        ];
        foreach ((SigmoidBeliefNetOptions options, string name) in cases)
        {
            BadOptionException error = Assert.ThrowsExactly<BadOptionException>(
                () => new SigmoidBeliefNetTrainer(options).Fit(BeliefTestData.Rows(50, 4, 1)));
            StringAssert.Contains(error.Message, name);
        }
    }

    [TestMethod]
    public void FreeParameters_AreThoseOfAllConditionals()
    {
        Assert.AreEqual((9 * 6) + 5, BeliefTestData.Random(9, [5], 1).FreeParameters);
        Assert.AreEqual((9 * 5) + (4 * 4) + 3, BeliefTestData.Random(9, [4, 3], 1).FreeParameters);
    }
}
