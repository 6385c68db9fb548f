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
