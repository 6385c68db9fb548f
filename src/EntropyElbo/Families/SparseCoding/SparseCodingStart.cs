using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>Where a fit begins: random fields, and the columns' variance shared between them and the noise.</summary>
internal static class SparseCodingStart
{
    /// <summary>Share of the columns' variance that is noise at first.</summary>
    private const double NoiseShare = 0.5;

    /// <summary>
    /// The parameters of the model to start from, or random ones. Where more latents are wanted than it has random fields join, of
    /// the least scale there is, where fewer those of the least scales leave.
    /// </summary>
    public static SparseCodingParameters Of(SparseCodingOptions options, SparseCodingColumns columns)
    {
        SparseCodingParameters random = Random(options, columns);
        return options.From?.Parameters is { } known
            ? Extended(known, random, options.Centre ? [.. known.Mean] : new double[columns.Count])
            : random;
    }

    /// <summary>Known parameters with the fields of others where there are to be more, and without the last where fewer.</summary>
    /// <param name="known">What is known.</param>
    /// <param name="random">As many latents as there are to be.</param>
    /// <param name="mean">The mean.</param>
    public static SparseCodingParameters Extended(SparseCodingParameters known, SparseCodingParameters random, double[] mean)
    {
        double[][] fields = [.. Enumerable.Range(0, random.Latents).Select(h => h < known.Latents ? known.Field(h) : random.Field(h))];
        double[] scales = [.. Enumerable.Range(0, random.Latents).Select(h => known.Scales[Math.Min(h, known.Latents - 1)])];
        return SparseCodingParameters.Of(fields, scales, known.NoiseVariance, mean);
    }

    /// <summary>The first parameters.</summary>
    public static SparseCodingParameters Random(SparseCodingOptions options, SparseCodingColumns columns)
    {
        RandomStream random = new(options.Seed, RandomPurpose.Initialisation);
        double[][] fields = new double[options.Latents][];
        for (int h = 0; h < fields.Length; h++)
        {
            fields[h] = new double[columns.Count];
            random.FillGaussian(fields[h]);
        }

        double[] scales = new double[options.Latents];

        // A latent of scale lambda adds 2 lambda^2 to the sum of the columns' variances.
        Array.Fill(scales, Math.Sqrt((1 - NoiseShare) * columns.Unit * columns.Count / (2 * options.Latents)));
        return SparseCodingParameters.Of(
            fields, scales, NoiseShare * columns.Unit, options.Centre ? [.. columns.Means] : new double[columns.Count]);
    }
}
