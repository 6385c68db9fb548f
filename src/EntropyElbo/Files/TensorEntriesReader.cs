using System.Text.Json;

namespace EntropyElbo.Files;

/// <summary>One tensor as the header describes it, checked against the length of the data section.</summary>
internal sealed record TensorEntry(string Name, TensorType Type, int[] Shape, long Begin, long End);

/// <summary>
/// Second look at a header: the tensors, under every rule of the safetensors layout and the bounds of this library.
/// Nothing is allocated by a length that the header claims.
/// </summary>
internal ref struct TensorEntriesReader
{
    private readonly long _dataLength;
    private readonly List<TensorEntry> _entries = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private Utf8JsonReader _json;

    private TensorEntriesReader(ReadOnlySpan<byte> header, long dataLength)
    {
        _json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 4 });
        _dataLength = dataLength;
    }

    /// <summary>Reads the tensors of a header, in its order.</summary>
    /// <exception cref="JsonException">The header breaks a rule of the layout.</exception>
    /// <exception cref="InvalidOperationException">A string is not well-formed.</exception>
    public static IReadOnlyList<TensorEntry> Read(ReadOnlySpan<byte> header, long dataLength)
    {
        TensorEntriesReader reader = new(header, dataLength);
        reader.ReadHeader();
        reader.RequireTiling();
        return reader._entries;
    }

    private void ReadHeader()
    {
        Next(JsonTokenType.StartObject);
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string name = _json.GetString()!;
            if (name == RecordNames.Metadata)
            {
                _json.Skip();
                continue;
            }

            if (_entries.Count == ModelRecord.MaxEntries)
            {
                throw new JsonException($"there are more than {ModelRecord.MaxEntries} tensors.");
            }

            if (name.Length == 0 || !_names.Add(name))
            {
                throw new JsonException($"the tensor name '{name}' is empty or stands twice.");
            }

            _entries.Add(ReadEntry(name));
        }
    }

    private TensorEntry ReadEntry(string name)
    {
        TensorType? type = null;
        int[]? shape = null;
        (long Begin, long End)? offsets = null;
        Next(JsonTokenType.StartObject);
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("dtype") && type is null)
            {
                type = ReadType(name);
            }
            else if (_json.ValueTextEquals("shape") && shape is null)
            {
                shape = ReadShape(name);
            }
            else if (_json.ValueTextEquals("data_offsets") && offsets is null)
            {
                offsets = ReadOffsets(name);
            }
            else
            {
                throw new JsonException($"tensor '{name}' has the member '{_json.GetString()}', unknown or for the second time.");
            }
        }

        if (type is not { } known || shape is null || offsets is not var (begin, end))
        {
            throw new JsonException($"tensor '{name}' lacks its dtype, shape or data_offsets.");
        }

        RequireLength(name, known, shape, end - begin);
        return new TensorEntry(name, known, shape, begin, end);
    }

    private void RequireLength(string name, TensorType type, int[] shape, long bytes)
    {
        int size = ModelTensor.ElementSize(type);
        long count = ModelTensor.Count(shape, _dataLength / size);
        if (count < 0 || count * size != bytes)
        {
            throw new JsonException(
                $"tensor '{name}' of shape [{string.Join(", ", shape)}] and type {type} does not fill its {bytes} bytes.");
        }
    }

    private TensorType ReadType(string name)
    {
        Next(JsonTokenType.String);
        return _json.GetString() switch
        {
            nameof(TensorType.F32) => TensorType.F32,
            nameof(TensorType.F64) => TensorType.F64,
            nameof(TensorType.I64) => TensorType.I64,
            string other => throw new JsonException($"tensor '{name}' has the dtype '{other}'; F32, F64 and I64 are known."),
            null => throw new JsonException($"tensor '{name}' has no dtype."),
        };
    }

    private int[] ReadShape(string name)
    {
        Span<int> lengths = stackalloc int[ModelTensor.MaxRank];
        int rank = 0;
        Next(JsonTokenType.StartArray);
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (rank == lengths.Length)
            {
                throw new JsonException($"tensor '{name}' has more than {ModelTensor.MaxRank} dimensions.");
            }

            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt32(out int length) || length < 0)
            {
                throw new JsonException($"tensor '{name}' has a dimension that is no whole number from 0 to {int.MaxValue}.");
            }

            lengths[rank++] = length;
        }

        return lengths[..rank].ToArray();
    }

    private (long Begin, long End) ReadOffsets(string name)
    {
        Next(JsonTokenType.StartArray);
        long begin = ReadOffset(name);
        long end = ReadOffset(name);
        Next(JsonTokenType.EndArray);
        return begin <= end ? (begin, end) : throw new JsonException($"tensor '{name}' ends at {end}, before it begins at {begin}.");
    }

    private long ReadOffset(string name)
    {
        Next(JsonTokenType.Number);
        return _json.TryGetInt64(out long offset) && offset >= 0 && offset <= _dataLength
            ? offset
            : throw new JsonException($"tensor '{name}' has an offset outside the {_dataLength} bytes of data.");
    }

    /// <summary>The tensors must cover the data section from end to end, without hole or overlap.</summary>
    private readonly void RequireTiling()
    {
        long covered = 0;
        foreach (TensorEntry entry in _entries.OrderBy(static entry => entry.Begin).ThenBy(static entry => entry.End))
        {
            if (entry.Begin != covered)
            {
                throw new JsonException($"tensor '{entry.Name}' begins at {entry.Begin} where {covered} belongs: a hole or an overlap.");
            }

            covered = entry.End;
        }

        if (covered != _dataLength)
        {
            throw new JsonException($"the tensors cover {covered} of {_dataLength} bytes of data.");
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
