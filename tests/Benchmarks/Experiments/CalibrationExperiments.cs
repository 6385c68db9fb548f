using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>
/// How right the certificate is: training is stopped early, and the gain that it expects compared with what ten times as much training
/// really gains.
/// </summary>
internal static class CalibrationExperiments
{
    private const int Factor = 10;
    private static readonly int[] Stops = [1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000];
    private static readonly double[] Steps = [1.0 / 32, 1.0 / 16, 0.125, 0.25, 0.5, 1, 2, 4];

    /// <summary>Data and family of a pair, a trainer for a number of epochs, and the most of them by default.</summary>
    private static readonly Dictionary<string, Func<string?, (IRowSource Rows, Func<int, bool, ITrainer> Trainer, int Most)>> Pairs = new()
    {
        ["digits"] = path => (Digits(path!), Vae(VaeVariant.LearnedVariance, 16, [128, 64], 128), 1000),
        ["sparse"] = path => (Digits(path!), Vae(VaeVariant.SparsePrior, 16, [128, 64], 128), 300),
        ["digits-d"] = path => (Digits(path!), Vae(VaeVariant.VariancePerColumn, 16, [128, 64], 128), 300),
        ["ring"] = _ => (PcaRing.Create(10_000, 1), Vae(VaeVariant.VarianceNetwork, 2, [50, 50], 500, ScalingKind.None), 100),
        ["manifold"] = _ => (ManifoldData.Create(10_000, 1, noise: 0.1), Vae(VaeVariant.LearnedVariance, 20, [128, 40], 512), 50),
        ["images"] = path => (Images(path!, 3_000), Vae(VaeVariant.LearnedVariance, 32, [512, 256], 256), 20),
        ["mixture"] = path => (Digits(path!), (n, _) => new MixtureTrainer(new MixtureOptions { Family = "gaussian-diagonal", Components = 10, Restarts = 1, Iterations = n, StationarityTolerance = 0, VarianceFloor = 1e-3 }), 50),
        ["sbn"] = path => (Cut(path!), (n, _) => new SigmoidBeliefNetTrainer(new SigmoidBeliefNetOptions { Latents = 10, Iterations = n, StationarityTolerance = 0 }), 100),
        ["bars-batches"] = _ => (Bars.Create(1000, 1), Sparse(BarOptions with { BatchSize = 100 }), 50),
        ["bars-network"] = _ => (Bars.Create(1000, 1), Sparse(BarOptions with { Learning = SparseCodingLearning.Amortised, BatchSize = 100, Covariance = SparseCovariance.LowRank }), 100),
        ["bars-missing"] = _ => (Bars.Create(1000, 1).With((v, i) => i * 7919 % 1009 < 200 ? double.NaN : v), Sparse(BarOptions, MissingValues.Marginal), 50),
        ["bars-counts"] = _ => (Bars.Create(1000, 1).With((v, _) => Math.Floor(2 * Math.Abs(v))), (n, _) => new PoissonSparseCodingTrainer(new PoissonSparseCodingOptions { Latents = 10, Iterations = n, StationarityTolerance = 0 }), 50),
        ["deep-sbn"] = path => (Cut(path!), (n, _) => new SigmoidBeliefNetTrainer(new SigmoidBeliefNetOptions { Latents = 16, DeeperLayers = [8], Iterations = n, StationarityTolerance = 0 }), 50),
    };

    private static SparseCodingOptions BarOptions => new() { Latents = 10, StationarityTolerance = 0 };

