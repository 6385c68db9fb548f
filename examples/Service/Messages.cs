using System.Text.Json;
using System.Text.Json.Serialization;

namespace EncodingService;

/// <summary>Rows to encode. A missing value is "NaN": its row comes back as "NaN"s.</summary>
internal sealed record EncodeRequest(float[][] Rows);

/// <summary>The codes of the rows, in their order, and the model that made them all.</summary>
internal sealed record EncodeAnswer(string Model, Code[] Codes);

/// <summary>What the pipeline says of a row.</summary>
internal sealed class Code
{
    /// <summary>Latent means.</summary>
    public float[] Latent { get; set; } = [];

    /// <summary>Anomaly score, nats; "Infinity" where a value lies outside the model's support.</summary>
    public float Score { get; set; }
}

/// <summary>What the health check says.</summary>
internal sealed record Health(string Status, string Model, int Columns, int Latents, DateTimeOffset LoadedAt, string? Problem);

/// <summary>Reading and writing of these, without reflection.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals | JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(EncodeRequest))]
[JsonSerializable(typeof(EncodeAnswer))]
[JsonSerializable(typeof(Health))]
internal sealed partial class ServiceJson : JsonSerializerContext;
