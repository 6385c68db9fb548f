using System.CommandLine;
using EntropyElbo.Cli.Host;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>sample</c>: rows drawn from a saved model.</summary>
internal sealed class SampleCommand
{
    private readonly Argument<string> _model = SharedOptions.ModelFile();
    private readonly Option<long?> _rows = OptionParsers.Whole<long>("--rows", "N", "Number of rows.");
    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly Option<string?> _out = OptionParsers.Text(
        "--out",
        "FILE",
        "Where the rows go, with the model's columns in the units of its data: CSV, or .parquet or .arrow by its name; - for standard output.");

    public static Command Create(ToolHost host)
    {
        SampleCommand command = new();
        command._rows.Required = true;
        command._out.Required = true;
        Command result = new("sample", "Write draws from a model: latents from its prior, then rows given the latents.")
        {
            command._model, command._rows, command._seed, command._out,
        };
        result.SetAction(parsed => command.Run(parsed, host));
        return result;
    }

    private int Run(ParseResult parsed, ToolHost host)
    {
        long count = parsed.GetValue(_rows)!.Value;
        if (count < 1)
        {
            throw new BadOptionException("rows", $"The number of rows is {count}; it must be 1 or more.");
        }

        string modelPath = parsed.GetValue(_model)!;
        string path = parsed.GetValue(_out)!;
        RowWriter.RequireFormat(path);
        using RunFiles files = RunFiles.Check(host, [("the model", modelPath)], [("out", path)]);
        LatentModel model = SavedModel.Load(host, modelPath);
        SampledRows rows = new(model, count, parsed.GetValue(_seed) ?? 1);
        OutputFile.Write(path, host, stream => RowWriter.Write(path, stream, rows, host.Cancellation));
        if (!OutputFile.IsStandardOutput(path))
        {
            host.Out.WriteLine($"{Wording.Count(count, "row")} of {Wording.Count(rows.Columns, "column")} drawn ({model.Family}): {path}");
            if (RowWriter.IsReadAgain(path))
            {
                host.Out.WriteLine($"then: {NextSteps.AfterSample(modelPath, path)}");
            }
        }

        return ExitStatus.Success;
    }
}
