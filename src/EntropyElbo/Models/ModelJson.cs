using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Reports;

namespace EntropyElbo.Models;

/// <summary>The facts that every model's record has.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ScalingKind))]
[JsonSerializable(typeof(TrainingRecord))]
[JsonSerializable(typeof(CategoricalColumn[]))]
internal sealed partial class ModelJson : JsonSerializerContext;

/// <summary>How they are written.</summary>
internal static class ModelFacts
{
    private static readonly JsonSerializerOptions Facts = FactJson.For(
        ModelJson.Default,
        new WordConverter<ScalingKind>(),
        new WordConverter<StopReason>(),
        new WordConverter<ReferenceKind>(),
        new WordConverter<GainMethod>());

    /// <summary>How scalings are written.</summary>
    public static JsonTypeInfo<ScalingKind> Scaling { get; } = FactJson.TypeInfo<ScalingKind>(Facts);

    /// <summary>How encodings of text are written.</summary>
    public static JsonTypeInfo<CategoricalColumn[]> Encodings { get; } = FactJson.TypeInfo<CategoricalColumn[]>(Facts);

    /// <summary>How training records are written.</summary>
    public static JsonTypeInfo<TrainingRecord> Training { get; } = FactJson.TypeInfo<TrainingRecord>(Facts);
}
