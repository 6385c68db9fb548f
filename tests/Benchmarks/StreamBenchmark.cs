using System.Diagnostics;
using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Streaming;

namespace EntropyElbo.Benchmarks;

/// <summary>Rows a second through the learners of streams: 1,000,000 rows of 10 columns in memory, one thread.</summary>
internal static class StreamBenchmark
{
    private const int Columns = 10;
    private const int Rounds = 5;

    public static void Run(TextWriter output)
    {
        double[] rows = StreamingChunks.Create(1_000_000, 1, Columns, [4]).ReadAll().Values;
        output.WriteLine("| learner | rows/s, median of five | least, largest |");
        output.WriteLine("|---|---|---|");
        Line(output, "ppca, 0 to 9 latents", rows, () => new StreamingPca(Columns));
        Line(output, "factor-analysis, 4 latents", rows, () => new StreamingFactorAnalysis(Columns, new StreamingFactorAnalysisOptions { Latents = 4 }));
        foreach (string family in (string[])["gaussian-diagonal", "gaussian-full"])
        {
            Line(output, $"mixture:{family}, 4 components", rows, () => new StreamingMixture(Columns, new StreamingMixtureOptions { Components = family, Count = 4 }));
        }
    }

    private static void Line(TextWriter output, string name, double[] rows, Func<StreamLearner> create)
    {
        create().Add(rows);
        double[] rates = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            StreamLearner learner = create();
            long start = Stopwatch.GetTimestamp();
            learner.Add(rows);
            rates[i] = rows.Length / Columns / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(rates);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {rates[Rounds / 2] / 1e6:F2} M | {rates[0] / 1e6:F2}, {rates[^1] / 1e6:F2} |"));
    }
}
