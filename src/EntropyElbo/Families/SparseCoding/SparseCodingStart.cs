using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>Where a fit begins: random fields, and the columns' variance shared between them and the noise.</summary>
internal static class SparseCodingStart
{
    /// <summary>Share of the columns' variance that is noise at first.</summary>
    private const double NoiseShare = 0.5;

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
        return SparseCodingParameters.Of(fields, scales, NoiseShare * columns.Unit, options.Centre ? [.. columns.Means] : new double[columns.Count]);
    }
}
