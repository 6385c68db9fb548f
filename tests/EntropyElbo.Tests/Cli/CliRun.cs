using System.Text;
using System.Text.Json;
using EntropyElbo.Cli;
using EntropyElbo.Cli.Host;

namespace EntropyElbo.Tests.Cli;

/// <summary>One run of the tool in process, with its streams captured.</summary>
internal sealed record CliRun(int Status, string Out, string Error)
{
    /// <summary>Standard output as one JSON object.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement.Clone();

    public static CliRun Of(params string[] args) => With(null, args, default);

    /// <summary>Runs with text on standard input.</summary>
    public static CliRun OfInput(string input, params string[] args) => With(input, args, default);

    public static CliRun With(string? input, string[] args, CancellationToken cancellation)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        using ToolHost host = new(output, error)
        {
            OpenInput = () => new MemoryStream(Encoding.UTF8.GetBytes(input ?? "")),
            Cancellation = cancellation,
        };
        int status = Program.Run(args, host);
        return new CliRun(status, output.ToString(), error.ToString());
    }
}

/// <summary>A folder for one test, with small tables in it.</summary>
internal sealed class CliFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("eelbo-cli-").FullName;

    public CliFolder()
    {
        Data = Write("data.csv", Table(60, seed: 1));
        Labelled = Write("labelled.csv", WithLabels(Table(60, seed: 1)));
    }

    /// <summary>60 rows of the columns a, b, c, d.</summary>
    public string Data { get; }

    /// <summary>The same rows with the columns in another order and a column of text.</summary>
    public string Labelled { get; }

    public string this[string name] => Path.Combine(_path, name);

    public IEnumerable<string> Files => Directory.EnumerateFileSystemEntries(_path).Select(p => Path.GetFileName(p)!).Order();

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>Arguments of a fit that takes a moment.</summary>
    public string[] Fit(params string[] more) =>
        ["fit", Data, "--model", "vae-1", "--latents", "2", "--hidden", "4", "--epochs", "3", .. more];

    /// <summary>Fits and saves a model; returns its path.</summary>
    public string FitModel()
    {
        string path = this["model.eelbo"];
        CliRun run = CliRun.Of(Fit("--out", path));
        return run.Status == 0 ? path : throw new InvalidOperationException(run.Error);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    public static string Table(int rows, int seed)
    {
        Random random = new(seed);
        StringBuilder text = new("a,b,c,d\n");
        for (int i = 0; i < rows; i++)
        {
            double z = random.NextDouble();
            text.AppendLine(FormattableString.Invariant($"{z},{1 - z + (0.1 * random.NextDouble())},{random.NextDouble()},{3 * z}"));
        }

        return text.ToString();
    }

    private static string WithLabels(string table)
    {
        IEnumerable<string> lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) =>
        {
            string[] c = line.Trim().Split(',');
            return $"{c[3]},{(i == 0 ? "label" : "x")},{c[2]},{c[1]},{c[0]}";
        });
        return string.Join('\n', lines) + "\n";
    }
}
