using EntropyElbo.Data;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Families;
using EntropyElbo.Tests.Families.Mixture;
using EntropyElbo.Tests.Families.SigmoidBeliefNet;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Training;

[TestClass]
public sealed class CertificateTests
{
    private const string Mixture = "gaussian-diagonal";

    private static readonly IRowSource MixtureRows = MixtureTestData.Rows(Mixture, 300);
    private static readonly IRowSource BeliefRows = BeliefTestData.Rows(200, 9, 3);

    public static IEnumerable<object[]> Exact =>
    [
        ["mixture", (Func<int, ITrainer>)(n => new MixtureTrainer(new MixtureOptions { Family = Mixture, Components = 4, Restarts = 1, Iterations = n, StationarityTolerance = 0 })), MixtureRows],
        ["sbn", (Func<int, ITrainer>)(n => new SigmoidBeliefNetTrainer(new SigmoidBeliefNetOptions { Latents = 4, Iterations = n, StationarityTolerance = 0 })), BeliefRows],
        ["deep sbn", (Func<int, ITrainer>)(n => new SigmoidBeliefNetTrainer(new SigmoidBeliefNetOptions { Latents = 4, DeeperLayers = [2], Iterations = n, StationarityTolerance = 0 })), BeliefRows],
        ["em", (Func<int, ITrainer>)(n => new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 2, Iterations = n, StationarityTolerance = 0, Optimizer = FactorAnalysisOptimizer.Em })), MixtureRows],
        ["sparse coding", (Func<int, ITrainer>)(n => new SparseCodingTrainer(new SparseCodingOptions { Latents = 2, Iterations = n, StationarityTolerance = 0, Optimizer = SparseCodingOptimizer.Em })), MixtureRows],
        ["newton", (Func<int, ITrainer>)(n => new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 1, Iterations = n, StationarityTolerance = 0 })), MixtureRows],
    ];

    /// <summary>What the next step is said to gain is what a fit with one more iteration has more.</summary>
    [TestMethod]
    [DynamicData(nameof(Exact))]
    public void NextStep_IsTheRiseOfOneMoreIteration(string name, Func<int, ITrainer> trainer, IRowSource rows)
    {
        foreach (int iterations in new[] { 2, 5, 11 })
        {
            TrainingRecord now = trainer(iterations).Fit(rows).Model.Training, then = trainer(iterations + 1).Fit(rows).Model.Training;
            double rise = then.Report!.Summary.Elbo - now.Report!.Summary.Elbo;
            Assert.AreEqual(rise, now.Certificate!.NextStep!.Value, 1e-8, $"{name} after {iterations}");
            Assert.IsGreaterThanOrEqualTo(now.Certificate.NextStep.Value, now.Certificate.ExpectedGain!.Value);
        }
    }

    /// <summary>Steps that shrink by a constant ratio have exactly the rest of their geometric series to come.</summary>
    [TestMethod]
    [DataRow(0.5)]
    [DataRow(0.9)]
    [DataRow(0.98)]
    public void AGeometricSeries_IsAddedUp(double ratio)
    {
        CertificateFacts facts = CertificateFacts.OfSteps(3, 3 * ratio, 3 * ratio * ratio);
        Assert.AreEqual(3 / (1 - ratio), facts.ExpectedGain!.Value, 1e-9);
        Assert.AreEqual(3, facts.NextStep);
        Assert.IsNull(facts.Remark);
    }

    /// <summary>Steps that grow have no rate: what they gave is a lower bound, and the certificate says so.</summary>
    [TestMethod]
    public void GrowingSteps_AreNotExtrapolated_AndSlowOnesToALimit()
    {
        CertificateFacts growing = CertificateFacts.OfSteps(0.1, 0.2, 0.4), slow = CertificateFacts.OfSteps(1, 0.9999, 0.9998);
        Assert.AreEqual(0.7, growing.ExpectedGain!.Value, 1e-12);
        StringAssert.Contains(growing.Remark, "grows");
        Assert.AreEqual(2.9997 + (0.9998 * 99), slow.ExpectedGain!.Value, 1e-9);
        Assert.AreEqual(2, CertificateFacts.OfSteps(2).ExpectedGain);
        Assert.IsNull(CertificateFacts.OfSteps(1e-9, 2e-9, 4e-9).Remark);
    }

    /// <summary>What EM is said to gain is, in the median of five stops, within a factor of 3 of what it gains to the end.</summary>
    [TestMethod]
    [DataRow("mixture")]
    [DataRow("sbn")]
    [DataRow("em")]
    public void ExpectedGain_IsNearWhatIsLeft(string name)
    {
        object[] given = Exact.Single(c => (string)c[0] == name);
        (Func<int, ITrainer> trainer, IRowSource rows) = ((Func<int, ITrainer>)given[1], (IRowSource)given[2]);
        double end = trainer(400).Fit(rows).Model.Training.Report!.Summary.Elbo;
        double[] ratios = [.. new[] { 2, 3, 5, 8, 12 }.Select(stop => trainer(stop).Fit(rows).Model.Training).Select(
            now => now.Certificate!.ExpectedGain!.Value / (end - now.Report!.Summary.Elbo)).Order()];
        Assert.IsTrue(ratios[2] is > 1.0 / 3 and < 3, string.Join(", ", ratios));
    }

    [TestMethod]
    [DynamicData(nameof(Exact))]
    public void EnoughIterations_Converge_AndTwoDoNot(string name, Func<int, ITrainer> trainer, IRowSource rows)
    {
        TrainingRecord few = trainer(2).Fit(rows).Model.Training, many = trainer(1000).Fit(rows).Model.Training;
        Assert.IsTrue(many.Converged, $"{name}: {many.Certificate}");
        double left = many.Report!.Summary.Elbo - few.Report!.Summary.Elbo;
        Assert.AreEqual(few.Certificate!.IsMet, few.Converged);
        if (left > few.Certificate.Tolerance)
        {
            Assert.IsFalse(few.Converged, $"{name}: {few.Certificate}, {left} left");
        }
    }

    /// <summary>The search for states goes on for the certificate alone: what the model keeps is as without.</summary>
    [TestMethod]
    public void TruncatedPosteriors_KeepTheirStates()
    {
        SigmoidBeliefNetTrainer trainer = new(new SigmoidBeliefNetOptions { Latents = 10, Posterior = BeliefPosterior.Truncated, States = 6, Iterations = 4 });
        trainer.Fit(BeliefRows, null, out SigmoidBeliefNetModel with);
        LatentModel model = trainer.Fit(BeliefRows, new FitContext { Certificate = false }, out SigmoidBeliefNetModel without).Model;
        Assert.AreEqual(without.Evaluate(BeliefRows).Summary, with.Evaluate(BeliefRows).Summary);
        Assert.AreEqual(model.Report.Summary, without.Evaluate(BeliefRows).Summary);
    }

    /// <summary>The optimum of a linear VAE is probabilistic PCA's closed form, fitted here apart.</summary>
    [TestMethod]
    [DataRow(3)]
    [DataRow(200)]
    public void LinearVae_KnowsTheDistanceToItsOptimum(int iterations)
    {
        LatentModel pca = new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 2 }).Fit(MixtureRows).Model;
        LatentModel vae = new LinearVaeTrainer(new LinearVaeOptions { Latents = 2, Iterations = iterations, StationarityTolerance = 0 }).Fit(MixtureRows).Model;
        ConvergenceCertificate certificate = vae.Training.Certificate!;
        Assert.AreEqual(GainMethod.ClosedForm, certificate.Method);
        Assert.AreEqual(pca.Report.Summary.Elbo - vae.Report.Summary.Elbo, certificate.ExpectedGain!.Value, 1e-8);
        Assert.AreEqual(iterations > 100, vae.Training.Converged);
        Assert.AreEqual(0, pca.Training.Certificate!.ExpectedGain);
        Assert.IsTrue(pca.Training.Converged);
    }

    /// <summary>Without latents each column of a factor analysis has its own Gaussian.</summary>
    [TestMethod]
    public void Tolerance_IsAShareOfWhatTheModelGained()
    {
        LatentModel model = new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 1, Scaling = ScalingKind.None }).Fit(MixtureRows).Model;
        (double[] values, int count) = MixtureRows.ReadAll();
        int columns = MixtureRows.Columns;
        double baseline = 0;
        for (int d = 0; d < columns; d++)
        {
            double[] column = [.. Enumerable.Range(0, count).Select(row => values[(row * columns) + d])];
            double mean = column.Average();
            baseline -= 0.5 * Math.Log(2 * Math.PI * Math.E * column.Average(x => (x - mean) * (x - mean)));
        }

        Assert.AreEqual(baseline, model.Training.Certificate!.Baseline!.Value, 1e-9);
        Assert.AreEqual(Math.Max(0.01, 0.01 * (model.Report.Summary.Elbo - baseline)), model.Training.Certificate.Tolerance, 1e-9);
    }

    /// <summary>A line has no scatter; alternating noise has the error that the formula for a slope gives.</summary>
    [TestMethod]
    public void Trend_IsTheLineOfLeastSquares()
    {
        (double rise, double error) = Certificates.Trend(History(i => 3 + (0.5 * i), 20), 8)!.Value;
        Assert.AreEqual(3.5, rise, 1e-12);
        Assert.AreEqual(0, error, 1e-7);

        // y = 1, -1, 1, -1: slope -0.4, residuals 0.4, -1.2, 1.2, -0.4, sum of squares 3.2, spread 5.
        (rise, error) = Certificates.Trend(History(i => i % 2 == 0 ? 1 : -1, 4), 4)!.Value;
        Assert.AreEqual(-1.2, rise, 1e-12);
        Assert.AreEqual(3 * Math.Sqrt(3.2 / 2 / 5), error, 1e-12);
        Assert.IsNull(Certificates.Trend(History(i => i, 2), 2));
    }

    [TestMethod]
    [DataRow(0.005, 0.0, 0.0, 0.0, true)]
    [DataRow(0.02, 0.0, 0.0, 0.0, false)]
    [DataRow(null, 0.0, 0.0, 0.0, false)]
    [DataRow(0.005, 0.02, 0.0, 0.0, false)]
    [DataRow(0.005, 0.005, 0.02, 0.0, false)]
    [DataRow(0.005, 0.0, 0.0, -0.05, false)]
    [DataRow(double.NaN, 0.0, 0.0, 0.0, false)]
    public void Converged_TakesAllThree(double? gain, double rise, double riseError, double slope, bool expected)
    {
        ConvergenceCertificate certificate = new()
        {
            ExpectedGain = gain,
            Method = GainMethod.NaturalStep,
            Rise = rise,
            RiseError = riseError,
            Tolerance = 0.01,
            EulerResiduals = [new EulerResidual("a", slope, 0.01), new EulerResidual("held", 5, 0) { IsHeld = true }],
        };
        Assert.AreEqual(expected, certificate.IsMet);
    }

    private static List<FitProgress> History(Func<int, double> elbo, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new FitProgress
        {
            Epoch = i + 1,
            Epochs = count,
            Elbo = elbo(i),
            EntropySum = 0,
            PriorResidual = 0,
            NoiseResidual = 0,
            Collapsed = 0,
            Elapsed = default,
            RowsPerSecond = 0,
        }),
    ];
}
