using System.Globalization;
using EntropyElbo;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>What the log and the messages say, and what they do not.</summary>
[TestClass]
public sealed class LogTests
{
    [TestMethod]
    public void FitSaveLoadAndScore_LogNothingOfTheInside()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        List<string> log = [];
        ml.Log += (_, e) => log.Add(e.Message);
        IDataView rows = Rows.View(ml, Rows.Continuous(100));
        LatentTransformer fitted = ml.LatentVariables().Mixture(new MixtureEstimator.Options
        {
            Latents = 2,
            ReconstructionColumnName = "Back",
            ScoreColumnName = "Score",
            ElboColumnName = "Elbo",
        }).Fit(rows);
        ml.Model.Save(fitted, rows.Schema, folder["m.zip"]);
        _ = ml.Model.Load(folder["m.zip"], out _).Transform(rows).Preview();
        Assert.IsTrue(log.Any(m => m.Contains("mixture:gaussian-full: ELBO", StringComparison.Ordinal)));
        Assert.HasCount(0, log.Where(m => m.Contains("slots", StringComparison.Ordinal) || m.Contains("EntropyElbo.Means", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    [DataRow(StopReason.Stationary, "became stationary")]
    [DataRow(StopReason.NoProgress, "no better parameters")]
    [DataRow(StopReason.EpochLimit, "allow more epochs")]
    [DataRow(StopReason.TimeLimit, "allow more time")]
    public void TheEndOfTraining_IsNotContradictedByItsRemedy(StopReason reason, string expected)
    {
        string text = Log(reason);
        StringAssert.Contains(text, expected);
        Assert.AreEqual(reason == StopReason.EpochLimit, text.Contains("allow more epochs", StringComparison.Ordinal), text);
    }

    [TestMethod]
    public void Numbers_AreInvariant()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            StringAssert.Contains(Log(StopReason.EpochLimit), "ELBO ");
            Assert.DoesNotContain(",5", Log(StopReason.EpochLimit), "half a second");
            MLContext ml = new(1);
            BadOptionException error = Assert.ThrowsExactly<BadOptionException>(() =>
                ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options { LearningRate = 1.5 }));
            StringAssert.Contains(error.Message, "1.5");
            error = Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options { KlWeight = -0.5 }));
            StringAssert.Contains(error.Message, "-0.5");
            error = Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().Mixture(new MixtureEstimator.Options { VarianceFloor = -0.5 }));
            StringAssert.Contains(error.Message, "-0.5");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    [DataRow(DataCaching.Memory)]
    [DataRow(DataCaching.Stream)]
    public void AColumnWithoutAnyValue_IsNamed(DataCaching caching)
    {
        MLContext ml = new(1);
        Row[] rows = Rows.Continuous(40);
        foreach (Row row in rows)
        {
            row.Features[3] = float.NaN;
        }

        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => ml.LatentVariables()
            .ProbabilisticPca(new ProbabilisticPcaEstimator.Options { Latents = 1, Caching = caching }).Fit(Rows.View(ml, rows)));
        Assert.AreEqual("Features3", error.Column);
        StringAssert.Contains(error.Message, "'Features3' holds no value in any of the 40 rows");
    }

    /// <summary>What is logged of a fit that ended so.</summary>
    private static string Log(StopReason reason)
    {
        MLContext ml = new(1);
        List<string> log = [];
        LatentModel model = ml.LatentVariables().ProbabilisticPca("Latent", "Features", 1).Fit(Rows.View(ml, Rows.Continuous(40))).Model;
        LatentModel ended = model.WithHeader(model.Header with { Training = model.Training with { Converged = false, StopReason = reason } });
        ml.Log += (_, e) => log.Add(e.Message);
        using (IChannel channel = ((IHostEnvironment)ml).Register("End").Start("End"))
        {
            FitLog.Write(channel, new FitResult(ended, TimeSpan.FromSeconds(0.5), 1, []));
        }

        return string.Join('\n', log);
    }
}
