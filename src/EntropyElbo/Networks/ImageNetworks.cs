using EntropyElbo.Data;

namespace EntropyElbo.Networks;

/// <summary>
/// Convolutional networks for rows that are images (D App. D.4, after Subramanian 2020): the encoder halves the image with a 3 x 3
/// convolution of stride 2 for each number of filters and ends in a dense layer; the decoder mirrors it with transposed
/// convolutions and ends in one of stride 1 that is linear. Batch normalisation and leaky rectifiers follow every layer between.
/// </summary>
public sealed record ImageNetworks
{
    /// <summary>Most numbers of filters.</summary>
    public const int MaxLayers = 12;

    /// <summary>Most parameters of the networks, and most numbers of a map of an image.</summary>
    public const int MostEntries = 1 << 28;

    /// <summary>Most filters of a layer.</summary>
    public const int MaxFilters = 4096;

    /// <summary>Default of <see cref="Filters"/>: the papers' (D App. D.4).</summary>
    public static IReadOnlyList<int> DefaultFilters { get; } = [32, 64, 128, 256, 512];

    /// <summary>What image a row is.</summary>
    public required ImageShape Shape { get; init; }

    /// <summary>Filters of the encoder's convolutions, from the image inward; the decoder mirrors them.</summary>
    public IReadOnlyList<int> Filters { get; init; } = DefaultFilters;

    /// <summary>
    /// Whether training turns each image about its vertical axis in half of the epochs, at random (D App. D.4). Reports are about
    /// the images as they are.
    /// </summary>
    public bool HorizontalFlips { get; init; }

    /// <summary>Throws where a value is out of range.</summary>
    /// <param name="latents">Number of latents, H.</param>
    internal void Validate(int latents)
    {
        if (Shape is null)
        {
            throw new BadOptionException("image", "Convolutional networks need the shape of the images.");
        }

        Shape.Validate();
        if (Filters is null || Filters.Count is < 1 or > MaxLayers || Filters.Any(f => f is < 1 or > MaxFilters))
        {
            throw new BadOptionException(
                "filters", $"There must be from 1 to {MaxLayers} numbers of filters, each from 1 to {MaxFilters}; there are "
                    + $"{(Filters is null ? "none" : string.Join(", ", Filters))}.");
        }

        (long map, long parameters) = Size(latents);
        if (map > MostEntries || parameters > MostEntries)
        {
            throw new BadOptionException(
                "filters", $"Networks with these filters for images of {Shape} and {latents} latents have {parameters} parameters and "
                    + $"maps of up to {map} numbers; the limit of both is {MostEntries}.");
        }
    }

    /// <summary>Numbers of an image's largest map, and about the number of parameters of both networks.</summary>
    /// <param name="latents">Number of latents, H.</param>
    internal (long Map, long Parameters) Size(int latents)
    {
        static long Padded(long channels) => (channels + 15) / 16 * 16;
        long height = Shape.Height, width = Shape.Width, channels = Shape.Channels, parameters = 0;

        // The decoder's largest map has as many channels as the first convolution.
        long map = height * width * Padded(Math.Max(channels, Filters[0]));
        foreach (int filters in Filters)
        {
            parameters += 2 * 9 * channels * Padded(filters);
            (height, width, channels) = ((height + 1) / 2, (width + 1) / 2, filters);
            map = Math.Max(map, height * width * Padded(channels));
        }

        return (map, parameters + (4 * latents * height * width * Padded(channels)));
    }
}
