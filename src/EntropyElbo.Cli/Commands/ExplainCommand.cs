using System.CommandLine;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;
using EntropyElbo.Cli.Reports;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Streaming;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>explain</c>: what is in a file of the library's own.</summary>
internal sealed class ExplainCommand
{
    private readonly Argument<string> _file = new("MODEL")
    {
        Description = "A model file; a stream's state, as 'watch --state' writes it, or a checkpoint will do too.",
    };

    private readonly Option<bool> _json = OptionParsers.Switch("--json", "Print what is in the file as one JSON object.");

    public static Command Create(ToolHost host)
    {
        ExplainCommand command = new();
        Command result = new(
            "explain", "Tell what is in a file: family, sizes, settings, columns, scaling, training and its report, versions, checksum.")
        {
            command._file, command._json,
        };
        result.SetAction(parsed => command.Run(parsed, host));
        return result;
    }

    private int Run(ParseResult parsed, ToolHost host)
    {
        string path = parsed.GetValue(_file)!;
        ModelRecord record = host.Interruptible(() => ModelFile.Read(RunFiles.RequireName("the file", path)));
        ExplainedFile file = new(record, Model(record, path), Stream(record));
        if (parsed.GetValue(_json))
        {
            ExplainJson.Write(host.Out, file);
        }
        else
        {
            ExplainText.Write(host.Out, file);
        }

        return ExitStatus.Success;
    }

    /// <summary>Read in full, so that a file that is explained is one that can be used.</summary>
    private static LatentModel? Model(ModelRecord record, string path) =>
        ExplainedFile.IsStream(record) || ExplainedFile.IsCheckpoint(record) ? null : ModelFamilies.Read(record, path);

    private static StreamLearner? Stream(ModelRecord record) => ExplainedFile.IsStream(record) ? StreamFile.Read(record) : null;
}
