namespace EntropyElbo.Data;

/// <summary>A source that knows what a pass over it costs.</summary>
internal interface ICostlyRows
{
    /// <summary>Whether every pass costs what the first did: text is parsed or bytes are decompressed anew.</summary>
    bool IsCostly { get; }
}
