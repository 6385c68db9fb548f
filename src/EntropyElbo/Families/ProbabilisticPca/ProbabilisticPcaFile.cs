using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Families.ProbabilisticPca;

/// <summary>The record of probabilistic PCA in model files.</summary>
internal static class ProbabilisticPcaFile
{
    private const int Version = 1;

    public static ModelRecord Write(ProbabilisticPcaModel model)
    {
        ModelRecord record = new(ProbabilisticPcaFamily.Name, Version);
        ModelHeaderFile.Write(record, model.Header);
        LinearGaussianFile.Write(record, model.Parameters);
        record.Add(ModelTensor.Of("noise_variance", [model.NoiseVariance], 1));
        return record;
    }

    public static ProbabilisticPcaModel Read(ModelRecord record, string file)
    {
        ModelHeaderFile.RequireVersion(record, Version, file);
        ModelHeader header = ModelHeaderFile.Read(record, file);
        int columns = header.Scaling.Columns;
        (double[] mean, double[] loadings, _) = LinearGaussianFile.Read(record, columns, file);
        double[] variances = new double[columns];
        Array.Fill(variances, LinearGaussianFile.Variances(record, "noise_variance", 1)[0]);
        return new ProbabilisticPcaModel(
            LinearGaussianFile.Build(() => LinearGaussian.WithPosterior(mean, loadings, variances), file), header);
    }
}
