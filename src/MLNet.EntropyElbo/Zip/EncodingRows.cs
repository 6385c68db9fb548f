using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Zip;

/// <summary>A row that no column is taken from.</summary>
internal sealed class NoColumns
{
}

/// <summary>The constant that looks the model up.</summary>
internal sealed class LookupKeyRow
{
    /// <summary>The only key.</summary>
    public const uint Key = 0;

    /// <summary>Always <see cref="Key"/>.</summary>
    [ColumnName(ReservedColumns.LookupKey)]
    public uint Value { get; set; } = Key;
}

/// <summary>The model's text as a chain's lookup gives it.</summary>
internal sealed class ModelTextRow
{
    /// <summary>Plan and model.</summary>
    [ColumnName(ReservedColumns.Model)]
    public ReadOnlyMemory<char> Model { get; set; }
}

/// <summary>What the encoding mapping reads.</summary>
internal sealed class EncodingInput
{
    /// <summary>The row, D values.</summary>
    [ColumnName(ReservedColumns.Rows)]
    public VBuffer<float> Rows { get; set; }

    /// <summary>Plan and model.</summary>
    [ColumnName(ReservedColumns.Model)]
    public ReadOnlyMemory<char> Model { get; set; }

    /// <summary>Copies the row; false where a value is missing or infinite.</summary>
    internal bool CopyRow(double[] row)
    {
        ReadOnlySpan<float> values = Rows.GetValues();
        if (!values.IsEmpty && !System.Numerics.Tensors.TensorPrimitives.IsFiniteAll(values))
        {
            return false;
        }

        if (Rows.IsDense)
        {
            System.Numerics.Tensors.TensorPrimitives.ConvertChecked<float, double>(values, row);
            return true;
        }

        row.AsSpan().Clear();
        ReadOnlySpan<int> indices = Rows.GetIndices();
        for (int i = 0; i < values.Length; i++)
        {
            row[indices[i]] = values[i];
        }

        return true;
    }
}

/// <summary>
/// What the encoding mapping writes. Its vectors have the declared size of a derived class, because a type is all that
/// ML.NET has when it loads a zip; only the first slots are filled.
/// </summary>
internal abstract class EncodedRow
{
    private EncodingScratch? _scratch;

    /// <summary>Latent means (or responsibilities).</summary>
    public abstract VBuffer<float> Means { get; set; }

    /// <summary>Latent variances.</summary>
    public abstract VBuffer<float> Variances { get; set; }

    /// <summary>The row decoded from its latent means; no slot is filled where it is not asked for.</summary>
    public abstract VBuffer<float> Reconstruction { get; set; }

    /// <summary>Minus the ELBO.</summary>
    [ColumnName(ReservedColumns.AnomalyScore)]
    public float AnomalyScore { get; set; }

    /// <summary>ELBO, nats.</summary>
    [ColumnName(ReservedColumns.Elbo)]
    public float Elbo { get; set; }

    /// <summary>Index of the largest mean.</summary>
    [ColumnName(ReservedColumns.Component)]
    public uint Component { get; set; }

    /// <summary>Always 0.</summary>
    [ColumnName(ReservedColumns.Padding)]
    public float Padding { get; set; }

    /// <summary>Slots of each vector.</summary>
    internal abstract int DeclaredSize { get; }

    /// <summary>The buffers of this cursor.</summary>
    internal EncodingScratch ScratchFor(RowEncoder encoder) =>
        _scratch is { } scratch && ReferenceEquals(scratch.Encoder, encoder) ? scratch : _scratch = new EncodingScratch(encoder);
}

/// <summary>Vectors of up to 4,096 slots.</summary>
internal sealed class SmallEncodedRow : EncodedRow
{
    /// <summary>Slots of each vector.</summary>
    public const int Size = 4_096;

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Means)]
    [VectorType(Size)]
    public override VBuffer<float> Means { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Variances)]
    [VectorType(Size)]
    public override VBuffer<float> Variances { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Reconstruction)]
    [VectorType(Size)]
    public override VBuffer<float> Reconstruction { get; set; }

    internal override int DeclaredSize => Size;
}

/// <summary>Vectors of up to 65,536 slots.</summary>
internal sealed class MediumEncodedRow : EncodedRow
{
    /// <summary>Slots of each vector.</summary>
    public const int Size = 65_536;

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Means)]
    [VectorType(Size)]
    public override VBuffer<float> Means { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Variances)]
    [VectorType(Size)]
    public override VBuffer<float> Variances { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Reconstruction)]
    [VectorType(Size)]
    public override VBuffer<float> Reconstruction { get; set; }

    internal override int DeclaredSize => Size;
}

/// <summary>Vectors of up to 1,048,576 slots.</summary>
internal sealed class LargeEncodedRow : EncodedRow
{
    /// <summary>Slots of each vector.</summary>
    public const int Size = 1_048_576;

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Means)]
    [VectorType(Size)]
    public override VBuffer<float> Means { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Variances)]
    [VectorType(Size)]
    public override VBuffer<float> Variances { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Reconstruction)]
    [VectorType(Size)]
    public override VBuffer<float> Reconstruction { get; set; }

    internal override int DeclaredSize => Size;
}
