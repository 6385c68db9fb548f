using System.Text.Json;
using System.Text.Json.Serialization;
using EntropyElbo.Models.FactorAnalysis;
using EntropyElbo.Models.GaussianVae;
using EntropyElbo.Models.LinearVae;
using EntropyElbo.Models.Mixture;
using EntropyElbo.Models.SigmoidBeliefNet;

namespace EntropyElbo.Files;

/// <summary>Options as the text that checkpoints compare: the serialiser's own defaults, by generated code.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(GaussianVaeOptions))]
[JsonSerializable(typeof(MixtureOptions))]
[JsonSerializable(typeof(SigmoidBeliefNetOptions))]
[JsonSerializable(typeof(LinearVaeOptions))]
[JsonSerializable(typeof(FactorAnalysisOptions))]
internal sealed partial class FingerprintJson : JsonSerializerContext;
