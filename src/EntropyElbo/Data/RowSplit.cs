using EntropyElbo.Numerics;

namespace EntropyElbo.Data;

/// <summary>
/// Splits a source into training and test rows without holding rows or lists of them: which side a row falls on is a
/// function of seed and position, so every pass and every machine sees the same split.
/// </summary>
public static class RowSplit
{
    private const int FractionStream = 0;
    private const int FoldStream = 1;

    /// <summary>Sends each row to the test side with a given probability.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="testFraction">Probability of the test side, above 0 and below 1.</param>
    /// <param name="seed">Seed of the split.</param>
    /// <returns>
    /// The two sides, each in the source's order. The number of test rows is binomial, not exactly the fraction; where
    /// the source knows its row count, both sides know theirs and each has at least one row.
    /// </returns>
    /// <exception cref="BadOptionException">The fraction is not between 0 and 1.</exception>
    /// <exception cref="BadDataException">The source is known to have fewer than 2 rows.</exception>
    public static (IRowSource Training, IRowSource Test) ByFraction(IRowSource source, double testFraction, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!(testFraction > 0 && testFraction < 1))
        {
            throw new BadOptionException(
                "test-fraction",
                FormattableString.Invariant($"'test-fraction' is {testFraction}; it must be above 0 and below 1."));
        }

        FractionRule rule = new(seed, testFraction);
        if (source.RowCount is not long rows)
        {
            return (new FilteredRows(source, rule.Training, null), new FilteredRows(source, rule.Test, null));
        }

        RequireRows(rows, 2);
        (rule, long test) = rule.WithBothSides(rows);
        return (new FilteredRows(source, rule.Training, rows - test), new FilteredRows(source, rule.Test, test));
    }

    /// <summary>
    /// One of K folds: of each K successive rows every fold takes one, in random order, so folds differ by at most one row.
    /// </summary>
    /// <param name="source">The rows.</param>
    /// <param name="fold">Which fold is the test side: 0 to <paramref name="folds"/> - 1.</param>
    /// <param name="folds">Number of folds, K, 2 to 1000.</param>
    /// <param name="seed">Seed of the split; the same for all folds.</param>
    /// <returns>The rows of all other folds, and the rows of this one, each in the source's order.</returns>
    /// <exception cref="BadOptionException">Fold or number of folds out of range.</exception>
    /// <exception cref="BadDataException">The source is known to have fewer rows than folds.</exception>
    public static (IRowSource Training, IRowSource Test) Fold(IRowSource source, int fold, int folds, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (folds is < 2 or > 1000)
        {
            throw new BadOptionException(nameof(folds), $"folds is {folds}; it must be 2 to 1000.");
        }

        if (fold < 0 || fold >= folds)
        {
            throw new BadOptionException(nameof(fold), $"fold is {fold}; with {folds} folds it must be 0 to {folds - 1}.");
        }

        long? test = null;
        if (source.RowCount is long rows)
        {
            RequireRows(rows, folds);
            FoldMembership last = new(seed, fold, folds, true, rows / folds);
            test = (rows / folds) + Enumerable.Range(0, (int)(rows % folds)).Count(_ => last.Next());
        }

        return (
            new FilteredRows(source, () => new FoldMembership(seed, fold, folds, false, 0), source.RowCount - test),
            new FilteredRows(source, () => new FoldMembership(seed, fold, folds, true, 0), test));
    }

    private static void RequireRows(long rows, int least)
    {
        if (rows < least)
        {
            throw new BadDataException($"{rows} row(s) cannot be split; at least {least} are needed.");
        }
    }

    /// <summary>Row i is a test row where the i-th uniform number is below the fraction, but for one row forced over.</summary>
    private sealed record FractionRule(ulong Seed, double Fraction, long ForcedRow = -1)
    {
        public FractionMembership Training() => new FractionMembership(this, false);

        public FractionMembership Test() => new FractionMembership(this, true);

        public RandomStream Numbers() => new(Seed, RandomPurpose.Splitting, FractionStream);

        /// <summary>Where one side would be empty, moves to it the row nearest to the threshold.</summary>
        public (FractionRule Rule, long TestRows) WithBothSides(long rows)
        {
            RandomStream numbers = Numbers();
            long test = 0;
            long nearest = 0;
            double distance = double.PositiveInfinity;
            for (long i = 0; i < rows; i++)
            {
                double u = numbers.NextUniform();
                test += u < Fraction ? 1 : 0;
                if (Math.Abs(u - Fraction) < distance)
                {
                    (nearest, distance) = (i, Math.Abs(u - Fraction));
                }
            }

            return test == 0 ? (this with { ForcedRow = nearest }, 1)
                : test == rows ? (this with { ForcedRow = nearest }, rows - 1)
                : (this, test);
        }
    }

    private sealed class FractionMembership(FractionRule rule, bool test) : IRowMembership
    {
        private readonly RandomStream _numbers = rule.Numbers();
        private long _row;

        public bool Next()
        {
            bool isTest = _numbers.NextUniform() < rule.Fraction;
            return (_row++ == rule.ForcedRow ? !isTest : isTest) == test;
        }
    }

    private sealed class FoldMembership(ulong seed, int fold, int folds, bool test, long block) : IRowMembership
    {
        private readonly int[] _order = new int[folds];
        private long _block = block;
        private int _next = folds;

        public bool Next()
        {
            if (_next == _order.Length)
            {
                new RandomStream(seed, RandomPurpose.Splitting, FoldStream, (ulong)_block++).FillPermutation(_order);
                _next = 0;
            }

            return (_order[_next++] == fold) == test;
        }
    }
}
