using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Reports;

/// <summary>The report as one JSON object on one line. What does not apply is null; numbers are finite or null.</summary>
internal static class JsonReport
{
    /// <summary>Writes the object and a line feed.</summary>
    public static void Write(TextWriter output, RunReport report)
    {
        WriteLine(output, json =>
        {
            WriteModel(json, report);
            WriteElbo(json, report.Summary);
            WriteLatents(json, report.Evaluation);
            WriteRun(json, report);
            if (report.History is { } history)
            {
                TrainingTrace.Write(json, history);
            }
        });
    }

    /// <summary>Writes one object and a line feed.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="write">Writes the fields.</param>
    public static void WriteLine(TextWriter output, Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    private static void WriteModel(Utf8JsonWriter json, RunReport report)
    {
        json.WriteString("model", report.Model.Family);
        json.WriteNumber("latents", report.Model.LatentDimension);
        json.WriteNumber("rows", report.Summary.Rows);
        json.WriteNumber("columns", report.Model.ObservedDimension);
        json.WriteNumber("skippedRows", report.SkippedRows);
    }

    /// <summary>Writes the fields of a report.</summary>
    public static void WriteElbo(Utf8JsonWriter json, ElboReport elbo)
    {
        Number(json, "elbo", elbo.Elbo);
        Number(json, "reconstruction", elbo.Reconstruction);
        Number(json, "kl", elbo.Kl);
        Number(json, "entropySum", elbo.EntropySum);
        Number(json, "encoderEntropy", elbo.EncoderEntropy);
        Number(json, "priorEntropy", elbo.PriorEntropy);
        Number(json, "decoderEntropy", elbo.DecoderEntropy);
        Number(json, "baseMeasure", elbo.BaseMeasure);
        Number(json, "priorResidual", elbo.PriorResidual);
        Number(json, "noiseResidual", elbo.NoiseResidual);
        WriteWeight(json, elbo);
        if (elbo.SmoothingResidual is { } smoothing)
        {
            Number(json, "smoothingResidual", smoothing);
        }

        if (elbo.AmortisationGap is { } amortised)
        {
            Number(json, "amortisationGap", amortised);
        }

        WritePseudoEntropy(json, elbo.PseudoEntropy);
        Number(json, "relativeGap", elbo.RelativeGap);
        Number(json, "standardError", elbo.StandardError);
        json.WriteNumber("samples", elbo.Samples);
    }

    private static void WritePseudoEntropy(Utf8JsonWriter json, PseudoEntropyReport? pseudo)
    {
        if (pseudo is null)
        {
            return;
        }

        json.WriteStartObject("pseudoEntropy");
        Number(json, "entropySum", pseudo.EntropySum);
        Number(json, "decoderEntropy", pseudo.DecoderEntropy);
        Number(json, "baseMeasure", pseudo.BaseMeasure);
        Number(json, "residual", pseudo.Residual);
        Number(json, "absoluteResidual", pseudo.AbsoluteResidual);
        Numbers(json, "residuals", pseudo.Residuals);
        json.WriteEndObject();
    }

    /// <summary>Writes the fields of the latents, and the criteria.</summary>
    public static void WriteLatents(Utf8JsonWriter json, Evaluation evaluation)
    {
        CollapsedLatents collapsed = evaluation.Collapsed;
        json.WriteStartObject("collapsedLatents");
        json.WriteNumber("entropy", collapsed.Entropy);
        json.WriteNumber("kl", collapsed.Kl);
        json.WriteNumber("activity", collapsed.Activity);
        json.WriteEndObject();
        Number(json, "priorResidualSize", evaluation.PriorResidualSize);
        Number(json, "noiseResidualSize", evaluation.NoiseResidualSize);
        Numbers(json, "latentEntropies", evaluation.Latents.Select(l => l.EncoderEntropy));
        Numbers(json, "activities", evaluation.Latents.Select(l => l.Activity));
        Number(json, "bic", evaluation.Bic);
        Number(json, "aic", evaluation.Aic);
        json.WriteNumber("freeParameters", evaluation.FreeParameters);
    }

    private static void WriteRun(Utf8JsonWriter json, RunReport report)
    {
        json.WriteBoolean("converged", report.Training.Converged);
        CertificateJson.Write(json, report.Training);
        json.WriteString("stopReason", JsonNamingPolicy.CamelCase.ConvertName(report.StopReason.ToString()));
        json.WriteNumber("epochs", report.Training.Epochs);
        Number(json, "seconds", report.Elapsed.TotalSeconds);
        Number(json, "rowsPerSecond", report.RowsPerSecond);
        WriteAffineReference(json, report.Training);
        Number(json, "batchEntropySum", report.Training.BatchEntropySum ?? double.NaN);
        WriteTest(json, report.Test?.Summary);
        Strings(json, "warnings", report.Warnings);
        json.WriteString("remark", report.Remark);
    }

    /// <summary>The best affine decoder on the training rows; null for families that have none.</summary>
    public static void WriteAffineReference(Utf8JsonWriter json, TrainingRecord training)
    {
        Number(json, "affineReference", training.AffineReference ?? double.NaN);
        json.WriteString(
            "affineReferenceKind",
            training.AffineReferenceKind is { } kind ? JsonNamingPolicy.CamelCase.ConvertName(kind.ToString()) : null);
        Number(json, "predictedActiveLatents", training.PredictedActiveLatents ?? double.NaN);
    }

    private static void WriteTest(Utf8JsonWriter json, ElboReport? test)
    {
        if (test is null)
        {
            json.WriteNull("test");
            return;
        }

        json.WriteStartObject("test");
        Number(json, "elbo", test.Elbo);
        Number(json, "standardError", test.StandardError);
        json.WriteNumber("rows", test.Rows);
        WriteWeight(json, test);
        json.WriteEndObject();
    }

    /// <summary>What rows with weights count as.</summary>
    private static void WriteWeight(Utf8JsonWriter json, ElboReport elbo)
    {
        if (elbo.RowWeight is { } weight)
        {
            Number(json, "rowWeight", weight);
        }
    }

    /// <summary>Writes a number, or null where it is not finite.</summary>
    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        Value(json, value);
    }

    /// <summary>Writes a list of texts.</summary>
    public static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the value of a setting.</summary>
    public static void Setting(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case int number:
                json.WriteNumberValue(number);
                break;
            case double number:
                Value(json, number);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case IReadOnlyList<int> list:
                json.WriteStartArray();
                foreach (int number in list)
                {
                    json.WriteNumberValue(number);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(Training.Setting.Text(value));
                break;
        }
    }

    /// <summary>Writes a list of numbers, with null for those that are not finite.</summary>
    public static void Numbers(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
        {
            Value(json, value);
        }

        json.WriteEndArray();
    }

    private static void Value(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
