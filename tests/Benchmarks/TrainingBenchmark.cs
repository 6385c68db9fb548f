using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks;

/// <summary>
/// Training rows per second against the same network, batch and optimiser in PyTorch on CPU, in turns within one run, medians over the
/// rounds: VAE-1 on three shapes, and every member of the family on one.
/// </summary>
internal static class TrainingBenchmark
{
    private const int Rounds = 5;

    private static readonly (string Name, int[] Sizes, int Batch, int Rows)[] s_shapes =
    [
        ("18-128-24-12", [18, 128, 24, 12], 1024, 200 * 1024),
        ("100-128-40-20", [100, 128, 40, 20], 512, 160 * 512),
        ("784-512-256-32", [784, 512, 256, 32], 256, 40 * 256),
    ];

    private static readonly (string Name, VaeVariant Variant, ObservableLikelihood Likelihood, int Levels)[] s_members =
    [
        ("vae-0", VaeVariant.FixedVariance, ObservableLikelihood.Gaussian, 0),
        ("vae-1", VaeVariant.LearnedVariance, ObservableLikelihood.Gaussian, 0),
        ("vae-2", VaeVariant.LearnedPrior, ObservableLikelihood.Gaussian, 0),
        ("vae-d", VaeVariant.VariancePerColumn, ObservableLikelihood.Gaussian, 0),
        ("vae-3", VaeVariant.VarianceNetwork, ObservableLikelihood.Gaussian, 0),
        ("sparse-vae", VaeVariant.SparsePrior, ObservableLikelihood.Gaussian, 0),
        ("bernoulli", VaeVariant.LearnedVariance, ObservableLikelihood.Bernoulli, 2),
        ("binomial", VaeVariant.LearnedVariance, ObservableLikelihood.Binomial(8), 9),
        ("poisson", VaeVariant.LearnedVariance, ObservableLikelihood.Poisson, 4),
    ];

    /// <summary>VAE-1 on three shapes, beside PyTorch and, where one is given, another peer.</summary>
    public static void Run(TextWriter output, PythonPeer? other = null) => Run(output, s_shapes.Select(shape => (shape, s_members[1])), other);

    /// <summary>Every member on 100-128-40-20.</summary>
    public static void RunMembers(TextWriter output) => Run(output, s_members.Select(member => (s_shapes[1], member)), null);

    private static void Run(
        TextWriter output,
        IEnumerable<((string Name, int[] Sizes, int Batch, int Rows), (string Name, VaeVariant Variant, ObservableLikelihood Likelihood, int Levels))> cases,
        PythonPeer? second)
    {
        using PythonPeer? first = PythonPeer.TryStart("training_torch.py");
        output.WriteLine(first is null ? "no python with torch found: no figures of PyTorch (set PYTHON to name one)" : first.Versions);
        output.WriteLine(second?.Versions ?? "no TorchSharp");
        output.WriteLine("| member | shape | batch | rows/s | rows/s, 1 thread | PyTorch rows/s | its threads | TorchSharp rows/s | its threads | ratio to the best |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (((string name, int[] sizes, int batch, int rows), (string member, VaeVariant variant, ObservableLikelihood likelihood, int levels)) in cases)
        {
            GaussianVaeOptions options = new()
            {
                Variant = variant,
                Likelihood = likelihood,
                Latents = sizes[^1],
                Hidden = sizes[1..^1],
                InitialLogVariance = -3,
                Training = new MinibatchOptions { BatchSize = batch, Epochs = 3, StationarityTolerance = 0 },
            };
            InMemoryRows data = Uniform(rows, sizes[0], levels);
            List<double> all = [];
            List<double> one = [];
            PeerRates torch = new(first), sharp = new(second);
            string question = string.Create(CultureInfo.InvariantCulture, $"{name} {batch} {rows} {member}");
            for (int round = 0; round < Rounds; round++)
            {
                all.AddRange(RatesOf(new GaussianVaeTrainer(options), data, 0));
                torch.Ask(question);
                one.AddRange(RatesOf(new GaussianVaeTrainer(options), data, 1));
                sharp.Ask(question);
            }

            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {member} | {name} | {batch} | {Median(all):N0} | {Median(one):N0} | {torch} | {sharp} | {Median(all) / PeerRates.Best(torch, sharp):F2} |"));
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>Uniform values, or integers below a number of levels.</summary>
    public static InMemoryRows Uniform(int rows, int columns, int levels = 0)
    {
        RandomStream random = new(1, RandomPurpose.Generation);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(levels > 0 ? Math.Floor(levels * random.NextUniform()) : random.NextUniform());
        }

        return new InMemoryRows(values, columns);
    }

    /// <summary>Rows per second of the second and third epoch of a fit, which ends there, without its report.</summary>
    public static IEnumerable<double> RatesOf(ITrainer trainer, InMemoryRows data, int threads, ComputeEngine? engine = null)
    {
        using EpochTimes times = new(3);
        try
        {
            trainer.Fit(
                data,
                new FitContext { Threads = threads, Engine = engine ?? ComputeEngine.Cpu, Progress = times, ThrowsWhenCancelled = true },
                times.Enough);
        }
        catch (OperationCanceledException) when (times.Enough.IsCancellationRequested)
        {
            // Nobody reads the report, which can take longer than the epochs.
        }

        return times.Elapsed.Skip(1).Zip(times.Elapsed, (t, before) => data.Rows / (t - before).TotalSeconds);
    }

    /// <summary>Times of the first epochs; cancels after the last of them.</summary>
    private sealed class EpochTimes(int epochs) : IProgress<FitProgress>, IDisposable
    {
        private readonly CancellationTokenSource _enough = new();

        public List<TimeSpan> Elapsed { get; } = [];

        public CancellationToken Enough => _enough.Token;

        public void Report(FitProgress value)
        {
            Elapsed.Add(value.Elapsed);
            if (value.Epoch >= epochs)
            {
                _enough.Cancel();
            }
        }

        public void Dispose() => _enough.Dispose();
    }
}
