using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Reports;

/// <summary>Families and their settings as one JSON object on one line.</summary>
internal static class ModelsJson
{
    /// <summary>Writes the object and a line feed.</summary>
    public static void Write(TextWriter output, IReadOnlyList<ModelFamily> families)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("models");
            foreach (ModelFamily family in families)
            {
                Write(json, family);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    private static void Write(Utf8JsonWriter json, ModelFamily family)
    {
        json.WriteStartObject();
        json.WriteString("model", family.Name);
        json.WriteString("kind", family.Kind);
        json.WriteString("summary", family.Summary);
        json.WriteStartArray("settings");
        foreach (Setting setting in family.Settings)
        {
            Write(json, setting);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Setting setting)
    {
        json.WriteStartObject();
        json.WriteString("name", setting.Name);
        json.WriteString("type", JsonNamingPolicy.CamelCase.ConvertName(setting.Kind.ToString()));
        json.WriteString("help", setting.Help);
        json.WriteBoolean("hasOption", setting.IsCommon);
        json.WriteBoolean("required", setting.IsRequired);
        json.WriteString("default", setting.Default);
        json.WriteString("range", setting.Range.Length == 0 ? null : setting.Range);
        JsonReport.Strings(json, "choices", setting.Choices);
        json.WriteString("needs", setting.Needs);
        json.WriteString("neededValue", setting.NeededValue);
        json.WriteEndObject();
    }
}
