using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Numerics;
using nietras.SeparatedValues;

namespace EntropyElbo.Benchmarks;

/// <summary>What is ours where a library exists, beside that library, in turns within one run; medians of five rounds.</summary>
internal static class LibraryBenchmarks
{
    private const int Rounds = 5;

    /// <summary>All cells of a table as doubles: our reader beside Sep, on the digits repeated and on the same with quotes around every cell.</summary>
    /// <param name="output">Takes the table.</param>
    /// <param name="digits">The digits as CSV, with a header, which is left out.</param>
    public static void Csv(TextWriter output, string digits)
    {
        output.WriteLine("| text | MB | ours s | Sep s | ours / Sep | sums agree |");
        output.WriteLine("|---|---|---|---|---|---|");
        string[] lines = File.ReadAllLines(digits)[1..];
        foreach (bool quoted in (bool[])[false, true])
        {
            string path = Path.Combine(Path.GetTempPath(), $"sep-{Guid.NewGuid():N}.csv");
            try
            {
                Write(path, lines, quoted);
                Measure(output, path, quoted);
            }
            finally
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Eigenpairs of a covariance: ours (the largest few, and all), beside MathNet's complete decomposition.</summary>
    /// <param name="output">Takes the table.</param>
    public static void Eigenvalues(TextWriter output)
    {
        output.WriteLine("| n | ours, 16 pairs, s | ours, all pairs, s | MathNet Evd, s | ours 16 / MathNet | ours all / MathNet | largest difference |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach (int n in (int[])[64, 784, 3072])
        {
            double[] matrix = Covariance(n);
            int rounds = n > 1000 ? 1 : Rounds;
            List<double> few = [], all = [], full = [];
            double difference = 0;
            for (int round = 0; round < rounds; round++)
            {
                EigenPairs ours = Time(few, () => SymmetricEigen.Top(matrix, n, 16));
                EigenPairs whole = Time(all, () => SymmetricEigen.Top(matrix, n, n));
                EigenPairs theirs = Time(full, () => SymmetricEigen.ByFullDecomposition(matrix, n, n));
                difference = Math.Max(Distance(ours.Values, theirs.Values.AsSpan(0, 16)), Distance(whole.Values, theirs.Values)) / theirs.Values[0];
            }

            double a = TrainingBenchmark.Median(few), b = TrainingBenchmark.Median(all), c = TrainingBenchmark.Median(full);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {n} | {a:G3} | {b:G3} | {c:G3} | {a / c:F3} | {b / c:F3} | {difference:G2} |"));
        }
    }

    private static T Time<T>(List<double> times, Func<T> action)
    {
        Stopwatch watch = Stopwatch.StartNew();
        T result = action();
        times.Add(watch.Elapsed.TotalSeconds);
        return result;
    }

    private static double Distance(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => TensorPrimitives.Distance(a, b);

    /// <summary>Of 2 n rows with a decaying spectrum.</summary>
    private static double[] Covariance(int n)
    {
        double[] rows = new double[2 * n * n];
        new RandomStream(1, RandomPurpose.Generation).FillGaussian(rows);
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] /= Math.Sqrt(1 + (i % n));
        }

        RowMoments moments = RowMoments.Read(new InMemoryRows(rows, n), Scaling.Identity(n), Environment.ProcessorCount, CancellationToken.None);
        return moments.Covariance();
    }

    private static void Write(string path, string[] lines, bool quoted)
    {
        using StreamWriter writer = new(path);
        string[] texts = quoted ? [.. lines.Select(l => $"\"{l.Replace(",", "\",\"", StringComparison.Ordinal)}\"")] : lines;
        long target = 200_000_000;
        for (long written = 0; written < target;)
        {
            foreach (string text in texts)
            {
                writer.Write(text);
                writer.Write('\n');
                written += text.Length + 1;
            }
        }
    }

    private static void Measure(TextWriter output, string path, bool quoted)
    {
        List<double> ours = [], theirs = [];
        double own = 0, sep = 0;
        for (int round = 0; round < Rounds; round++)
        {
            own = Time(ours, () => Ours(path));
            sep = Time(theirs, () => Sep(path));
        }

        double a = TrainingBenchmark.Median(ours), b = TrainingBenchmark.Median(theirs);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {(quoted ? "every cell quoted" : "plain")} | {new FileInfo(path).Length / 1e6:F0} | {a:F2} | {b:F2} | {a / b:F2} | {(own == sep ? "yes" : "NO")} |"));
    }

    private static double Ours(string path)
    {
        double sum = 0;
        CsvRows rows = new(path);
        double[] block = new double[256 * rows.Columns];
        using IRowCursor cursor = rows.Open();
        for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
        {
            foreach (double value in block.AsSpan(0, read * rows.Columns))
            {
                sum += value;
            }
        }

        return sum;
    }

    private static double Sep(string path)
    {
        double sum = 0;
        using SepReader reader = nietras.SeparatedValues.Sep.New(',').Reader(o => o with { HasHeader = false, Unescape = true }).FromFile(path);
        foreach (SepReader.Row row in reader)
        {
            for (int column = 0; column < row.ColCount; column++)
            {
                sum += row[column].Parse<double>();
            }
        }

        return sum;
    }
}
