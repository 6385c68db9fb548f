using EntropyElbo;
using EntropyElbo.Data;

namespace MLNet.EntropyElbo.Data;

/// <summary>
/// A column that is another one, each slot stretched and moved, as by a normaliser. Densities of the one are those of the other up to
/// the product of the stretches.
/// </summary>
internal static class AffineImage
{
    /// <summary>Share of an image's range by which it may miss: Singles are rounded.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>The logarithm of each slot's stretch.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="image">What became of them, row by row.</param>
    /// <exception cref="BadDataException">It is no such image, or a slot does not vary.</exception>
    public static double[] LogStretches(DataViewRows rows, DataViewRows image)
    {
        if (rows.Columns != image.Columns)
        {
            throw NotOne(FormattableString.Invariant($"it has {image.Columns} slots, not {rows.Columns}"));
        }

        int columns = rows.Columns;
        double[] least = new double[columns], most = new double[columns], leastImage = new double[columns], mostImage = new double[columns];
        least.AsSpan().Fill(double.PositiveInfinity);
        most.AsSpan().Fill(double.NegativeInfinity);
        Walk(rows, image, (d, x, y) =>
        {
            (least[d], leastImage[d]) = x < least[d] ? (x, y) : (least[d], leastImage[d]);
            (most[d], mostImage[d]) = x > most[d] ? (x, y) : (most[d], mostImage[d]);
        });
        double[] slopes = new double[columns];
        for (int d = 0; d < columns; d++)
        {
            slopes[d] = (mostImage[d] - leastImage[d]) / (most[d] - least[d]);
            if (!double.IsFinite(slopes[d]) || slopes[d] == 0)
            {
                throw NotOne($"'{rows.ColumnNames[d]}' does not vary in one of them");
            }
        }

        Walk(rows, image, (d, x, y) =>
        {
            double expected = leastImage[d] + (slopes[d] * (x - least[d]));
            if (Math.Abs(y - expected) > Tolerance * Math.Abs(mostImage[d] - leastImage[d]))
            {
                throw NotOne($"'{rows.ColumnNames[d]}' is bent");
            }
        });
        return Array.ConvertAll(slopes, slope => Math.Log(Math.Abs(slope)));
    }

    /// <summary>Goes through all values that are there in both.</summary>
    private static void Walk(DataViewRows rows, DataViewRows image, Action<int, double, double> see)
    {
        double[] x = new double[rows.Columns], y = new double[rows.Columns];
        using IRowCursor one = rows.Open(), other = image.Open();
        while (one.Read(x) > 0)
        {
            if (other.Read(y) == 0)
            {
                throw NotOne("rows are left out");
            }

            for (int d = 0; d < x.Length; d++)
            {
                if (double.IsFinite(x[d]) && double.IsFinite(y[d]))
                {
                    see(d, x[d], y[d]);
                }
            }
        }
    }

    private static BadDataException NotOne(string reason) => new(
        $"What reaches the model is not the input column with each slot stretched and moved ({reason}), so its densities do not compare "
            + $"with those of other pipelines; give a score of your own.");
}
