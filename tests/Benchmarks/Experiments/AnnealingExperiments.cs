using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>Entropy annealing of VAEs (V section 3.3, and its discussion) against plain training and a warm-up of the KL term; a fifth of the rows held out.</summary>
internal static class AnnealingExperiments
{
    private const int GiniRows = 1000;
    private const int GiniDraws = 10;

    public static void Run(TextWriter output, string digits, string images, int seeds)
    {
        output.WriteLine("| data | model | training | ELBO | test ELBO | active by entropy, KL, activity | Gini of codes, and its deviation over rows | of means |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        IRowSource digitRows = RowSources.Open(digits, ColumnSelection.Parse("1-64")), imageRows = RowSources.Open(images).Take(10_000);
        foreach (VaeVariant variant in (ReadOnlySpan<VaeVariant>)[VaeVariant.LearnedVariance, VaeVariant.LearnedPrior, VaeVariant.SparsePrior])
        {
            Compare(output, "digits", digitRows, new() { Variant = variant, Latents = 16 }, seeds, epochsPerValue: 8);
            Compare(
                output, "Fashion-MNIST", imageRows,
                new() { Variant = variant, Latents = 32, Training = new MinibatchOptions { Epochs = 40 } }, Math.Max(1, seeds / 5), epochsPerValue: 1);
        }
    }

    private static void Compare(TextWriter output, string data, IRowSource rows, GaussianVaeOptions options, int seeds, int epochsPerValue)
    {
        EntropyAnnealing Anneal(EntropyAnnealingKind kind) => new() { Kind = kind, EpochsPerValue = epochsPerValue };
        MinibatchOptions plain = options.Training;
        List<(string Name, MinibatchOptions Training)> ways =
        [
            ("plain", plain),
            ("KL warm-up", plain with { KlWeight = new KlSchedule { Kind = KlScheduleKind.WarmUp, Epochs = 6 * epochsPerValue } }),
            ("likelihood annealed", plain with { Annealing = Anneal(EntropyAnnealingKind.Likelihood) }),
            ("tempering", plain with { Annealing = Anneal(EntropyAnnealingKind.Tempering) }),
        ];
        if (options.Variant != VaeVariant.LearnedVariance)
        {
            ways.Add(("prior annealed", plain with { Annealing = Anneal(EntropyAnnealingKind.Prior) }));
        }

        foreach ((string name, MinibatchOptions training) in ways)
        {
            Row(output, data, name, rows, options with { Training = training }, seeds);
        }
    }

    private static void Row(TextWriter output, string data, string name, IRowSource rows, GaussianVaeOptions options, int seeds)
    {
        double elbo = 0, test = 0, entropy = 0, kl = 0, activity = 0, gini = 0, deviation = 0, ofMeans = 0;
        string family = "";
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            (IRowSource training, IRowSource held) = RowSplit.ByFraction(rows, 0.2, seed);
            LatentModel model = new GaussianVaeTrainer(options with { Training = options.Training with { Seed = seed } })
                .Fit(training, new FitContext { TestRows = held }).Model;
            family = model.Family;
            CollapsedLatents collapsed = model.Report.Collapsed;
            (double mean, double spread, double means) = Gini(model, training, seed);
            elbo += model.Report.Summary.Elbo / seeds;
            test += model.Training.TestReport!.Summary.Elbo / seeds;
            entropy += (options.Latents - (double)collapsed.Entropy) / seeds;
            kl += (options.Latents - (double)collapsed.Kl) / seeds;
            activity += (options.Latents - (double)collapsed.Activity) / seeds;
            gini += mean / seeds;
            deviation += spread / seeds;
            ofMeans += means / seeds;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {data} | {family} | {name} | {elbo:F2} | {test:F2} | {entropy:F1}, {kl:F1}, {activity:F1} of {options.Latents} | {gini:F3}, {deviation:F3} | {ofMeans:F3} |"));
    }

    /// <summary>Gini index of |z|, z drawn from q ten times a row, its standard deviation over rows and draws, and that of the posterior means.</summary>
    private static (double Mean, double Deviation, double OfMeans) Gini(LatentModel model, IRowSource rows, ulong seed)
    {
        (double[] values, int count) = rows.Take(GiniRows).ReadAll();
        int latents = model.LatentDimension;
        double[] means = new double[count * latents], variances = new double[count * latents], code = new double[latents];
        model.Encode(values, means, variances);
        RandomStream random = new(seed, RandomPurpose.EvaluationNoise, 7);
        double sum = 0, squares = 0, ofMeans = 0;
        for (int row = 0; row < count; row++)
        {
            Span<double> mean = means.AsSpan(row * latents, latents), variance = variances.AsSpan(row * latents, latents);
            mean.CopyTo(code);
            ofMeans += Gini(code) / count;
            for (int draw = 0; draw < GiniDraws; draw++)
            {
                for (int h = 0; h < latents; h++)
                {
                    code[h] = mean[h] + (Math.Sqrt(variance[h]) * random.NextGaussian());
                }

                double gini = Gini(code);
                sum += gini;
                squares += gini * gini;
            }
        }

        double average = sum / (count * GiniDraws);
        return (average, Math.Sqrt((squares / (count * GiniDraws)) - (average * average)), ofMeans);
    }

    /// <summary>Hurley and Rickard 2009: 0 where all entries are of one size, near 1 where one has everything.</summary>
    private static double Gini(double[] code)
    {
        double[] sizes = [.. code.Select(Math.Abs).Order()];
        double total = sizes.Sum(), sum = 0;
        for (int k = 1; k <= sizes.Length; k++)
        {
            sum += sizes[k - 1] / total * (sizes.Length - k + 0.5) / sizes.Length;
        }

        return 1 - (2 * sum);
    }
}
