using Microsoft.ML.Data;
using MLNet.EntropyElbo.Data;

namespace MLNet.EntropyElbo.Zip;

/// <summary>What an encoding mapping reads.</summary>
internal abstract class RowInput
{
    /// <summary>Values of the row.</summary>
    internal abstract int Length { get; }

    /// <summary>Copies the row.</summary>
    internal abstract void Copy(Span<double> row);
}

/// <summary>What the encoding mapping of a zip reads.</summary>
internal abstract class StoredRowInput : RowInput
{
    /// <summary>Plan and model.</summary>
    [ColumnName(ReservedColumns.Model)]
    public ReadOnlyMemory<char> Model { get; set; }
}

/// <summary>Rows of Single, as zips of the first kind have them.</summary>
internal sealed class StoredSingleInput : StoredRowInput
{
    /// <summary>The row, D values.</summary>
    [ColumnName(ReservedColumns.Rows)]
    public VBuffer<float> Rows { get; set; }

    internal override int Length => Rows.Length;

    internal override void Copy(Span<double> row) => VectorReader.Copy(Rows, row);
}

/// <summary>Rows of Double, which keep their digits.</summary>
internal sealed class StoredDoubleInput : StoredRowInput
{
    /// <summary>The row, D values.</summary>
    [ColumnName(ReservedColumns.Rows)]
    public VBuffer<double> Rows { get; set; }

    internal override int Length => Rows.Length;

    internal override void Copy(Span<double> row) => VectorReader.Copy(Rows, row);
}

/// <summary>Rows of a transformer in memory, which has its model at hand.</summary>
internal sealed class MemoryInput : RowInput
{
    /// <summary>The row, D values.</summary>
    [ColumnName(ReservedColumns.Rows)]
    public VBuffer<double> Rows { get; set; }

    internal override int Length => Rows.Length;

    internal override void Copy(Span<double> row) => VectorReader.Copy(Rows, row);
}
