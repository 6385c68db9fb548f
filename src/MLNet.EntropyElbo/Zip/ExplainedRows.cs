using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Zip;

/// <summary>
/// A row with the parts of the anomaly score: a zip has one where they are asked for, so that the schemas of other zips stay what
/// they are.
/// </summary>
internal interface IExplainedRow
{
    /// <summary>The columns' parts of the anomaly score; no slot is filled where they are not asked for.</summary>
    VBuffer<float> ColumnScores { get; set; }

    /// <summary>The latents' parts of it, likewise.</summary>
    VBuffer<float> Kl { get; set; }
}

/// <summary>Vectors of up to 4,096 slots, parts of the score among them.</summary>
internal sealed class SmallExplainedRow : SmallEncodedRow, IExplainedRow
{
    /// <inheritdoc/>
    [ColumnName(ReservedColumns.ColumnScores)]
    [VectorType(Size)]
    public VBuffer<float> ColumnScores { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Kl)]
    [VectorType(Size)]
    public VBuffer<float> Kl { get; set; }
}

/// <summary>Vectors of up to 65,536 slots, parts of the score among them.</summary>
internal sealed class MediumExplainedRow : MediumEncodedRow, IExplainedRow
{
    /// <inheritdoc/>
    [ColumnName(ReservedColumns.ColumnScores)]
    [VectorType(Size)]
    public VBuffer<float> ColumnScores { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Kl)]
    [VectorType(Size)]
    public VBuffer<float> Kl { get; set; }
}

/// <summary>Vectors of up to 1,048,576 slots, parts of the score among them.</summary>
internal sealed class LargeExplainedRow : LargeEncodedRow, IExplainedRow
{
    /// <inheritdoc/>
    [ColumnName(ReservedColumns.ColumnScores)]
    [VectorType(Size)]
    public VBuffer<float> ColumnScores { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Kl)]
    [VectorType(Size)]
    public VBuffer<float> Kl { get; set; }
}
