using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Networks;
using Microsoft.ML;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

[TestClass]
public sealed class GaussianVaeContractTests : EstimatorContract
{
    protected override string Family => "vae-1";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().GaussianVae(Prepare(new GaussianVaeEstimator.Options { Hidden = [12], Epochs = 20, BatchSize = 32, LearningRate = 5e-3 }, change));
}

[TestClass]
public sealed class FixedVarianceVaeContractTests : EstimatorContract
{
    protected override string Family => "vae-0";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().FixedVarianceVae(Prepare(new GaussianVaeEstimator.Options { Hidden = [12], Epochs = 20, BatchSize = 32, LearningRate = 5e-3 }, change));
}

[TestClass]
public sealed class LearnedPriorVaeContractTests : EstimatorContract
{
    protected override string Family => "vae-2";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().LearnedPriorVae(Prepare(new GaussianVaeEstimator.Options { Hidden = [12], Epochs = 20, BatchSize = 32, LearningRate = 5e-3 }, change));
}

[TestClass]
public sealed class VariancePerColumnVaeContractTests : EstimatorContract
{
    protected override string Family => "vae-d";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().VariancePerColumnVae(Prepare(new GaussianVaeEstimator.Options { Hidden = [12], Epochs = 20, BatchSize = 32, LearningRate = 5e-3 }, change));
}

[TestClass]
public sealed class VarianceNetworkVaeContractTests : EstimatorContract
{
    protected override string Family => "vae-3";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().VarianceNetworkVae(Prepare(new GaussianVaeEstimator.Options { Hidden = [12], Epochs = 20, BatchSize = 32, LearningRate = 5e-3 }, change));
}

[TestClass]
public sealed class ConvolutionalVaeContractTests : EstimatorContract
{
    protected override bool TakesWeights => false;

    protected override string Family => "vae-1";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) => ml.LatentVariables().GaussianVae(Prepare(
        new GaussianVaeEstimator.Options
        {
            Images = new ImageNetworks { Shape = new ImageShape(2, 3), Filters = [8, 6] },
            Epochs = 20,
            BatchSize = 32,
            LearningRate = 5e-3,
        },
        change));
}

[TestClass]
public sealed class SparseVaeContractTests : EstimatorContract
{
    protected override string Family => "sparse-vae";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().SparseVae(Prepare(new GaussianVaeEstimator.Options { Hidden = [12], Epochs = 20, BatchSize = 32, LearningRate = 5e-3 }, change));
}

[TestClass]
public sealed class ProbabilisticPcaContractTests : EstimatorContract
{
    protected override string Family => "ppca";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().ProbabilisticPca(Prepare(new ProbabilisticPcaEstimator.Options(), change));
}

[TestClass]
public sealed class LinearVaeContractTests : EstimatorContract
{
    protected override string Family => "linear-vae";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().LinearVae(Prepare(new LinearVaeEstimator.Options { Iterations = 30 }, change));
}

[TestClass]
public sealed class FactorAnalysisContractTests : EstimatorContract
{
    protected override string Family => "factor-analysis";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().FactorAnalysis(Prepare(new FactorAnalysisEstimator.Options { Iterations = 40 }, change));
}

[TestClass]
public sealed class SparseCodingContractTests : EstimatorContract
{
    protected override string Family => "sparse-coding";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().SparseCoding(Prepare(new SparseCodingEstimator.Options { Iterations = 30 }, change));
}

[TestClass]
public sealed class PoissonSparseCodingContractTests : EstimatorContract
{
    protected override string Family => "poisson-sparse-coding";

    protected override bool TakesContinuousRows => false;

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().PoissonSparseCoding(Prepare(new PoissonSparseCodingEstimator.Options { Iterations = 30 }, change));
}

[TestClass]
public sealed class MinibatchSparseCodingContractTests : EstimatorContract
{
    protected override string Family => "sparse-coding";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) => ml.LatentVariables().SparseCoding(
        Prepare(new SparseCodingEstimator.Options { Iterations = 5, BatchSize = 32, Covariance = SparseCovariance.Diagonal, Annealing = "likelihood:0.5,1" }, change));
}

[TestClass]
public sealed class GaussianMixtureContractTests : EstimatorContract
{
    protected override string Family => "mixture:gaussian-diagonal";

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().Mixture(Prepare(new MixtureEstimator.Options { ComponentFamily = "gaussian-diagonal", Iterations = 40 }, change));
}

[TestClass]
public sealed class BernoulliMixtureContractTests : EstimatorContract
{
    protected override string Family => "mixture:bernoulli";

    protected override bool TakesContinuousRows => false;

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().Mixture(Prepare(new MixtureEstimator.Options { ComponentFamily = "bernoulli", Iterations = 40 }, change));
}

[TestClass]
public sealed class SigmoidBeliefNetContractTests : EstimatorContract
{
    protected override string Family => "sbn";

    protected override bool TakesContinuousRows => false;

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().SigmoidBeliefNet(Prepare(new SigmoidBeliefNetEstimator.Options { Iterations = 30 }, change));
}

[TestClass]
public sealed class DeepSigmoidBeliefNetContractTests : EstimatorContract
{
    protected override string Family => "deep-sbn";

    protected override bool TakesContinuousRows => false;

    protected override int CodeLength => Latents + 2;

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) =>
        ml.LatentVariables().SigmoidBeliefNet(Prepare(new SigmoidBeliefNetEstimator.Options { DeeperLayers = [2], Iterations = 30 }, change));
}

[TestClass]
public sealed class BernoulliVaeContractTests : EstimatorContract
{
    protected override string Family => "vae-1";

    protected override bool TakesContinuousRows => false;

    protected internal override LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null) => ml.LatentVariables().GaussianVae(
        Prepare(new GaussianVaeEstimator.Options { Likelihood = "bernoulli", Hidden = [12], Epochs = 20, BatchSize = 32, LearningRate = 5e-3 }, change));
}
