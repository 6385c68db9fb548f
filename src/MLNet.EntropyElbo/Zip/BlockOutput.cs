using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Zip;

/// <summary>What an output column holds.</summary>
internal enum EncodedValue
{
    /// <summary>Latent means.</summary>
    Means,

    /// <summary>Latent variances.</summary>
    Variances,

    /// <summary>The row decoded from its latent means.</summary>
    Reconstruction,

    /// <summary>ELBO.</summary>
    Elbo,

    /// <summary>Minus the ELBO.</summary>
    AnomalyScore,

    /// <summary>Index of the largest mean.</summary>
    Component,

    /// <summary>Always 0; zips need it.</summary>
    Padding,

    /// <summary>The columns' parts of the anomaly score.</summary>
    ColumnScores,

    /// <summary>The latents' parts of it.</summary>
    Kl,
}

/// <summary>An output column of a <see cref="BlockView"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What it holds.</param>
/// <param name="Type">Its type.</param>
/// <param name="Annotations">Its annotations.</param>
internal sealed record BlockOutput(string Name, EncodedValue Value, DataViewType Type, DataViewSchema.Annotations? Annotations)
{
    /// <summary>What must be computed for it.</summary>
    public EncodedParts Part => Value switch
    {
        EncodedValue.Means or EncodedValue.Variances or EncodedValue.Component => EncodedParts.Latents,
        EncodedValue.Reconstruction => EncodedParts.Reconstruction,
        EncodedValue.Padding => EncodedParts.None,
        EncodedValue.ColumnScores => EncodedParts.ColumnScores,
        EncodedValue.Kl => EncodedParts.Kl,
        _ => EncodedParts.Elbo,
    };

    /// <summary>The column's getter: the value of the block's row at hand.</summary>
    public Delegate Getter(EncodingBlock block, Func<int> current) => Value switch
    {
        EncodedValue.Means => Vectors(block.MeanValues, block.Latents, current),
        EncodedValue.Variances => Vectors(block.VarianceValues, block.Latents, current),
        EncodedValue.Reconstruction => Vectors(block.Reconstruction, block.Columns, current),
        EncodedValue.ColumnScores => Vectors(block.ColumnScores, block.Columns, current),
        EncodedValue.Kl => Vectors(block.Kl, block.LatentTerms, current),
        EncodedValue.Elbo => (ValueGetter<float>)((ref float value) => value = block.Elbos[current()]),
        EncodedValue.AnomalyScore => (ValueGetter<float>)((ref float value) => value = -block.Elbos[current()]),
        EncodedValue.Component => (ValueGetter<uint>)((ref uint value) => value = block.Components[current()]),
        _ => (ValueGetter<float>)((ref float value) => value = 0),
    };

    private static ValueGetter<VBuffer<float>> Vectors(float[] values, int length, Func<int> current) => (ref VBuffer<float> value) =>
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, length);
        values.AsSpan(current() * length, length).CopyTo(editor.Values);
        value = editor.Commit();
    };
}