    public static int Run(TextWriter output, string pair, string[] rest)
    {
        if (!Pairs.TryGetValue(pair, out var create))
        {
            Console.Error.WriteLine($"calibration: {string.Join(" | ", Pairs.Keys)}");
            return 2;
        }

        string? tables = rest.FirstOrDefault(r => r.EndsWith(".md", StringComparison.Ordinal)), path = rest.FirstOrDefault(r => r != tables && !int.TryParse(r, out _));
        (IRowSource rows, Func<int, bool, ITrainer> trainer, int most) = create(path);
        most = rest.Select(r => int.TryParse(r, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0).Append(0).Max() is > 0 and var given ? given : most;
        output.WriteLine("| data, model | epochs | ELBO | residuals as trained (prior, noise) | closing gained | rise | steepest slope | expected gain | one natural or exact step really gains | ten times the epochs really gain | expected / real | converged |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (int stop in Stops.Where(s => s <= most))
        {
            Line(output, pair, $"{stop}", trainer(stop, false).Fit(rows, new FitContext { Threads = 1 }), rows, trainer(stop * Factor, true), tables);
        }

        Line(output, pair, $"{most}, settled", trainer(most, true).Fit(rows, new FitContext { Threads = 1 }), rows, trainer(most * Factor, true), tables);
        return 0;
    }

    /// <summary>What earlier tables say that a step and ten times the training really gain, where training was the same to the last digit.</summary>
    private static (double Step, double Real)? Known(string? tables, string pair, string stop, double elbo)
    {
        string[]? cells = tables is null ? null : File.ReadLines(tables).Select(line => line.Split('|', StringSplitOptions.TrimEntries)).FirstOrDefault(c =>
            c.Length > 11 && c[1].Split(',')[0] == pair && c[2] == stop && c[3] == elbo.ToString("F2", CultureInfo.InvariantCulture));
        return cells is null ? null : (double.Parse(cells[9], CultureInfo.InvariantCulture), double.Parse(cells[10], CultureInfo.InvariantCulture));
    }

    private static void Line(TextWriter output, string pair, string stop, FitResult fit, IRowSource rows, ITrainer longer, string? tables)
    {
        TrainingRecord training = fit.Model.Training;
        ConvergenceCertificate certificate = training.Certificate!;
        UnclosedResiduals unclosed = training.Unclosed!;
        double elbo = training.Report!.Summary.Elbo;
        (double step, double real) = Known(tables, pair, stop, elbo) ?? (
            fit.Model is GaussianVaeModel vae ? LineSearch(vae, rows) : certificate.NextStep ?? 0,
            longer.Fit(rows, new FitContext { Threads = 1, Certificate = false }).Model.Report.Summary.Elbo - elbo);
        EulerResidual? worst = certificate.Worst;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {pair}, {fit.Model.Family.Replace("mixture:", "", StringComparison.Ordinal)} | {stop} | {elbo:F2} | {unclosed.PriorResidual:G3}, {unclosed.NoiseResidual:G3} | {unclosed.Gained:G3} | {Figure(certificate.Rise, certificate.RiseError)} | {Figure(worst?.Residual, worst?.Error ?? 0)} {worst?.Block} | {certificate.ExpectedGain:G3} | {step:G3} | {real:G3} | {certificate.ExpectedGain / real:G2} | {(training.Converged ? "yes" : "no")} |"));
        output.Flush();
    }

    /// <summary>A value and its error, where it has one.</summary>
    private static string Figure(double? value, double error)
    {
        string figure = string.Create(CultureInfo.InvariantCulture, $"{value:G3}");
        return value is null || error == 0 ? figure : string.Create(CultureInfo.InvariantCulture, $"{figure} +- {error:G2}");
    }

    /// <summary>What the best of a few multiples of the natural step really gains, under draws that did not make the step.</summary>
    private static double LineSearch(GaussianVaeModel model, IRowSource rows)
    {
        AlignedBuffer<float> parameters = new(model.Network.Layout.Length);
        model.Parameters.CopyTo(parameters.Span);
        FitContext context = new() { Threads = 1 };
        double[] step = VaeCertificate.NaturalStep(model.Network, parameters, 1, model.Header, rows, context);
        EvaluateOptions draws = new() { Samples = 5, Seed = 33, Threads = 1 };
        double before = model.Evaluate(rows, draws).Summary.Elbo, best = 0;
        foreach (double size in Steps)
        {
            AlignedBuffer<float> moved = parameters.Clone();
            for (int i = 0; i < step.Length; i++)
            {
                moved[i] += (float)(size * step[i]);
            }

            foreach (ScaleParameters scale in model.Network.Scales)
            {
                scale.Bound(moved.Span);
            }

            double after = new GaussianVaeModel(model.Network, moved, model.Header).Figures(rows, draws, out _).Summary.Elbo;
            best = after - before > best ? after - before : best;
        }

        return best;
    }

    /// <summary>At a constant rate, so that a longer fit begins as a shorter one does; or settling at the end, as fits do by default.</summary>
    private static Func<int, bool, ITrainer> Vae(VaeVariant variant, int latents, int[] hidden, int batch, ScalingKind? scaling = null) =>
        (epochs, settles) => new GaussianVaeTrainer(new GaussianVaeOptions
        {
            Variant = variant,
            Latents = latents,
            Hidden = hidden,
            Scaling = scaling,
            Training = new MinibatchOptions { Epochs = epochs, BatchSize = batch, SettleShare = settles ? 0.25 : 0, StationarityTolerance = 0, LearningRate = 1e-3 },
        });

    private static Func<int, bool, ITrainer> Sparse(SparseCodingOptions options, MissingValues missing = MissingValues.Reject) =>
        (epochs, _) => new MissingTrainer(new SparseCodingTrainer(options with { Iterations = epochs }), missing);

    private static InMemoryRows With(this InMemoryRows rows, Func<double, int, double> map) => new([.. rows.ReadAll().Values.Select(map)], rows.Columns);

    private static InMemoryRows Digits(string path) => Read(RowSources.Open(path, ColumnSelection.Parse("1-64")), int.MaxValue, v => v);

    private static InMemoryRows Cut(string path) => Read(RowSources.Open(path, ColumnSelection.Parse("1-64")), int.MaxValue, v => v > 7.5 ? 1 : 0);

    private static InMemoryRows Images(string path, int count) => Read(RowSources.Open(path), count, v => v);

    private static InMemoryRows Read(IRowSource source, int most, Converter<double, double> convert)
    {
        (double[] values, int count) = source.ReadAll();
        return new InMemoryRows(Array.ConvertAll(values[..(Math.Min(count, most) * source.Columns)], convert), source.Columns);
    }

    /// <summary>Fits with a policy on missing values.</summary>
    private sealed class MissingTrainer(ITrainer trainer, MissingValues missing) : ITrainer
    {
        public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default) =>
            trainer.Fit(rows, (context ?? new FitContext()) with { MissingValues = missing }, cancellationToken);
    }
}
