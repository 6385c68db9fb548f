using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>The record of factor analysis in model files.</summary>
internal static class FactorAnalysisFile
{
    private const int Version = 1;

    public static ModelRecord Write(FactorAnalysisModel model)
    {
        ModelRecord record = new(FactorAnalysisFamily.Name, Version);
        ModelHeaderFile.Write(record, model.Header);
        LinearGaussianFile.Write(record, model.Parameters);
        record.Set("flooredColumns", model.FlooredColumns);
        record.Add(ModelTensor.Of("noise_variances", model.Parameters.NoiseVariances, model.ObservedDimension));
        return record;
    }

    public static FactorAnalysisModel Read(ModelRecord record, string file)
    {
        ModelHeaderFile.RequireVersion(record, Version, file);
        ModelHeader header = ModelHeaderFile.Read(record, file);
        int columns = header.Scaling.Columns;
        (double[] mean, double[] loadings, _) = LinearGaussianFile.Read(record, columns, file);
        double[] variances = LinearGaussianFile.Variances(record, "noise_variances", columns);
        int[] floored = record.Get<int[]>("flooredColumns");
        if (floored.Any(d => d < 0 || d >= columns))
        {
            throw new ModelFileException(file, $"names a floored column that is not among its {columns}.");
        }

        LinearGaussian parameters = LinearGaussianFile.Build(() => LinearGaussian.WithPosterior(mean, loadings, variances), file);
        return new FactorAnalysisModel(parameters, floored, header);
    }
}
