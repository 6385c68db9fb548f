using EntropyElbo;
using EntropyElbo.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Whole pipelines as candidates.</summary>
[TestClass]
public sealed class PipelineSelectionTests
{
    /// <summary>
    /// Probabilistic PCA of standardised columns is the same model behind every normaliser that stretches and moves slots, so in units of
    /// the input its ELBOs are one; what bends slots does not compare and says so.
    /// </summary>
    [TestMethod]
    public void Normalisers_ComeToTheSameElbo_InUnitsOfTheInput()
    {
        MLContext ml = new(1);
        IDataView data = Rows.View(ml, Rows.Continuous(200));
        IEstimator<ITransformer>[] pipelines =
        [
            Pca(ml, "Features"),
            ml.Transforms.NormalizeMinMax("N", "Features", fixZero: false).Append(Pca(ml, "N")),
            ml.Transforms.NormalizeMeanVariance("N", "Features").Append(Pca(ml, "N")),
            ml.Transforms.NormalizeLogMeanVariance("N", "Features", useCdf: true).Append(Pca(ml, "N")),
            ml.Transforms.Concatenate("N", "Features", "Target").Append(Pca(ml, "N")),
            Pca(ml, "Nowhere"),
        ];
        PipelineSelection selection = ml.LatentVariables().SelectPipeline(data, pipelines, numberOfFolds: 3);
        double[] scores = [.. selection.Trials.Where(t => t.Index < 3).Select(t => t.Score!.Value)];
        Assert.HasCount(3, scores);
        Assert.AreEqual(scores[0], scores[1], 1e-3);
        Assert.AreEqual(scores[0], scores[2], 1e-3);
        StringAssert.Contains(selection.Trials.Single(t => t.Index == 3).Failure, "is bent");
        StringAssert.Contains(selection.Trials.Single(t => t.Index == 4).Failure, "it has 7 slots, not 6");
        StringAssert.Contains(selection.Trials.Single(t => t.Index == 5).Failure, "Could not find feature column 'Nowhere'");
        CollectionAssert.AreEqual(new int?[] { 1, 2, 3, null, null, null }, selection.Trials.Select(t => t.Rank).ToArray());
        Assert.IsTrue(selection.Trials.Take(3).All(t => t is { Family: "ppca", FoldScores.Count: 3, StandardError: > 0 }));

        // Without the stretches they are nats apart.
        IReadOnlyList<LatentCrossValidationResult> plain = ml.LatentVariables().CrossValidate(data, pipelines[0], 3), scaled = ml.LatentVariables().CrossValidate(data, pipelines[2], 3);
        Assert.IsGreaterThan(1, Math.Abs(plain[0].Metrics.Elbo - scaled[0].Metrics.Elbo));
        Assert.HasCount(200, selection.Model!.Transform(data).GetColumn<float[]>("Latent").ToArray());
        Assert.AreSame(pipelines[selection.Best!.Index], selection.Pipeline);
    }

    /// <summary>A score of one's own may judge what comes behind the model.</summary>
    [TestMethod]
    public void AScoreOfYourOwn_ChoosesByWhatComesBehind()
    {
        MLContext ml = new(1);
        IDataView data = Rows.View(ml, Rows.Continuous(200));
        IEstimator<ITransformer>[] pipelines =
        [
            ml.Transforms.Concatenate("N", "Target", "Target").Append(ml.Transforms.NormalizeMinMax("N"))
                .Append(ml.LatentVariables().FactorAnalysis("Latent", "N", 1)).Append(Logistic(ml)),
            Pca(ml, "Features").Append(Logistic(ml)),
        ];
        PipelineSelection selection = ml.LatentVariables().SelectPipeline(
            data, pipelines, score: (model, rows) => ml.BinaryClassification.EvaluateNonCalibrated(model.Transform(rows)).AreaUnderRocCurve, numberOfFolds: 3);
        Assert.AreEqual(1, selection.Best!.Index, string.Join("; ", selection.Trials.Select(t => t.Failure ?? $"{t.Score}")));
        Assert.IsGreaterThan(0.95, selection.Best.Score!.Value);
        Assert.IsTrue(selection.Model!.Transform(data).Schema.GetColumnOrNull("PredictedLabel").HasValue);
    }

    [TestMethod]
    public void WhatDoesNotCompare_IsRefused()
    {
        MLContext ml = new(1);
        LatentVariablesCatalog catalog = ml.LatentVariables();
        IDataView binary = Rows.View(ml, Rows.Binary(100));
        Assert.ThrowsExactly<BadOptionException>(() => catalog.SelectPipeline(binary, []));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.SelectPipeline(binary, [Pca(ml, "Features")], "Nowhere"));
        MixtureEstimator mixture = catalog.Mixture(new MixtureEstimator.Options { ComponentFamily = "bernoulli", Latents = 2, Iterations = 5, Smoothing = 1 });
        StringAssert.Contains(
            Assert.ThrowsExactly<BadOptionException>(() => catalog.SelectPipeline(binary, [Pca(ml, "Features"), mixture], numberOfFolds: 2)).Message, "probabilities");
        PipelineSelection none = catalog.SelectPipeline(binary, [Pca(ml, "Nowhere")], numberOfFolds: 2);
        Assert.IsNull(none.Best);
        Assert.IsNull(none.Model);
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => catalog.SelectPipeline(binary, [mixture], numberOfFolds: 2, cancellationToken: cancelled.Token));
    }

    /// <summary>A pipeline that makes values missing leaves rows out, and is no better for it.</summary>
    [TestMethod]
    public void RowsThatAPipelineLosesAreNoGain()
    {
        MLContext ml = new(1);
        IDataView data = Rows.View(ml, Rows.Continuous(120));
        PipelineSelection selection = ml.LatentVariables().SelectPipeline(
            data, [ml.Transforms.Expression("N", "x : x > 0.7 ? 0f / 0f : x", "Features").Append(Pca(ml, "N")), Pca(ml, "Features")], numberOfFolds: 2);
        Assert.AreEqual(1, selection.Best!.Index);
        StringAssert.Contains(selection.Trials[1].Failure, "rows without missing values");
    }

    private static ProbabilisticPcaEstimator Pca(MLContext ml, string column) => ml.LatentVariables().ProbabilisticPca(
        new ProbabilisticPcaEstimator.Options { InputColumnName = column, Latents = 2, Scaling = ScalingKind.Standard });

    private static IEstimator<ITransformer> Logistic(MLContext ml) => ml.BinaryClassification.Trainers.LbfgsLogisticRegression(featureColumnName: "Latent");
}
