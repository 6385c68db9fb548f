using EntropyElbo.Data;
using EntropyElbo.Models;

namespace EntropyElbo.DuckDB;

/// <summary>What to take of a table that DuckDB reads, and how.</summary>
public sealed record DuckDbOptions
{
    /// <summary>The columns to read, in this order; null reads all. Text columns must be left out or be categorical.</summary>
    public ColumnSelection? Columns { get; init; }

    /// <summary>What stands for a missing value besides NULL and NaN: numbers such as -999 are compared by value, text in categorical columns.</summary>
    public IReadOnlyList<string> MissingTokens { get; init; } = [];

    /// <summary>
    /// Columns to encode one-hot: each value of the column, in ordinal order, becomes a column <c>NAME=VALUE</c> of 0 and 1 in its
    /// place. The values are found in a pass of their own.
    /// </summary>
    public IReadOnlyList<string> Categorical { get; init; } = [];

    /// <summary>
    /// Encodings found before, such as those that a model keeps: their columns are encoded by these values. A value that is not
    /// among them gives 0 in every column of its encoding, and <see cref="RowSourceExtensions.Notes"/> says how many rows have one.
    /// </summary>
    public IReadOnlyList<CategoricalColumn> Encodings { get; init; } = [];

    /// <summary>A column, by position or name, that is no data but names rows; of any type.</summary>
    internal ColumnSelection? Label { get; init; }

    /// <summary>The column of weights, by position or name, which is read last; for <see cref="WeightedRows"/>.</summary>
    internal string? Weight { get; init; }

    /// <summary>Stops statements that take long before they give a row, such as sorts and joins.</summary>
    internal CancellationToken Cancellation { get; init; }

    /// <summary>DuckDB's memory at most, in bytes; its own default (80 % of the machine's) when null. More is spilt to the temporary folder.</summary>
    public long? MemoryLimit { get; init; }
}
