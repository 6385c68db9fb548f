using Microsoft.ML.Transforms;

namespace MLNet.EntropyElbo.Zip;

/// <summary>Contracts of the mappings in saved zips; ML.NET finds the factories by these names.</summary>
internal static class Contracts
{
    /// <summary>Adds the lookup key.</summary>
    public const string LookupKey = "EntropyElbo.LookupKey.1";

    /// <summary>Encodes rows of Single into vectors of up to 4,096 slots; in older zips.</summary>
    public const string EncodeSmallSingle = "EntropyElbo.Encode.Small.1";

    /// <summary>Encodes rows of Single into vectors of up to 65,536 slots; in older zips.</summary>
    public const string EncodeMediumSingle = "EntropyElbo.Encode.Medium.1";

    /// <summary>Encodes rows of Single into vectors of up to 1,048,576 slots; in older zips.</summary>
    public const string EncodeLargeSingle = "EntropyElbo.Encode.Large.1";

    /// <summary>Encodes rows of Double into vectors of up to 4,096 slots.</summary>
    public const string EncodeSmall = "EntropyElbo.Encode.Small.2";

    /// <summary>Encodes rows of Double into vectors of up to 65,536 slots.</summary>
    public const string EncodeMedium = "EntropyElbo.Encode.Medium.2";

    /// <summary>Encodes rows of Double into vectors of up to 1,048,576 slots.</summary>
    public const string EncodeLarge = "EntropyElbo.Encode.Large.2";

    /// <summary>Encodes rows of Double into vectors of up to 4,096 slots, parts of the score among them.</summary>
    public const string ExplainSmall = "EntropyElbo.Explain.Small.1";

    /// <summary>Encodes rows of Double into vectors of up to 65,536 slots, parts of the score among them.</summary>
    public const string ExplainMedium = "EntropyElbo.Explain.Medium.1";

    /// <summary>Encodes rows of Double into vectors of up to 1,048,576 slots, parts of the score among them.</summary>
    public const string ExplainLarge = "EntropyElbo.Explain.Large.1";
}

/// <summary>Adds the lookup key.</summary>
[CustomMappingFactoryAttribute(Contracts.LookupKey)]
internal sealed class LookupKeyFactory : CustomMappingFactory<NoColumns, LookupKeyRow>
{
    /// <inheritdoc/>
    public override Action<NoColumns, LookupKeyRow> GetMapping() => static (_, row) => row.Value = LookupKeyRow.Key;
}

/// <summary>Encodes rows of Single into vectors of up to 4,096 slots.</summary>
[CustomMappingFactoryAttribute(Contracts.EncodeSmallSingle)]
internal sealed class SmallSingleEncodingFactory : CustomMappingFactory<StoredSingleInput, SmallEncodedRow>
{
    /// <inheritdoc/>
    public override Action<StoredSingleInput, SmallEncodedRow> GetMapping() => new EncodingMapping().Encode;
}

/// <summary>Encodes rows of Single into vectors of up to 65,536 slots.</summary>
[CustomMappingFactoryAttribute(Contracts.EncodeMediumSingle)]
internal sealed class MediumSingleEncodingFactory : CustomMappingFactory<StoredSingleInput, MediumEncodedRow>
{
    /// <inheritdoc/>
    public override Action<StoredSingleInput, MediumEncodedRow> GetMapping() => new EncodingMapping().Encode;
}

/// <summary>Encodes rows of Single into vectors of up to 1,048,576 slots.</summary>
[CustomMappingFactoryAttribute(Contracts.EncodeLargeSingle)]
internal sealed class LargeSingleEncodingFactory : CustomMappingFactory<StoredSingleInput, LargeEncodedRow>
{
    /// <inheritdoc/>
    public override Action<StoredSingleInput, LargeEncodedRow> GetMapping() => new EncodingMapping().Encode;
}

