using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Streaming;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Reports;

/// <summary>A file that was read and checked.</summary>
/// <param name="Record">Its contents.</param>
/// <param name="Model">The model, where it is one.</param>
/// <param name="Stream">The learner, where it is the state of one.</param>
internal sealed record ExplainedFile(ModelRecord Record, LatentModel? Model, StreamLearner? Stream)
{
    /// <summary>Facts that are told of in words of their own.</summary>
    private static readonly string[] Told =
        ["training", "columnNames", "scaling", "constantColumns", "columns", "rows", "memory", "latents", "components"];

    /// <summary>What of a stream's state is chosen; the rest is learnt.</summary>
    private static readonly string[] OfStreams = ["memory", "readingRows", "alarmThreshold", "forgetsAtChange", "varianceFloor"];

    /// <summary>Longest fact that is a setting; longer ones are state.</summary>
    private const int MaxSetting = 80;

    /// <summary>What kind of file it is, in a word.</summary>
    public string Kind => Model is not null ? "model" : Stream is not null ? "stream" : "checkpoint";

    /// <summary>The short facts that no other line tells, as JSON texts.</summary>
    public IEnumerable<(string Name, string Json)> Settings => Record.Keys
        .Where(key => Stream is null ? !Told.Contains(key) : OfStreams.Contains(key))
        .Select(key => (key, Record.GetJson(key)))
        .Where(fact => fact.Item2.Length <= MaxSetting);

    /// <summary>Numbers in all tensors.</summary>
    public long Numbers => Record.Tensors.Sum(t => t.Shape.Aggregate(1L, (size, length) => size * length));

    public static bool IsStream(ModelRecord record) => StreamFile.IsState(record.Family);

    public static bool IsCheckpoint(ModelRecord record) => record.Family == CheckpointFile.RecordFamily;
}
