using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>Experiments on the members of the VAE family beside VAE-1 (D, V).</summary>
internal static class VaeExperiments
{
    /// <summary>D Fig. 1 (c) and 9: VAE-3 on PCA-ring data, the relative gap between sampled ELBO and entropy sum.</summary>
    public static void Ring(TextWriter output, int seeds, VarianceOutput variances, double? initialLogVariance, int batch, double rate)
    {
        output.WriteLine($"| seed | ELBO | standard error | entropy sum | difference | relative gap | {Meters.Head} | collapsed | s |");
        output.WriteLine($"|---|---|---|---|---|---|{Meters.Rule}|---|---|");
        List<double> gaps = [];
        List<double> signed = [];
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            InMemoryRows rows = PcaRing.Create(10_000, seed);
            FitResult fit = new GaussianVaeTrainer(new GaussianVaeOptions
            {
                Variant = VaeVariant.VarianceNetwork,
                VarianceOutput = variances,
                Latents = 2,
                Hidden = [50, 50],
                Scaling = ScalingKind.None,
                InitialLogVariance = initialLogVariance,
                Training = new MinibatchOptions { BatchSize = batch, Epochs = 250, LearningRate = rate, Seed = seed },
            }).Fit(rows);
            Evaluation report = fit.Model.Evaluate(rows, new EvaluateOptions { Samples = 100, Seed = 77 });
            ElboReport elbo = report.Summary;
            gaps.Add(elbo.RelativeGap);
            signed.Add((elbo.Elbo - elbo.EntropySum) / Math.Abs(elbo.Elbo));
            output.WriteLine(Text(
                $"| {seed} | {elbo.Elbo:F4} | {elbo.StandardError:F4} | {elbo.EntropySum:F4} | {elbo.Elbo - elbo.EntropySum:F4} | {elbo.RelativeGap:P4} | {Meters.Cells(fit.Model.Training)} | {report.Collapsed.Entropy} | {fit.Elapsed.TotalSeconds:F1} | {elbo.Remark}"));
        }

        output.WriteLine(Text($"mean absolute relative gap {gaps.Average():P4}, mean relative gap {signed.Average():P4}"));
    }

    /// <summary>
    /// Variances by gradient and in closed form: the ELBO at the end, updates and seconds until the lower of both ends less 1 % of what training
    /// gained after its first tenth, and the gap along the way, nats.
    /// </summary>
    public static void ClosedForm(TextWriter output, string digits, int seeds)
    {
        output.WriteLine("| data | model | seed | update | ELBO | updates to the same | s to the same | median gap along the way | largest after the first tenth | collapsed |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            InMemoryRows pca = PcaData.Create(10_000, seed);
            IRowSource table = RowSources.Open(digits, ColumnSelection.Parse("1-64"));
            InMemoryRows manifold = ManifoldData.Create(10_000, seed, noise: 0.1);
            InMemoryRows ring = PcaRing.Create(10_000, seed);
            GaussianVaeOptions small = new() { Latents = 2, Hidden = [50, 50], Training = new MinibatchOptions { BatchSize = 500, Epochs = 150, Seed = seed } };
            GaussianVaeOptions wide = new() { Latents = 16, Training = new MinibatchOptions { BatchSize = 128, Epochs = 300, Seed = seed } };
            GaussianVaeOptions large = new() { Latents = 20, Hidden = [128, 40], Training = new MinibatchOptions { BatchSize = 512, Epochs = 100, Seed = seed } };
            Compare(output, "p-PCA", seed, pca, small);
            Compare(output, "digits", seed, table, wide);
            Compare(output, "digits", seed, table, wide with { Variant = VaeVariant.LearnedPrior });
            Compare(output, "digits", seed, table, wide with { Variant = VaeVariant.SparsePrior });
            Compare(output, "manifold", seed, manifold, large);
            Compare(output, "PCA-ring", seed, ring, small with { Variant = VaeVariant.VarianceNetwork, Scaling = ScalingKind.None });
        }
    }

    private static void Compare(TextWriter output, string data, ulong seed, IRowSource rows, GaussianVaeOptions options)
    {
        (FitResult Fit, Course Course)[] sides = [.. Enum.GetValues<VarianceUpdate>().Select(update =>
        {
            Course course = new();
            return (new GaussianVaeTrainer(options with { VarianceUpdate = update }).Fit(rows, new FitContext { Progress = course }), course);
        })];
        double start = sides.Max(s => s.Course.Epochs[s.Course.Epochs.Count / 10].Elbo);
        double end = sides.Min(s => s.Course.Epochs[^1].Elbo);
        double mark = end - (0.01 * (end - start));
        foreach ((VarianceUpdate update, (FitResult fit, Course course)) in Enum.GetValues<VarianceUpdate>().Zip(sides))
        {
            FitProgress reached = course.Epochs.First(e => e.Elbo >= mark);
            long perEpoch = (fit.Model.Training.Rows + options.Training.BatchSize - 1) / options.Training.BatchSize;
            double[] gaps = [.. course.Epochs.Select(e => Math.Abs(e.Elbo - e.EntropySum))];
            Evaluation report = fit.Model.Report;
            output.WriteLine(Text(
                $"| {data} | {fit.Model.Family} | {seed} | {update} | {report.Summary.Elbo:F4} | {reached.Epoch * perEpoch} | {reached.Elapsed.TotalSeconds:F2} | {gaps.Order().ElementAt(gaps.Length / 2):F3} | {gaps[(gaps.Length / 10)..].Max():F3} | {report.Collapsed.Entropy} |"));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
