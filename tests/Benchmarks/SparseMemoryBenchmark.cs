using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks;

/// <summary>Peak memory of sparse coding on minibatches of a stream: a file's rows over and over, each with noise of its own.</summary>
internal static class SparseMemoryBenchmark
{
    public static void Run(TextWriter output, string path, long rows, int latents)
    {
        NoisyRows source = new(RowSources.Open(path).ReadAll(), rows);
        SparseCodingOptions options = new()
        {
            Latents = latents,
            Covariance = SparseCovariance.Diagonal,
            BatchSize = 512,
            Iterations = 1,
            Centre = false,
            InnerTolerance = 1e-4,
            EncodingTolerance = 1e-4,
        };
        FitResult fit = new SparseCodingTrainer(options).Fit(source, new FitContext { Caching = RowCaching.Stream, Certificate = false });
        string peak = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/status").Single(l => l.StartsWith("VmHWM", StringComparison.Ordinal))[6..].Trim() : "unknown";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{fit.Model.Training.Rows} rows of {source.Columns}, H = {latents}, one epoch streamed: ELBO {fit.Model.Report.Summary.Elbo:F2}, {fit.Elapsed.TotalSeconds:F0} s, {fit.RowsPerSecond:N0} rows/s; peak resident memory {peak}; the rows would take {8 * rows * source.Columns >> 20} MiB, their codes {16 * rows * latents >> 20} MiB"));
    }

    private sealed class NoisyRows((double[] Values, int Count) table, long rows) : IRowSource
    {
        public int Columns { get; } = table.Values.Length / table.Count;

        public IReadOnlyList<string> ColumnNames => [.. Enumerable.Range(0, Columns).Select(d => $"c{d}")];

        public long? RowCount => rows;

        public IRowCursor Open() => new Cursor(this, table, rows);

        private sealed class Cursor(NoisyRows source, (double[] Values, int Count) table, long rows) : IRowCursor
        {
            private long _row;

            public int Read(Span<double> block)
            {
                int columns = source.Columns, count = (int)Math.Min(block.Length / columns, rows - _row);
                for (int i = 0; i < count; i++, _row++)
                {
                    RandomStream random = new(1, RandomPurpose.Generation, (ulong)_row);
                    ReadOnlySpan<double> from = table.Values.AsSpan((int)(_row % table.Count) * columns, columns);
                    double shift = 20 * random.NextGaussian();
                    for (int d = 0; d < columns; d++)
                    {
                        block[(i * columns) + d] = from[d] + shift;
                    }
                }

                return count;
            }

            public void Dispose()
            {
            }
        }
    }
}
