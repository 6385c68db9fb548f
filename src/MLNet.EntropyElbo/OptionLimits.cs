using Microsoft.ML;
using MLNet.EntropyElbo.Data;

namespace MLNet.EntropyElbo;

/// <summary>What data allow of options.</summary>
/// <param name="Latents">Latents (or components) at most; null for any number.</param>
/// <param name="BatchSize">Rows of a batch at most; null for any number.</param>
internal sealed record OptionLimits(int? Latents, int? BatchSize)
{
    /// <summary>The limits that a view sets to a family's options; none without a view.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The view has no such input column.</exception>
    public static OptionLimits Of(LatentOptions options, IDataView? data)
    {
        if (data is null)
        {
            return new OptionLimits(null, null);
        }

        int columns = FeatureColumn.Require(data.Schema, options.InputColumnName).Size;
        int? rows = data.GetRowCount() is { } count ? (int)Math.Clamp(count, 1, int.MaxValue) : null;
        return new OptionLimits(options.MostLatents(columns, rows), rows);
    }

    /// <summary>The greatest value of a property, or null.</summary>
    public double? Most(string property) => property switch
    {
        nameof(LatentOptions.Latents) => Latents,
        nameof(NetworkOptions.BatchSize) => BatchSize,
        _ => null,
    };

    /// <summary>A copy of the options within the limits.</summary>
    public TOptions Within<TOptions>(TOptions options)
        where TOptions : LatentOptions
    {
        TOptions copy = (TOptions)options.Copy();
        copy.Latents = Math.Min(copy.Latents, Latents ?? copy.Latents);
        if (copy is NetworkOptions network)
        {
            network.BatchSize = Math.Min(network.BatchSize, BatchSize ?? network.BatchSize);
        }

        return copy;
    }
}
