using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EntropyElbo.Files;

/// <summary>
/// One model or checkpoint, whatever its family: tensors by name, and facts (options, scaling, report, counters)
/// by key. Each fact is kept as the JSON text of its value. A record is what <see cref="ModelFile"/> writes and reads.
/// </summary>
internal sealed class ModelRecord
{
    /// <summary>Most tensors, and most facts, that one record may hold.</summary>
    public const int MaxEntries = 100_000;

    /// <summary>How the families of records begin that hold the state of a stream.</summary>
    public const string StreamFamilies = "streaming-";

    private readonly List<ModelTensor> _tensors = [];
    private readonly Dictionary<string, ModelTensor> _tensorsByName = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];
    private readonly Dictionary<string, string> _facts = new(StringComparer.Ordinal);

    /// <summary>
    /// The options in which records write facts, over types of the caller's own: the source of their <see cref="JsonTypeInfo{T}"/>.
    /// </summary>
    /// <param name="types">A source-generated context.</param>
    public static JsonSerializerOptions JsonOptions(IJsonTypeInfoResolver types)
    {
        ArgumentNullException.ThrowIfNull(types);
        return FactJson.For(types);
    }

    /// <summary>Starts an empty record.</summary>
    /// <param name="family">Name of the model family, such as <c>gaussian-vae</c>.</param>
    /// <param name="familyVersion">Version of that family's own record, from 1; raise it when the record's meaning changes.</param>
    /// <exception cref="ArgumentException">The name is empty or the version below 1.</exception>
    public ModelRecord(string family, int familyVersion)
        : this(family, familyVersion, "model record", ModelFile.CurrentLibraryVersion)
    {
    }

    internal ModelRecord(string family, int familyVersion, string source, string libraryVersion)
    {
        RecordNames.CheckText(family, nameof(family));
        ArgumentOutOfRangeException.ThrowIfLessThan(familyVersion, 1);
        Family = family;
        FamilyVersion = familyVersion;
        Source = source;
        LibraryVersion = libraryVersion;
    }

    /// <summary>Name of the model family.</summary>
    public string Family { get; }

    /// <summary>Version of the family's own record.</summary>
    public int FamilyVersion { get; }

    /// <summary>Version of the library that wrote the record; this library's own for a record made here.</summary>
    public string LibraryVersion { get; }

    /// <summary>The checksum of the file that the record was read from, which agreed with it; null for a record made here.</summary>
    public string? Checksum { get; init; }

    /// <summary>The tensors, in the order in which they were added.</summary>
    public IReadOnlyList<ModelTensor> Tensors => _tensors;

    /// <summary>The keys of the facts, in the order in which they were first set.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>The file the record was read from, or words for where it came from.</summary>
    public string Source { get; }

    /// <summary>Adds a tensor.</summary>
    /// <param name="tensor">The tensor; its name must be new to the record.</param>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">A tensor of that name is there already.</exception>
    /// <exception cref="InvalidOperationException">The record is full.</exception>
    public ModelRecord Add(ModelTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        RequireRoom(_tensors.Count, "tensors");
        if (!_tensorsByName.TryAdd(tensor.Name, tensor))
        {
            throw new ArgumentException($"The record has a tensor '{tensor.Name}' already.", nameof(tensor));
        }

        _tensors.Add(tensor);
        return this;
    }

    /// <summary>Whether the record holds a tensor of this name.</summary>
    /// <param name="name">Name of the tensor.</param>
    public bool HasTensor(string name) => _tensorsByName.ContainsKey(name);

    /// <summary>A tensor of the record.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="expectedShape">The shape it must have, -1 for a length that may be any; left out, every shape will do.</param>
    /// <exception cref="ModelFileException">There is no such tensor, or its shape is another.</exception>
    public ModelTensor Tensor(string name, params int[] expectedShape)
    {
        ArgumentNullException.ThrowIfNull(expectedShape);
        if (!_tensorsByName.TryGetValue(name, out ModelTensor? tensor))
        {
            throw new ModelFileException(
                Source, $"tensor '{name}' is missing from this {Family} record; save the model again with a matching library.");
        }

        if (expectedShape.Length > 0 && !Fits(tensor.Shape, expectedShape))
        {
            string wanted = string.Join(", ", expectedShape.Select(static length => length == -1 ? "any" : $"{length}"));
            throw new ModelFileException(
                Source,
                $"tensor '{name}' has the shape [{string.Join(", ", tensor.Shape)}] where [{wanted}] belongs; save the model again with a "
                    + $"matching library.");
        }

        return tensor;
    }

    /// <summary>Sets a fact, replacing an earlier one of the same key.</summary>
    /// <typeparam name="TValue">Type of the value: a number, a string, a truth value, or arrays and lists of these.</typeparam>
    /// <param name="key">
    /// Key; <c>format</c>, <c>formatVersion</c>, <c>family</c>, <c>familyVersion</c>, <c>libraryVersion</c> and <c>sha256</c> are
    /// kept for the file.
    /// </param>
    /// <param name="value">
    /// Value; numbers keep their bits but for the payload of NaN, names become camelCase, enum values are written by name.
    /// </param>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentNullException">The value is a null reference; leave such a key out.</exception>
    /// <exception cref="ArgumentException">The key is empty or kept for the file.</exception>
    /// <exception cref="InvalidOperationException">The record is full.</exception>
    /// <exception cref="NotSupportedException">The type is none of those; give its <see cref="JsonTypeInfo{T}"/>.</exception>
    public ModelRecord Set<TValue>(string key, TValue value) => Set(key, value, FactJson.TypeInfo<TValue>());

    /// <summary>Sets a fact of a type of the caller's own, replacing an earlier one of the same key.</summary>
    /// <typeparam name="TValue">Type of the value.</typeparam>
    /// <param name="key">Key, as above.</param>
    /// <param name="value">Value.</param>
    /// <param name="type">
    /// How the type is written, from a source-generated <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>: no
    /// reflection is needed, so trimmed apps can use it.
    /// </param>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentNullException">The value is a null reference; leave such a key out.</exception>
    /// <exception cref="ArgumentException">The key is empty or kept for the file.</exception>
    /// <exception cref="InvalidOperationException">The record is full.</exception>
    public ModelRecord Set<TValue>(string key, TValue value, JsonTypeInfo<TValue> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        RecordNames.CheckKey(key);
        if (!typeof(TValue).IsValueType)
        {
            ArgumentNullException.ThrowIfNull(value);
        }

        return SetJson(key, JsonSerializer.Serialize(value, type));
    }

    /// <summary>Whether the record holds a fact of this key.</summary>
    /// <param name="key">Key of the fact.</param>
    public bool Has(string key) => _facts.ContainsKey(key);

    /// <summary>A fact of the record.</summary>
    /// <typeparam name="TValue">Type to read it as.</typeparam>
    /// <param name="key">Key of the fact.</param>
    /// <exception cref="ModelFileException">
    /// There is no such fact, or it is not of that type: a constructor parameter without a default is missing, null stands where
    /// the type allows none, or the JSON does not fit.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The type is none that <see cref="Set{TValue}(string, TValue)"/> takes; give its <see cref="JsonTypeInfo{T}"/>.
    /// </exception>
    public TValue Get<TValue>(string key) => Get(key, FactJson.TypeInfo<TValue>());

    /// <summary>A fact of a type of the caller's own.</summary>
    /// <typeparam name="TValue">Type to read it as.</typeparam>
    /// <param name="key">Key of the fact.</param>
    /// <param name="type">How the type is read.</param>
    /// <exception cref="ModelFileException">As above.</exception>
    public TValue Get<TValue>(string key, JsonTypeInfo<TValue> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        string json = GetJson(key);
        try
        {
            FactJson.RefuseNullElements(json);
            TValue? value = JsonSerializer.Deserialize(json, type);
            return value is not null || typeof(TValue).IsValueType ? value! : throw new JsonException("it is null.");
        }
        catch (Exception error)
            when (error is JsonException or InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            throw new ModelFileException(
                Source, $"the entry '{key}' of this {Family} record cannot be read as {typeof(TValue).Name}: {error.Message}", error);
        }
    }

    /// <summary>Refuses a record of another family, or one that a newer version of the family wrote.</summary>
    /// <param name="family">The family that the caller can read.</param>
    /// <param name="newestVersion">The newest version of its record that the caller can read.</param>
    /// <returns>This record.</returns>
    /// <exception cref="ModelFileException">Another family's record, or a newer version.</exception>
    public ModelRecord ExpectFamily(string family, int newestVersion)
    {
        if (!string.Equals(Family, family, StringComparison.Ordinal))
        {
            throw new ModelFileException(Source, $"holds a model of the family '{Family}', not '{family}'; load it as '{Family}'.");
        }

        return FamilyVersion <= newestVersion ? this : throw new ModelFileException(
            Source,
            $"holds version {FamilyVersion} of the '{family}' record, written by library {LibraryVersion}; this library "
                + $"({ModelFile.CurrentLibraryVersion}) reads up to version {newestVersion}: update the library.");
    }

    internal string GetJson(string key) => _facts.TryGetValue(key, out string? json) ? json : throw new ModelFileException(
        Source,
        $"the entry '{key}' is missing from this {Family} record; save the model again with a matching library.");

    internal ModelRecord SetJson(string key, [StringSyntax(StringSyntaxAttribute.Json)] string json)
    {
        if (!_facts.ContainsKey(key))
        {
            RequireRoom(_keys.Count, "entries");
            _keys.Add(key);
        }

        _facts[key] = json;
        return this;
    }

    private static bool Fits(IReadOnlyList<int> shape, int[] expected)
    {
        bool fits = shape.Count == expected.Length;
        for (int i = 0; fits && i < expected.Length; i++)
        {
            fits = expected[i] == -1 || expected[i] == shape[i];
        }

        return fits;
    }

    private static void RequireRoom(int count, string what)
    {
        if (count >= MaxEntries)
        {
            throw new InvalidOperationException($"A model record holds at most {MaxEntries} {what}.");
        }
    }
}
