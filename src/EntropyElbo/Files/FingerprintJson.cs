using System.Text.Json;
using System.Text.Json.Serialization;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.Vae;

namespace EntropyElbo.Files;

/// <summary>Options as the text that checkpoints compare: the serialiser's own defaults, by generated code.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(GaussianVaeOptions))]
[JsonSerializable(typeof(MixtureOptions))]
[JsonSerializable(typeof(SigmoidBeliefNetOptions))]
[JsonSerializable(typeof(LinearVaeOptions))]
[JsonSerializable(typeof(FactorAnalysisOptions))]
internal sealed partial class FingerprintJson : JsonSerializerContext;
