using EntropyElbo.Files;

namespace EntropyElbo.Streaming;

/// <summary>
/// The record of a stream's state: options, weighted moments, the spectrum in force, the alarm, and the rows of the unfinished
/// block.
/// </summary>
internal static class StreamingPcaFile
{
    public const string Name = "streaming-pca";
    private const int Version = 1;

    public static ModelRecord Start(StreamingPca learner)
    {
        StreamingPcaOptions options = learner.Options;
        ModelRecord record = new(Name, Version);
        record.Set("columns", learner.Columns).Set("rows", learner.Rows);
        record.Set("memory", options.Memory).Set("readingRows", options.ReadingRows).Set("maxLatents", options.MaxLatents);
        record.Set("varianceFloor", options.VarianceFloor)
            .Set("alarmThreshold", options.AlarmThreshold)
            .Set("countAsPaper", options.CountAsPaper);
        return record;
    }

    public static StreamingPca Read(ModelRecord record)
    {
        record.ExpectFamily(Name, Version);
        StreamingPcaOptions options = new()
        {
            Memory = record.FiniteNumber("memory"),
            ReadingRows = record.SmallCount("readingRows"),
            MaxLatents = record.SmallCount("maxLatents"),
            VarianceFloor = record.FiniteNumber("varianceFloor"),
            AlarmThreshold = record.FiniteNumber("alarmThreshold"),
            CountAsPaper = record.Get<bool>("countAsPaper"),
        };
        StreamingPca learner;
        try
        {
            learner = new StreamingPca(record.SmallCount("columns"), options);
        }
        catch (BadOptionException error)
        {
            throw new ModelFileException(record.Source, $"the state of a stream holds an option out of range: {error.Message}", error);
        }

        learner.Restore(record);
        return learner;
    }

    public static void Write(ModelRecord record, ForgettingMoments moments)
    {
        record.Set("weight", moments.Weight).Set("squaredWeight", moments.SquaredWeight);
        double[] triangle = moments.Triangle();
        record.Add(ModelTensor.Of("mean", (double[])moments.Mean.Clone(), moments.Columns));
        record.Add(ModelTensor.Of("scatter", triangle, triangle.Length));
    }

    public static void Read(ModelRecord record, ForgettingMoments moments)
    {
        double weight = record.FiniteNumber("weight");
        double squared = record.FiniteNumber("squaredWeight");
        record.Require(weight >= 0 && squared >= 0 && squared <= weight * weight * (1 + 1e-9), "weight", "weights that no rows have");
        double[] triangle = record.FiniteDoubles("scatter", ForgettingMoments.TriangleLength(moments.Columns));
        for (int i = 0, at = 0; i < moments.Columns; at += moments.Columns - i, i++)
        {
            record.Require(triangle[at] >= 0, "scatter", "a variance below 0");
        }

        moments.Restore(record.FiniteDoubles("mean", moments.Columns), triangle, weight, squared);
    }

    public static void Write(ModelRecord record, ChangeAlarm alarm) =>
        record.Set("alarmUp", alarm.Up).Set("alarmDown", alarm.Down).Set("alarmQuiet", alarm.Quiet);

    public static void Read(ModelRecord record, ChangeAlarm alarm)
    {
        (double up, double down) = (record.FiniteNumber("alarmUp"), record.FiniteNumber("alarmDown"));
        record.Require(up >= 0 && down >= 0, "alarmUp", "a sum below 0");
        alarm.Restore(up, down, record.Count("alarmQuiet"));
    }

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
