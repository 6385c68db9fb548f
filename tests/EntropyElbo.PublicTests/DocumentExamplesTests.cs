using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using EntropyElbo.Tests.Shared;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace EntropyElbo.PublicTests;

/// <summary>
/// Every C# example of README and docs, and examples/Streaming, compiles against the public API alone, and runs where it needs nothing that a machine may lack. What an example takes for
/// given (a context, data) is listed here; all else is in its text.
/// </summary>
[TestClass]
public sealed partial class DocumentExamplesTests
{
    private const string MlNet = "using Microsoft.ML; using Microsoft.ML.Data; using MLNet.EntropyElbo; using EntropyElbo.Data; using EntropyElbo.Networks; using EntropyElbo.Selection; using EntropyElbo.Training;";

    private const string Context = "MLContext ml = new(1);";

    /// <summary>Three groups of four columns.</summary>
    private const string Table = """
        Random random = new(1);
        IDataView data = ml.Transforms.Conversion.MapValueToKey("Label").Fit(ml.Data.LoadFromEnumerable(Enumerable.Range(0, 90).Select(i => new Row
            { Label = $"{i % 3}", Features = [.. Enumerable.Range(0, 4).Select(d => (float)(3 * (i % 3) * (d % 2) + random.NextDouble()))] })))
            .Transform(ml.Data.LoadFromEnumerable(Enumerable.Range(0, 90).Select(i => new Row
            { Label = $"{i % 3}", Features = [.. Enumerable.Range(0, 4).Select(d => (float)(3 * (i % 3) * (d % 2) + random.NextDouble()))] })));
        """;

    /// <summary>Eight sensors that follow one cause, and a reading whose fourth value is off.</summary>
    private const string Sensors = """
        Random random = new(1);
        double[] Reading(double cause) => [.. Enumerable.Range(0, 8).Select(d => cause * Math.Cos(d) + 0.2 * random.NextDouble())];
        InMemoryRows readings = new(Enumerable.Range(0, 300).SelectMany(_ => Reading(random.NextDouble())).ToArray(), 8);
        double[] suspect = Reading(0.5);
        suspect[3] += 2;
        """;

    private const string RowType = "public sealed class Row { public string Label { get; set; } = \"\"; [VectorType(4)] public float[] Features { get; set; } = []; }";

    /// <summary>What each example takes for given; null where it cannot be compiled, with the reason.</summary>
    private static readonly Dictionary<string, Given> Known = new()
    {
        ["README.md 1"] = new(MlNet),
        ["README.md 2"] = new(""),
        ["gpu.md 1"] = new("using EntropyElbo.Data; using EntropyElbo.Families.Vae; using EntropyElbo.Training; using EntropyElbo.TorchSharp;", "IRowSource rows = new InMemoryRows(new double[8], 4);", NotRun: "it needs libtorch"),
        ["reading-the-report.md 1"] = new(""),
        ["anomaly-scores.md 1"] = new(""),
        ["going-on.md 1"] = new(""),
        ["going-on.md 2"] = new(MlNet, Context + Table, RowType),
        ["to-a-service.md 1"] = new(MlNet),
        ["to-a-service.md 2"] = new(""),
        ["explaining-scores.md 1"] = new("using EntropyElbo.Data;", Sensors),
        ["explaining-scores.md 2"] = new(MlNet, Context + Table, RowType),
        ["mlnet.md 1"] = new(MlNet),
        ["mlnet.md 2"] = new(MlNet, Context + Table, RowType),
        ["mlnet.md 3"] = new(MlNet + "using Microsoft.ML.Transforms.Image;", Context + "string folder = \".\";"),
        ["mlnet.md 4"] = new(MlNet, Context + Table, RowType, NotRun: "it takes minutes, as a selection does"),
        ["mlnet.md 5"] = new(null, NotCompiled: "Microsoft.ML.AutoML is another package, which not every feed has"),
        ["mlnet.md 6"] = new(MlNet, Context + Table, RowType),
        ["mlnet.md 7"] = new(MlNet, Context + Table, RowType),
        ["mlnet.md 8"] = new(MlNet, Context + Table, RowType),
        ["mlnet.md 9"] = new(MlNet, Context + Table, RowType),
        ["data-sources.md 1"] = new(""),
        ["onnx.md 1"] = new(""),
        ["onnx.md 2"] = new(null, NotCompiled: "Microsoft.ML.OnnxTransformer is another package; the ONNX tests make the same call"),
        ["parameterization-criterion.md 1"] = new("using EntropyElbo.Criterion;"),
        ["parameterization-criterion.md 2"] = new("using EntropyElbo.Criterion;"),
        ["parameterization-criterion.md 3"] = new("using EntropyElbo.Criterion;"),
        ["parameterization-criterion.md 4"] = new("using EntropyElbo.Criterion;"),
        ["streams.md 1"] = new(""),
        ["examples/Streaming"] = new(""),
        ["parameterization-criterion.md 5"] = new("using EntropyElbo.Criterion; using EntropyElbo.Data; using EntropyElbo.Families.Vae; using EntropyElbo.Families.Vae.Networks; using EntropyElbo.Models; using EntropyElbo.Training;"),
    };

    public static IEnumerable<object[]> Examples => Blocks().Select(b => new object[] { b.Name });

