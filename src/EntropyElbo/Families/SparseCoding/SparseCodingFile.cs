using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>The record of sparse coding in model files.</summary>
internal static class SparseCodingFile
{
    private const int Version = 1;

    /// <summary>How far the length of a field in a file may be from 1.</summary>
    private const double LengthTolerance = 1e-9;

    public static ModelRecord Write(SparseCodingModel model)
    {
        ModelRecord record = new(SparseCodingFamily.Name, Version);
        ModelHeaderFile.Write(record, model.Header);
        record.Set("latents", model.LatentDimension);
        record.Set("isDiagonal", model.IsDiagonal);
        record.Set("encodingTolerance", model.EncodingTolerance);
        Write(record, model.Parameters);
        if (model.Rank is { } rank)
        {
            record.Set("rank", rank);
        }

        if (model.Encoder is { } encoder)
        {
            record.Set("encodesByNetwork", model.Encoding == SparseCodingEncoding.Network);
            encoder.Write(record);
        }

        return record;
    }

    public static SparseCodingModel Read(ModelRecord record, string file)
    {
        ModelHeaderFile.RequireVersion(record, Version, file);
        ModelHeader header = ModelHeaderFile.Read(record, file);
        double tolerance = record.FiniteNumber("encodingTolerance");
        record.Require(tolerance > 0, "encodingTolerance", "a number that is not above 0");
        bool isDiagonal = record.Get<bool>("isDiagonal");
        bool isLowRank = record.Has("rank"), hasNetwork = record.Has("encodesByNetwork");
        int latents = record.SmallCount(
            "latents", 1, isDiagonal || isLowRank ? SparseCodingOptions.MaxLatents : SparseCodingOptions.MaxFullLatents);
        record.Require(isDiagonal || isLowRank || !hasNetwork, "encodesByNetwork", "a network for full covariances");
        record.Require(!isDiagonal || !isLowRank, "rank", "a rank of diagonal covariances");
        CovarianceShape shape = isLowRank
            ? new CovarianceShape(false, record.SmallCount("rank", 1, Math.Min(SparseCodingOptions.MaxRank, latents - 1)))
            : isDiagonal;
        int columns = header.Scaling.Columns;
        return new SparseCodingModel(Read(record, latents, columns), shape, tolerance, header)
        {
            Encoder = hasNetwork ? RowEncoder.Read(record, new ResidualEncoder(columns, latents, shape.Rank ?? 0)) : null,
            Encoding = hasNetwork && record.Get<bool>("encodesByNetwork") ? SparseCodingEncoding.Network : SparseCodingEncoding.EStep,
        };
    }

    /// <summary>Adds parameters.</summary>
    public static void Write(ModelRecord record, SparseCodingParameters parameters)
    {
        record.Set("noiseVariance", parameters.NoiseVariance);
        record.Add(ModelTensor.Of("mean", parameters.Mean, parameters.Columns));
        WriteFields(record, parameters);
    }

    /// <summary>Adds scales and fields.</summary>
    public static void WriteFields(ModelRecord record, SparseCodingParameters parameters)
    {
        record.Add(ModelTensor.Of("scales", parameters.Scales, parameters.Latents));
        double[] fields = [.. Enumerable.Range(0, parameters.Latents).SelectMany(parameters.Field)];
        record.Add(ModelTensor.Of("fields", fields, parameters.Latents, parameters.Columns));
    }

    /// <summary>Parameters for so many latents and columns.</summary>
    public static SparseCodingParameters Read(ModelRecord record, int latents, int columns)
    {
        double variance = record.FiniteNumber("noiseVariance");
        RequireScale(record, "noiseVariance", variance);
        (double[][] fields, double[] scales) = ReadFields(record, latents, columns);
        return SparseCodingParameters.OfUnitFields(fields, scales, variance, record.FiniteDoubles("mean", columns));
    }

    /// <summary>Fields and scales for so many latents and columns.</summary>
    public static (double[][] Fields, double[] Scales) ReadFields(ModelRecord record, int latents, int columns)
    {
        double[] fields = record.FiniteDoubles("fields", latents, columns), scales = record.FiniteDoubles("scales", latents);
        Array.ForEach(scales, s => RequireScale(record, "scales", s));
        double[][] each = [.. Enumerable.Range(0, latents).Select(h => fields[(h * columns)..((h + 1) * columns)])];
        record.Require(
            Array.TrueForAll(each, f => Math.Abs(VectorFold.Norm(f) - 1) < LengthTolerance), "fields", "a field that is not of length 1");
        return (each, scales);
    }

    private static void RequireScale(ModelRecord record, string name, double scale) =>
        record.Require(scale > 0 && double.IsFinite(1 / (scale * scale)), name, "a scale that is not above 0");
}
