using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>What the variance floor does to each family: where it holds, what it costs, and what rounding makes of small variances.</summary>
internal static class FloorExperiments
{
    private static readonly double[] Shares = [1e-4, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12];

    /// <summary>Real tables, and two columns that differ by little.</summary>
    public static void Run(TextWriter output, string[] paths)
    {
        output.WriteLine("| data | model | " + string.Join(" | ", Shares.Select(s => Text($"{s:E0}"))) + " |");
        output.WriteLine("|---|---|" + string.Concat(Shares.Select(_ => "---|")));
        foreach (string path in paths)
        {
            IRowSource rows = RowSources.Open(path);
            Table(output, Path.GetFileNameWithoutExtension(path), rows, Math.Min(rows.Columns - 1, 8));
        }

        foreach (double apart in (double[])[1e-3, 1e-4, 1e-5])
        {
            Table(output, Text($"two columns {apart:E0} apart"), Close(apart), 1);
        }
    }

    private static void Table(TextWriter output, string name, IRowSource rows, int latents)
    {
        (string Model, Func<double, ITrainer> Trainer)[] models =
        [
            (Text($"ppca, {latents}"), s => new ProbabilisticPcaTrainer(new() { Latents = latents, VarianceFloor = s })),
            (Text($"linear-vae, {latents}"), s => new LinearVaeTrainer(new() { Latents = latents, VarianceFloor = s })),
            (Text($"factor-analysis, {latents}"), s => new FactorAnalysisTrainer(new() { Latents = latents, VarianceFloor = s })),
            .. new[] { "diagonal", "full", "spherical", "tied" }.Select(kind => (
                Text($"gaussian-{kind}, 5"),
                (Func<double, ITrainer>)(s => new MixtureTrainer(new() { Family = $"gaussian-{kind}", Components = 5, VarianceFloor = s })))),
        ];
        foreach ((string model, Func<double, ITrainer> trainer) in models)
        {
            output.WriteLine($"| {name} | {model} | {string.Join(" | ", Shares.Select(s => Cell(trainer(s), rows)))} |");
            output.Flush();
        }
    }

    /// <summary>ELBO; the identity's rounding; a star at a floor, a question mark where training did not converge.</summary>
    private static string Cell(ITrainer trainer, IRowSource rows)
    {
        TrainingRecord record;
        try
        {
            record = trainer.Fit(rows).Model.Training;
        }
        catch (TrainingException)
        {
            return "breaks";
        }

        ElboReport elbo = record.Report!.Summary;
        double rounding = Math.Abs(elbo.Elbo - elbo.EntropySum + elbo.PriorResidual + elbo.NoiseResidual);
        return Text($"{elbo.Elbo:F4}{(record.IsAtFloor ? "*" : "")}{(record.Converged ? "" : "?")} {rounding:E0}");
    }

    private static InMemoryRows Close(double apart)
    {
        Random random = new(1);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[] values = new double[2 * 2000];
        for (int i = 0; i < values.Length; i += 2)
        {
            values[i] = Normal();
            values[i + 1] = values[i] + (apart * Normal());
        }

        return new InMemoryRows(values, 2);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
