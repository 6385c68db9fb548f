namespace EntropyElbo.Data;

/// <summary>A source that has something to say of how it was read.</summary>
internal interface INotedRows
{
    /// <summary>One sentence each.</summary>
    IReadOnlyList<string> Notes { get; }
}
