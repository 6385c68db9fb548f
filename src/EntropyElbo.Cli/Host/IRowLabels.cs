namespace EntropyElbo.Cli.Host;

/// <summary>A column that names rows: no data, and of any text.</summary>
internal interface IRowLabels
{
    /// <summary>What the column is called.</summary>
    string Name { get; }

    /// <summary>The labels of rows.</summary>
    /// <param name="places">Rows of the file, from 0, in rising order.</param>
    string[] Of(IReadOnlyList<long> places);
}
