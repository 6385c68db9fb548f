using System.Text.Json;
using EntropyElbo.Cli.Host;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Reports;

/// <summary>What is in a file as one JSON object on one line; fields of models only are null for other files.</summary>
internal static class ExplainJson
{
    /// <summary>Writes the object and a line feed.</summary>
    public static void Write(TextWriter output, ExplainedFile file) => JsonReport.WriteLine(output, json =>
    {
        ModelRecord record = file.Record;
        json.WriteString("file", record.Source);
        json.WriteString("kind", file.Kind);
        json.WriteString("family", record.Family);
        json.WriteNumber("familyVersion", record.FamilyVersion);
        json.WriteNumber("formatVersion", ModelFile.FormatVersion);
        json.WriteString("libraryVersion", record.LibraryVersion);
        json.WriteString("sha256", record.Checksum);
        json.WriteNumber("numbers", file.Numbers);
        WriteTensors(json, record);
        json.WriteStartObject("settings");
        foreach ((string name, string text) in file.Settings)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(text);
        }

        json.WriteEndObject();
        WriteModel(json, file.Model);
    });

    private static void WriteTensors(Utf8JsonWriter json, ModelRecord record)
    {
        json.WriteStartArray("tensors");
        foreach (ModelTensor tensor in record.Tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("type", tensor.Type.ToString());
            JsonReport.Numbers(json, "shape", tensor.Shape.Select(length => (double)length));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteModel(Utf8JsonWriter json, LatentModel? model)
    {
        if (model is null)
        {
            json.WriteNull("model");
            return;
        }

        TrainingRecord training = model.Training;
        json.WriteStartObject("model");
        json.WriteString("name", model.Family);
        json.WriteNumber("latents", model.LatentDimension);
        json.WriteNumber("columns", model.ObservedDimension);
        json.WriteNumber("freeParameters", model.FreeParameters);
        json.WriteString("scaling", JsonNamingPolicy.CamelCase.ConvertName(model.Scaling.Kind.ToString()));
        JsonReport.Strings(json, "columnNames", model.ColumnNames);
        json.WriteNumber("rows", training.Rows);
        json.WriteNumber("skippedRows", training.SkippedRows);
        json.WriteNumber("epochs", training.Epochs);
        json.WriteNumber("steps", training.Steps);
        json.WriteBoolean("converged", training.Converged);
        json.WriteString("stopReason", JsonNamingPolicy.CamelCase.ConvertName(training.StopReason.ToString()));
        WriteReport(json, "report", training.Report);
        WriteReport(json, "test", training.TestReport);
        JsonReport.Strings(json, "warnings", training.Warnings);
        json.WriteEndObject();
    }

    private static void WriteReport(Utf8JsonWriter json, string name, Evaluation? report)
    {
        if (report is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        JsonReport.WriteElbo(json, report.Summary);
        JsonReport.Number(json, "bic", report.Bic);
        json.WriteEndObject();
    }
}
