using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EntropyElbo.Catalog;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Selection;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Reports;

/// <summary>Ranked trials as one JSON object on one line, best first.</summary>
internal static class SelectionJson
{
    /// <summary>Writes the object and a line feed; the notes on how the rows were read are the first warnings.</summary>
    public static void Write(TextWriter output, SelectionResult result, IReadOnlyList<string> notes)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("criterion", result.Criterion.Name());
            json.WriteString("scoreUnits", result.IsInDataUnits ? "data" : "scaled");
            json.WriteString("stopReason", JsonNamingPolicy.CamelCase.ConvertName(result.Stop.ToString()));
            json.WriteNumber("rounds", result.Rounds);
            JsonReport.Strings(json, "warnings", [.. notes, .. result.Warnings]);
            json.WriteStartArray("trials");
            foreach (SelectionTrial trial in result.Trials)
            {
                WriteTrial(json, trial);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    private static void WriteTrial(Utf8JsonWriter json, SelectionTrial trial)
    {
        FitSettings settings = trial.Candidate.FitSettings!;
        json.WriteStartObject();
        json.WriteString("model", trial.Candidate.Family);
        json.WriteNumber("latents", trial.Succeeded ? trial.Latents : settings.Latents ?? settings.Components ?? 0);
        WriteOptions(json, ModelFamilies.Find(trial.Candidate.Family), settings);
        Optional(json, "rank", trial.Rank);
        Optional(json, "score", trial.Score);
        json.WriteString("failure", trial.Failure);
        JsonReport.Number(json, "seconds", trial.Elapsed.TotalSeconds);
        json.WriteNumber("round", trial.Round);
        Optional(json, "epochLimit", trial.EpochLimit);
        json.WriteBoolean("fromStudy", trial.IsFromStudy);
        if (trial.Report is { } report)
        {
            WriteReport(json, trial, report, trial.Training!);
        }

        json.WriteEndObject();
    }

    private static void WriteReport(Utf8JsonWriter json, SelectionTrial trial, Evaluation report, TrainingRecord training)
    {
        json.WriteNumber("rows", report.Summary.Rows);
        json.WriteNumber("columns", trial.Columns);
        json.WriteNumber("skippedRows", training.SkippedRows);
        JsonReport.WriteElbo(json, report.Summary);
        JsonReport.WriteLatents(json, report);
        JsonReport.Number(json, "icl", report.Icl);
        JsonReport.Number(json, "entropyBic", report.EntropyBic);
        json.WriteBoolean("converged", training.Converged);
        CertificateJson.Write(json, training);
        json.WriteString("stopReason", JsonNamingPolicy.CamelCase.ConvertName(training.StopReason.ToString()));
        json.WriteNumber("epochs", training.Epochs);
        JsonReport.Number(json, "rowsPerSecond", trial.RowsPerSecond);
        JsonReport.WriteAffineReference(json, training);
        Optional(json, "batchEntropySum", training.BatchEntropySum);
        json.WriteString("likelihoodKind", trial.LikelihoodKind);
        json.WriteBoolean("atFloor", trial.IsAtFloor);
        JsonReport.Strings(json, "warnings", trial.Warnings);
        json.WriteString("remark", report.Summary.Remark);
        if (trial.HeldOut is not { } test)
        {
            json.WriteNull("test");
            return;
        }

        json.WriteStartObject("test");
        JsonReport.Number(json, "elbo", test.Elbo);
        JsonReport.Number(json, "standardError", test.StandardError);
        json.WriteNumber("rows", test.Rows);
        if (trial.HeldOutLogLikelihood is { } likelihood)
        {
            JsonReport.Number(json, "logLikelihood", likelihood.Value);
            JsonReport.Number(json, "logLikelihoodStandardError", likelihood.StandardError);
            json.WriteNumber("logLikelihoodSamples", likelihood.Samples);
        }

        json.WriteEndObject();
    }

    /// <summary>The settings that were given, and the seed.</summary>
    private static void WriteOptions(Utf8JsonWriter json, ModelFamily family, FitSettings settings)
    {
        json.WriteStartObject("options");
        foreach ((string name, object value) in family.InOrder(settings).Where(v => v.Key != SettingNames.Seed))
        {
            json.WritePropertyName(NameOf(name));
            JsonReport.Setting(json, value);
        }

        json.WriteNumber(SettingNames.Seed, settings.Seed);
        json.WriteEndObject();
    }

    /// <summary>The field of a setting: its words in camel case.</summary>
    public static string NameOf(string setting)
    {
        string[] words = setting.Split('-');
        return string.Concat(words[..1].Concat(words[1..].Select(w => char.ToUpperInvariant(w[0]) + w[1..])));
    }

    private static void Optional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } given)
        {
            JsonReport.Number(json, name, given);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
