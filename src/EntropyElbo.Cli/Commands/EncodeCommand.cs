using System.CommandLine;
using EntropyElbo.Cli.Reports;
using EntropyElbo.Data;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>encode</c>: rows in, latent means and variances out.</summary>
internal sealed class EncodeCommand
{
    private readonly Argument<string> _model = SharedOptions.ModelFile();
    private readonly Argument<string> _data = SharedOptions.Data();
    private readonly Option<string?> _out = OptionParsers.Text(
        "--out", "FILE.csv", "Where the codes go, columns mean_1.. and variance_1..; - for standard output.");

    private readonly Option<string?> _columns = SharedOptions.Columns();
    private readonly Option<bool> _skipMissing = SharedOptions.SkipMissing();

    public static Command Create(ToolHost host)
    {
        EncodeCommand command = new();
        command._out.Required = true;
        Command result = new(
            "encode",
            "Encode rows into latent means and variances. Columns are found by the names that the model was trained with, else by position.")
        {
            command._model, command._data, command._out, command._columns, command._skipMissing,
        };
        result.SetAction(parsed => command.Run(parsed, host));
        return result;
    }

    private int Run(ParseResult parsed, ToolHost host)
    {
        string path = parsed.GetValue(_out)!;
        LatentModel model = LatentModel.Load(parsed.GetValue(_model)!);
        IRowSource rows = DataFiles.OpenFor(
            host, parsed.GetValue(_data)!, SharedOptions.ColumnsOf(parsed, _columns), model.Frame.ColumnNames, out string? note);
        if (note is not null)
        {
            host.Error.WriteLine($"entropy-elbo: note: {Failure.OneLine(note)}");
        }

        OutputFile.RequireWritable(path);
        CheckedRows checkedRows = new(rows, SharedOptions.MissingOf(parsed, _skipMissing));
        EncodedRows encoded = new(model, checkedRows);
        long written = 0;
        OutputFile.Write(path, host, stream =>
        {
            written = CsvWriter.Write(stream, encoded, host.Cancellation);
            if (written == 0)
            {
                throw new BadDataException("There are no rows to encode."); // Before the file takes its name.
            }
        });

        if (checkedRows.SkippedRows is long skipped and > 0)
        {
            host.Error.WriteLine($"entropy-elbo: note: left out {Wording.Count(skipped, "row")} with missing values.");
        }

        if (encoded.Unseen > 0)
        {
            host.Error.WriteLine($"entropy-elbo: note: {Wording.Count(encoded.Unseen, "value")} not seen in training left out of the codes of their rows.");
        }

        if (path != "-")
        {
            host.Out.WriteLine($"{written} rows encoded into {model.LatentDimension} means and {model.LatentDimension} variances: {path}");
        }

        return ExitStatus.Success;
    }
}
