using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>
/// What the last steps of a fit are worth: scales in closed form where held-out rows ended training, and a later or slower end where none did. Judged
/// by a fifth of the rows that took no part.
/// </summary>
internal static class ClosingExperiments
{
    private const int Updates = 6000;

    private delegate void Closing(GaussianVaeObjective<float> objective, AlignedBuffer<float> parameters, ElboStatistics sums);

    /// <summary>The data sets of the endings, with the options that they are fitted with.</summary>
    private static IEnumerable<(string Name, Func<ulong, IRowSource> Open, GaussianVaeOptions Options)> Sets(string digits, string images)
    {
        GaussianVaeOptions wide = new() { Latents = 16 };
        yield return ("digits", _ => RowSources.Open(digits, ColumnSelection.Parse("1-64")), wide);
        yield return ("digits, vae-d", _ => RowSources.Open(digits, ColumnSelection.Parse("1-64")), wide with { Variant = VaeVariant.VariancePerColumn });
        yield return ("manifold, 6,000 rows", seed => ManifoldData.Create(6000, seed, noise: 0.1), wide with { Latents = 20, Hidden = [128, 40] });
        yield return (
            "PCA-ring, 5,000 rows", seed => PcaRing.Create(5000, seed),
            new() { Variant = VaeVariant.VarianceNetwork, Latents = 2, Hidden = [50, 50], Scaling = ScalingKind.None });
        yield return ("Fashion-MNIST, 10,000 rows", _ => RowSources.Open(images).Take(10_000), wide with { Latents = 32 });
    }

