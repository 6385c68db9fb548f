using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Host;

/// <summary>
/// Codes of rows: columns mean_1..mean_H, variance_1..variance_H, then what else was asked for. Encoded block by block as
/// they are read, so that data of any size fits.
/// </summary>
internal sealed class EncodedRows(LatentModel model, IRowSource rows, RowColumns more) : IRowSource
{
    public int Columns => ColumnNames.Count;

    public IReadOnlyList<string> ColumnNames { get; } =
    [
        .. Enumerable.Range(1, model.LatentDimension).Select(h => $"mean_{h}"),
        .. Enumerable.Range(1, model.LatentDimension).Select(h => $"variance_{h}"),
        .. more.Names(model.ColumnNames, model.LatentTerms),
    ];

    public long? RowCount => rows.RowCount;

    /// <summary>Values so far that training did not see, left out of their rows' codes.</summary>
    public long Unseen { get; private set; }

    public IRowCursor Open() => new Cursor(this, model, rows.Open(), more, Columns);

    private sealed class Cursor(EncodedRows source, LatentModel model, IRowCursor rows, RowColumns more, int columns) : IRowCursor
    {
        private readonly double[] _rows = new double[model.RowsPerBlock * model.ObservedDimension];
        private readonly double[] _means = new double[model.RowsPerBlock * model.LatentDimension];
        private readonly double[] _variances = new double[model.RowsPerBlock * model.LatentDimension];
        private readonly double[] _values = new double[model.RowsPerBlock];
        private readonly double[] _reconstructions = new double[more.Reconstruction ? model.RowsPerBlock * model.ObservedDimension : 0];

        private readonly double[] _columnTerms = new double[more.Explain ? model.RowsPerBlock * model.ObservedDimension : 0];
        private readonly double[] _kl = new double[more.Explain ? model.RowsPerBlock * model.LatentTerms : 0];
        private readonly double[] _entropies = new double[more.Explain ? model.RowsPerBlock * model.LatentTerms : 0];

        public int Read(Span<double> block)
        {
            int capacity = block.Length / columns;
            int filled = 0;
            while (filled < capacity)
            {
                int wanted = Math.Min(model.RowsPerBlock, capacity - filled);
                int read = rows.Read(_rows.AsSpan(0, wanted * model.ObservedDimension));
                if (read == 0)
                {
                    break;
                }

                Encode(read, block.Slice(filled * columns, read * columns));
                filled += read;
            }

            return filled;
        }

        public void Dispose() => rows.Dispose();

        private void Encode(int count, Span<double> target)
        {
            int latents = model.LatentDimension;
            ReadOnlySpan<double> observed = _rows.AsSpan(0, count * model.ObservedDimension);
            Span<double> means = _means.AsSpan(0, count * latents);
            Span<double> variances = _variances.AsSpan(0, count * latents);
            model.Encode(observed, means, variances);
            source.Unseen += model.CountUnseen(observed);
            Place(means, target, 0, latents);
            Place(variances, target, latents, latents);
            int next = 2 * latents;
            Span<double> values = _values.AsSpan(0, count);
            if (more.Score)
            {
                model.AnomalyScore(observed, values, more.Samples ?? EvaluateOptions.DefaultSamples, more.Seed);
                Place(values, target, next++, 1);
            }

            if (more.LogLikelihood)
            {
                model.LogLikelihood(observed, values, more.Samples ?? RowColumns.DefaultImportanceSamples, more.Seed);
                Place(values, target, next++, 1);
            }

            if (more.Reconstruction)
            {
                Span<double> reconstructions = _reconstructions.AsSpan(0, observed.Length);
                model.Decode(means, reconstructions);
                Place(reconstructions, target, next, model.ObservedDimension);
                next += model.ObservedDimension;
            }

            if (more.Explain)
            {
                Explain(observed, count, target, next);
            }
        }

        /// <summary>The score's parts by columns and latents, which add up to it, and the encoder's entropies.</summary>
        private void Explain(ReadOnlySpan<double> observed, int count, Span<double> target, int next)
        {
            Span<double> terms = _columnTerms.AsSpan(0, observed.Length);
            Span<double> kl = _kl.AsSpan(0, count * model.LatentTerms);
            Span<double> entropies = _entropies.AsSpan(0, count * model.LatentTerms);
            model.RowTerms(observed, terms, kl, entropies, more.Samples ?? EvaluateOptions.DefaultSamples, more.Seed);
            TensorPrimitives.Negate(terms, terms);
            Place(terms, target, next, model.ObservedDimension);
            Place(kl, target, next + model.ObservedDimension, model.LatentTerms);
            Place(entropies, target, next + model.ObservedDimension + model.LatentTerms, model.LatentTerms);
        }

        /// <summary>Puts the columns of a block into those of the target from <paramref name="first"/> on.</summary>
        private void Place(ReadOnlySpan<double> values, Span<double> target, int first, int width)
        {
            for (int row = 0; row < values.Length / width; row++)
            {
                values.Slice(row * width, width).CopyTo(target[((row * columns) + first)..]);
            }
        }
    }
}
