using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Idx;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>What the covariances of q are worth in sparse coding: on the same fields, and where a network gives them.</summary>
internal static class SparseCovarianceExperiments
{
    private const int BarRows = 1000;
    private const int BarLatents = 2 * Bars.DefaultSide;

    /// <summary>Full against diagonal q on the same fields: those that either kind learned from bars, and those of patches.</summary>
    public static void OnEqualFields(TextWriter output, string path, int count, int latents, int seeds)
    {
        output.WriteLine("| data | fields learned with q | ELBO, diagonal q | full q, the same scales | full q, its own scales | gained |");
        output.WriteLine("|---|---|---|---|---|---|");
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            InMemoryRows bars = Bars.Create(BarRows, seed);
            foreach (SparseCovariance covariance in (SparseCovariance[])[SparseCovariance.Full, SparseCovariance.Diagonal])
            {
                Judge(output, Text($"bars, seed {seed}"), bars, new SparseCodingOptions { Latents = BarLatents, Covariance = covariance, Seed = seed });
            }
        }

        InMemoryRows patches = Inner(path, count, side: 16);
        foreach (SparseCovariance covariance in (SparseCovariance[])[SparseCovariance.Diagonal, SparseCovariance.Full])
        {
            SparseCodingOptions options = new()
            {
                Latents = latents,
                Covariance = covariance,
                BatchSize = 512,
                Iterations = 20,
                Centre = false,
                InnerTolerance = 1e-6,
                Annealing = AnnealingSchedule.Parse("prior"),
            };
            Judge(output, Text($"{count:N0} patches, H = {latents}"), patches, options);
        }
    }

    /// <summary>Codes by networks and by E-steps over seeds, on the inner pixels of patches: what either ends at, and how far seeds are apart.</summary>
    public static void OverSeeds(TextWriter output, string path, int count, int side, int latents, int epochs, int seeds, string[] kinds)
    {
        InMemoryRows rows = Inner(path, count, side);
        Dictionary<string, double[]> elbos = [];
        output.WriteLine("| codes | seed | ELBO | amortisation gap | by E-steps | s |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (string kind in kinds)
        {
            double[] found = elbos[kind] = new double[seeds];
            for (int seed = 0; seed < seeds; seed++)
            {
                SparseCodingOptions options = AmortisedExperiments.Options(kind, latents, epochs) with { Seed = (ulong)seed + 1, StationarityTolerance = 0 };
                FitResult fit = new SparseCodingTrainer(options).Fit(rows, new FitContext { Threads = 1, Certificate = false });
                ElboReport report = fit.Model.Report.Summary;
                found[seed] = report.Elbo;
                output.WriteLine(Text(
                    $"| {kind} | {seed + 1} | {report.Elbo:F3} | {report.AmortisationGap:F3} | {report.Elbo + (report.AmortisationGap ?? 0):F3} | {fit.Elapsed.TotalSeconds:F0} |"));
                output.Flush();
            }
        }

        foreach ((string lower, string upper) in kinds.Zip(kinds.Skip(1)))
        {
            double[] differences = [.. elbos[upper].Zip(elbos[lower], (b, a) => b - a)];
            double mean = differences.Average(), spread = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / Math.Max(1, seeds - 1));
            output.WriteLine(Text($"{upper} above {lower}: {mean:F3}, standard deviation of a seed {spread:F3}, least {differences.Min():F3}"));
        }
    }

    private static void Judge(TextWriter output, string name, InMemoryRows rows, SparseCodingOptions options)
    {
        SparseCodingModel model = (SparseCodingModel)new SparseCodingTrainer(options).Fit(rows, new FitContext { Certificate = false }).Model;
        double[] values = rows.ReadAll().Values;
        double[][] fields = [.. Enumerable.Range(0, model.LatentDimension).Select(model.Parameters.Field)];

        // The scales of diagonal q are at their best for it first, so that the comparison is of q alone.
        SparseJudgement diagonal = SparseJudgement.OfFields(fields, values, model.Parameters, isDiagonal: true);
        SparseJudgement same = SparseJudgement.Of(diagonal.Objective.Parameters, values, 1, 1, isDiagonal: false);
        SparseJudgement full = SparseJudgement.OfFields(fields, values, diagonal.Objective.Parameters, isDiagonal: false);
        output.WriteLine(Text(
            $"| {name} | {(options.Covariance == SparseCovariance.Full ? "full" : "diagonal")} | {diagonal.Objective.Elbo:F3} | {same.Objective.Elbo:F3} | {full.Objective.Elbo:F3} | {full.Objective.Elbo - diagonal.Objective.Elbo:F3} |"));
        output.Flush();
    }

    /// <summary>The inner pixels of the first patches of a file.</summary>
    private static InMemoryRows Inner(string path, int count, int side)
    {
        IdxRows source = (IdxRows)RowSources.Open(path);
        ImageShape image = source.Image!;
        double[] all = source.Take(count).ReadAll().Values, values = new double[count * side * side];
        int top = (image.Height - side) / 2, left = (image.Width - side) / 2;
        for (int i = 0; i < values.Length; i++)
        {
            (int row, int pixel) = Math.DivRem(i, side * side);
            values[i] = all[(row * image.Columns) + ((top + (pixel / side)) * image.Width) + left + (pixel % side)];
        }

        return new InMemoryRows(values, side * side);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
