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
        if (model.ObservedDimension != columns.Count)
        {
            throw new BadDataException(
                $"The model to start from has {model.ObservedDimension} columns, the rows have {columns.Count}; choose the same columns.");
        }

        if (!model.Scaling.Offset.SequenceEqual(columns.Scaling.Offset) || !model.Scaling.Factor.SequenceEqual(columns.Scaling.Factor))
        {
            throw new BadOptionException(
                SettingNames.Scale, "The model to start from scales its columns otherwise than these rows ask for; train both without "
                    + "scaling, or start without a model.");
        }

        SparseCodingParameters known = model.Parameters, random = Random(options, columns);
        double[][] fields = [.. Enumerable.Range(0, options.Latents).Select(h => h < known.Latents ? known.Field(h) : random.Field(h))];
        double[] scales = [.. Enumerable.Range(0, options.Latents).Select(h => known.Scales[Math.Min(h, known.Latents - 1)])];
        return SparseCodingParameters.Of(fields, scales, known.NoiseVariance, options.Centre ? [.. known.Mean] : new double[columns.Count]);
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
