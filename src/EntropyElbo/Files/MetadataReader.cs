using System.Text.Json;

namespace EntropyElbo.Files;

/// <summary>
/// First look at a header: only its <c>__metadata__</c>, so that the checksum and the format's version are known
/// before anything else in the file is believed.
/// </summary>
internal ref struct MetadataReader
{
    private const int MaxDepth = 64;

    private readonly Dictionary<string, string> _values;
    private readonly List<string> _keys;
    private Utf8JsonReader _json;

    private MetadataReader(ReadOnlySpan<byte> header)
    {
        _json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = MaxDepth });
        _values = new Dictionary<string, string>(StringComparer.Ordinal);
        _keys = [];
        ChecksumAt = -1;
    }

    /// <summary>The entries by key.</summary>
    public readonly IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>The keys in the order of the file.</summary>
    public readonly IReadOnlyList<string> Keys => _keys;

    /// <summary>Where in the header the digits of the checksum begin; -1 when they are absent or misshapen.</summary>
    public int ChecksumAt { get; private set; }

    /// <summary>Reads the metadata of a header.</summary>
    /// <exception cref="JsonException">The header is no JSON object, or its metadata are not strings under distinct keys.</exception>
    /// <exception cref="InvalidOperationException">A string is not well-formed.</exception>
    public static MetadataReader Read(ReadOnlySpan<byte> header)
    {
        MetadataReader reader = new(header);
        reader.ReadHeader();
        return reader;
    }

    private void ReadHeader()
    {
        Next(JsonTokenType.StartObject);
        bool found = false;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (!_json.ValueTextEquals(RecordNames.Metadata))
            {
                _json.Skip();
            }
            else if (found)
            {
                throw new JsonException($"'{RecordNames.Metadata}' stands twice.");
            }
            else
            {
                found = true;
                ReadMetadata();
            }
        }

        // Reads on to the end, so that anything but white space behind the object is an error.
        if (_json.Read())
        {
            throw new JsonException("something follows the header's object.");
        }
    }

    private void ReadMetadata()
    {
        Next(JsonTokenType.StartObject);
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string key = _json.GetString()!;
            Next(JsonTokenType.String);
            if (_values.Count == ModelRecord.MaxEntries)
            {
                throw new JsonException($"there are more than {ModelRecord.MaxEntries} metadata entries.");
            }

            if (!_values.TryAdd(key, _json.GetString()!))
            {
                throw new JsonException($"the metadata key '{key}' stands twice.");
            }

            _keys.Add(key);
            if (key == RecordNames.Checksum && !_json.ValueIsEscaped && _json.ValueSpan.Length == RecordNames.ChecksumDigits)
            {
                ChecksumAt = checked((int)_json.TokenStartIndex + 1);
            }
        }
    }

    private void Next(JsonTokenType expected)
    {
        if (!_json.Read() || _json.TokenType != expected)
        {
            throw new JsonException($"{_json.TokenType} stands where {expected} belongs.");
        }
    }
}
