using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace EntropyElbo.Tests.Cli;

/// <summary>What the page of a fit says of single rows, and that nothing of the data is taken for HTML.</summary>
[TestClass]
public sealed partial class ReportPageTests
{
    [TestMethod]
    public void NamesAndLabelsAreText_AndTheLabelIsNoColumn()
    {
        using CliFolder folder = new();
        string data = folder.Write("d.csv", "\"<script>x</script>\",b,c,kind\n" + Rows(40, i => i % 2 == 0 ? "<b>one</b>" : "two"));
        foreach (string model in new[] { "ppca --latents", "mixture:gaussian-full --components" })
        {
            string[] words = model.Split(' ');
            (JsonElement json, string page) = Page(folder, data, "--model", words[0], words[1], "2", "--label", "kind");
            Assert.AreEqual(3, json.GetProperty("columns").GetInt32());
            Assert.HasCount(2, page.Split("<script"), "only the page's own");
            StringAssert.Contains(page, "&lt;script&gt;x&lt;/script&gt;");
            StringAssert.Contains(page, "&lt;b&gt;one&lt;/b&gt;");
            Assert.DoesNotContain("<b>one", page);
            StringAssert.Contains(page, json.GetProperty("elbo").GetDouble().ToString("F4", CultureInfo.InvariantCulture));
            foreach (Match svg in Svg().Matches(page))
            {
                XDocument.Parse(svg.Value);
            }
        }
    }

    [TestMethod]
    public void LabelsStayWithTheirRows_WhereRowsAreHeldOut()
    {
        using CliFolder folder = new();
        string data = folder.Write("d.csv", "kind,a,b,c\n" + Rows(60, i => $"is{i + 1}", labelFirst: true));
        (JsonElement json, string page) = Page(folder, data, "--model", "ppca", "--latents", "2", "--label", "1", "--test-fraction", "0.3");
        MatchCollection points = Point().Matches(page);
        Assert.HasCount(json.GetProperty("rows").GetInt32(), points);
        Assert.IsTrue(points.All(p => p.Groups[1].Value == p.Groups[2].Value));
        Assert.AreNotEqual(60, points.Count);
    }

    [TestMethod]
    public void TheStrangestRowIsFirst_WithTheColumnThatExplainsIt()
    {
        using CliFolder folder = new();
        string[] lines = ("a,b,c,kind\n" + Rows(50, _ => "x")).Split('\n');
        lines[17] = "0.5,0.2,40,x";
        string data = folder.Write("d.csv", string.Join('\n', lines));
        (_, string page) = Page(folder, data, "--model", "factor-analysis", "--latents", "1", "--label", "kind");
        StringAssert.Matches(page, new Regex("<h2>Strangest rows.*?<tbody><tr><td class=\"n\">17</td><td>x</td><td class=\"n\">[^<]*</td><td class=\"why\">c = 40 ", RegexOptions.Singleline));
    }

    [TestMethod]
    public void AtMostTwoThousandPointsAreDrawn_AndThePageSaysSo()
    {
        using CliFolder folder = new();
        string data = folder.Write("d.csv", "a,b,c,kind\n" + Rows(2500, i => "k" + (i % 20)));
        (_, string page) = Page(folder, data, "--model", "ppca", "--latents", "2", "--label", "kind");
        Assert.HasCount(2000, Point().Matches(page));
        StringAssert.Contains(page, "2000 rows of 2500, drawn at random");
        Assert.IsLessThan(1_000_000, page.Length);
        string again = Page(folder, data, "--model", "ppca", "--latents", "2", "--label", "kind").Page;
        CollectionAssert.AreEqual(Point().Matches(page).Select(m => m.Value).ToArray(), Point().Matches(again).Select(m => m.Value).ToArray());
    }

    [TestMethod]
    [DataRow("nosuch", "nosuch")]
    [DataRow("1-2", "label")]
    public void LabelsThatCannotBe_AreRefused(string label, string word)
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of("fit", folder.Data, "--model", "ppca", "--latents", "1", "--report", folder["r.html"], "--label", label);
        Assert.AreEqual(1, run.Status);
        StringAssert.Contains(run.Error, word);
        Assert.AreEqual(2, CliRun.Of("fit", folder.Data, "--model", "ppca", "--latents", "1", "--label", "a").Status, "without --report");
    }

    [TestMethod]
    public void TheCourseIsReadUnderThePointer()
    {
        using CliFolder folder = new();
        string data = folder.Write("d.csv", "a,b,c,kind\n" + Rows(60, _ => "x"));
        (JsonElement json, string page) = Page(folder, data, "--model", "mixture:gaussian-full", "--components", "2", "--columns", "1-3", "--epochs", "9", "--set", "restarts=1", "--set", "stationarity-tolerance=0");
        double[] elbos = [.. json.GetProperty("history").GetProperty("elbo").EnumerateArray().Select(e => e.GetDouble())];
        Match[] read = [.. Reading().Matches(page).Cast<Match>()];
        Assert.HasCount(9, elbos);
        Assert.HasCount(9, read);
        for (int i = 0; i < 9; i++)
        {
            Assert.AreEqual((i + 1).ToString(CultureInfo.InvariantCulture), read[i].Groups[1].Value);
            Assert.AreEqual(elbos[i].ToString("F4", CultureInfo.InvariantCulture), read[i].Groups[2].Value);
        }
    }

    [TestMethod]
    public void AClosedForm_HasNoCourse()
    {
        using CliFolder folder = new();
        string data = folder.Write("d.csv", "a,b,c,kind\n" + Rows(60, _ => "x"));
        (_, string page) = Page(folder, data, "--model", "ppca", "--latents", "1", "--columns", "1-3");
        Assert.DoesNotContain("<h2>ELBO and entropy sum", page);
        StringAssert.Contains(page, "closed form, nothing was iterated");
    }

    private static (JsonElement Json, string Page) Page(CliFolder folder, string data, params string[] command)
    {
        CliRun run = CliRun.Of(["fit", data, .. command, "--report", folder["r.html"], "--json"]);
        Assert.AreEqual(0, run.Status, run.Error);
        return (run.Json, File.ReadAllText(folder["r.html"]));
    }

    private static string Rows(int rows, Func<int, string> label, bool labelFirst = false)
    {
        Random random = new(3);
        return string.Concat(Enumerable.Range(0, rows).Select(i =>
        {
            double a = random.NextDouble();
            string values = FormattableString.Invariant($"{a},{a + (0.2 * random.NextDouble())},{random.NextDouble()}");
            return labelFirst ? $"{label(i)},{values}\n" : $"{values},{label(i)}\n";
        }));
    }

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Svg();

    [GeneratedRegex("<title>epoch ([0-9]+): ELBO (-?[0-9.]+), entropy sum -?[0-9.]+</title>")]
    private static partial Regex Reading();

    [GeneratedRegex("<title>row ([0-9]+), [a-z]+([0-9]+): ")]
    private static partial Regex Point();
}
