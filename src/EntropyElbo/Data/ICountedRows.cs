namespace EntropyElbo.Data;

/// <summary>A source that counts its rows in less time than a full pass.</summary>
internal interface ICountedRows
{
    /// <summary>Number of rows, counted now. Values are not looked at.</summary>
    long CountRows(CancellationToken cancellationToken);
}
