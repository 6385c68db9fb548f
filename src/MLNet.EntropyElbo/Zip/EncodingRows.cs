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

/// <summary>
/// What an encoding mapping writes. In zips its vectors have the declared size of a derived class, because a type is all
/// that ML.NET has when it loads one; only the first slots are filled.
/// </summary>
internal abstract class EncodedRow
{
    private EncodingBlock? _block;

    /// <summary>Latent means (or responsibilities).</summary>
    public abstract VBuffer<float> Means { get; set; }

    /// <summary>Latent variances.</summary>
    public abstract VBuffer<float> Variances { get; set; }

    /// <summary>The row decoded from its latent means; no slot is filled where it is not asked for.</summary>
    public abstract VBuffer<float> Reconstruction { get; set; }

    /// <summary>Minus the ELBO, nats in units of the data.</summary>
    [ColumnName(ReservedColumns.AnomalyScore)]
    public float AnomalyScore { get; set; }

    /// <summary>ELBO, nats in units of the data.</summary>
    [ColumnName(ReservedColumns.Elbo)]
    public float Elbo { get; set; }

    /// <summary>Index of the largest mean.</summary>
    [ColumnName(ReservedColumns.Component)]
    public uint Component { get; set; }

    /// <summary>Always 0.</summary>
    [ColumnName(ReservedColumns.Padding)]
    public float Padding { get; set; }

    /// <summary>Slots of each vector; 0 where each has its own size.</summary>
    internal abstract int DeclaredSize { get; }

    /// <summary>The buffers of this cursor.</summary>
    internal EncodingBlock BlockFor(RowEncoder encoder) =>
        _block is { } block && ReferenceEquals(block.Encoder, encoder) ? block : _block = new EncodingBlock(encoder, 1, encoder.Plan.Parts);
}

/// <summary>Vectors whose size is set at run time: what a transformer in memory writes.</summary>
internal sealed class MemoryEncodedRow : EncodedRow, IExplainedRow
{
    /// <inheritdoc/>
    [ColumnName(ReservedColumns.ColumnScores)]
    public VBuffer<float> ColumnScores { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Kl)]
    public VBuffer<float> Kl { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Means)]
    public override VBuffer<float> Means { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Variances)]
    public override VBuffer<float> Variances { get; set; }

    /// <inheritdoc/>
    [ColumnName(ReservedColumns.Reconstruction)]
    public override VBuffer<float> Reconstruction { get; set; }

    internal override int DeclaredSize => 0;
}

/// <summary>Vectors of up to 4,096 slots.</summary>
internal class SmallEncodedRow : EncodedRow
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
internal class MediumEncodedRow : EncodedRow
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
internal class LargeEncodedRow : EncodedRow
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
