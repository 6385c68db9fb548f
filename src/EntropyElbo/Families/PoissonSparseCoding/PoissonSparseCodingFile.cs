using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Families.PoissonSparseCoding;

/// <summary>The record of sparse coding of counts in model files.</summary>
internal static class PoissonSparseCodingFile
{
    private const int Version = 1;

    public static ModelRecord Write(PoissonSparseCodingModel model)
    {
        ModelRecord record = new(PoissonSparseCodingFamily.Name, Version);
        ModelHeaderFile.Write(record, model.Header);
        record.Set("latents", model.LatentDimension);
        record.Set("isDiagonal", model.IsDiagonal);
        record.Set("encodingTolerance", model.EncodingTolerance);
        record.Add(ModelTensor.Of("offsets", model.Parameters.Mean, model.Parameters.Columns));
        SparseCodingFile.WriteFields(record, model.Parameters);
        return record;
    }

    public static PoissonSparseCodingModel Read(ModelRecord record, string file)
    {
        ModelHeaderFile.RequireVersion(record, Version, file);
        ModelHeader header = ModelHeaderFile.Read(record, file);
        double tolerance = record.FiniteNumber("encodingTolerance");
        record.Require(tolerance > 0, "encodingTolerance", "a number that is not above 0");
        record.Require(header.Scaling.Kind == Data.ScalingKind.None, "scaling", "a scaling of counts");
        bool isDiagonal = record.Get<bool>("isDiagonal");
        int latents = record.SmallCount("latents", 1, PoissonSparseCodingOptions.MaxLatents), columns = header.Scaling.Columns;
        (double[][] fields, double[] scales) = SparseCodingFile.ReadFields(record, latents, columns);
        double[] offsets = record.FiniteDoubles("offsets", columns);
        return new PoissonSparseCodingModel(
            SparseCodingParameters.OfUnitFields(fields, scales, 1, offsets), isDiagonal, tolerance, header);
    }
}
