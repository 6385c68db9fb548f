using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo.Training;

namespace MLNet.EntropyElbo.Tests;

/// <summary>A cancelled fit ends without the report that would be thrown away.</summary>
[TestClass]
public sealed class CancellationTests
{
    [TestMethod]
    [DataRow("vae-1")]
    [DataRow("mixture:gaussian-diagonal")]
    [DataRow("factor-analysis")]
    [DataRow("linear-vae")]
    public void ACancelledFit_ReadsTheRowsNoMore(string family)
    {
        foreach (bool byContext in new[] { false, true })
        {
            MLContext ml = new(1);
            CountingView view = new(Rows.View(ml, Rows.Continuous(200)));
            using CancellationTokenSource source = new();
            int opened = 0;
            LatentModelEstimator estimator = ml.LatentVariables().Model(new LatentModelEstimator.Options
            {
                Family = family,
                Latents = 2,
                Threads = 1,
                Seed = 1,
                Caching = DataCaching.Stream,
                CancellationToken = source.Token,
                Progress = new OnProgress<FitProgress>(_ =>
                {
                    if (opened == 0)
                    {
                        opened = view.Opened;
                        (byContext ? ml.CancelExecution : (Action)source.Cancel)();
                    }
                }),
            });
            Assert.ThrowsExactly<OperationCanceledException>(() => estimator.Fit(view));
            Assert.IsGreaterThan(0, opened);
            // The context is asked at an epoch's end and by a timer: an epoch may begin before it answers.
            Assert.IsLessThanOrEqualTo(opened + (byContext ? 1 : 0), view.Opened, "no report");
            Assert.AreEqual(view.Opened, view.Disposed);
        }
    }

    [TestMethod]
    public void CancelledWhileTheReportIsMade_EndsThere()
    {
        MLContext ml = new(1);
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => ml.LatentVariables()
            .ProbabilisticPca(new ProbabilisticPcaEstimator.Options { Latents = 2, CancellationToken = source.Token }).Fit(Rows.View(ml, Rows.Continuous(50))));
    }

    [TestMethod]
    public void Watch_HearsOfTheContextsCancellation_WithoutAnEpochsEnd()
    {
        MLContext ml = new(1);
        using CancellationWatch watch = new(ml, CancellationToken.None);
        Assert.IsFalse(watch.Token.IsCancellationRequested);
        ml.CancelExecution();
        Assert.IsTrue(watch.Token.WaitHandle.WaitOne(TimeSpan.FromMinutes(1)));
        Assert.ThrowsExactly<OperationCanceledException>(watch.ThrowIfContextCancelled);
    }
}
