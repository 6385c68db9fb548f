using EntropyElbo.Catalog;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>The record of factor analysis in model files, and its entry in the table of families.</summary>
internal static class FactorAnalysisFile
{
    /// <summary>The tool's name of the family.</summary>
    public const string Name = "factor-analysis";

    private const int Version = 1;

    /// <summary>The entry in the table of families.</summary>
    public static ModelFamily Entry { get; } = new(Name, "Factor analysis: one noise variance per column", Trainer, Read);

    public static ModelRecord Write(FactorAnalysisModel model)
    {
        ModelRecord record = new(Name, Version);
        ModelHeaderFile.Write(record, model.Header);
        LinearGaussianFile.Write(record, model.Parameters);
        record.Set("flooredColumns", model.FlooredColumns);
        record.Add(ModelTensor.Of("noise_variances", model.Parameters.NoiseVariances, model.ObservedDimension));
        return record;
    }

    private static FactorAnalysisModel Read(ModelRecord record, string file)
    {
        ModelHeaderFile.RequireVersion(record, Version, file);
        ModelHeader header = ModelHeaderFile.Read(record, file);
        int columns = header.Scaling.Columns;
        (double[] mean, double[] loadings, _) = LinearGaussianFile.Read(record, columns, file);
        double[] variances = LinearGaussianFile.Variances(record, file, "noise_variances", columns);
        int[] floored = record.Get<int[]>("flooredColumns");
        if (floored.Any(d => d < 0 || d >= columns))
        {
            throw new ModelFileException(file, $"names a floored column that is not among its {columns}.");
        }

        LinearGaussian parameters = LinearGaussianFile.Build(() => LinearGaussian.WithPosterior(mean, loadings, variances), file);
        return new FactorAnalysisModel(parameters, floored, header);
    }

    private static FactorAnalysisTrainer Trainer(FitSettings settings)
    {
        settings.Refuse(Name, nameof(FitSettings.Latents), nameof(FitSettings.Epochs), nameof(FitSettings.Likelihood));
        if (settings.Likelihood is not (null or "gaussian"))
        {
            throw new BadOptionException("likelihood", $"The model {Name} has the likelihood 'gaussian' only, not '{settings.Likelihood}'.");
        }

        FactorAnalysisOptions options = new()
        {
            Latents = settings.Latents ?? throw new BadOptionException("latents", $"The model {Name} needs the number of latents."),
        };
        return new FactorAnalysisTrainer(options with
        {
            Iterations = settings.Epochs ?? options.Iterations,
            Scaling = settings.Scaling ?? options.Scaling,
        });
    }
}
