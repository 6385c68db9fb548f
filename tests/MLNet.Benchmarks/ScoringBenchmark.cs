using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Benchmarks;

/// <summary>
/// Rows a second, encoded and scored by a VAE: the library on one thread over all rows at once, a fitted transformer's view, a loaded zip through
/// <see cref="LatentVariablesCatalog.Transform"/>, and a loaded zip row by row.
/// </summary>
internal static class ScoringBenchmark
{
    private const int Rounds = 7;

    public static void Run(TextWriter output)
    {
        output.WriteLine("| shape | what | library, rows/s | fitted | of the library's | loaded, in blocks | of the library's | loaded, row by row | of the library's |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (int[] sizes in (int[][])[[18, 128, 24, 12], [100, 128, 40, 20], [784, 512, 256, 32]])
        {
            Measure(output, sizes);
        }
    }

    private static void Measure(TextWriter output, int[] sizes)
    {
        MLContext ml = new(1);
        Table table = new(sizes[0] > 500 ? 5_000 : 20_000, sizes[0]);
        IDataView view = table.Cached(ml);
        LatentTransformer fitted = ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options
        {
            Latents = sizes[^1],
            Hidden = sizes[1..^1],
            Epochs = 1,
            AnomalyScoreColumnName = "Strange",
        }).Fit(view);
        ITransformer loaded = Table.SaveAndLoad(ml, fitted, view);
        double[] rows = [.. table.Values.Select(v => (double)v)];
        double[] codes = new double[2 * table.Rows * sizes[^1]];
        double[] scores = new double[table.Rows];
        Write("encode", () => fitted.Model.Encode(rows, codes.AsSpan(0, codes.Length / 2), codes.AsSpan(codes.Length / 2)), "Latent");
        Write("score", () => fitted.Model.AnomalyScore(rows, scores), "Strange");

        void Write(string what, Action library, string column)
        {
            Action[] ways = [library, () => Read(fitted.Transform(view), column), () => Read(ml.LatentVariables().Transform(loaded, view), column), () => Read(loaded.Transform(view), column)];
            List<double>[] rates = [.. ways.Select(_ => new List<double>())];
            for (int round = 0; round < 2 * Rounds; round++)
            {
                for (int way = 0; way < ways.Length; way++)
                {
                    long start = Stopwatch.GetTimestamp();
                    ways[way]();
                    rates[way].Add(table.Rows / Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }

            // The first half warms up.
            double[] medians = [.. rates.Select(r => Table.Median(r.Skip(Rounds)))];
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {string.Join('-', sizes)} | {what} | {medians[0]:N0} | {medians[1]:N0} | {medians[1] / medians[0]:P0} | {medians[2]:N0} | {medians[2] / medians[0]:P0} | {medians[3]:N0} | {medians[3] / medians[0]:P0} |"));
        }
    }

    private static void Read(IDataView view, string name)
    {
        DataViewSchema.Column column = view.Schema[name];
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        if (column.Type is VectorDataViewType)
        {
            Read<VBuffer<float>>(cursor, column);
        }
        else
        {
            Read<float>(cursor, column);
        }
    }

    private static void Read<T>(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = cursor.GetGetter<T>(column);
        T value = default!;
        while (cursor.MoveNext())
        {
            getter(ref value);
        }
    }
}
