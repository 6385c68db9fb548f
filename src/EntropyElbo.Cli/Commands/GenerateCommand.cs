using System.CommandLine;
using EntropyElbo.Cli.Host;
using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>generate</c>: the papers' synthetic data.</summary>
internal sealed class GenerateCommand
{
    private readonly Argument<string> _name = new("NAME")
    {
        Description = $"The data to make: {string.Join(", ", SyntheticData.Names)}.",
    };

    private readonly Option<int?> _rows = OptionParsers.Whole<int>("--rows", "N", "Number of rows. Default: as in the papers.");
    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly Option<string?> _out = OptionParsers.Text(
        "--out", "FILE", "Where the rows go: CSV, or .parquet or .arrow by its name; - for standard output.");

    public static Command Create(ToolHost host)
    {
        GenerateCommand command = new();
        command._out.Required = true;
        command._name.CompletionSources.Add([.. SyntheticData.Names]);
        Command result = new("generate", "Make synthetic data with the papers' parameters.")
        {
            command._name, command._rows, command._seed, command._out,
        };
        result.SetAction(parsed => command.Run(parsed, host));
        return result;
    }

    private int Run(ParseResult parsed, ToolHost host)
    {
        string name = parsed.GetValue(_name)!;
        string path = parsed.GetValue(_out)!;
        RowWriter.RequireFormat(path);
        using RunFiles files = RunFiles.Check(host, [], [("out", path)]);
        InMemoryRows rows = SyntheticData.Create(
            name, parsed.GetValue(_rows) ?? SyntheticData.DefaultRows(name), parsed.GetValue(_seed) ?? 1);
        OutputFile.Write(path, host, stream => RowWriter.Write(path, stream, rows, host.Cancellation));
        if (!OutputFile.IsStandardOutput(path))
        {
            host.Out.WriteLine($"{rows.RowCount} rows of {rows.Columns} columns ({name}): {path}");
            if (RowWriter.IsReadAgain(path))
            {
                host.Out.WriteLine($"then: {NextSteps.AfterGenerate(path)}");
            }
        }

        return ExitStatus.Success;
    }
}
