using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Families.LinearVae;

/// <summary>The record of a linear VAE in model files.</summary>
internal static class LinearVaeFile
{
    private const int Version = 1;

    public static ModelRecord Write(LinearVaeModel model)
    {
        LinearGaussian parameters = model.Parameters;
        double[] latentVariances = [.. Enumerable.Range(0, parameters.Latents).Select(parameters.LatentVariance)];
        ModelRecord record = new(LinearVaeFamily.Name, Version);
        ModelHeaderFile.Write(record, model.Header);
        LinearGaussianFile.Write(record, parameters);
        record.Add(ModelTensor.Of("noise_variance", [model.NoiseVariance], 1));
        record.Add(ModelTensor.Of("encoder", parameters.Encoder, parameters.Latents, parameters.Columns));
        record.Add(ModelTensor.Of("latent_variances", latentVariances, parameters.Latents));
        return record;
    }

    public static LinearVaeModel Read(ModelRecord record, string file)
    {
        ModelHeaderFile.RequireVersion(record, Version, file);
        ModelHeader header = ModelHeaderFile.Read(record, file);
        int columns = header.Scaling.Columns;
        (double[] mean, double[] loadings, int latents) = LinearGaussianFile.Read(record, columns, file);
        double[] noise = new double[columns];
        Array.Fill(noise, LinearGaussianFile.Variances(record, "noise_variance", 1)[0]);
        double[] encoder = record.FiniteDoubles("encoder", latents, columns);
        double[] latentVariances = LinearGaussianFile.Variances(record, "latent_variances", latents);
        return new LinearVaeModel(
            LinearGaussianFile.Build(() => LinearGaussian.WithEncoder(mean, loadings, noise, encoder, latentVariances), file),
            LinearGaussianFile.Build(() => LinearGaussian.WithPosterior(mean, loadings, noise), file),
            header);
    }
}
