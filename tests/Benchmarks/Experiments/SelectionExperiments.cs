using System.Diagnostics;
using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Numerics;
using EntropyElbo.Selection;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>What selections choose where the right answer is known, and what running them costs.</summary>
internal static class SelectionExperiments
{
    private const int Columns = 20, Rows = 2000, MixtureRows = 1000, MixtureColumns = 4;

    /// <summary>p-PCA data of 2 to 6 latents; the same with shuffled columns; pure noise.</summary>
    public static void Latents(TextWriter output, int seeds)
    {
        output.WriteLine("| data | model | right by bic | aic | entropy-bic | chosen by bic |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (string family in (string[])["ppca", "factor-analysis"])
        {
            for (int latents = 2; latents <= 6; latents++)
            {
                int truth = latents;
                LatentRow(output, Text($"p-PCA, H = {truth}"), family, seeds, truth, seed => PcaData.Create(Rows, seed, 0, Columns, truth));
            }
        }

        LatentRow(output, "p-PCA, H = 4, columns shuffled", "factor-analysis", seeds, 1, seed => Shuffled(PcaData.Create(Rows, seed, 0, Columns, 4), seed));
        LatentRow(output, "pure noise", "ppca", seeds, 1, Noise);
        LatentRow(output, "pure noise", "factor-analysis", seeds, 1, Noise);
    }

    /// <summary>Mixtures of 3 to 6 components, well apart and not; one component.</summary>
    public static void Components(TextWriter output, int seeds)
    {
        output.WriteLine("| components | distance of centres, in standard deviations | right by bic | by icl | chosen by bic | by icl |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach ((int from, int to, double distance) in ((int, int, double)[])[(3, 6, 8), (4, 4, 3), (4, 4, 2.5), (1, 1, 0)])
        {
            for (int k = from; k <= to; k++)
            {
                ComponentRow(output, k, distance, seeds);
            }
        }
    }

    /// <summary>40 fits one after another, each alone on one thread, and the same as a study on all.</summary>
    public static void Study(TextWriter output, string digits)
    {
        IRowSource rows = KeptRows.Of(RowSources.Open(digits, ColumnSelection.Parse("1-64")));
        IReadOnlyList<SelectionCandidate> candidates = new SettingsGrid
        {
            Families = ["vae-1"],
            Latents = [4, 8, 12, 16, 24],
            Hidden = [[64], [128]],
            LearningRates = [5e-4, 1e-3, 2e-3, 4e-3],
            Common = new FitSettings { Epochs = 60, BatchSize = 128 },
        }.Candidates();
        SelectionOptions sideBySide = new() { Threads = Environment.ProcessorCount, ParallelTrials = Environment.ProcessorCount };
        ModelSelection.Run(rows, candidates, sideBySide); // Compiles what is timed below.
        Process self = Process.GetCurrentProcess();
        TimeSpan before = self.TotalProcessorTime;
        Stopwatch watch = Stopwatch.StartNew();
        foreach (SelectionCandidate candidate in candidates)
        {
            candidate.CreateTrainer().Fit(rows, new FitContext { Threads = 1 });
        }

        (TimeSpan alone, TimeSpan aloneWall) = (Used(), watch.Elapsed);
        output.WriteLine("| | time, s | processor time, s | cores busy | over the fits' own work |");
        output.WriteLine("|---|---|---|---|---|");
        output.WriteLine(Text($"| {candidates.Count} fits, one after another, a thread each | {aloneWall.TotalSeconds:F1} | {alone.TotalSeconds:F1} | | |"));
        foreach ((string name, int parallel) in ((string, int)[])[("trials side by side", Environment.ProcessorCount), ("one trial at a time on all threads", 1)])
        {
            before = self.TotalProcessorTime;
            watch.Restart();
            ModelSelection.Run(rows, candidates, sideBySide with { ParallelTrials = parallel });
            TimeSpan used = Used();
            double busy = used / watch.Elapsed / Environment.ProcessorCount;
            output.WriteLine(Text(
                $"| study, {name} | {watch.Elapsed.TotalSeconds:F1} | {used.TotalSeconds:F1} | {100 * busy:F0} % of {Environment.ProcessorCount} | {100 * ((used / alone) - 1):F1} % |"));
        }

        TimeSpan Used()
        {
            self.Refresh();
            return self.TotalProcessorTime - before;
        }
    }

    private static void LatentRow(TextWriter output, string name, string family, int seeds, int truth, Func<ulong, InMemoryRows> rows)
    {
        IReadOnlyList<SelectionCandidate> candidates = new SettingsGrid
        {
            Families = [family],
            Latents = [.. Enumerable.Range(1, 9)],
            Common = family == "ppca" ? new FitSettings { Scaling = ScalingKind.None } : new FitSettings(),
        }.Candidates();
        SelectionCriterion[] criteria = [SelectionCriterion.Bic, SelectionCriterion.Aic, SelectionCriterion.EntropyBic];
        int[][] chosen = [.. Enumerable.Range(1, seeds).Select(seed =>
        {
            InMemoryRows own = rows((ulong)seed);
            SelectionTrial[] trials = [.. ModelSelection.Run(own, candidates, new SelectionOptions { Threads = 1 }).Trials.Where(t => t.Succeeded)];
            return criteria.Select(c => trials.MinBy(t => c.Score(t))!.Latents).ToArray();
        })];
        string right = string.Join(" | ", Enumerable.Range(0, 3).Select(c => Text($"{chosen.Count(k => k[c] == truth)} of {seeds}")));
        output.WriteLine(Text($"| {name} | {family} | {right} | {Counts(chosen.Select(c => c[0]))} |"));
    }

    private static void ComponentRow(TextWriter output, int k, double distance, int seeds)
    {
        IReadOnlyList<SelectionCandidate> candidates = new SettingsGrid
        {
            Families = ["mixture:gaussian-spherical"],
            Components = [.. Enumerable.Range(1, 8)],
            Common = new FitSettings { Scaling = ScalingKind.None },
        }.Candidates();
        int[][] chosen = [.. Enumerable.Range(1, seeds).Select(seed =>
        {
            SelectionResult result = ModelSelection.Run(Mixture(k, distance, (ulong)seed), candidates, new SelectionOptions { Threads = 1 });
            SelectionCriterion[] criteria = [SelectionCriterion.Bic, SelectionCriterion.Icl];
            return criteria.Select(c => result.Trials.Where(t => t.Succeeded).MinBy(t => c.Score(t))!.Latents).ToArray();
        })];
        output.WriteLine(Text(
            $"| {k} | {distance} | {chosen.Count(c => c[0] == k)} of {seeds} | {chosen.Count(c => c[1] == k)} of {seeds} | {Counts(chosen.Select(c => c[0]))} | {Counts(chosen.Select(c => c[1]))} |"));
    }

    /// <summary>Round components; each centre is so far from the one nearest to it.</summary>
    private static InMemoryRows Mixture(int k, double distance, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 21);
        double[] centres = new double[k * MixtureColumns];
        Span<double> step = stackalloc double[MixtureColumns];
        for (int i = 1; i < k; i++)
        {
            do
            {
                int from = (int)(random.NextUniform() * i);
                random.FillGaussian(step);
                double length = Math.Sqrt(System.Numerics.Tensors.TensorPrimitives.SumOfSquares<double>(step));
                for (int d = 0; d < MixtureColumns; d++)
                {
                    centres[(i * MixtureColumns) + d] = centres[(from * MixtureColumns) + d] + (distance * step[d] / length);
                }
            }
            while (Enumerable.Range(0, i).Any(j => Distance(centres, i, j) < 0.999 * distance));
        }

        double[] values = new double[MixtureRows * MixtureColumns];
        random.FillGaussian(values);
        for (int row = 0; row < MixtureRows; row++)
        {
            int component = (int)(random.NextUniform() * k);
            for (int d = 0; d < MixtureColumns; d++)
            {
                values[(row * MixtureColumns) + d] += centres[(component * MixtureColumns) + d];
            }
        }

        return new InMemoryRows(values, MixtureColumns);
    }

    private static double Distance(double[] centres, int i, int j) => System.Numerics.Tensors.TensorPrimitives.Distance<double>(
        centres.AsSpan(i * MixtureColumns, MixtureColumns), centres.AsSpan(j * MixtureColumns, MixtureColumns));

    private static InMemoryRows Noise(ulong seed)
    {
        double[] values = new double[Rows * Columns];
        new RandomStream(seed, RandomPurpose.Generation, 22).FillGaussian(values);
        return new InMemoryRows(values, Columns);
    }

    private static InMemoryRows Shuffled(InMemoryRows rows, ulong seed)
    {
        double[] values = rows.ReadAll().Values;
        for (int column = 0; column < Columns; column++)
        {
            double[] cells = [.. Enumerable.Range(0, Rows).Select(i => values[(i * Columns) + column])];
            RandomStream random = new(seed, RandomPurpose.Shuffling, (ulong)column);
            double[] keys = [.. cells.Select(_ => random.NextUniform())];
            Array.Sort(keys, cells);
            for (int i = 0; i < Rows; i++)
            {
                values[(i * Columns) + column] = cells[i];
            }
        }

        return new InMemoryRows(values, Columns);
    }

    private static string Counts(IEnumerable<int> chosen) =>
        string.Join(", ", chosen.GroupBy(c => c).OrderBy(c => c.Key).Select(c => Text($"{c.Key}: {c.Count()}")));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
