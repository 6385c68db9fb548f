using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EntropyElbo.Files;

namespace EntropyElbo.Training;

/// <summary>What all checkpoints have in common: a fingerprint of data and options, and the history.</summary>
internal static class CheckpointFile
{
    public const string RecordFamily = "checkpoint";
    private const int RecordVersion = 1;
    private const string DataMark = " data ";
    private static readonly JsonTypeInfo<List<FitProgress>> HistoryType = FactJson.TypeInfo<List<FitProgress>>(
        FactJson.For(CheckpointJson.Default));

    /// <summary>A record that begins with fingerprint and history.</summary>
    public static ModelRecord Create(string fingerprint, IEnumerable<FitProgress> history)
    {
        ModelRecord record = new(RecordFamily, RecordVersion);
        record.Set("fingerprint", fingerprint);

        // Timings start anew on resuming, so equal training writes equal checkpoints.
        record.Set("history", history.Select(p => p with { Elapsed = TimeSpan.Zero, RowsPerSecond = 0 }).ToList(), HistoryType);
        return record;
    }

    /// <summary>Names a fit in checkpoints: its options, and its rows by a hash of their moments.</summary>
    /// <param name="options">Options and number of rows, as text.</param>
    /// <param name="means">Mean of each column.</param>
    /// <param name="spreads">Variance, or sum of squares, of each column.</param>
    public static string Fingerprint(string options, ReadOnlySpan<double> means, ReadOnlySpan<double> spreads)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(means));
        hash.AppendData(MemoryMarshal.AsBytes(spreads));
        return $"{options}{DataMark}{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8))}";
    }

    /// <summary>Reads a checkpoint of the fit that a fingerprint names.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fingerprint">The fingerprint.</param>
    /// <param name="mayDiffer">Words for the options that are not part of it; empty for none.</param>
    /// <exception cref="ModelFileException">The file is no checkpoint, is damaged, or comes from other data or options.</exception>
    public static ModelRecord Read(string path, string fingerprint, string mayDiffer = "")
    {
        ModelRecord record = ModelFile.Read(path);
        if (record.Family != RecordFamily)
        {
            throw new ModelFileException(path, $"is a model of family '{record.Family}', not a checkpoint; name another file.");
        }

        record.ExpectFamily(RecordFamily, RecordVersion);
        (string options, string data) = Parts(fingerprint);
        (string itsOptions, string itsData) = Parts(record.Get<string>("fingerprint"));

        // Earlier checkpoints do not name their data.
        if (itsData.Length > 0 && itsData != data)
        {
            throw new ModelFileException(
                path, "was made with other data: the means and variances of its rows are not those of the rows given. Resume with the "
                    + "same rows, in the same order and units, or start without it.");
        }

        string rows = data.Length == 0 ? "other data" : "rows of another number or width";
        return itsOptions == options ? record : throw new ModelFileException(
            path, $"was made with other options or {rows}; resume with the same ones{mayDiffer}, or start without it.");
    }

    /// <summary>The history of a checkpoint.</summary>
    /// <exception cref="ModelFileException">It is no history of epochs one after the other.</exception>
    public static List<FitProgress> History(ModelRecord record)
    {
        List<FitProgress> history = record.Get("history", HistoryType);
        for (int i = 0; i < history.Count; i++)
        {
            record.Require(
                history[i].Epoch == i + 1 && double.IsFinite(history[i].Elbo),
                "history",
                "epochs that do not follow each other, or an ELBO that is not finite");
        }

        return history;
    }

    private static (string Options, string Data) Parts(string fingerprint)
    {
        int at = fingerprint.LastIndexOf(DataMark, StringComparison.Ordinal);
        return at < 0 ? (fingerprint, "") : (fingerprint[..at], fingerprint[(at + DataMark.Length)..]);
    }
}

/// <summary>The facts that every checkpoint has.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(List<FitProgress>))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
