using System.Globalization;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Numerics;
using EntropyElbo.Streaming;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>D sec. 4, App. A and Fig. 3 a: linear VAEs of three sizes on a stream whose dimension changes, and the one-pass learner beside them.</summary>
internal static class StreamExperiments
{
    private const int Columns = 10;
    private const int Chunk = 100_000;
    private const int Batch = 10;
    private const int Samples = 100;

    /// <summary>Batches between two sampled ELBOs: they cost a hundred times a step.</summary>
    private const int SampledEvery = 20;

    /// <summary>The least ratio of deviations asked of every cell.</summary>
    private const double Asked = 8;

    private const int Memory = 2_000;
    private static readonly int[] Dimensions = [6, 2, 4];
    private static readonly int[] Sizes = [2, 4, 6];

    /// <summary>The experiment.</summary>
    /// <param name="output">Where the tables go.</param>
    /// <param name="seeds">Streams.</param>
    /// <param name="picture">A chart of the first.</param>
    /// <param name="kind">Who learns: <c>paper</c>, <c>paper-closed</c> without draws, or <c>library</c>.</param>
    public static void Run(TextWriter output, int seeds, string picture, string kind)
    {
        output.WriteLine("| seed | right by entropy BIC, every batch of the last halves | by batch-ELBO BIC | sd of batch-ELBO BIC / sd of entropy BIC: least, median, largest of 9 | one-pass learner right, last halves | its last wrong reading after a change, memories |");
        output.WriteLine("|---|---|---|---|---|---|");
        List<double> ratios = [];
        List<Outcome> outcomes = [];
        int entropyRight = 0, passRight = 0;
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            Outcome outcome = Once(seed, seed == 1 ? picture : null, kind);
            ratios.AddRange(outcome.Ratios);
            outcomes.Add(outcome);
            entropyRight += outcome.EntropyRight == 1 ? 1 : 0;
            passRight += outcome.PassRight == 1 ? 1 : 0;
            double[] sorted = [.. outcome.Ratios.Order()];
            output.WriteLine(Text(
                $"| {seed} | {outcome.EntropyRight:P2} | {outcome.BatchRight:P2} | {sorted[0]:F1}, {sorted[sorted.Length / 2]:F1}, {sorted[^1]:F1} | {outcome.PassRight:P2} | {string.Join(", ", outcome.Lags.Select(l => l.ToString("F2", CultureInfo.InvariantCulture)))} |"));
        }

