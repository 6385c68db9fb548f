using EntropyElbo;
using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding;
using Microsoft.ML;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>What the estimator of counts refuses when it is made.</summary>
[TestClass]
public sealed class PoissonSparseCodingTests
{
    [TestMethod]
    public void WhatCountsCannotHave_IsRefusedWhenTheEstimatorIsMade()
    {
        LatentVariablesCatalog catalog = new MLContext(1).LatentVariables();
        BadOptionException scaled = Assert.ThrowsExactly<BadOptionException>(
            () => catalog.PoissonSparseCoding(new PoissonSparseCodingEstimator.Options { Scaling = ScalingKind.Standard }));
        Assert.AreEqual("Scaling is Standard; counts are taken as they are: leave it out, or say None.", scaled.Message);
        BadOptionException lowRank = Assert.ThrowsExactly<BadOptionException>(
            () => catalog.PoissonSparseCoding(new PoissonSparseCodingEstimator.Options { Covariance = SparseCovariance.LowRank }));
        Assert.AreEqual("covariance", lowRank.Option);
        Assert.AreEqual(
            "poisson-sparse-coding", catalog.PoissonSparseCoding(new PoissonSparseCodingEstimator.Options { Scaling = ScalingKind.None }).Family);
    }
}
