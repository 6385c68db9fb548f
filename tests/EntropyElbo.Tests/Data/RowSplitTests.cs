using EntropyElbo.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class RowSplitTests
{
    [TestMethod]
    [DataRow(1000, 0.3)]
    [DataRow(1000, 0.01)]
    [DataRow(3, 0.5)]
    public void Fraction_splits_every_row_to_one_side(int rows, double fraction)
    {
        (IRowSource training, IRowSource test) = RowSplit.ByFraction(DataTest.Numbered(rows, 2), fraction, 11);
        AssertPartition(rows, training, test);
    }

    /// <summary>Binomial counts: 5 standard deviations around the mean, for many seeds.</summary>
    [TestMethod]
    public void Fraction_is_the_probability_of_the_test_side()
    {
        InMemoryRows rows = DataTest.Numbered(10_000, 1);
        for (ulong seed = 0; seed < 20; seed++)
        {
            double test = RowSplit.ByFraction(rows, 0.2, seed).Test.RowCount!.Value;
            Assert.AreEqual(2000, test, 5 * Math.Sqrt(10_000 * 0.2 * 0.8));
        }
    }

    [TestMethod]
    public void Each_side_has_a_row_even_of_two()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            foreach (double fraction in new[] { 0.01, 0.5, 0.99 })
            {
                (IRowSource training, IRowSource test) = RowSplit.ByFraction(DataTest.Numbered(2, 1), fraction, seed);
                Assert.HasCount(1, DataTest.Read(training, 5));
                Assert.HasCount(1, DataTest.Read(test, 5));
                AssertPartition(2, training, test);
            }
        }
    }

    [TestMethod]
    public void Same_seed_same_split_whether_or_not_the_count_is_known()
    {
        InMemoryRows known = DataTest.Numbered(300, 1);
        CheckedRows unknown = new(known, MissingValues.SkipRow);
        double[] test = RowSplit.ByFraction(known, 0.4, 5).Test.ReadAll().Values;
        DataTest.AssertRows(test, RowSplit.ByFraction(unknown, 0.4, 5).Test);
        Assert.IsNull(RowSplit.ByFraction(unknown, 0.4, 5).Training.RowCount);
        CollectionAssert.AreNotEqual(test, RowSplit.ByFraction(known, 0.4, 6).Test.ReadAll().Values);
        DataTest.AssertRows(RowSplit.Fold(known, 1, 4, 5).Test.ReadAll().Values, RowSplit.Fold(unknown, 1, 4, 5).Test);
    }

    [TestMethod]
    [DataRow(100, 5)]
    [DataRow(103, 10)]
    [DataRow(7, 7)]
    [DataRow(11, 2)]
    public void Folds_are_even_and_cover_every_row_once(int rows, int folds)
    {
        List<double> seen = [];
        for (int fold = 0; fold < folds; fold++)
        {
            (IRowSource training, IRowSource test) = RowSplit.Fold(DataTest.Numbered(rows, 2), fold, folds, 3);
            AssertPartition(rows, training, test);
            Assert.IsTrue(test.RowCount == rows / folds || test.RowCount == (rows / folds) + 1);
            seen.AddRange(test.ReadAll().Values);
        }

        seen.Sort();
        CollectionAssert.AreEqual(Enumerable.Range(0, 2 * rows).Select(i => (double)i).ToArray(), seen.ToArray());
    }

    [TestMethod]
    public void Bad_options_and_too_few_rows_are_refused()
    {
        InMemoryRows rows = DataTest.Numbered(10, 1);
        foreach (double fraction in new[] { 0, 1, -0.1, 1.1, double.NaN })
        {
            Assert.AreEqual("test-fraction", Assert.ThrowsExactly<BadOptionException>(() => RowSplit.ByFraction(rows, fraction, 1)).Option);
        }

        Assert.ThrowsExactly<BadDataException>(() => RowSplit.ByFraction(DataTest.Numbered(1, 1), 0.5, 1));
        Assert.ThrowsExactly<BadDataException>(() => RowSplit.Fold(rows, 0, 11, 1));
        Assert.ThrowsExactly<BadOptionException>(() => RowSplit.Fold(rows, 0, 1, 1));
        Assert.ThrowsExactly<BadOptionException>(() => RowSplit.Fold(rows, 3, 3, 1));
        Assert.ThrowsExactly<BadOptionException>(() => RowSplit.Fold(rows, -1, 3, 1));
    }

    private static void AssertPartition(int rows, IRowSource training, IRowSource test)
    {
        double[] first = DataTest.Read(training, 4);
        double[] second = DataTest.Read(test, 4);
        DataTest.AssertRows(first, training);
        DataTest.AssertRows(second, test);
        Assert.AreEqual(training.RowCount, first.Length / training.Columns);
        CollectionAssert.AreEqual(first.Order().ToArray(), first, "order kept");
        double[] all = [.. first.Concat(second).Order()];
        CollectionAssert.AreEqual(Enumerable.Range(0, rows * test.Columns).Select(i => (double)i).ToArray(), all);
    }
}
