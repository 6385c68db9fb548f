using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Reports;
using EntropyElbo.Data;
using EntropyElbo.Data.Idx;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Cli;

/// <summary>Pictures of the fields of linear models.</summary>
[TestClass]
public sealed class FieldPicturesTests
{
    private const int Zoom = 16; // 48 pixels a field of 3 x 3.

    /// <summary>A bar is white or black on mid-grey, and all bars are there; the picture's lines go by falling scales.</summary>
    [TestMethod]
    public void TheFieldsOfBars_AreBars()
    {
        using CliFolder folder = new();
        string data = folder.Write("bars.csv", Csv(Bars.Create(500, 2, side: 3)));
        CliRun run = CliRun.Of(
            "fit", data, "--model", "sparse-coding", "--latents", "6", "--image", "3x3", "--fields", folder["f.png"], "--report", folder["r.html"]);
        Assert.AreEqual(0, run.Status, run.Error);
        StringAssert.Contains(run.Out, "fields written");
        Assert.HasCount(2, File.ReadAllText(folder["r.html"]).Split("data:image/png;base64,"), "one picture");
        (int width, int height, byte[] grey) = Grey(File.ReadAllBytes(folder["f.png"]));
        Assert.AreEqual((3 * (3 + 2)) - 2, width / Zoom);
        Assert.AreEqual((2 * (3 + 2)) - 2, height / Zoom);
        HashSet<string> bars = [];
        for (int field = 0; field < 6; field++)
        {
            (int left, int top) = (field % 3 * 5, field / 3 * 5);
            bool[] lit = [.. Enumerable.Range(0, 9).Select(p => Math.Abs(At(left + (p % 3), top + (p / 3)) - 128) > 64)];
            bars.Add(string.Join("", Enumerable.Range(0, 9).Where(p => lit[p])));
        }

        CollectionAssert.AreEquivalent(new[] { "012", "345", "678", "036", "147", "258" }, bars.ToArray());

        byte At(int x, int y) => grey[(y * Zoom * width) + (x * Zoom)];
    }

    /// <summary>Fields of counts are shown, too: each block of columns that vary together is one bright patch.</summary>
    [TestMethod]
    public void TheFieldsOfCounts_AreShown()
    {
        using CliFolder folder = new();
        InMemoryRows counts = Families.PoissonSparseCoding.MadeCounts.Draw(Families.PoissonSparseCoding.MadeCounts.Blocks(2, 2, 0.8, 1.5), 500, 3);
        string data = folder.Write("counts.csv", Csv(counts));
        CliRun run = CliRun.Of(
            "fit", data, "--model", "poisson-sparse-coding", "--latents", "2", "--image", "2x2", "--fields", folder["f.png"], "--report", folder["r.html"]);
        Assert.AreEqual(0, run.Status, run.Error);
        StringAssert.Contains(File.ReadAllText(folder["r.html"]), "logarithms of a row");
        (int width, int height, byte[] grey) = Grey(File.ReadAllBytes(folder["f.png"]));
        int zoom = height / 2;
        Assert.AreEqual((6, 2), (width / zoom, height / zoom));
        string[] lit = [.. new[] { 0, 4 }.Select(left => string.Join(
            "", Enumerable.Range(0, 4).Where(p => Math.Abs(grey[(p / 2 * zoom * width) + ((left + (p % 2)) * zoom)] - 128) > 64)))];
        CollectionAssert.AreEquivalent(new[] { "01", "23" }, lit);
    }

    /// <summary>Loadings of the other linear models are shown in units of the data, largest first.</summary>
    [TestMethod]
    public void LoadingsAreShown_LargestFirst()
    {
        // Columns 0 and 1 vary together and most, 2 and 3 against each other.
        Random random = new(1);
        double[] values = new double[400];
        for (int i = 0; i < values.Length; i += 4)
        {
            (double a, double b) = (3 * (random.NextDouble() - 0.5), random.NextDouble() - 0.5);
            (values[i], values[i + 1], values[i + 2], values[i + 3]) = (a, a + (0.01 * random.NextDouble()), b, -b);
        }

        foreach (string family in ModelFamilies.All.Select(f => f.Name).Where(n => FieldPictures.Has(n) && !n.Contains("sparse", StringComparison.Ordinal)))
        {
            ModelFamily found = ModelFamilies.Find(family);
            FitSettings settings = new FitSettings { Latents = 2 }.With("scale", found.Setting("scale").Parse("none"));
            LatentModel model = found.CreateTrainer(settings).Fit(new InMemoryRows(values, 4)).Model;
            ImageSheet sheet = FieldPictures.Sheet(model, new ImageShape(2, 2), 2);
            Assert.AreEqual((6, 2), (sheet.Width, sheet.Height));
            int[] grey = [.. Enumerable.Range(0, 12).Select(i => (int)sheet.Pixels[3 * i])];
            Assert.AreEqual(grey[0], grey[1], 4, family);
            Assert.IsGreaterThan(100, Math.Abs(grey[0] - 127), family);
            Assert.AreEqual(127, grey[6], 10, family);
            Assert.AreEqual(64, grey[2], "between the fields");
            Assert.AreEqual(255, grey[10] + grey[11], 4, family);
            Assert.IsGreaterThan(100, Math.Abs(grey[10] - 127), family);
        }
    }

