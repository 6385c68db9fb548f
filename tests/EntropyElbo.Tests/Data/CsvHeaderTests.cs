using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

/// <summary>Which first lines are names, and which of the answers are said aloud.</summary>
[TestClass]
public class CsvHeaderTests
{
    [TestMethod]
    [DataRow("a,b\n1,2\n3,4\n", null, true, false, DisplayName = "names")]
    [DataRow("1.5,2\n3,4\n", null, false, false, DisplayName = "numbers")]
    [DataRow("5.1,3.5,setosa\n4.9,3,setosa\n", "1-2", false, false, DisplayName = "no names, a label not chosen")]
    [DataRow("5.1,3.5,class\n4.9,3,setosa\n", "1-2", false, false, DisplayName = "only the chosen columns decide")]
    [DataRow("x,y,3\n4.9,3,setosa\n", "1-2", true, false, DisplayName = "names, and a number not chosen")]
    [DataRow("0,1,2\n-1.2,0.3,0.8\n0.5,-1,1.1\n", null, true, true, DisplayName = "pandas")]
    [DataRow(",0,1,2\n0,-1.2,0.3,0.8\n1,0.5,-1,1.1\n", null, true, true, DisplayName = "pandas with its index")]
    [DataRow("0,1,2,3\n7,-1.2,0.3,0.8\n8,0.5,-1,1.1\n", "2-4", true, true, DisplayName = "some of pandas' columns")]
    [DataRow("0,1,2,3\n7,8,0.3,0.8\n8,5,1.5,1.1\n", null, false, true, DisplayName = "as many whole columns as not")]
    [DataRow("2019,2020,2021\n53.5,60.6,38.1\n51,39.2,50.4\n", null, true, true, DisplayName = "years")]
    [DataRow("1990,2000,2010\n53.5,60.6,38.1\n51,39.2,50.4\n", null, true, true, DisplayName = "years in tens")]
    [DataRow("2010,2000\n53.5,60.6\n51,39.2\n", null, false, true, DisplayName = "years downwards: data, but said")]
    [DataRow("0,1,2\n7,0,3\n4,4,1\n", null, false, true, DisplayName = "counts up over whole numbers: data, but said")]
    [DataRow("5,3,2\n7,0,3\n4,4,1\n", null, false, false, DisplayName = "whole numbers")]
    [DataRow("1,1,1\n1.5,0.5,3.5\n", null, false, false, DisplayName = "equal numbers are no names")]
    [DataRow("\"3\",\"7\"\n4,4\n5,1\n", null, true, true, DisplayName = "quoted numbers over numbers")]
    [DataRow("\"3\",\"7\"\n\"4\",4\n5,\"1\"\n", null, false, false, DisplayName = "quotes everywhere")]
    [DataRow("0\n0.5\n1.5\n", null, false, true, DisplayName = "a pandas series")]
    [DataRow("x,2019,2020\n1,2,3\n", null, true, true, DisplayName = "a name among numbers")]
    public void First_lines(string text, string? columns, bool header, bool said)
    {
        CsvOptions options = new() { Columns = columns is null ? null : ColumnSelection.Parse(columns) };
        CsvRows rows = new(new StringReader(text), options);
        int lines = text.Count(c => c == '\n');
        Assert.AreEqual(header, rows.HasHeader, string.Join(' ', rows.Notes()));
        Assert.AreEqual(header ? lines - 1 : lines, rows.RowCount);
        Assert.AreEqual(said ? 1 : 0, rows.Notes().Count, string.Join(' ', rows.Notes()));
        foreach (bool given in new[] { true, false })
        {
            if (!given && char.IsAsciiLetter(text[0]))
            {
                continue; // A name is no number.
            }

            CsvRows overruled = new(new StringReader(text), options with { Header = given });
            Assert.AreEqual(given ? lines - 1 : lines, overruled.RowCount);
            Assert.IsEmpty(overruled.Notes());
        }
    }

    [TestMethod]
    [DataRow("5.1,-,3\n4.9,2.5,3\n", "--", DisplayName = "an unknown mark for a missing value is not taken for a name")]
    [DataRow("5.1,setosa\n4.9,setosa\n", "setosa", DisplayName = "nor is text over text")]
    public void A_row_that_cannot_be_read_is_refused_and_not_lost(string text, string shown)
    {
        string message = Assert.ThrowsExactly<BadDataException>(() => new CsvRows(new StringReader(text))).Message;
        StringAssert.Contains(message, "line 1, column 'c1'");
        StringAssert.Contains(message, shown[..1]);
    }

    /// <summary>Names wanted are looked for in the first line before it is judged; numbered names are those of a file without names.</summary>
    [TestMethod]
    public void Wanted_names()
    {
        string numbers = "7,8,9\n1,2,3\n4,5,6\n";
        CsvRows named = Open(numbers, ColumnSelection.OfNames("9", "7"));
        Assert.IsTrue(named.HasHeader);
        DataTest.AssertRows([3, 1, 6, 4], named);
        DataTest.AssertRows([9, 7, 3, 1, 6, 4], Open(numbers, ColumnSelection.OfNames("c2", "c0")));

        CsvRows other = Open("x,y,z\n1,2,3\n", ColumnSelection.OfNamesElse(["a", "b"], ColumnSelection.Parse("3,1")));
        DataTest.AssertRows([3, 1], other);
        StringAssert.Contains(other.Notes()[0], "by position");
        StringAssert.Contains(other.Notes()[0], "'a'");
        CsvRows found = Open("x,y,z\n1,2,3\n", ColumnSelection.OfNamesElse(["z", "x"]));
        DataTest.AssertRows([3, 1], found);
        Assert.IsEmpty(found.Notes());
        Assert.ThrowsExactly<BadOptionException>(() => Open("x,y\n1,2\n", ColumnSelection.OfNamesElse(["a"], ColumnSelection.Parse("3"))));
        StringAssert.Contains(
            Assert.ThrowsExactly<BadOptionException>(() => Open("xx,yy\n1,2\n", ColumnSelection.OfNames("xy"))).Message, "'xx'");
    }

    private static CsvRows Open(string text, ColumnSelection columns) => new(new StringReader(text), new CsvOptions { Columns = columns });
}
