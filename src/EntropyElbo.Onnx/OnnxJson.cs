using System.Text.Json.Serialization;

namespace EntropyElbo.Onnx;

/// <summary>How the names of columns are written, without reflection.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class OnnxJson : JsonSerializerContext;
