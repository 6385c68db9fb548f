using System.Globalization;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>The least noise variance and scale of a fit.</summary>
/// <param name="Noise">Least sigma^2.</param>
/// <param name="Scale">Least lambda.</param>
internal readonly record struct SparseCodingFloors(double Noise, double Scale)
{
    /// <summary>A number below this many times its floor counts as being at it: some optimisers come near from above only.</summary>
    private const double Near = 2;

    private const int MaxNames = 8;

    /// <summary>The floors that options set for columns.</summary>
    public static SparseCodingFloors Of(SparseCodingOptions options, SparseCodingColumns columns) =>
        new(options.VarianceFloor * columns.Unit, Math.Sqrt(options.VarianceFloor * columns.Unit));

    /// <summary>Whether the noise variance is at its floor.</summary>
    public bool HoldNoise(SparseCodingParameters parameters) => parameters.NoiseVariance < Near * Noise;

    /// <summary>Latents whose scale is at its floor.</summary>
    public int[] HoldScales(SparseCodingParameters parameters)
    {
        double least = Near * Scale;
        return [.. Enumerable.Range(0, parameters.Latents).Where(h => parameters.Scales[h] < least)];
    }

    /// <summary>What the user should know of the floors.</summary>
    public IEnumerable<string> Warnings(SparseCodingParameters parameters)
    {
        if (HoldNoise(parameters))
        {
            yield return "The noise variance is held at its floor: the latents explain the rows wholly, and the likelihood has no "
                + "maximum. Use fewer latents.";
        }

        int[] held = HoldScales(parameters);
        if (held.Length > 0)
        {
            string names = string.Join(", ", held.Take(MaxNames).Select(h => h.ToString(CultureInfo.InvariantCulture)));
            yield return $"The scale of {held.Length} of {parameters.Latents} latents is held at its floor "
                + $"({names}{(held.Length > MaxNames ? ", ..." : "")}): the model does without them. Use fewer latents, or another seed.";
        }
    }
}