    /// <summary>Which families have fields is known before a model is trained.</summary>
    [TestMethod]
    public void OnlyLinearModels_HaveFields() => CollectionAssert.AreEquivalent(
        new[] { "ppca", "linear-vae", "factor-analysis", "sparse-coding", "poisson-sparse-coding" },
        ModelFamilies.All.Select(f => f.Name).Where(FieldPictures.Has).ToArray());

    /// <summary>An IDX file of three or four dimensions says what image a row is.</summary>
    [TestMethod]
    public void IdxFiles_SayWhatImageARowIs()
    {
        using CliFolder folder = new();
        Assert.AreEqual(new ImageShape(2, 3), new IdxRows(Idx(folder, "a.idx", 4, 2, 3)).Image);
        Assert.AreEqual(new ImageShape(2, 2, 3), new IdxRows(Idx(folder, "b.idx", 4, 2, 2, 3)).Image);
        Assert.IsNull(new IdxRows(Idx(folder, "c.idx", 4, 6)).Image);
        Assert.IsNull(new IdxRows(Idx(folder, "d.idx", 2, ImageShape.MaxSide + 1, 1)).Image);
        string[] command = ["fit", Idx(folder, "e.idx", 40, 2, 3), "--model", "ppca", "--latents", "2", "--report", folder["r.html"]];
        Assert.AreEqual(0, CliRun.Of([.. command, "--fields", folder["f.png"]]).Status);
        Assert.AreEqual("f.png", folder.Files.Single(f => f.EndsWith(".png", StringComparison.Ordinal)));
        StringAssert.Contains(File.ReadAllText(folder["r.html"]), "<h2>Fields</h2>");
    }

    [TestMethod]
    public void WhatCannotBeShown_IsRefusedBeforeTraining()
    {
        using CliFolder folder = new();
        foreach ((string[] options, string names) in ((string[], string)[])
        [
            (["--model", "ppca", "--fields", folder["f.png"]], "--image 16x16"),
            (["--model", "ppca", "--fields", folder["f.png"], "--image", "3x3"], "an image of 3x3x1 has 9"),
            (["--model", "ppca", "--image", "3x3"], "an image of 3x3x1 has 9"),
            (["--model", "ppca", "--image", "2by2"], "no shape of an image"),
            (["--model", "vae-1", "--image", "2x2", "--fields", folder["f.png"]], "no linear fields"),
            (["--model", "sbn", "--image", "2x2"], "image"),
            (["--model", "ppca", "--image", "2x2", "--fields", "-"], "Standard output"),
            (["--model", "ppca", "--image", "2x2", "--fields", folder.Data], "written over"),
        ])
        {
            CliRun bad = CliRun.Of(["fit", folder.Data, "--latents", "2", .. options]);
            Assert.AreEqual(1, bad.Status, string.Join(' ', options));
            StringAssert.Contains(bad.Error, names);
            Assert.AreEqual("", bad.Out);
        }

        Assert.IsFalse(folder.Files.Any(f => f.EndsWith(".png", StringComparison.Ordinal)));
    }

    private static string Csv(InMemoryRows rows) => string.Join(
        '\n', rows.ReadAll().Values.Chunk(rows.Columns).Select(r => string.Join(',', r.Select(v => v.ToString("R", CultureInfo.InvariantCulture))))) + "\n";

    private static string Idx(CliFolder folder, string name, params int[] dimensions)
    {
        byte[] file = new byte[4 + (4 * dimensions.Length) + dimensions.Aggregate(1, (a, b) => a * b)];
        (file[2], file[3]) = (8, (byte)dimensions.Length);
        for (int i = 0; i < dimensions.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + (4 * i)), dimensions[i]);
        }

        new Random(1).NextBytes(file.AsSpan(4 + (4 * dimensions.Length)));
        File.WriteAllBytes(folder[name], file);
        return folder[name];
    }

    /// <summary>Size and red values of a PNG file as <see cref="PngImage"/> writes it.</summary>
    private static (int Width, int Height, byte[] Grey) Grey(byte[] file)
    {
        int width = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16)), height = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(20));
        using ZLibStream zip = new(new MemoryStream(file, 41, file.Length - 41), CompressionMode.Decompress);
        byte[] lines = new byte[height * (1 + (3 * width))];
        zip.ReadExactly(lines);
        return (width, height, [.. Enumerable.Range(0, width * height).Select(i => lines[(i / width * (1 + (3 * width))) + 1 + (3 * (i % width))])]);
    }
}
