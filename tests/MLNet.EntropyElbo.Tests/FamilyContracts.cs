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
        ml.LatentVariables().FixedVarianceVae(Prepare(new FixedVarianceVaeEstimator.Options { Hidden = [12], Epochs = 20, BatchSize = 32, LearningRate = 5e-3 }, change));
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