/// <summary>Encodes rows of Double into vectors of up to 4,096 slots.</summary>
[CustomMappingFactoryAttribute(Contracts.EncodeSmall)]
internal sealed class SmallEncodingFactory : CustomMappingFactory<StoredDoubleInput, SmallEncodedRow>
{
    /// <inheritdoc/>
    public override Action<StoredDoubleInput, SmallEncodedRow> GetMapping() => new EncodingMapping().Encode;
}

/// <summary>Encodes rows of Double into vectors of up to 65,536 slots.</summary>
[CustomMappingFactoryAttribute(Contracts.EncodeMedium)]
internal sealed class MediumEncodingFactory : CustomMappingFactory<StoredDoubleInput, MediumEncodedRow>
{
    /// <inheritdoc/>
    public override Action<StoredDoubleInput, MediumEncodedRow> GetMapping() => new EncodingMapping().Encode;
}

/// <summary>Encodes rows of Double into vectors of up to 1,048,576 slots.</summary>
[CustomMappingFactoryAttribute(Contracts.EncodeLarge)]
internal sealed class LargeEncodingFactory : CustomMappingFactory<StoredDoubleInput, LargeEncodedRow>
{
    /// <inheritdoc/>
    public override Action<StoredDoubleInput, LargeEncodedRow> GetMapping() => new EncodingMapping().Encode;
}

/// <summary>Encodes rows of Double into vectors of up to 4,096 slots, parts of the score among them.</summary>
[CustomMappingFactoryAttribute(Contracts.ExplainSmall)]
internal sealed class SmallExplainingFactory : CustomMappingFactory<StoredDoubleInput, SmallExplainedRow>
{
    /// <inheritdoc/>
    public override Action<StoredDoubleInput, SmallExplainedRow> GetMapping() => new EncodingMapping().Encode;
}

/// <summary>Encodes rows of Double into vectors of up to 65,536 slots, parts of the score among them.</summary>
[CustomMappingFactoryAttribute(Contracts.ExplainMedium)]
internal sealed class MediumExplainingFactory : CustomMappingFactory<StoredDoubleInput, MediumExplainedRow>
{
    /// <inheritdoc/>
    public override Action<StoredDoubleInput, MediumExplainedRow> GetMapping() => new EncodingMapping().Encode;
}

/// <summary>Encodes rows of Double into vectors of up to 1,048,576 slots, parts of the score among them.</summary>
[CustomMappingFactoryAttribute(Contracts.ExplainLarge)]
internal sealed class LargeExplainingFactory : CustomMappingFactory<StoredDoubleInput, LargeExplainedRow>
{
    /// <inheritdoc/>
    public override Action<StoredDoubleInput, LargeExplainedRow> GetMapping() => new EncodingMapping().Encode;
}

/// <summary>
/// The encoding mapping of one loaded transformer. All cursors share it, so what it keeps is one immutable decoded
/// model, published whole.
/// </summary>
internal sealed class EncodingMapping
{
    private readonly Lock _decoding = new();
    private volatile Decoded? _decoded;

    /// <summary>Encodes a row.</summary>
    public void Encode(StoredRowInput input, EncodedRow output)
    {
        Decoded? decoded = _decoded;
        if (decoded is null || !decoded.IsOf(input.Model))
        {
            decoded = Decode(input.Model);
        }

        decoded.Encoder.Encode(input, output);
    }

    private Decoded Decode(ReadOnlyMemory<char> text)
    {
        lock (_decoding)
        {
            if (_decoded is not { } decoded || !decoded.IsOf(text))
            {
                decoded = new Decoded(text, ModelText.Read(text.Span));
                _decoded = decoded;
            }

            return decoded;
        }
    }

    /// <summary>A decoded text. The lookup hands its text on by reference, so that a comparison is free.</summary>
    private sealed class Decoded(ReadOnlyMemory<char> text, RowEncoder encoder)
    {
        public RowEncoder Encoder { get; } = encoder;

        public bool IsOf(ReadOnlyMemory<char> other) => other.Span.SequenceEqual(text.Span);
    }
}