    [TestMethod]
    [DynamicData(nameof(Examples))]
    public void Example_CompilesAndRuns(string name)
    {
        Assert.IsTrue(Known.TryGetValue(name, out Given? given), $"list what the example '{name}' takes for given");
        if (given.NotCompiled is not null)
        {
            return;
        }

        Assembly program = Compile(name, given, Blocks().Single(b => b.Name == name).Code);
        if (given.NotRun is null)
        {
            Run(program);
        }
    }

    /// <summary>The example runs on a small image, and its picture is nearer to the clean one than the noisy and the smoothed one are.</summary>
    [TestMethod]
    public void SparseCodingProgram_Denoises()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("examples-");
        (TextWriter console, CultureInfo culture) = (Console.Out, CultureInfo.CurrentCulture);
        using StringWriter output = new();
        try
        {
            Console.SetOut(output);
            string code = File.ReadAllText(Path.Combine(Repository.Root, "examples", "SparseCoding", "Program.cs")).ReplaceLineEndings("\n");
            Compile("SparseCoding", new Given(""), code).EntryPoint!.Invoke(null, [new[] { "32", folder.FullName }]);
            double[] decibels = [.. Decibels().Matches(output.ToString()).Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];
            Assert.HasCount(3, decibels, output.ToString());
            Assert.IsGreaterThan(decibels[0] + 1, decibels[2], output.ToString());
            Assert.IsGreaterThan(decibels[1], decibels[2], output.ToString());
            Assert.HasCount(3, folder.GetFiles("*.pgm"));
        }
        finally
        {
            Console.SetOut(console);
            CultureInfo.CurrentCulture = culture;
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex("PSNR .* ([0-9.]+) dB")]
    private static partial Regex Decibels();

    [TestMethod]
    public void EveryListedExampleIsThere() =>
        CollectionAssert.AreEquivalent(Known.Keys.ToArray(), Blocks().Select(b => b.Name).ToArray());

    /// <summary>The check fails where it should: on a member that is not public.</summary>
    [TestMethod]
    public void InternalMembers_DoNotCompile()
    {
        Given given = new("using EntropyElbo.Models;");
        StringAssert.Contains(
            Assert.ThrowsExactly<AssertFailedException>(() => Compile("x", given, "LatentModel model = null!; _ = model.Header;")).Message, "Header");
    }

    private static Assembly Compile(string name, Given given, string code)
    {
        const string implicitUsings = "using System; using System.Collections.Generic; using System.IO; using System.Linq; using System.Threading; using System.Threading.Tasks;";
        string own = string.Join('\n', code.Split('\n').Where(l => l.StartsWith("using ", StringComparison.Ordinal) && l.TrimEnd().EndsWith(';') && !l.Contains('=')));
        string rest = string.Join('\n', code.Split('\n').Where(l => !own.Contains(l, StringComparison.Ordinal) || l.Length == 0));
        string text = $"{implicitUsings}\n{given.Usings}\n{own}\n{given.Before}\n{rest}\n{given.Types}";
        CSharpCompilation compilation = CSharpCompilation.Create(
            Regex.Replace(name, @"\W", "_"),
            [CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Latest))],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        using MemoryStream bytes = new();
        EmitResult result = compilation.Emit(bytes);
        string[] errors = [.. result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString())];
        Assert.IsTrue(result.Success, $"{name}:\n{string.Join('\n', errors)}\n{text}");
        return Assembly.Load(bytes.ToArray());
    }

    /// <summary>In a folder of its own, beside which the files lie that examples name.</summary>
    private static void Run(Assembly program)
    {
        string before = Environment.CurrentDirectory;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("examples-");
        try
        {
            string digits = Path.Combine(Repository.Root, "examples", "data", "digits.csv");
            Directory.CreateDirectory(Path.Combine(folder.FullName, "examples", "data"));
            File.Copy(digits, Path.Combine(folder.FullName, "examples", "data", "digits.csv"));
            File.Copy(digits, Path.Combine(folder.FullName, "digits.csv"));
            Environment.CurrentDirectory = folder.FullName;
            program.EntryPoint!.Invoke(null, program.EntryPoint.GetParameters().Length == 0 ? [] : [Array.Empty<string>()]);
        }
        finally
        {
            Environment.CurrentDirectory = before;
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<(string Name, string Code)> Blocks()
    {
        yield return ("examples/Streaming", File.ReadAllText(Path.Combine(Repository.Root, "examples", "Streaming", "Program.cs")).ReplaceLineEndings("\n"));
        string[] files = [Path.Combine(Repository.Root, "README.md"), .. Pages("docs"), .. Pages("docs/guide")];
        foreach (string file in files)
        {
            int number = 0;
            foreach (Match match in Fence().Matches(File.ReadAllText(file).ReplaceLineEndings("\n")))
            {
                yield return ($"{Path.GetFileName(file)} {++number}", match.Groups[1].Value);
            }
        }
    }

    private static IEnumerable<string> Pages(string folder) =>
        Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.md").Order(StringComparer.Ordinal);

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    /// <summary>What surrounds an example.</summary>
    /// <param name="Usings">Using lines beside its own.</param>
    /// <param name="Before">Statements before it.</param>
    /// <param name="Types">Types after it.</param>
    /// <param name="NotRun">Why it is compiled only.</param>
    /// <param name="NotCompiled">Why it is not compiled.</param>
    private sealed record Given(string? Usings, string Before = "", string Types = "", string? NotRun = null, string? NotCompiled = null);
}
