using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Affine;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>Experiments of S: the closed form of the affine decoder as a start, as a bound, and as a prediction of activities.</summary>
internal static class AffineExperiments
{
    private const int Batch = 100;
    private const int Steps = 2000;

    /// <summary>The random start, and S's own.</summary>
    private static readonly NetworkStart[] s_starts = [NetworkStart.Random, NetworkStart.AffineAtZero];

    /// <summary>S Fig. 1 and 4 to 12: He's start and MLE-B on Bernoulli columns, 2,000 updates each.</summary>
    public static void Start(TextWriter output, string images, double rate)
    {
        output.WriteLine(Text($"batch {Batch}, {Steps} updates, Adam {rate}"));
        output.WriteLine("| data | decoder | kappa | L^ | L^ + upper error | closed-form start: first epoch | its end | random start: end | updates of the closed-form start to the same | test L^ | test ELBO, closed-form start | random start |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        (string Name, InMemoryRows All, double TestShare)[] tables = [("synthetic", SparseBernoulli.Create(10_000, 1), 0.33), ("Fashion-MNIST", Binary(images, 12_000), 1.0 / 6)];
        foreach ((string name, InMemoryRows all, double share) in tables)
        {
            (IRowSource training, IRowSource held) = RowSplit.ByFraction(all, share, 1);
            InMemoryRows rows = new(training.ReadAll().Values, all.Columns), test = new(held.ReadAll().Values, all.Columns);
            foreach (int[] decoder in (int[][])[[], [128]])
            {
                foreach (int kappa in (int[])[2, 5, 20])
                {
                    Compare(output, name, rows, test, decoder, kappa, rate);
                }
            }
        }
    }

    private static void Compare(TextWriter output, string name, InMemoryRows rows, InMemoryRows test, int[] decoder, int kappa, double rate)
    {
        AffineDecoder solution = AffineDecoder.Solve(rows, kappa, ObservableLikelihood.Bernoulli, expansion: AffineExpansion.AtZero);
        double upper = solution.TaylorError(rows).Upper;
        List<double> testElbos = [];
        int perEpoch = (rows.Rows + Batch - 1) / Batch;
        FitProgress[][] courses = [.. s_starts.Select(start =>
        {
            Course course = new();
            LatentModel model = new GaussianVaeTrainer(new GaussianVaeOptions
            {
                Latents = kappa,
                Hidden = [128],
                DecoderHidden = decoder,
                Likelihood = ObservableLikelihood.Bernoulli,
                Start = start,
                Training = new MinibatchOptions
                {
                    BatchSize = Batch,
                    Epochs = (Steps + perEpoch - 1) / perEpoch,
                    LearningRate = rate,
                    StationarityTolerance = 0,
                    SettleShare = 0,
                },
            }).Fit(rows, new FitContext { Progress = course }).Model;
            testElbos.Add(model.Evaluate(test).Summary.Elbo);
            return course.Epochs.ToArray();
        })];
        FitProgress[] random = courses[0], closed = courses[1];
        FitProgress? reached = closed.FirstOrDefault(e => e.Elbo >= random[^1].Elbo);
        string updates = reached is null ? "not reached" : Text($"{reached.Epoch * perEpoch}");
        output.WriteLine(Text(
            $"| {name} | {(decoder.Length == 0 ? "affine" : "deep")} | {kappa} | {solution.Objective:F3} | {solution.Objective + upper:F3} | {closed[0].Elbo:F3} | {closed[^1].Elbo:F3} | {random[^1].Elbo:F3} | {updates} | {solution.ObjectiveFor(test):F3} | {testElbos[1]:F3} | {testElbos[0]:F3} |"));
    }

    /// <summary>S Fig. 2 and 3: active latents predicted without training (S eq. 21) and after training, by beta.</summary>
    public static void Activities(TextWriter output, string digits)
    {
        output.WriteLine("| columns | beta | predicted of 32 at means | at 0 | affine, trained | deep, trained | objective at means | bound at means | at 0 | affine, trained |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        InMemoryRows table = new(RowSources.Open(digits, ColumnSelection.Parse("1-64")).ReadAll().Values, 64);
        InMemoryRows binary = new(Array.ConvertAll(table.ReadAll().Values, v => v > 7.5 ? 1.0 : 0.0), 64);
        foreach (double beta in (double[])[0.5, 1, 2, 4])
        {
            Activity(output, table, ObservableLikelihood.Gaussian, beta);
        }

        foreach (double beta in (double[])[0.5, 1, 2, 4])
        {
            Activity(output, binary, ObservableLikelihood.Bernoulli, beta);
        }
    }

    private static void Activity(TextWriter output, InMemoryRows rows, ObservableLikelihood likelihood, double beta)
    {
        AffineDecoder Predicted(AffineExpansion expansion) => AffineDecoder.Solve(rows, 32, likelihood, beta, expansion: expansion);
        AffineDecoder means = Predicted(AffineExpansion.AtMeans), zero = Predicted(AffineExpansion.AtZero), bound = Predicted(AffineExpansion.BoundAtMeans);
        Evaluation[] trained = [.. new int[][] { [], [128] }.Select(hidden => new GaussianVaeTrainer(new GaussianVaeOptions
        {
            Latents = 32,
            Hidden = hidden,
            Scaling = ScalingKind.None,
            Likelihood = likelihood,
            InitialLogVariance = 1.5,
            Training = new MinibatchOptions
            {
                BatchSize = 100,
                Epochs = 4000 / (hidden.Length == 0 ? 1 : 4),
                LearningRate = hidden.Length == 0 ? 1e-2 : 3e-3,
                StationarityTolerance = 0,
                KlWeight = new KlSchedule { Weight = beta },
            },
        }).Fit(rows).Model.Report)];
        double objective = trained[0].Summary.Reconstruction - (beta * trained[0].Summary.Kl);
        output.WriteLine(Text(
            $"| {likelihood.Name} | {beta} | {means.ActiveLatents} | {zero.ActiveLatents} | {32 - trained[0].Collapsed.Activity} | {32 - trained[1].Collapsed.Activity} | {means.Objective:F3} | {bound.Objective:F3} | {zero.Objective:F3} | {objective:F3} |"));
    }

    /// <summary>D Fig. 2 and 6: spread of the sampled ELBO and of the entropy sum over repeated draws of rows, for one trained VAE-1.</summary>
    public static void Estimation(TextWriter output, string digits, string[] rest)
    {
        string? picture = Array.Find(rest, r => r.EndsWith(".svg", StringComparison.OrdinalIgnoreCase));
        string[] only = [.. rest.Where(r => r != picture)];
        EstimationFigure figure = new();
        output.WriteLine("| data | rows of a draw | samples | mean ELBO | its standard deviation | its standard error | mean entropy sum | its standard deviation | its standard error | ratio of the deviations |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        GaussianVaeOptions small = new() { Latents = 2, Hidden = [50, 50], Scaling = ScalingKind.None, Training = new MinibatchOptions { BatchSize = 500, Epochs = 250 } };
        IRowSource table = RowSources.Open(digits, ColumnSelection.Parse("1-64"));
        Run("p-PCA", () => PcaData.Create(10_000, 1), small);
        Run("manifold", () => ManifoldData.Create(10_000, 1, noise: 0.1), new GaussianVaeOptions { Latents = 20, Hidden = [128, 40], Training = new MinibatchOptions { BatchSize = 512, Epochs = 250 } });
        Run("digits", () => new InMemoryRows(table.ReadAll().Values, 64), new GaussianVaeOptions { Latents = 16 });

        if (picture is not null)
        {
            figure.Write(picture);
        }

        void Run(string name, Func<InMemoryRows> rows, GaussianVaeOptions options)
        {
            if (only.Length == 0 || only.Contains(name))
            {
                figure.Add(name, Spread(output, name, rows(), options));
            }
        }
    }

    /// <summary>The table's lines; the estimates from two samples a row.</summary>
    private static List<(int Rows, IReadOnlyList<RowEstimate> Elbos, IReadOnlyList<RowEstimate> Sums)> Spread(
        TextWriter output, string name, InMemoryRows rows, GaussianVaeOptions options)
    {
        List<(int, IReadOnlyList<RowEstimate>, IReadOnlyList<RowEstimate>)> all = [];
        LatentModel model = new GaussianVaeTrainer(options).Fit(rows).Model;
        double[] values = rows.ReadAll().Values;
        foreach ((int count, int samples) in ((int, int)[])[(10, 1), (10, 2), (10, 100), (100, 2), (1000, 1), (1000, 2)])
        {
            List<RowEstimate> elbos = [], sums = [];
            for (ulong draw = 0; draw < 200; draw++)
            {
                RandomStream random = new(draw, RandomPurpose.Generation);
                double[] chosen = new double[count * rows.Columns];
                for (int i = 0; i < count; i++)
                {
                    values.AsSpan((int)(random.NextUniform() * rows.Rows) * rows.Columns, rows.Columns).CopyTo(chosen.AsSpan(i * rows.Columns));
                }

                InMemoryRows some = new(chosen, rows.Columns);
                elbos.Add(model.EstimateElbo(some, new EvaluateOptions { Samples = samples, Seed = draw }));
                sums.Add(model.EstimateEntropySum(some));
            }

            output.WriteLine(Text(
                $"| {name} | {count} | {samples} | {elbos.Average(e => e.Value):F4} | {Deviation(elbos):F4} | {elbos.Average(e => e.StandardError):F4} | {sums.Average(e => e.Value):F4} | {Deviation(sums):F4} | {sums.Average(e => e.StandardError):F4} | {Deviation(elbos) / Deviation(sums):F1} |"));
            if (samples == 2)
            {
                all.Add((count, elbos, sums));
            }
        }

        return all;
    }

    public static double Deviation(IReadOnlyList<RowEstimate> estimates)
    {
        double mean = estimates.Average(e => e.Value);
        return Math.Sqrt(estimates.Sum(e => (e.Value - mean) * (e.Value - mean)) / (estimates.Count - 1));
    }

    private static InMemoryRows Binary(string path, int count)
    {
        IRowSource images = RowSources.Open(path);
        return new InMemoryRows(Array.ConvertAll(images.Take(count).ReadAll().Values, v => v > 127.5 ? 1.0 : 0.0), images.Columns);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
