using System.Diagnostics;
using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>Sparse coding on V's bars and on image patches.</summary>
internal static class SparseCodingExperiments
{
    private const int Side = Bars.DefaultSide;
    private const int Columns = Side * Side;
    private const int Latents = 2 * Side;

    /// <summary>V Fig. 2 and App. D.2: 1,000 rows of 5 x 5 pixels, ten bars, full covariances; a data set and a start a seed.</summary>
    public static void RunBars(TextWriter output, int seeds, ScaleStart start)
    {
        output.WriteLine("| seed | bars | ELBO | of the true bars | prior residual | noise residual | iterations | s |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        List<double> seconds = [];
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            InMemoryRows rows = Bars.Create(1000, seed);
            Stopwatch watch = Stopwatch.StartNew();
            SparseCodingModel model = (SparseCodingModel)new SparseCodingTrainer(new SparseCodingOptions
            {
                Latents = Latents,
                Covariance = SparseCovariance.Full,
                ScaleStart = start,
                Seed = seed,
            }).Fit(rows).Model;
            seconds.Add(watch.Elapsed.TotalSeconds);
            ElboReport report = model.Report.Summary;
            output.WriteLine(Text(
                $"| {seed} | {Found(model)} | {report.Elbo:F4} | {TrueElbo(rows.ReadAll().Values):F4} | {report.PriorResidual:E1} | {report.NoiseResidual:E1} | {model.Training.Epochs} | {seconds[^1]:F2} |"));
        }

        seconds.Sort();
        output.WriteLine(Text($"median {seconds[seconds.Count / 2]:F2} s"));
    }

    /// <summary>Patches on minibatches of 512 rows with diagonal covariances, with and without annealing (V Table 1, Fig. 3).</summary>
    public static void RunPatches(TextWriter output, string path, int latents, int epochs, string[] annealings)
    {
        IRowSource rows = KeptRows.Of(RowSources.Open(path));
        output.WriteLine("| annealing | epoch | ELBO of batches | s |");
        output.WriteLine("|---|---|---|---|");
        foreach (string annealing in annealings)
        {
            FitResult fit = new SparseCodingTrainer(new SparseCodingOptions
            {
                Latents = latents,
                Covariance = SparseCovariance.Diagonal,
                BatchSize = 512,
                Iterations = epochs,
                Centre = false,
                InnerTolerance = 1e-6,
                Annealing = AnnealingSchedule.Parse(annealing),
            }).Fit(rows);
            foreach (FitProgress p in fit.History)
            {
                output.WriteLine(Text($"| {annealing} | {p.Epoch} | {p.Elbo:F3} | {p.Elapsed.TotalSeconds:F1} |"));
            }

            ElboReport report = fit.Model.Report.Summary;
            SparseCodingModel model = (SparseCodingModel)fit.Model;
            output.WriteLine(Text(
                $"report {annealing}: ELBO {report.Elbo:F3}, entropies {report.EntropySum:F3}, residuals {report.PriorResidual:F4} {report.NoiseResidual:F4}, scales {model.Scales[0]:G3} to {model.Scales[^1]:G3}, collapsed {model.Report.Collapsed.Activity}, {fit.RowsPerSecond:N0} rows/s"));
        }
    }

    private static int Found(SparseCodingModel model)
    {
        double[] bars = Bars.Weights();
        int[] best = [.. Enumerable.Range(0, Latents).Select(bar => Enumerable.Range(0, Latents).MaxBy(h => Overlap(model, bars, bar, h)))];
        return best.Where((h, bar) => Overlap(model, bars, bar, h) > 0.9).Distinct().Count();
    }

    private static double Overlap(SparseCodingModel model, double[] bars, int bar, int latent) => Math.Abs(
        Enumerable.Range(0, Columns).Sum(d => model.Fields[(latent * Columns) + d] * bars[(d * Latents) + bar])) / Math.Sqrt(Side);

    /// <summary>The ELBO of the true bars, with scales, noise and mean at their best.</summary>
    private static double TrueElbo(double[] values)
    {
        double[] bars = Bars.Weights(), scales = [.. Enumerable.Repeat(Math.Sqrt(Side), Latents)], mean = new double[Columns], slope = new double[Columns];
        double[][] fields = [.. Enumerable.Range(0, Latents).Select(h => Enumerable.Range(0, Columns).Select(d => bars[(d * Latents) + h]).ToArray())];
        double noise = Bars.DefaultNoise * Bars.DefaultNoise, elbo = double.NegativeInfinity;
        using SparseCodingPass pass = new(new SparseCodingTable(values, Columns), Latents, false, 1);
        while (true)
        {
            SparseCodingParameters parameters = SparseCodingParameters.Of(fields, scales, noise, mean);
            SparseCodingObjective objective = new(parameters, pass.Run(parameters, new PosteriorModel(parameters.Fields, scales, noise), default));
            if (objective.Elbo < elbo + 1e-9)
            {
                return objective.Elbo;
            }

            objective.MeanGradient(1, slope);
            (elbo, noise, scales) = (objective.Elbo, objective.MeanError, objective.Sizes);
            mean = [.. mean.Select((m, d) => m + (slope[d] * parameters.NoiseVariance))];
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
