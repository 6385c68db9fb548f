using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Families.PoissonSparseCoding;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.SparseCoding;

/// <summary>What the certificates of all ways to learn sparse coding say, against what more training really gains.</summary>
[TestClass]
public sealed class SparseCodingCertificateTests
{
    private static readonly InMemoryRows Rows = Bars.Create(300, 2, side: 3);
    private static readonly FitContext Marginal = new() { MissingValues = MissingValues.Marginal };
    private static readonly SparseCodingOptions Options = new() { Latents = 6, Iterations = 4, StationarityTolerance = 0 };

    public static IEnumerable<object[]> Ways =>
    [
        ["batches", Options with { BatchSize = 60 }, false],
        ["batches, diagonal", Options with { BatchSize = 60, Covariance = SparseCovariance.Diagonal }, false],
        ["joint", Options with { Optimizer = SparseCodingOptimizer.Joint }, false],
        ["missing values allowed", Options, true],
        ["missing values allowed, diagonal", Options with { Covariance = SparseCovariance.Diagonal }, true],
    ];

    /// <summary>Whatever trained the model, its next step is what exact EM from there gains.</summary>
    [TestMethod]
    [DynamicData(nameof(Ways))]
    public void TheNextStep_IsTheRiseOfEm(string name, object given, bool isMarginal)
    {
        SparseCodingOptions options = (SparseCodingOptions)given;
        LatentModel model = new SparseCodingTrainer(options).Fit(Rows, isMarginal ? Marginal : null).Model;
        ConvergenceCertificate certificate = model.Training.Certificate!;
        SparseCodingOptions em = options with { BatchSize = null, Optimizer = SparseCodingOptimizer.Em };
        double[] elbos = [.. new[] { 1, 2, 3 }.Select(
            n => new SparseCodingTrainer(em with { Iterations = n, From = (SparseCodingModel)model }).Fit(Rows).Model.Report.Summary.Elbo)];
        Assert.AreEqual(elbos[0] - model.Report.Summary.Elbo, certificate.NextStep!.Value, 1e-5, name);
        Assert.IsGreaterThan(1e-3, certificate.NextStep.Value, "there must be something to gain for this test to say anything");
        Assert.IsGreaterThanOrEqualTo(elbos[2] - model.Report.Summary.Elbo - 1e-5, certificate.ExpectedGain!.Value);
        Assert.AreEqual(GainMethod.ExactStep, certificate.Method);
    }

    public static IEnumerable<object[]> Ends =>
    [
        ["batches", (Func<int, LatentModel>)(n => new SparseCodingTrainer(Options with { BatchSize = 60, Iterations = n }).Fit(Rows).Model), 300],
        ["missing values", (Func<int, LatentModel>)(n => new SparseCodingTrainer(Options with { Iterations = n }).Fit(Holed(), Marginal).Model), 1000],
        ["counts", (Func<int, LatentModel>)(n => new PoissonSparseCodingTrainer(
            new PoissonSparseCodingOptions { Latents = 2, Iterations = n, StationarityTolerance = 0 }).Fit(Counts).Model), 300],
        ["counts, diagonal", (Func<int, LatentModel>)(n => new PoissonSparseCodingTrainer(
            new PoissonSparseCodingOptions { Latents = 2, Iterations = n, StationarityTolerance = 0, Covariance = SparseCovariance.Diagonal }).Fit(Counts).Model), 300],
    ];

    private static InMemoryRows Counts { get; } = MadeCounts.Draw(MadeCounts.Blocks(2, 3, 0.7, 0.8), 300, 4);

    /// <summary>Enough training converges, little does not, and what is expected then is there.</summary>
    [TestMethod]
    [DynamicData(nameof(Ends))]
    public void EnoughTraining_Converges_AndLittleDoesNot(string name, Func<int, LatentModel> fit, int enough)
    {
        LatentModel end = fit(enough);
        Assert.IsTrue(end.Training.Converged, $"{name}: {end.Training.Certificate}");
        LatentModel little = fit(2);
        ConvergenceCertificate certificate = little.Training.Certificate!;
        double left = end.Report.Summary.Elbo - little.Report.Summary.Elbo;
        Assert.IsGreaterThan(certificate.Tolerance, left, $"{name}: there must be something left");
        Assert.IsFalse(little.Training.Converged, $"{name}: {certificate}");
        Assert.IsGreaterThan(0.1 * left, certificate.ExpectedGain!.Value, $"{name}: {certificate}, {left} left");
        Assert.IsLessThan(10 * left, certificate.ExpectedGain.Value, $"{name}: {certificate}, {left} left");
        Assert.IsGreaterThan(certificate.Baseline!.Value, end.Report.Summary.Elbo);
    }

