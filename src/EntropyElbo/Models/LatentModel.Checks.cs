using EntropyElbo.Data;

namespace EntropyElbo.Models;

/// <content>What is refused of what goes in and comes out.</content>
public abstract partial class LatentModel
{
    private int CountRows(int length, string name)
    {
        if (length == 0 || length % ObservedDimension != 0)
        {
            throw new ArgumentException(
                $"The model takes rows of {ObservedDimension} values ({ColumnHint()}); {length} values are not one or more whole rows.",
                name);
        }

        return length / ObservedDimension;
    }

    private string ColumnHint()
    {
        IReadOnlyList<string> names = ColumnNames;
        return names.Count <= 4 ? string.Join(", ", names) : $"{names[0]}, {names[1]}, ..., {names[^1]}";
    }

    private static void RequireLength(int length, int rows, int width, string name)
    {
        if (length != (long)rows * width)
        {
            throw new ArgumentException($"'{name}' has room for {length} values; {rows} rows need {(long)rows * width}.", name);
        }
    }

    /// <summary>Finite rows give finite results, unless they or the model's parameters are too large for its arithmetic.</summary>
    private static void RequireFinite(ReadOnlySpan<double> values, int width, string what)
    {
        int bad = RowBlock.IndexOfNonFinite(values);
        if (bad >= 0)
        {
            throw TooLarge(bad / width, what, "a finite number");
        }
    }

    /// <summary>As above, where a row may be impossible: its log-probability is minus infinity.</summary>
    private static void RequireNumbers(ReadOnlySpan<double> values, string what, int width = 1)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i]))
            {
                throw TooLarge(i / width, what, "a number");
            }
        }
    }

    private static BadDataException TooLarge(int row, string what, string kind) => new(
        $"Row {row} has {what} that is not {kind}: values this far from those the model was trained on, or the model's own parameters, "
            + $"are too large for its arithmetic. Leave the row out, or train with scaled columns.",
        row);

    private static void RequireSamples(int samples, int least) => BadOptionException.ThrowUnless(
        samples >= least
            && samples <= 1_000_000, "samples", $"The number of samples is {samples}; it must be between {least} and 1,000,000.");

    /// <summary>Checked and scaled copy of rows in rented memory.</summary>
    private readonly ref struct ScaledRows
    {
        private readonly double[] _rented;
        private readonly int _length;

        public ScaledRows(LatentModel model, ReadOnlySpan<double> rows)
        {
            _length = rows.Length;
            int bad = model.TakesMissingEntries ? RowBlock.IndexOfInfinite(rows) : RowBlock.IndexOfNonFinite(rows);
            if (bad >= 0)
            {
                int width = model.ObservedDimension;
                string column = model.ColumnNames[bad % width];
                throw new BadDataException(
                    $"Row {bad / width}, column '{column}' is not a finite number; clean the data or skip such rows.", bad / width, column);
            }

            _rented = System.Buffers.ArrayPool<double>.Shared.Rent(_length);
            model.Scaling.Apply(rows, _rented.AsSpan(0, _length));
        }

        public ReadOnlySpan<double> Span => _rented.AsSpan(0, _length);

        public void Dispose() => System.Buffers.ArrayPool<double>.Shared.Return(_rented);
    }
}
