using System.Diagnostics;
using System.Globalization;
using EntropyElbo.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Benchmarks;

/// <summary>Microseconds to encode a row, one by one on one thread: the library itself, a loaded zip behind a cursor, a prediction engine.</summary>
internal static class EncodingBenchmark
{
    private const int Count = 10_000;
    private const int Rounds = 15;

    /// <summary>Rounds before those that count: the just-in-time compiler takes seconds to reach its best.</summary>
    private const int WarmRounds = 60;

    public static void Run(TextWriter output)
    {
        output.WriteLine("| shape | library, us a row | loaded zip, us a row | ratio | prediction engine, us a row | ratio of the fastest rounds |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (int[] sizes in (int[][])[[18, 128, 24, 12], [100, 128, 40, 20], [784, 512, 256, 32]])
        {
            Measure(output, sizes);
        }
    }

    private static void Measure(TextWriter output, int[] sizes)
    {
        MLContext ml = new(1);
        Table table = new(Count, sizes[0]);
        IDataView view = table.Cached(ml);
        ITransformer loaded = Loaded(ml, view, sizes);
        LatentModel model = ml.LatentVariables().FindModel(loaded);
        double[] rows = [.. table.Values.Select(v => (double)v)];
        double[] codes = new double[2 * sizes[^1]];
        IDataView encoded = loaded.Transform(view);
        using PredictionEngine<Table.VectorRow, Codes> engine = ml.Model.CreatePredictionEngine<Table.VectorRow, Codes>(
            loaded, ignoreMissingColumns: true, inputSchemaDefinition: Definition(sizes[0]));
        Table.VectorRow[] inputs = [.. Enumerable.Range(0, Count).Select(r => new Table.VectorRow { Features = table.Values.AsSpan(r * sizes[0], sizes[0]).ToArray() })];
        List<double> library = [], zip = [], engines = [];
        for (int round = 0; round < WarmRounds + Rounds; round++)
        {
            library.Add(Time(() => Library(model, rows, codes)));
            zip.Add(Time(() => Cursor(encoded)));
            engines.Add(Time(() => Engine(engine, inputs)));
        }

        library.RemoveRange(0, WarmRounds);
        zip.RemoveRange(0, WarmRounds);
        engines.RemoveRange(0, WarmRounds);
        double ratio = Table.Median(library.Zip(zip, (a, b) => b / a));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {string.Join('-', sizes)} | {Table.Median(library):F2} | {Table.Median(zip):F2} | {ratio:F2} | {Table.Median(engines):F2} | {zip.Min() / library.Min():F2} |"));
    }

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / Count;
    }

    private static void Library(LatentModel model, double[] rows, double[] codes)
    {
        int width = model.ObservedDimension;
        int latents = model.LatentDimension;
        for (int row = 0; row < Count; row++)
        {
            model.Encode(rows.AsSpan(row * width, width), codes.AsSpan(0, latents), codes.AsSpan(latents));
        }
    }

    private static void Cursor(IDataView encoded)
    {
        DataViewSchema.Column[] columns = [encoded.Schema["Latent"], encoded.Schema["LatentVariance"]];
        using DataViewRowCursor cursor = encoded.GetRowCursor(columns);
        ValueGetter<VBuffer<float>> means = cursor.GetGetter<VBuffer<float>>(columns[0]);
        ValueGetter<VBuffer<float>> variances = cursor.GetGetter<VBuffer<float>>(columns[1]);
        VBuffer<float> mean = default;
        VBuffer<float> variance = default;
        while (cursor.MoveNext())
        {
            means(ref mean);
            variances(ref variance);
        }
    }

    private static void Engine(PredictionEngine<Table.VectorRow, Codes> engine, Table.VectorRow[] inputs)
    {
        Codes codes = new();
        foreach (Table.VectorRow input in inputs)
        {
            engine.Predict(input, ref codes);
        }
    }

    private static ITransformer Loaded(MLContext ml, IDataView view, int[] sizes) => Table.SaveAndLoad(ml, ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options
    {
        Latents = sizes[^1],
        Hidden = sizes[1..^1],
        Epochs = 1,
    }).Fit(view), view);

    private static SchemaDefinition Definition(int columns)
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Table.VectorRow));
        definition[0].ColumnType = new VectorDataViewType(NumberDataViewType.Single, columns);
        return definition;
    }

    private sealed class Codes
    {
        public float[] Latent { get; set; } = [];

        public float[] LatentVariance { get; set; } = [];
    }
}
