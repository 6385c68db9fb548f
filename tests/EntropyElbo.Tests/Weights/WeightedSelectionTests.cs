using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Selection;

namespace EntropyElbo.Tests.Weights;

/// <summary>Scores of rows that were held out.</summary>
[TestClass]
public sealed class WeightedSelectionTests
{
    /// <summary>Two folds of other weights a row, and the same rows repeated.</summary>
    [TestMethod]
    public void HeldOutRows_AreThoseRepeated()
    {
        Weighted data = new(WeightedFitTests.Rows("real"));
        LatentModel[] models = [.. new[] { 1, 2 }.Select(
            latents => WeightedFitTests.Trainer("ppca", $"latents={latents}").Fit(data.Plain).Model)];
        (HeldOutElbo elbo, RowEstimate log) = Total(data.Rows, data.Plain);
        (HeldOutElbo expected, RowEstimate expectedLog) = Total(data.Repeated, data.Plain);
        Assert.AreEqual(expected.Elbo, elbo.Elbo, 1e-9);
        Assert.AreEqual(expected.StandardError, elbo.StandardError, 1e-9);
        Assert.AreEqual(expectedLog.Value, log.Value, 1e-9);
        Assert.AreEqual(expectedLog.StandardError, log.StandardError, 1e-9);
        Assert.AreEqual(expectedLog.Rows, log.RowWeight);
        Assert.IsNull(expectedLog.RowWeight);
        Assert.AreNotEqual(Total(data.Counted, data.Plain).Elbo.Elbo, elbo.Elbo, 1e-3);

        (HeldOutElbo Elbo, RowEstimate Log) Total(IRowSource first, IRowSource second)
        {
            HeldOutRows held = new();
            EvaluateOptions options = new();
            held.Add(models[0], first, options, 0.5);
            held.Add(models[1], second, options, 0);
            held.AddLogLikelihoods(models[0], first, options, 0.5);
            held.AddLogLikelihoods(models[1], second, options, 0);
            return (held.Total(), held.TotalLogLikelihood()!);
        }
    }
}
