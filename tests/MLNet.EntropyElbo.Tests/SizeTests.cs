using EntropyElbo;
using EntropyElbo.Families.Vae;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo.Training;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo.Tests;

/// <summary>A model that is too large for a zip: known before training, and never lost.</summary>
[TestClass]
public sealed class SizeTests
{
    [TestMethod]
    public void TheSizeIsKnownBeforeTraining_ForEveryFamily()
    {
        MLContext ml = new(1);
        foreach (EstimatorContract contract in FreshProcessTests.Contracts())
        {
            LatentEstimator estimator = contract.Create(ml);
            LatentTransformer fitted = estimator.Fit(Rows.View(ml, contract.SampleRows(60)));
            long numbers = fitted.Model.ToRecord().Tensors.Sum(t => (long)t.Data.Length);
            long foretold = TrainerFacts.ModelBytes(estimator.CreateTrainer(), Rows.Columns);
            Assert.AreEqual(numbers, foretold, 0.25 * numbers, $"{estimator.Family}: {foretold} for {numbers}");
        }
    }

    [TestMethod]
    public void ALargeModel_IsAnnouncedBeforeTraining()
    {
        MLContext ml = new(1);
        List<string> log = [];
        ml.Log += (_, e) => log.Add(e.Message);
        using (IChannel channel = ((IHostEnvironment)ml).Register("Size").Start("Size"))
        {
            FitLog.WarnOfSize(channel, new GaussianVaeTrainer(new GaussianVaeOptions { Latents = 2, Hidden = [1000, 1000] }), 100);
            Assert.IsFalse(log.Any(m => m.Contains("LatentModel.Save", StringComparison.Ordinal)));
            FitLog.WarnOfSize(channel, new GaussianVaeTrainer(new GaussianVaeOptions { Latents = 2, Hidden = [4000, 4000] }), 100);
        }

        Assert.HasCount(1, log.Where(m => m.Contains("LatentModel.Save", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public void ALargeModel_EncodesAllTheSame_AndOnlyTheZipIsRefused()
    {
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(50));
        LatentTransformer fitted = ml.LatentVariables().ProbabilisticPca("Latent", "Features", 2).Fit(rows);
        OutputColumns outputs = new ProbabilisticPcaEstimator.Options().Outputs;
        StringAssert.Contains(
            Assert.ThrowsExactly<ModelFileException>(() => ZipChain.Build(fitted.Encoder, "Features", outputs, threshold: null, limit: 100)).Message, "LatentModel.Save");
        Assert.HasCount(50, fitted.Transform(rows).GetColumn<float[]>("Latent").ToArray());
        using PredictionEngine<Row, Encoded> engine = ml.Model.CreatePredictionEngine<Row, Encoded>(fitted, ignoreMissingColumns: true);
        Assert.HasCount(2, engine.Predict(Rows.Continuous(1)[0]).Latent);
    }
}