        double[] all = [.. ratios.Order()];
        output.WriteLine(Text($"entropy BIC right throughout on {entropyRight} of {seeds} seeds, one-pass learner on {passRight}; ratios of sd: least {all[0]:F1}, median {all[all.Length / 2]:F1}, largest {all[^1]:F1}"));
        WriteCells(output, outcomes);
        WriteSmall(output, outcomes);
    }

    /// <summary>Cells whose ratio is below what is asked: is the entropy BIC still on its way there, or noisy?</summary>
    private static void WriteSmall(TextWriter output, List<Outcome> outcomes)
    {
        output.WriteLine();
        output.WriteLine(Text($"| seed | directions | latents | ratio below {Asked} | mean entropy BIC in the fifths of the half | median ratio within a fifth |"));
        output.WriteLine("|---|---|---|---|---|---|");
        foreach ((Outcome outcome, int seed) in outcomes.Select((o, i) => (o, i + 1)))
        {
            foreach (int cell in Enumerable.Range(0, outcome.Ratios.Length).Where(c => outcome.Ratios[c] < Asked))
            {
                string means = string.Join(", ", outcome.Fifths[cell].Select(f => f.Mean.ToString("F2", CultureInfo.InvariantCulture)));
                output.WriteLine(Text(
                    $"| {seed} | {Dimensions[cell / Sizes.Length]} | {Sizes[cell % Sizes.Length]} | {outcome.Ratios[cell]:F1} | {means} | {outcome.Fifths[cell].Select(f => f.Ratio).Order().ElementAt(2):F1} |"));
            }
        }
    }

    /// <summary>The same by chunk and model; from one value to the next, drift counts for nothing.</summary>
    private static void WriteCells(TextWriter output, List<Outcome> outcomes)
    {
        output.WriteLine();
        output.WriteLine("| directions | latents | ratio of sd over the seeds: least, median | from one value to the next: least, median |");
        output.WriteLine("|---|---|---|---|");
        for (int cell = 0; cell < Dimensions.Length * Sizes.Length; cell++)
        {
            double[] whole = [.. outcomes.Select(o => o.Ratios[cell]).Order()], steps = [.. outcomes.Select(o => o.StepRatios[cell]).Order()];
            output.WriteLine(Text(
                $"| {Dimensions[cell / Sizes.Length]} | {Sizes[cell % Sizes.Length]} | {whole[0]:F1}, {whole[whole.Length / 2]:F1} | {steps[0]:F1}, {steps[steps.Length / 2]:F1} |"));
        }
    }

    private static Outcome Once(ulong seed, string? picture, string kind)
    {
        IStreamedVae[] learners = [.. Sizes.Select(h => Learner(kind, h, seed))];
        StreamingPca pass = new(Columns, new StreamingPcaOptions { Memory = Memory });
        Tally tally = new();
        StreamFigure figure = new(Dimensions, Chunk, Sizes);
        double[] directions = StreamingChunks.Directions(seed, Columns), batch = new double[Batch * Columns];
        for (int step = 0; step < Dimensions.Length * Chunk / Batch; step++)
        {
            int chunk = step * Batch / Chunk;
            Fill(batch, seed, (long)step * Batch, directions, Dimensions[chunk]);
            bool last = step * Batch % Chunk >= Chunk / 2, sampled = step % SampledEvery == 0;
            double[] entropy = [.. learners.Select((l, i) => Bic(l.EntropySum, Sizes[i]))];
            double[] elbo = sampled ? [.. learners.Select((l, i) => Bic(l.SampledElbo(batch, Samples, seed + (1000 * (ulong)step)), Sizes[i]))] : [];
            if (last)
            {
                tally.Add(chunk, Dimensions[chunk], entropy, elbo);
            }

            if (sampled)
            {
                figure.Add((long)step * Batch, entropy, elbo);
            }

            foreach (IStreamedVae learner in learners)
            {
                learner.Step(batch);
            }

            pass.Add(batch, reading =>
            {
                tally.Add(reading, Chunk, Dimensions);
                figure.Add(reading);
            });
        }

        if (picture is not null)
        {
            figure.Write(picture);
        }

        return tally.Outcome(Memory);
    }

    private static IStreamedVae Learner(string kind, int latents, ulong seed) => kind switch
    {
        "paper" => new PaperLinearVae(Columns, latents, Samples, seed),
        "paper-closed" => new PaperLinearVae(Columns, latents, 0, seed),
        "library" => new LibraryLinearVae(Columns, latents, seed),
        _ => throw new ArgumentException($"No learner '{kind}': paper, paper-closed or library."),
    };

    /// <summary>D eq. 27 with N = the batch and the paper's count of parameters.</summary>
    private static double Bic(double elbo, int latents) => (-2.0 * Batch * elbo) + (((latents * Columns) + 1) * Math.Log(Batch));

    /// <summary>Deviations 1 to 5 in equal steps along the directions, 0 beyond the dimension, and noise 0.1 on every column.</summary>
    private static void Fill(double[] batch, ulong seed, long first, double[] directions, int dimension)
    {
        for (int n = 0; n < Batch; n++)
        {
            RandomStream random = new(seed, RandomPurpose.Generation, 77, (ulong)(first + n));
            Span<double> row = batch.AsSpan(n * Columns, Columns);
            row.Clear();
            for (int i = 0; i < dimension; i++)
            {
                double z = (1 + (4.0 * i / (Columns - 1))) * random.NextGaussian();
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(directions.AsSpan(i * Columns, Columns), z, row, row);
            }

            for (int d = 0; d < Columns; d++)
            {
                row[d] += 0.1 * random.NextGaussian();
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>What one stream led to.</summary>
    private sealed record Outcome(double EntropyRight, double BatchRight, double[] Ratios, double[] StepRatios, (double Mean, double Ratio)[][] Fifths, double PassRight, double[] Lags);

    /// <summary>Counts over the last halves of the chunks, and spreads there.</summary>
    private sealed class Tally
    {
        private readonly List<double>[][] _entropy = Lists();
        private readonly List<double>[][] _elbo = Lists();
        private readonly long[] _lastWrong = new long[Dimensions.Length];
        private int _batches;
        private int _right;
        private int _sampled;
        private int _sampledRight;
        private int _readings;
        private int _readingsRight;

        public void Add(int chunk, int dimension, double[] entropy, double[] elbo)
        {
            _batches++;
            _right += Sizes[Array.IndexOf(entropy, entropy.Min())] == dimension ? 1 : 0;
            for (int i = 0; i < Sizes.Length; i++)
            {
                if (elbo.Length > 0)
                {
                    _entropy[chunk][i].Add(entropy[i]);
                    _elbo[chunk][i].Add(elbo[i]);
                }
            }

            _sampled += elbo.Length > 0 ? 1 : 0;
            _sampledRight += elbo.Length > 0 && Sizes[Array.IndexOf(elbo, elbo.Min())] == dimension ? 1 : 0;
        }

        public void Add(StreamReading reading, int length, int[] dimensions)
        {
            int chunk = (int)((reading.Rows - 1) / length);
            long place = reading.Rows - ((long)chunk * length);
            bool right = reading.Latents == dimensions[chunk];
            _lastWrong[chunk] = right ? _lastWrong[chunk] : place;
            if (place > length / 2)
            {
                _readings++;
                _readingsRight += right ? 1 : 0;
            }
        }

        public Outcome Outcome(double memory) => new(
            (double)_right / _batches,
            (double)_sampledRight / _sampled,
            [.. _entropy.SelectMany((lists, c) => lists.Select((list, i) => Deviation(_elbo[c][i]) / Deviation(list)))],
            [.. _entropy.SelectMany((lists, c) => lists.Select((list, i) => StepDeviation(_elbo[c][i]) / StepDeviation(list)))],
            [.. _entropy.SelectMany((lists, c) => lists.Select((list, i) => Fifths(list, _elbo[c][i])))],
            (double)_readingsRight / _readings,
            [.. _lastWrong.Select(r => r / memory)]);

        private static List<double>[][] Lists() => [.. Dimensions.Select(_ => Sizes.Select(_ => new List<double>()).ToArray())];

        private static (double Mean, double Ratio)[] Fifths(List<double> entropy, List<double> elbo)
        {
            int length = entropy.Count / 5;
            return [.. Enumerable.Range(0, 5).Select(i => (
                entropy.GetRange(i * length, length).Average(),
                Deviation(elbo.GetRange(i * length, length)) / Deviation(entropy.GetRange(i * length, length))))];
        }

        private static double StepDeviation(List<double> values) =>
            Math.Sqrt(values.Zip(values.Skip(1), (a, b) => (b - a) * (b - a)).Average() / 2);

        private static double Deviation(List<double> values)
        {
            double mean = values.Average();
            return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
        }
    }
}
