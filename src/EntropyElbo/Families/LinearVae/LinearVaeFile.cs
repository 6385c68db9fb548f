using EntropyElbo.Catalog;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearVae;

/// <summary>The record of a linear VAE in model files, and its entry in the table of families.</summary>
internal static class LinearVaeFile
{
    /// <summary>The tool's name of the family.</summary>
    public const string Name = "linear-vae";

    private const int Version = 1;

    /// <summary>The entry in the table of families.</summary>
    public static ModelFamily Entry { get; } = new(Name, "Linear VAE: probabilistic PCA by gradient", Trainer, Read);

    public static ModelRecord Write(LinearVaeModel model)
    {
        LinearGaussian parameters = model.Parameters;
        double[] latentVariances = [.. Enumerable.Range(0, parameters.Latents).Select(parameters.LatentVariance)];
        ModelRecord record = new(Name, Version);
        ModelHeaderFile.Write(record, model.Header);
        LinearGaussianFile.Write(record, parameters);
        record.Add(ModelTensor.Of("noise_variance", [model.NoiseVariance], 1));
        record.Add(ModelTensor.Of("encoder", parameters.Encoder, parameters.Latents, parameters.Columns));
        record.Add(ModelTensor.Of("latent_variances", latentVariances, parameters.Latents));
        return record;
    }

    private static LinearVaeModel Read(ModelRecord record, string file)
    {
        ModelHeaderFile.RequireVersion(record, Version, file);
        ModelHeader header = ModelHeaderFile.Read(record, file);
        int columns = header.Scaling.Columns;
        (double[] mean, double[] loadings, int latents) = LinearGaussianFile.Read(record, columns, file);
        double[] noise = new double[columns];
        Array.Fill(noise, LinearGaussianFile.Variances(record, file, "noise_variance", 1)[0]);
        double[] encoder = LinearGaussianFile.Finite(record, file, "encoder", latents, columns);
        double[] latentVariances = LinearGaussianFile.Variances(record, file, "latent_variances", latents);
        return new LinearVaeModel(
            LinearGaussianFile.Build(() => LinearGaussian.WithEncoder(mean, loadings, noise, encoder, latentVariances), file),
            LinearGaussianFile.Build(() => LinearGaussian.WithPosterior(mean, loadings, noise), file),
            header);
    }

    private static LinearVaeTrainer Trainer(FitSettings settings)
    {
        settings.Refuse(Name, nameof(FitSettings.Latents), nameof(FitSettings.Epochs), nameof(FitSettings.Likelihood));
        if (settings.Likelihood is not (null or "gaussian"))
        {
            throw new BadOptionException("likelihood", $"The model {Name} has the likelihood 'gaussian' only, not '{settings.Likelihood}'.");
        }

        LinearVaeOptions options = new()
        {
            Latents = settings.Latents ?? throw new BadOptionException("latents", $"The model {Name} needs the number of latents."),
        };
        return new LinearVaeTrainer(options with
        {
            Iterations = settings.Epochs,
            Scaling = settings.Scaling ?? options.Scaling,
            Seed = settings.Seed,
        });
    }
}