    /// <summary>After early stopping: the ELBO of rows that took no part, with the best parameters as they are and with scales closed.</summary>
    public static void Close(TextWriter output, string digits, string images, int seeds, int? epochs, string? only)
    {
        output.WriteLine("| data | closed | ELBO | gap | ELBO of the stopping rows | of rows that took no part | less as it is, of each seed |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach ((string name, Func<ulong, IRowSource> open, GaussianVaeOptions options) in Sets(digits, images).Where(s => only is null || s.Name == only))
        {
            List<(string Name, double Elbo, double Gap, double Stopping, double Judged)> results = [];
            for (ulong seed = 1; seed <= (ulong)seeds; seed++)
            {
                (IRowSource rest, IRowSource judge) = RowSplit.ByFraction(open(seed), 0.2, seed);
                (IRowSource training, IRowSource stopping) = RowSplit.ByFraction(rest, 0.2, seed + 1000);
                MinibatchOptions own = options.Training with { Seed = seed, Epochs = epochs };
                GaussianVaeModel model = (GaussianVaeModel)new GaussianVaeTrainer(options with { Training = own })
                    .Fit(training, new FitContext { TestRows = stopping, StopsByTestRows = true, Certificate = false, LeavesScales = true, Threads = 1 }).Model;
                results.AddRange(Variants(model, training, stopping, judge));
            }

            Write(output, name, results);
        }
    }

    /// <summary>Without rows that may end training: the limit and the share of the epochs over which the rate falls.</summary>
    public static void Limits(TextWriter output, string digits, string images, int seeds)
    {
        output.WriteLine("| data | updates, of 400, 800, 1,600 epochs at most | share of the fall | ELBO | test ELBO | expected gain, tolerance | rise over the last window | converged |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach ((string name, Func<ulong, IRowSource> open, GaussianVaeOptions options) in Sets(digits, images))
        {
            foreach ((int times, double share) in (ReadOnlySpan<(int, double)>)[(1, 0.25), (1, 0.5), (2, 0.25), (2, 0.5), (2, 0.75), (4, 0.5)])
            {
                TrainingRecord[] records = [.. Enumerable.Range(1, seeds).Select(seed => Limited(open((ulong)seed), options, (ulong)seed, times, share))];
                ConvergenceCertificate[] certificates = [.. records.Select(r => r.Certificate!)];
                output.WriteLine(Text(
                    $"| {name} | {times * Updates} | {share} | {records.Average(r => r.Report!.Summary.Elbo):F2} | {records.Average(r => r.TestReport!.Summary.Elbo):F2} | {certificates.Average(c => c.ExpectedGain ?? double.NaN):F2}, {certificates.Average(c => c.Tolerance):F2} | {certificates.Average(c => c.Rise ?? double.NaN):F2} | {records.Count(r => r.Converged)} of {seeds} |"));
                output.Flush();
            }
        }
    }

    private static TrainingRecord Limited(IRowSource rows, GaussianVaeOptions options, ulong seed, int times, double share)
    {
        (IRowSource training, IRowSource judge) = RowSplit.ByFraction(rows, 0.2, seed);
        int count = training.ReadAll().Values.Length / training.Columns;
        MinibatchOptions own = options.Training with { Seed = seed, SettleShare = share };
        own = own with { Epochs = times * Math.Clamp(Updates / ((count + own.BatchSize - 1) / own.BatchSize), 20, 400) };
        return new GaussianVaeTrainer(options with { Training = own }).Fit(training, new FitContext { TestRows = judge, Threads = 1 }).Model.Training;
    }

    private static IEnumerable<(string Name, double Elbo, double Gap, double Stopping, double Judged)> Variants(
        GaussianVaeModel model, IRowSource training, IRowSource stopping, IRowSource judge)
    {
        EvaluateOptions closing = new() { Samples = 10, Seed = 99, Threads = 1 };
        ElboStatistics own = model.Sums(training, closing), held = model.Sums(stopping, closing);
        Closing noise = (objective, parameters, sums) => objective.Likelihood.SolveScales(parameters, objective.Moments(sums), sums.Rows, 1);
        Closing scales = (objective, parameters, sums) =>
        {
            objective.Prior.SolveScales(parameters, sums.SecondMoment, sums.Rows, 1);
            if (model.Network.PriorScale is null)
            {
                model.Network.RescaleLatents(parameters.Span, [.. sums.SecondMoment.Select(s => s / sums.Rows)]);
            }
        };
        yield return Judge("nothing, as it is", null, own);
        yield return Judge("noise, training rows", noise, own);
        yield return Judge("latents' scales, training rows", scales, own);
        yield return Judge("both, training rows", noise + scales, own);
        yield return Judge("noise, stopping rows", noise, held);
        yield return Judge("one factor on the noise, stopping rows, and latents' scales", (_, parameters, _) => new GaussianVaeBlockObjective(model.Network, VarianceUpdate.Gradient).SolveScales(parameters, own, held), own);

        (string, double, double, double, double) Judge(string name, Closing? close, ElboStatistics sums)
        {
            AlignedBuffer<float> parameters = new(model.Parameters.Length);
            model.Parameters.CopyTo(parameters.Span);
            close?.Invoke(new GaussianVaeObjective<float>(model.Network), parameters, sums);
            GaussianVaeModel closed = new(model.Network, parameters, model.Header);
            EvaluateOptions options = new() { Samples = 10, Seed = 7, Threads = 1 };
            ElboReport report = closed.Evaluate(training, options).Summary;
            return (name, report.Elbo, report.Elbo - report.EntropySum, closed.Evaluate(stopping, options).Summary.Elbo, closed.Evaluate(judge, options).Summary.Elbo);
        }
    }

    private static void Write(TextWriter output, string data, List<(string Name, double Elbo, double Gap, double Stopping, double Judged)> results)
    {
        double[] plain = [.. results.Where(r => r.Name == results[0].Name).Select(r => r.Judged)];
        foreach (IGrouping<string, (string Name, double Elbo, double Gap, double Stopping, double Judged)> way in results.GroupBy(r => r.Name))
        {
            string each = string.Join(", ", way.Select((r, i) => (r.Judged - plain[i]).ToString("F2", CultureInfo.InvariantCulture)));
            output.WriteLine(Text(
                $"| {data} | {way.Key} | {way.Average(r => r.Elbo):F2} | {way.Average(r => r.Gap):F2} | {way.Average(r => r.Stopping):F2} | {way.Average(r => r.Judged):F2} | {each} |"));
        }

        output.Flush();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