    /// <summary>The curvatures that the steps go by are the second differences of the columns' terms.</summary>
    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(false, false)]
    public void Curvatures_AreSecondDifferences(bool areCounts, bool isDiagonal)
    {
        const int columns = 4, latents = 3, count = 6;
        SparseCodingParameters parameters = MadeCounts.Random(columns, latents, 5);
        double[] values = MadeCounts.Draw(parameters, count, 6).ReadAll().Values;
        ColumnTerms terms = areCounts ? new PoissonTerms() : new ObservedTerms(0.7);
        values[5] = areCounts ? values[5] : double.NaN;
        RowBound bound = new(parameters.Fields, parameters.Mean, parameters.Scales, terms);
        RowSolver solver = new(columns, latents, isDiagonal);
        solver.Use(bound);
        ColumnCurvatures curvatures = new(columns, latents, isDiagonal);
        List<(double[] Mean, double[] Covariance)> codes = [];
        for (int row = 0; row < count; row++)
        {
            solver.Infer(values.AsSpan(row * columns, columns), isWarm: false);
            curvatures.Add(solver.State, terms, 1);
            double[] covariance = new double[latents * latents];
            if (isDiagonal)
            {
                Enumerable.Range(0, latents).ToList().ForEach(h => covariance[(h * latents) + h] = solver.State.Variance[h]);
            }
            else
            {
                Cholesky.Inverse(solver.State.Factor, latents, covariance);
            }

            codes.Add((solver.State.Mean[..latents], covariance));
        }

        for (int d = 0; d < columns; d++)
        {
            double[] at = [.. parameters.Fields[d].ToArray(), parameters.Mean[d]], wanted = [0.3, -0.7, 0.4, 0.9], slopes = new double[latents + 1];
            int column = d;
            for (int i = 0; i <= latents; i++)
            {
                slopes[i] = -Enumerable.Range(0, latents + 1).Sum(j => wanted[j] * Second(column, at, i, j));
            }

            Assert.IsTrue(curvatures.TrySolve(d, slopes));
            Assert.AreEqual(0, wanted.Zip(slopes, (a, b) => Math.Abs(a - b)).Max(), 1e-4, $"column {d}");
        }

        double Second(int column, double[] at, int i, int j)
        {
            const double step = 1e-3;
            double sum = 0;
            foreach ((int a, int b) in new[] { (1, 1), (1, -1), (-1, 1), (-1, -1) })
            {
                double[] moved = [.. at];
                moved[i] += a * step;
                moved[j] += b * step;
                sum += a * b * Value(column, moved);
            }

            return sum / (4 * step * step);
        }

        double Value(int column, double[] at)
        {
            double sum = 0;
            for (int row = 0; row < count; row++)
            {
                (double[] mean, double[] covariance) = codes[row];
                double m = at[latents], v = 0;
                for (int h = 0; h < latents; h++)
                {
                    m += at[h] * mean[h];
                    v += Enumerable.Range(0, latents).Sum(k => at[h] * at[k] * covariance[(h * latents) + k]);
                }

                sum += terms.Evaluate(values.AsSpan((row * columns) + column, 1), [m], [v], new double[1], new double[1]);
            }

            return sum;
        }
    }

    /// <summary>The slope of a layer is what its scale does to the ELBO, and the M-step of a fit that has seen little gains more.</summary>
    [TestMethod]
    public void AmortisedFits_KnowTheirSlopesAndTheMStep()
    {
        SparseCodingOptions options = Options with { Learning = SparseCodingLearning.Amortised, BatchSize = 100, Covariance = SparseCovariance.LowRank, Rank = 2 };
        SparseCodingModel model = (SparseCodingModel)new SparseCodingTrainer(options).Fit(Rows).Model;
        ConvergenceCertificate certificate = model.Training.Certificate!;
        foreach (EntropyElbo.Networks.Dense layer in model.Encoder!.Network.Layers)
        {
            string name = layer.Weights.Name.Replace(".weight", "", StringComparison.Ordinal);
            double[] elbos = [.. new[] { 0.99f, 1.01f }.Select(factor => Scaled(model, layer, factor).Evaluate(Rows).Summary.Elbo)];
            double slope = certificate.EulerResiduals.Single(r => r.Block == name).Residual;
            Assert.AreEqual((elbos[1] - elbos[0]) / 0.02, slope, 0.01 * Math.Max(1, Math.Abs(slope)), name);
        }

        Assert.IsFalse(model.Training.Converged);
        StringAssert.Contains(certificate.Remark, "amortisation gap");
        Assert.AreEqual(0, certificate.EulerResiduals.Single(r => r.Block == "prior").Residual, 1e-4);
        ConvergenceCertificate later = new SparseCodingTrainer(options with { Iterations = 200 }).Fit(Rows).Model.Training.Certificate!;
        Assert.IsLessThan(0.5 * certificate.ExpectedGain!.Value, later.ExpectedGain!.Value);
        Assert.IsGreaterThanOrEqualTo(0, later.ExpectedGain.Value);
    }

    /// <summary>Streams may have more rows than a pass counts: then the gain is unknown, and no exception costs the model.</summary>
    [TestMethod]
    public void MoreRowsThanAPassCounts_LeaveTheGainUnknown()
    {
        SparseCodingColumns columns = SparseCodingColumns.Read(new CheckedRows(Rows), ScalingKind.None, default) with { Rows = 3_000_000_000 };
        CertificateFacts facts = SparseCodingCertificate.Cold(
            Options, columns, new CheckedRows(Rows), SparseCodingStart.Random(Options, columns), new FitContext());
        Assert.IsNull(facts.ExpectedGain);
        StringAssert.Contains(facts.Remark, "2147483647 rows");
    }

    /// <summary>Who cancels while the certificate is measured keeps the model.</summary>
    [TestMethod]
    public void CancelledCertificates_CostNoModel()
    {
        SparseCodingTrainer trainer = new(Options with { BatchSize = 60 });
        CountingRows counting = new(Rows);
        trainer.Fit(counting, new FitContext { Caching = RowCaching.Stream, Certificate = false });
        int without = counting.Opened;
        using CancellationTokenSource source = new();
        FitContext context = new() { Caching = RowCaching.Stream, CancellationToken = source.Token };
        FitResult fit = trainer.Fit(new CountingRows(Rows) { At = without + 2, Then = source.Cancel }, context);
        Assert.AreEqual(StopReason.EpochLimit, fit.Model.Training.StopReason);
        Assert.IsNull(fit.Model.Training.Certificate);
        Assert.IsFalse(fit.Model.Training.Converged);
        using CancellationTokenSource other = new();
        Assert.ThrowsExactly<OperationCanceledException>(() => trainer.Fit(
            new CountingRows(Rows) { At = without + 2, Then = other.Cancel }, context with { CancellationToken = other.Token, ThrowsWhenCancelled = true }));
    }

    private static SparseCodingModel Scaled(SparseCodingModel model, EntropyElbo.Networks.Dense layer, float factor)
    {
        AlignedBuffer<float> parameters = model.Encoder!.Parameters.Clone();
        foreach (EntropyElbo.Networks.ParameterTensor tensor in new[] { layer.Weights, layer.Bias })
        {
            foreach (ref float value in parameters.Span.Slice(tensor.Offset, tensor.Length))
            {
                value *= factor;
            }
        }

        return new SparseCodingModel(model.Parameters, CovarianceShape.LowRank(model.Rank!.Value, model.LatentDimension), 1e-10, model.Header)
        {
            Encoder = new RowEncoder(model.Encoder.Network, parameters, model.Encoder.Offset, model.Encoder.Unit), Encoding = SparseCodingEncoding.Network,
        };
    }

    private static InMemoryRows Holed() => new([.. Rows.ReadAll().Values.Select((v, i) => i * 7919 % 1009 < 200 ? double.NaN : v)], 9);

    /// <summary>Rows that count how often they are read.</summary>
    private sealed class CountingRows(IRowSource rows) : IRowSource
    {
        public int Opened { get; private set; }

        public int At { get; init; }

        public Action? Then { get; init; }

        public int Columns => rows.Columns;

        public IReadOnlyList<string> ColumnNames => rows.ColumnNames;

        public long? RowCount => rows.RowCount;

        public IRowCursor Open()
        {
            Opened++;
            if (Opened == At)
            {
                Then?.Invoke();
            }

            return rows.Open();
        }
    }
}
