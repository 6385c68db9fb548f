using EntropyElbo.Files;

namespace EntropyElbo.Streaming;

/// <summary>What the state of streaming PCA holds beside that of every learner: options, and the spectrum in force.</summary>
internal static class StreamingPcaFile
{
    public const string Name = ModelRecord.StreamFamilies + "pca";

    public static void WriteOptions(ModelRecord record, StreamingPcaOptions options) =>
        record.Set("maxLatents", options.MaxLatents).Set("countAsPaper", options.CountAsPaper);

    public static StreamingPca Read(ModelRecord record) => (StreamingPca)StreamFile.Read(record.ExpectFamily(Name, StreamFile.Version));

    public static StreamingPca Create(ModelRecord record) => new(record.SmallCount("columns"), StreamFile.Shared(record, new StreamingPcaOptions
    {
        MaxLatents = record.SmallCount("maxLatents"),
        CountAsPaper = record.Get<bool>("countAsPaper"),
    }));

    public static void Write(ModelRecord record, StreamSpectrum spectrum)
    {
        int count = spectrum.Values.Length;
        record.Set("trace", spectrum.Trace).Set("floor", spectrum.Floor).Set("effectiveRows", spectrum.EffectiveRows);
        record.Add(ModelTensor.Of("spectrum_mean", spectrum.Mean, spectrum.Mean.Length));
        record.Add(ModelTensor.Of("eigenvalues", spectrum.Values, count));
        record.Add(ModelTensor.Of("eigenvectors", spectrum.Vectors.ToArray(), count, spectrum.Mean.Length));
    }

    public static StreamSpectrum? ReadSpectrum(ModelRecord record, int columns, int latents, StreamingPcaOptions options)
    {
        if (!record.Has("trace"))
        {
            return null;
        }

        (double trace, double floor, double rows) =
            (record.FiniteNumber("trace"), record.FiniteNumber("floor"), record.FiniteNumber("effectiveRows"));
        record.Require(trace >= 0 && floor > 0 && rows > 0, "trace", "figures that no rows have");
        double[] values = record.FiniteDoubles("eigenvalues", latents);
        double[] vectors = record.FiniteDoubles("eigenvectors", latents, columns);
        return new StreamSpectrum(
            record.FiniteDoubles("spectrum_mean", columns), values, vectors, trace, floor, rows, options.CountAsPaper);
    }
}
