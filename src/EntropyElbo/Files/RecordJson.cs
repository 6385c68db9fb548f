using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EntropyElbo.Files;

/// <summary>
/// The types of facts in a record. The code is generated when the library is built, so that trimmed apps, which have
/// no reflection, read and write the same bytes.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(bool[]))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(int[][]))]
[JsonSerializable(typeof(List<int>))]
[JsonSerializable(typeof(IReadOnlyList<int>))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(long?))]
[JsonSerializable(typeof(long[]))]
[JsonSerializable(typeof(ulong))]
[JsonSerializable(typeof(ulong[]))]
[JsonSerializable(typeof(float))]
[JsonSerializable(typeof(float[]))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(double?))]
[JsonSerializable(typeof(double[]))]
[JsonSerializable(typeof(double[][]))]
[JsonSerializable(typeof(List<double>))]
[JsonSerializable(typeof(IReadOnlyList<double>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(string[][]))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class RecordJson : JsonSerializerContext;

/// <summary>How facts of a record are written as JSON.</summary>
internal static class FactJson
{
    private static readonly JsonSerializerOptions Facts = For(RecordJson.Default);

    /// <summary>How a type is written.</summary>
    /// <exception cref="NotSupportedException">The type is not listed there.</exception>
    public static JsonTypeInfo<TValue> TypeInfo<TValue>() => TypeInfo<TValue>(Facts);

    /// <summary>How a type is written, by options made with <see cref="For"/>.</summary>
    /// <exception cref="NotSupportedException">The type is not among theirs.</exception>
    public static JsonTypeInfo<TValue> TypeInfo<TValue>(JsonSerializerOptions options) =>
        options.TryGetTypeInfo(typeof(TValue), out JsonTypeInfo? info)
        ? (JsonTypeInfo<TValue>)info
        : throw new NotSupportedException($"Model records know no JSON form of the type {typeof(TValue).Name}; give its JsonTypeInfo.");

    /// <summary>The options of facts, over the types of a resolver.</summary>
    /// <param name="types">A source-generated context.</param>
    /// <param name="words">Writes enumerations among them as words.</param>
    public static JsonSerializerOptions For(IJsonTypeInfoResolver types, params ReadOnlySpan<JsonConverter> words)
    {
        JsonSerializerOptions options = new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            RespectRequiredConstructorParameters = true,
            RespectNullableAnnotations = true,
            AllowDuplicateProperties = false,
            TypeInfoResolver = types,
        };
        foreach (JsonConverter converter in words)
        {
            options.Converters.Add(converter);
        }

        options.MakeReadOnly();
        return options;
    }

    /// <summary>No list in a record has null among its elements, which the serialiser would let pass.</summary>
    /// <exception cref="JsonException">One has, or the text is no JSON.</exception>
    public static void RefuseNullElements(string json)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(json));
        JsonTokenType before = JsonTokenType.None;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null && reader.CurrentDepth > 0 && before != JsonTokenType.PropertyName)
            {
                throw new JsonException("null stands in a list.");
            }

            before = reader.TokenType;
        }
    }
}

/// <summary>Writes the values of an enumeration as words in camelCase, and reads nothing else.</summary>
internal sealed class WordConverter<TEnum>() : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where TEnum : struct, Enum;
