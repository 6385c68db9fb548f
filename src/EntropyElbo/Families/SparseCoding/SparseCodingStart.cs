using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>Where a fit begins: random fields, and the columns' variance shared between them and the noise.</summary>
internal static class SparseCodingStart
{
    /// <summary>Share of the columns' variance that is noise at first.</summary>
    private const double NoiseShare = 0.5;

    /// <summary>
    /// The parameters of a model of the same columns; where more latents are wanted random fields join, of the least scale there
    /// is, where fewer those of the least scales leave.
    /// </summary>
    /// <exception cref="BadDataException">The model has other columns.</exception>
    /// <exception cref="BadOptionException">The model scales its columns otherwise.</exception>
    public static SparseCodingParameters Of(SparseCodingModel model, SparseCodingOptions options, SparseCodingColumns columns)
    {
        RequireColumns(model.ObservedDimension, columns.Count);
        if (!model.Scaling.Offset.SequenceEqual(columns.Scaling.Offset) || !model.Scaling.Factor.SequenceEqual(columns.Scaling.Factor))
        {
            throw new BadOptionException(
                SettingNames.Scale, "The model to start from scales its columns otherwise than these rows ask for; train both without "
                    + "scaling, or start without a model.");
        }

        SparseCodingParameters known = model.Parameters;
        return Extended(known, Random(options, columns), options.Centre ? [.. known.Mean] : new double[columns.Count]);
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

    /// <summary>Refuses a model of another width.</summary>
    /// <exception cref="BadDataException">The message gives both.</exception>
    public static void RequireColumns(int model, int rows)
    {
        if (model != rows)
        {
            throw new BadDataException($"The model to start from has {model} columns, the rows have {rows}; choose the same columns.");
        }
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
