using EntropyElbo.Catalog;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Families.ProbabilisticPca;

/// <summary>The record of probabilistic PCA in model files, and its entry in the table of families.</summary>
internal static class ProbabilisticPcaFile
{
    /// <summary>The tool's name of the family.</summary>
    public const string Name = "ppca";

    private const int Version = 1;

    /// <summary>The entry in the table of families.</summary>
    public static ModelFamily Entry { get; } = new(Name, "Probabilistic PCA, in closed form", Trainer, Read);

    public static ModelRecord Write(ProbabilisticPcaModel model)
    {
        ModelRecord record = new(Name, Version);
        ModelHeaderFile.Write(record, model.Header);
        LinearGaussianFile.Write(record, model.Parameters);
        record.Add(ModelTensor.Of("noise_variance", [model.NoiseVariance], 1));
        return record;
    }

    private static ProbabilisticPcaModel Read(ModelRecord record, string file)
    {
        ModelHeaderFile.RequireVersion(record, Version, file);
        ModelHeader header = ModelHeaderFile.Read(record, file);
        int columns = header.Scaling.Columns;
        (double[] mean, double[] loadings, _) = LinearGaussianFile.Read(record, columns, file);
        double[] variances = new double[columns];
        Array.Fill(variances, LinearGaussianFile.Variances(record, file, "noise_variance", 1)[0]);
        return new ProbabilisticPcaModel(LinearGaussianFile.Build(() => LinearGaussian.WithPosterior(mean, loadings, variances), file), header);
    }

    private static ProbabilisticPcaTrainer Trainer(FitSettings settings)
    {
        settings.Refuse(Name, nameof(FitSettings.Latents), nameof(FitSettings.Likelihood));
        if (settings.Likelihood is not (null or "gaussian"))
        {
            throw new BadOptionException("likelihood", $"The model {Name} has the likelihood 'gaussian' only, not '{settings.Likelihood}'.");
        }

        ProbabilisticPcaOptions options = new()
        {
            Latents = settings.Latents ?? throw new BadOptionException("latents", $"The model {Name} needs the number of latents."),
        };
        return new ProbabilisticPcaTrainer(options with { Scaling = settings.Scaling ?? options.Scaling });
    }
}
