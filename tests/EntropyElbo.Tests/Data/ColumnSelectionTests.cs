using EntropyElbo.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class ColumnSelectionTests
{
    private static readonly string[] Names = ["alpha", "beta", "gamma", "a,b", "1980", "x-y", "label"];

    [TestMethod]
    [DataRow("1-3", "0 1 2")]
    [DataRow("2,5-7", "1 4 5 6")]
    [DataRow(" 3 , 1 ", "2 0")]
    [DataRow("gamma,alpha", "2 0")]
    [DataRow("label,1-2", "6 0 1")]
    [DataRow("x-y", "5")]
    [DataRow("\"1980\",\"a,b\"", "4 3")]
    [DataRow("7", "6")]
    [DataRow("2 - 3", "1 2")]
    public void Selections_are_read_and_matched(string text, string expected) =>
        Assert.AreEqual(expected, string.Join(' ', ColumnSelection.Parse(text).Resolve(Names)));

    [TestMethod]
    [DataRow("")]
    [DataRow("1,,2")]
    [DataRow("0")]
    [DataRow("0-3")]
    [DataRow("3-1")]
    [DataRow("99999999999")]
    [DataRow("\"open")]
    public void Malformed_selections_are_refused(string text) =>
        Assert.AreEqual("columns", Assert.ThrowsExactly<BadOptionException>(() => ColumnSelection.Parse(text)).Option);

    [TestMethod]
    public void Unknown_name_lists_the_nearest()
    {
        BadOptionException e = Assert.ThrowsExactly<BadOptionException>(() => ColumnSelection.Parse("gama").Resolve(Names));
        StringAssert.Contains(e.Message, "'gama'");
        StringAssert.Contains(e.Message, "'gamma'");
    }

    [TestMethod]
    public void Position_past_the_end_names_position_and_count()
    {
        foreach (string text in new[] { "8", "1-2000000000", "1980" })
        {
            BadOptionException e = Assert.ThrowsExactly<BadOptionException>(() => ColumnSelection.Parse(text).Resolve(Names));
            StringAssert.Contains(e.Message, "only 7");
        }
    }

    [TestMethod]
    public void Twice_selected_or_ambiguous_columns_are_refused()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<BadOptionException>(() => ColumnSelection.Parse("1-3,beta").Resolve(Names)).Message, "twice");
        StringAssert.Contains(
            Assert.ThrowsExactly<BadOptionException>(() => ColumnSelection.Parse("a").Resolve(["a", "b", "a"])).Message, "1 and 3");
    }

    [TestMethod]
    public void Names_can_be_given_as_such()
    {
        CollectionAssert.AreEqual(new[] { 4, 3 }, ColumnSelection.OfNames("1980", "a,b").Resolve(Names));
        Assert.ThrowsExactly<BadOptionException>(() => ColumnSelection.OfNames());
    }

    [TestMethod]
    [DataRow("kitten", "sitting", 3)]
    [DataRow("", "abc", 3)]
    [DataRow("Label", "lABEL", 0)]
    [DataRow("flaw", "lawn", 2)]
    public void Edit_distance(string a, string b, int expected)
    {
        Assert.AreEqual(expected, NearNames.Distance(a, b));
        Assert.AreEqual(expected, NearNames.Distance(b, a));
    }

    [TestMethod]
    public void Selected_columns_of_any_source()
    {
        SelectedColumns some = new(DataTest.Numbered(100, 5), ColumnSelection.Parse("4,1"));
        DataTest.AssertRows([.. Enumerable.Range(0, 100).SelectMany(n => new double[] { (5 * n) + 3, 5 * n })], some);
        CollectionAssert.AreEqual(new[] { "c3", "c0" }, some.ColumnNames.ToArray());
        Assert.AreEqual(100L, some.RowCount);
    }
}
