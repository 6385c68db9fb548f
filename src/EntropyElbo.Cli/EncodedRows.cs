using EntropyElbo.Data;
using EntropyElbo.Models;

namespace EntropyElbo.Cli;

/// <summary>
/// Codes of rows: columns mean_1..mean_H, variance_1..variance_H. Encoded block by block as they are read, so that data
/// of any size fits.
/// </summary>
internal sealed class EncodedRows(LatentModel model, IRowSource rows) : IRowSource
{
    public int Columns => 2 * model.LatentDimension;

    public IReadOnlyList<string> ColumnNames { get; } =
    [
        .. Enumerable.Range(1, model.LatentDimension).Select(h => $"mean_{h}"),
        .. Enumerable.Range(1, model.LatentDimension).Select(h => $"variance_{h}"),
    ];

    public long? RowCount => rows.RowCount;

    /// <summary>Values so far that training did not see, left out of their rows' codes.</summary>
    public long Unseen { get; private set; }

    public IRowCursor Open() => new Cursor(this, model, rows.Open());

    private sealed class Cursor(EncodedRows source, LatentModel model, IRowCursor rows) : IRowCursor
    {
        private readonly double[] _rows = new double[model.RowsPerBlock * model.ObservedDimension];
        private readonly double[] _means = new double[model.RowsPerBlock * model.LatentDimension];
        private readonly double[] _variances = new double[model.RowsPerBlock * model.LatentDimension];

        public int Read(Span<double> block)
        {
            int latents = model.LatentDimension;
            int capacity = block.Length / (2 * latents);
            int filled = 0;
            while (filled < capacity)
            {
                int wanted = Math.Min(model.RowsPerBlock, capacity - filled);
                int read = rows.Read(_rows.AsSpan(0, wanted * model.ObservedDimension));
                if (read == 0)
                {
                    break;
                }

                Encode(read, block.Slice(filled * 2 * latents, read * 2 * latents));
                filled += read;
            }

            return filled;
        }

        public void Dispose() => rows.Dispose();

        private void Encode(int count, Span<double> codes)
        {
            int latents = model.LatentDimension;
            Span<double> means = _means.AsSpan(0, count * latents);
            Span<double> variances = _variances.AsSpan(0, count * latents);
            ReadOnlySpan<double> own = _rows.AsSpan(0, count * model.ObservedDimension);
            model.Encode(own, means, variances);
            source.Unseen += model.CountUnseen(own);
            for (int row = 0; row < count; row++)
            {
                means.Slice(row * latents, latents).CopyTo(codes[(row * 2 * latents)..]);
                variances.Slice(row * latents, latents).CopyTo(codes[(((row * 2) + 1) * latents)..]);
            }
        }
    }
}
