using System.Globalization;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Streaming;

namespace EntropyElbo.Cli.Reports;

/// <summary>What is in a file, for a person to read.</summary>
internal static class ExplainText
{
    private const int Width = 120;
    private const int MaxNames = 6;

    /// <summary>Writes the lines.</summary>
    public static void Write(ShownWriter output, ExplainedFile file)
    {
        (string First, string Second)[] lines =
        [
            .. file.Model is { } model ? OfModel(model) : file.Stream is { } stream ? OfStream(stream) : OfCheckpoint(),
            .. Settings(file),
            ("numbers", $"{Number(file.Numbers)} in {Wording.Count(file.Record.Tensors.Count, "tensor")}{Free(file.Model)}"),
            ("format", $"{ModelFile.FormatVersion}, {file.Record.Family} record {file.Record.FamilyVersion}, "
                + $"written by library {file.Record.LibraryVersion}"),
            ("checksum", $"agrees: {file.Record.Checksum}"),
            .. file.Model is null ? [] : new[] { ("then", NextSteps.AfterExplain(file.Record.Source)) },
        ];
        TwoColumns.Write(output, Width, "", lines.Select(l => (l.First, Shown.Line(l.Second))));
    }

    private static IEnumerable<(string First, string Second)> OfModel(LatentModel model)
    {
        TrainingRecord training = model.Training;
        yield return ("model", $"{model.Family}: {ModelFamilies.Find(model.Family).Summary}");
        yield return ("sizes", $"{Wording.Count(model.LatentDimension, "latent")}, {Wording.Count(model.ObservedDimension, "column")}");
        yield return ("columns", Names(model.ColumnNames));
        yield return ("scaling", model.Scaling.Kind.ToString().ToLowerInvariant());
        yield return ("trained on", $"{Wording.Count(training.Rows, "row")}{Skipped(training)}, {Wording.Count(training.Steps, "update")}");
        yield return ("converged", $"{(training.Converged ? "yes" : "no")}, {Wording.Stop(training)}");
        foreach ((string, string) line in OfReport(training.Report))
        {
            yield return line;
        }

        if (training.TestReport is { } test)
        {
            yield return ("test ELBO", $"{Wording.Nats(test.Summary.Elbo)} on {Wording.Count(test.Summary.Rows, "row")}");
        }

        foreach (string warning in training.Warnings)
        {
            yield return ("warning", warning);
        }
    }

    private static IEnumerable<(string First, string Second)> OfReport(Evaluation? report)
    {
        if (report is null)
        {
            yield return ("report", "none: it was learnt from a stream");
            yield break;
        }

        ElboReport elbo = report.Summary;
        yield return ("ELBO", $"{Wording.Nats(elbo.Elbo)} nats per row of the training rows, "
            + $"entropy sum {Wording.Nats(elbo.EntropySum)}, gap {Wording.Percent(elbo.RelativeGap)}");
        yield return ("collapsed", $"{report.Collapsed.Entropy} by entropy, {report.Collapsed.Kl} by KL, "
            + $"{report.Collapsed.Activity} by activity (of {report.Latents.Count})");
        yield return ("BIC", $"{Wording.Nats(report.Bic)} nats, all rows");
    }

    private static IEnumerable<(string First, string Second)> OfStream(StreamLearner stream)
    {
        yield return ("state", $"of a stream of {stream.Family}, for 'watch --state'");
        yield return ("columns", stream.ColumnNames is { } names ? Names(names) : Number(stream.Columns));
        yield return ("learnt from", $"{Wording.Count(stream.Rows, "row")}, a reading every {Wording.Count(stream.ReadingRows, "row")}");
    }

    private static IEnumerable<(string First, string Second)> OfCheckpoint() =>
        [("checkpoint", "the state of a fit that is under way, for 'fit --checkpoint FILE --resume'; no model to use yet")];

    private static IEnumerable<(string First, string Second)> Settings(ExplainedFile file)
    {
        string settings = string.Join(", ", file.Settings.Select(s => $"{s.Name} {s.Json.Trim('"')}"));
        return settings.Length == 0 ? [] : [("settings", settings)];
    }

    private static string Names(IReadOnlyList<string> names) => names.Count <= MaxNames
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(MaxNames - 1))}, ..., {names[^1]}";

    private static string Skipped(TrainingRecord training) => training.SkippedRows > 0 ? $" ({Number(training.SkippedRows)} left out)" : "";

    private static string Free(LatentModel? model) => model is null ? "" : $", {Number(model.FreeParameters)} of them free, as BIC counts";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
