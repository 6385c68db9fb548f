using System.CommandLine;
using EntropyElbo.Cli.Host;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>encode</c>: rows in, latent means and variances out, and what else the model says of each row.</summary>
internal sealed class EncodeCommand
{
    private readonly Argument<string> _model = SharedOptions.ModelFile();
    private readonly Argument<string?> _data = SharedOptions.Data();
    private readonly Option<string?> _out = OptionParsers.Text(
        "--out", "FILE", "Where the codes go, CSV, or .parquet or .arrow by its name: columns mean_1.. and variance_1.., then those asked for; - for standard output.");

    private readonly Option<bool> _score = OptionParsers.Switch(
        "--score", $"Add a column {RowColumns.ScoreName}: the anomaly score of each row, minus its ELBO in nats; higher is stranger. Its "
            + $"mean is minus the ELBO of 'evaluate'.");

    private readonly Option<bool> _logLikelihood = OptionParsers.Switch(
        "--log-likelihood", $"Add a column {RowColumns.LogLikelihoodName}: nats of each row, in the units of the ELBO; exact where the "
            + $"model has it in closed form, else importance-sampled.");

    private readonly Option<bool> _reconstruct = OptionParsers.Switch(
        "--reconstruct", $"Add a column {RowColumns.ReconstructionPrefix}NAME for every column: the row decoded from its latent means, in "
            + $"the units of the data.");

    private readonly Option<bool> _explain = OptionParsers.Switch(
        "--explain", $"Add what the score is made of, nats: {RowColumns.ScorePrefix}NAME for every column, {RowColumns.KlPrefix}1.. for "
            + $"the latents (components; layers of belief nets), which add up to the score; then the encoder's entropies, "
            + $"{RowColumns.EntropyPrefix}1..");

    private readonly Option<int?> _samples = OptionParsers.Whole<int>(
        "--samples", "L", $"Monte-Carlo samples per row where scores and likelihoods have no closed form. Default: "
            + $"{EvaluateOptions.DefaultSamples} and {RowColumns.DefaultImportanceSamples}.");

    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly ReadingOptions _reading = new(takesEntries: true);

    public static Command Create(ToolHost host)
    {
        EncodeCommand command = new();
        command._out.Required = true;
        Command result = new(
            "encode",
            "Encode rows into latent means and variances. Columns are found by the names that the model was trained with, else by position.")
        {
            command._model, command._data, command._out, command._score, command._logLikelihood, command._reconstruct, command._explain,
            command._samples, command._seed,
        };
        command._reading.AddTo(result);
        result.SetAction(parsed => command.Run(parsed, host));
        return result;
    }

    private int Run(ParseResult parsed, ToolHost host)
    {
        string modelPath = parsed.GetValue(_model)!;
        DataRequest request = _reading.Request(parsed, parsed.GetValue(_data));
        string path = parsed.GetValue(_out)!;
        RowWriter.RequireFormat(path);
        using RunFiles files = RunFiles.Check(host, [("the model", modelPath), .. request.Files()], [("out", path)]);
        LatentModel model = _reading.For(parsed, SavedModel.Load(host, modelPath));
        IRowSource rows = host.Interruptible(() => DataFiles.OpenFor(host, request, model));
        rows = rows is WeightedRows weighted ? weighted.Data : rows; // Every row has a code, whatever it counts.
        DataFiles.WriteNotes(host, rows);
        CheckedRows checkedRows = new(rows, _reading.Missing(parsed)) { OffersMarginal = model.KnowsMissingEntries };
        EncodedRows encoded = new(model, checkedRows, More(parsed));
        long written = 0;
        OutputFile.Write(path, host, stream =>
        {
            written = RowWriter.Write(path, stream, encoded, host.Cancellation);
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
            host.Error.WriteLine(
                $"entropy-elbo: note: {Wording.Count(encoded.Unseen, "value")} not seen in training left out of the codes of their rows.");
        }

        if (!OutputFile.IsStandardOutput(path))
        {
            host.Out.WriteLine($"{written} rows encoded into {Wording.Count(model.LatentDimension, "mean")} and {Wording.Count(model.LatentDimension, "variance")}: {path}");
            host.Out.WriteLine($"then: {NextSteps.AfterEncode(modelPath, request, parsed.GetValue(_score))}");
        }

        return ExitStatus.Success;
    }

    private RowColumns More(ParseResult parsed) => new()
    {
        Score = parsed.GetValue(_score),
        LogLikelihood = parsed.GetValue(_logLikelihood),
        Reconstruction = parsed.GetValue(_reconstruct),
        Explain = parsed.GetValue(_explain),
        Samples = parsed.GetValue(_samples),
        Seed = parsed.GetValue(_seed) ?? 1,
    };
}
