using System.CommandLine;
using EntropyElbo.Cli.Host;
using EntropyElbo.Models;
using EntropyElbo.Onnx;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>export</c>: a saved model as an ONNX file.</summary>
internal sealed class ExportCommand
{
    private static readonly OnnxOutputs[] Outputs = [.. Enum.GetValues<OnnxOutputs>().Where(o => o != OnnxOutputs.None)];

    private readonly Argument<string> _model = SharedOptions.ModelFile();
    private readonly Option<string?> _onnx = OptionParsers.Text("--onnx", "FILE", "Where the ONNX file goes; - for standard output.");
    private readonly Option<string?> _what = OptionParsers.Text(
        "--what", "LIST", $"What goes in, separated by commas: {string.Join(", ", Outputs.Select(Word))}. A decoder has a file of its own. "
            + "Default: encoder.");

    private readonly Option<int?> _samples = OptionParsers.Whole<int>(
        "--samples", "L", $"Draws per row of a score without a closed form. Default: {EvaluateOptions.DefaultSamples}.");

    private readonly Option<ulong?> _seed = SharedOptions.Seed();

    public static Command Create(ToolHost host)
    {
        ExportCommand command = new();
        command._onnx.Required = true;
        Command result = new("export", "Write a model as an ONNX file, for other languages and services; its scaling is inside.")
        {
            command._model, command._onnx, command._what, command._samples, command._seed,
        };
        result.SetAction(parsed => command.Run(parsed, host));
        return result;
    }

    private int Run(ParseResult parsed, ToolHost host)
    {
        string modelPath = parsed.GetValue(_model)!;
        string path = parsed.GetValue(_onnx)!;
        OnnxOutputs what = Parse(parsed.GetValue(_what) ?? Word(OnnxOutputs.Encoder));
        using RunFiles files = RunFiles.Check(host, [("the model", modelPath)], [("onnx", path)]);
        LatentModel model = SavedModel.Load(host, modelPath);
        int samples = parsed.GetValue(_samples) ?? EvaluateOptions.DefaultSamples;
        OutputFile.Write(path, host, stream => model.ExportOnnx(stream, what, samples, parsed.GetValue(_seed) ?? 1));
        if (!OutputFile.IsStandardOutput(path))
        {
            string words = string.Join(", ", Outputs.Where(o => what.HasFlag(o)).Select(Word));
            host.Out.WriteLine($"{model.Family} with {Wording.Count(model.ObservedDimension, "column")} as ONNX ({words}): {path}");
        }

        return ExitStatus.Success;
    }

    private static OnnxOutputs Parse(string text)
    {
        OnnxOutputs what = OnnxOutputs.None;
        foreach (string word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            OnnxOutputs one = Array.Find(Outputs, o => Word(o) == word);
            what |= one != OnnxOutputs.None ? one : throw new BadOptionException(
                "what", $"There is no '{word}' to export; the choice is {string.Join(", ", Outputs.Select(Word))}.");
        }

        return what;
    }

    private static string Word(OnnxOutputs output) => output.ToString().ToLowerInvariant();
}
