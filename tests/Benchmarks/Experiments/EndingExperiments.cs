using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>How training ends by default, with and without rows that may end it; a fifth of the rows held out.</summary>
internal static class EndingExperiments
{
    public static void Run(TextWriter output, string digits, string images, int seeds)
    {
        output.WriteLine("| data | model | ends by | epochs | ELBO | gap | test ELBO, mean | of each seed | rise of the ELBO over the last tenth | s |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        GaussianVaeOptions wide = new() { Latents = 16 };
        Compare(output, "digits", seeds, _ => RowSources.Open(digits, ColumnSelection.Parse("1-64")), wide);
        Compare(output, "manifold, 6,000 rows", seeds, seed => ManifoldData.Create(6000, seed, noise: 0.1), wide with { Latents = 20, Hidden = [128, 40] });
        Compare(
            output, "PCA-ring, 5,000 rows", seeds, seed => PcaRing.Create(5000, seed),
            new() { Variant = VaeVariant.VarianceNetwork, Latents = 2, Hidden = [50, 50], Scaling = ScalingKind.None });
        Compare(output, "Fashion-MNIST, 10,000 rows", seeds, _ => RowSources.Open(images).Take(10_000), wide with { Latents = 32 });
    }

    private static void Compare(TextWriter output, string data, int seeds, Func<ulong, IRowSource> open, GaussianVaeOptions options)
    {
        foreach (bool stops in (ReadOnlySpan<bool>)[false, true])
        {
            FitResult[] fits = [.. Enumerable.Range(1, seeds).Select(seed =>
            {
                (IRowSource training, IRowSource test) = RowSplit.ByFraction(open((ulong)seed), 0.2, (ulong)seed);
                MinibatchOptions training1 = options.Training with { Seed = (ulong)seed };
                return new GaussianVaeTrainer(options with { Training = training1 })
                    .Fit(training, new FitContext { TestRows = test, StopsByTestRows = stops });
            })];
            TrainingRecord[] records = [.. fits.Select(f => f.Model.Training)];
            double[] tests = [.. records.Select(r => r.TestReport!.Summary.Elbo)];
            ElboReport[] reports = [.. records.Select(r => r.Report!.Summary)];
            output.WriteLine(Text(
                $"| {data} | {fits[0].Model.Family} | {(stops ? "held-out rows" : "the limit")} | {records.Average(r => r.Epochs):F0} | {reports.Average(r => r.Elbo):F2} | {reports.Average(r => r.Elbo - r.EntropySum):F2} | {tests.Average():F2} | {string.Join(", ", tests.Select(t => t.ToString("F1", CultureInfo.InvariantCulture)))} | {fits.Average(Rise):F2} | {fits.Average(f => f.Elapsed.TotalSeconds):F1} |"));
        }
    }

    /// <summary>Of the means of the last twentieth of the epochs over the one before it.</summary>
    private static double Rise(FitResult fit)
    {
        int window = Math.Max(1, fit.History.Count / 20);
        double[] elbos = [.. fit.History.Select(p => p.Elbo)];
        return elbos[^window..].Average() - elbos[^(2 * window)..^window].Average();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
