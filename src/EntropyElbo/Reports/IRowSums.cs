namespace EntropyElbo.Reports;

/// <summary>Sums over rows that are gathered block by block.</summary>
internal interface IRowSums<TSelf>
{
    /// <summary>Adds the sums of other rows.</summary>
    void Merge(TSelf other);

    /// <summary>Back to no rows.</summary>
    void Clear();
}
