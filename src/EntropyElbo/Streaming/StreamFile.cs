using EntropyElbo.Files;

namespace EntropyElbo.Streaming;

/// <summary>
/// The record of a stream's state: options, statistics, the model in force, the alarm, and the rows of the unfinished block.
/// </summary>
internal static class StreamFile
{
    public const int Version = 1;

    private static readonly Dictionary<string, Func<ModelRecord, StreamLearner>> Kinds = new(StringComparer.Ordinal)
    {
        [StreamingPcaFile.Name] = StreamingPcaFile.Create,
        [StreamingFactorAnalysis.StateName] = StreamingFactorAnalysis.Create,
        [StreamingMixture.StateName] = StreamingMixture.Create,
    };

    /// <summary>Whether a record's family is that of a stream's state.</summary>
    public static bool IsState(string family) => Kinds.ContainsKey(family);

    /// <summary>A record with what all learners have.</summary>
    public static ModelRecord Start(StreamLearner learner)
    {
        StreamOptions options = learner.BaseOptions;
        string name = learner switch
        {
            StreamingFactorAnalysis => StreamingFactorAnalysis.StateName,
            StreamingMixture => StreamingMixture.StateName,
            _ => StreamingPcaFile.Name,
        };
        ModelRecord record = new(name, Version);
        record.Set("columns", learner.Columns).Set("rows", learner.Rows);
        record.Set("memory", options.Memory).Set("readingRows", options.ReadingRows);
        record.Set("varianceFloor", options.VarianceFloor)
            .Set("alarmThreshold", options.AlarmThreshold)
            .Set("forgetsAtChange", options.ForgetsAtChange);
        if (learner.ColumnNames is { } names)
        {
            record.Set("columnNames", names.ToArray());
        }

        Write(record, learner.Alarm);
        return record;
    }

    /// <summary>A learner of any kind.</summary>
    /// <exception cref="ModelFileException">The record is damaged or no stream's state.</exception>
    public static StreamLearner Read(ModelRecord record)
    {
        if (!Kinds.TryGetValue(record.Family, out Func<ModelRecord, StreamLearner>? create))
        {
            throw new ModelFileException(
                record.Source, $"is a file of {record.Family}, no stream's state ({string.Join(", ", Kinds.Keys)}); name another.");
        }

        record.ExpectFamily(record.Family, Version);
        StreamLearner learner;
        try
        {
            learner = create(record);
            learner.ColumnNames = record.Has("columnNames") ? record.Get<string[]>("columnNames") : null;
        }
        catch (BadOptionException error)
        {
            throw new ModelFileException(record.Source, $"the state of a stream holds an option out of range: {error.Message}", error);
        }

        Read(record, learner.Alarm);
        learner.Restore(record);
        return learner;
    }

    /// <summary>Options with what a record says of those that all learners have; older states did not cut the memory off.</summary>
    public static T Shared<T>(ModelRecord record, T options)
        where T : StreamOptions => options with
        {
            Memory = record.FiniteNumber("memory"),
            ReadingRows = record.SmallCount("readingRows"),
            VarianceFloor = record.FiniteNumber("varianceFloor"),
            AlarmThreshold = record.FiniteNumber("alarmThreshold"),
            ForgetsAtChange = record.Has("forgetsAtChange") && record.Get<bool>("forgetsAtChange"),
        };

    public static void Write(ModelRecord record, ForgettingMoments moments)
    {
        record.Set("weight", moments.Weight).Set("squaredWeight", moments.SquaredWeight);
        double[] triangle = moments.Triangle();
        record.Add(ModelTensor.Of("mean", (double[])moments.Mean.Clone(), moments.Columns));
        record.Add(ModelTensor.Of("scatter", triangle, triangle.Length));
    }

    public static void Read(ModelRecord record, ForgettingMoments moments)
    {
        (double weight, double squared) = Weights(record);
        double[] triangle = record.FiniteDoubles("scatter", ForgettingMoments.TriangleLength(moments.Columns));
        for (int i = 0, at = 0; i < moments.Columns; at += moments.Columns - i, i++)
        {
            record.Require(triangle[at] >= 0, "scatter", "a variance below 0");
        }

        moments.Restore(record.FiniteDoubles("mean", moments.Columns), triangle, weight, squared);
    }

    /// <summary>The sums of the weights and of their squares.</summary>
    public static (double Weight, double Squared) Weights(ModelRecord record)
    {
        (double weight, double squared) = (record.FiniteNumber("weight"), record.FiniteNumber("squaredWeight"));
        record.Require(weight >= 0 && squared >= 0 && squared <= weight * weight * (1 + 1e-9), "weight", "weights that no rows have");
        return (weight, squared);
    }

    private static void Write(ModelRecord record, ChangeAlarm alarm) =>
        record.Set("alarmUp", alarm.Up).Set("alarmDown", alarm.Down).Set("alarmQuiet", alarm.Quiet);

    private static void Read(ModelRecord record, ChangeAlarm alarm)
    {
        (double up, double down) = (record.FiniteNumber("alarmUp"), record.FiniteNumber("alarmDown"));
        record.Require(up >= 0 && down >= 0, "alarmUp", "a sum below 0");
        alarm.Restore(up, down, record.Count("alarmQuiet"));
    }
}
