using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EntropyElbo.Cli.Host;
using EntropyElbo.Data;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Reports;

/// <summary>The training rows that a page speaks of one by one: all of them, or a seeded sample.</summary>
internal sealed class PageRows
{
    /// <summary>Rows that are looked at one by one, at most.</summary>
    private const int MostRows = 5000;

    /// <summary>Values of these rows at most: 32 MB.</summary>
    private const int MostValues = 4_000_000;

    /// <summary>Rows that are drawn as points, at most.</summary>
    private const int MostPoints = 2000;
    private readonly double[] _values;

    private PageRows(long rows, string fingerprint, RowSample sample, int columns)
    {
        (Rows, Fingerprint, Columns) = (rows, fingerprint, columns);
        (_values, Places, Points) = sample.Rows(MostPoints);
    }

    /// <summary>Training rows, those with missing values among them.</summary>
    public long Rows { get; }

    /// <summary>SHA-256 of column names and values, and of the weights where rows have any.</summary>
    public string Fingerprint { get; }

    /// <summary>Columns of a row.</summary>
    public int Columns { get; }

    /// <summary>Rows here.</summary>
    public int Count => Places.Length;

    /// <summary>Where the rows stand in the file, from 0.</summary>
    public long[] Places { get; }

    /// <summary>Which of the rows are drawn.</summary>
    public int[] Points { get; }

    /// <summary>What the rows are called; null where nothing says.</summary>
    public string[]? Labels { get; private init; }

    /// <summary>[Count, Columns], in the units of the data.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>How the rows here relate to all of them, for captions.</summary>
    public string Sampled(int shown) => shown < Rows
        ? $"{Wording.Count(shown, "row")} of {Rows}, drawn at random with the seed of the fit"
        : $"all {Wording.Count(shown, "row")}";

    /// <summary>[points, Columns]: the rows that are drawn.</summary>
    public double[] PointValues()
    {
        double[] values = new double[Points.Length * Columns];
        for (int i = 0; i < Points.Length; i++)
        {
            Values.Slice(Points[i] * Columns, Columns).CopyTo(values.AsSpan(i * Columns));
        }

        return values;
    }

    /// <summary>Reads the rows once more.</summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="places">Where each of them stands in the file; null where they are all rows of it.</param>
    /// <param name="model">The model, which says whether rows with missing values count.</param>
    /// <param name="seed">Seed of the sample.</param>
    /// <param name="labels">What they are called, or null.</param>
    public static PageRows Read(IRowSource rows, IRowSource? places, LatentModel model, ulong seed, IRowLabels? labels)
    {
        RowSample sample = new(Math.Clamp(MostValues / rows.Columns, 1, MostRows), rows.Columns, seed);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Concat(rows.ColumnNames.Select(name => name + '\n'))));
        double[] block = RowBlock.Allocate(rows.Columns), weights = RowBlock.AllocateWeights(rows), place = new double[1];
        using IRowCursor cursor = rows.Open();
        using IRowCursor? placeCursor = places?.Open();
        long count = 0;
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            hash.AppendData(MemoryMarshal.AsBytes(block.AsSpan(0, read * rows.Columns)));
            hash.AppendData(MemoryMarshal.AsBytes(weights.AsSpan(0, rows.HasWeights ? read : 0)));
            for (int i = 0; i < read; i++, count++)
            {
                ReadOnlySpan<double> row = block.AsSpan(i * rows.Columns, rows.Columns);
                long at = placeCursor?.Read(place) > 0 ? (long)place[0] : count;
                if (RowBlock.IndexOfNonFinite(row) < 0 || (model.TakesMissingEntries && RowBlock.IndexOfInfinite(row) < 0))
                {
                    sample.Offer(row, at);
                }
            }
        }

        PageRows page = new(count, Convert.ToHexStringLower(hash.GetHashAndReset()), sample, rows.Columns);
        return labels is null ? page : new PageRows(page, [.. labels.Of(page.Places).Select(text => Shown.Line(text))]);
    }

    private PageRows(PageRows page, string[] labels)
    {
        (Rows, Fingerprint, Columns, _values, Places, Points) =
            (page.Rows, page.Fingerprint, page.Columns, page._values, page.Places, page.Points);
        Labels = labels;
    }
}
