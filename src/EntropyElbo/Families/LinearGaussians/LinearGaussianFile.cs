using EntropyElbo.Files;

namespace EntropyElbo.Families.LinearGaussians;

/// <summary>The tensors that the records of linear Gaussian models share.</summary>
internal static class LinearGaussianFile
{
    public static void Write(ModelRecord record, LinearGaussian parameters)
    {
        record.Set("latents", parameters.Latents);
        record.Add(ModelTensor.Of("mean", parameters.Mean, parameters.Columns));
        record.Add(ModelTensor.Of("loadings", parameters.Loadings, parameters.Columns, parameters.Latents));
    }

    public static (double[] Mean, double[] Loadings, int Latents) Read(ModelRecord record, int columns, string file)
    {
        int latents = record.Get<int>("latents");
        if (latents < 1 || latents >= columns)
        {
            throw new ModelFileException(
                file, $"holds {latents} latents for {columns} columns; there must be between 1 and {columns - 1}.");
        }

        return (record.FiniteDoubles("mean", columns), record.FiniteDoubles("loadings", columns, latents), latents);
    }

    /// <summary>A tensor of variances.</summary>
    public static double[] Variances(ModelRecord record, string name, int length)
    {
        double[] values = record.FiniteDoubles(name, length);
        record.Require(Array.TrueForAll(values, v => v > 0 && double.IsFinite(1 / v)), name, "a variance that is not above 0");
        return values;
    }

    /// <summary>Builds a model of parameters from a file.</summary>
    public static LinearGaussian Build(Func<LinearGaussian> build, string file)
    {
        const string message = "holds parameters that are too large for its variances; train the model again.";
        LinearGaussian model;
        try
        {
            model = build();
        }
        catch (TrainingException error)
        {
            throw new ModelFileException(file, message, error);
        }

        return model.IsFinite ? model : throw new ModelFileException(file, message);
    }
}
