using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Selection;

/// <summary>
/// The trials of a study, a line of JSON each, added when a trial is done. A line counts once its line feed is on the disk, so a
/// process that is killed loses the trials under way and no other. Whoever wrote the file, nothing is taken from it unchecked.
/// </summary>
internal sealed class StudyFile : IDisposable
{
    private const int Version = 1;
    private const int LongestLine = 1 << 26;
    private const long LongestFile = 1L << 32;
    private const int MostLines = 1_000_000;

    private static readonly JsonSerializerOptions Facts = FactJson.For(
        StudyJson.Default,
        new WordConverter<StopReason>(),
        new WordConverter<ReferenceKind>(),
        new WordConverter<GainMethod>(),
        new WordConverter<ScalingKind>());

    private static readonly JsonTypeInfo<StudyHead> HeadType = FactJson.TypeInfo<StudyHead>(Facts);
    private static readonly JsonTypeInfo<StudyLine> LineType = FactJson.TypeInfo<StudyLine>(Facts);

    private readonly string _path;
    private readonly SelectionCriterion _criterion;
    private readonly FileClaim _claim;
    private readonly FileStream _stream;
    private readonly Dictionary<string, StudyLine> _lines = new(StringComparer.Ordinal);

    private StudyFile(string path, SelectionCriterion criterion, FileClaim claim, FileStream stream)
    {
        _path = path;
        _criterion = criterion;
        _claim = claim;
        _stream = stream;
    }

    /// <summary>Opens a study, or begins one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fingerprint">Names the rows and the comparison.</param>
    /// <param name="criterion">What trials are compared by.</param>
    /// <exception cref="BadOptionException">It is a study of other rows or of another comparison.</exception>
    /// <exception cref="ModelFileException">It is no study, is damaged, or cannot be written.</exception>
    public static StudyFile Open(string path, string fingerprint, SelectionCriterion criterion)
    {
        FileClaim? claim = null;
        FileStream? stream = null;
        try
        {
            claim = FileClaim.Take(path);
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            StudyFile study = new(path, criterion, claim, stream);
            study.Begin(fingerprint);
            return study;
        }
        catch (Exception error)
        {
            stream?.Dispose();
            claim?.Dispose();
            if (error is IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new ModelFileException(path, $"this study cannot be opened ({error.Message}).", error);
            }

            throw;
        }
    }

    /// <summary>The trial of a plan, where the study has it.</summary>
    public SelectionTrial? Find(TrialPlan plan) => _lines.GetValueOrDefault(plan.Key)?.ToTrial(plan, _criterion);

    /// <summary>Adds a trial, unless its time was cut short: it would be another with more.</summary>
    /// <exception cref="ModelFileException">The disk refuses; what was there is whole.</exception>
    public void Add(TrialPlan plan, SelectionTrial trial)
    {
        if (trial.IsCut || _lines.ContainsKey(plan.Key))
        {
            return;
        }

        StudyLine line = StudyLine.Of(plan, trial);
        Append(JsonSerializer.Serialize(line, LineType));
        _lines.Add(plan.Key, line);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _claim.Dispose();
    }

    /// <summary>Reads what is there, and cuts off what a killed process left of its last line.</summary>
    private void Begin(string fingerprint)
    {
        if (_stream.Length > LongestFile)
        {
            throw Damaged("it is longer than any study");
        }

        string head = JsonSerializer.Serialize(new StudyHead(Version, fingerprint), HeadType);
        long whole = 0;
        int number = 0;
        foreach ((string text, bool isWhole, long end) in Lines())
        {
            if (++number > MostLines)
            {
                throw Damaged("it has more lines than any study");
            }

            if (!isWhole)
            {
                RequireOurs(number > 1 || head.StartsWith(text, StringComparison.Ordinal));
                break;
            }

            if (number == 1)
            {
                ReadHead(text, fingerprint);
            }
            else
            {
                ReadLine(text, number);
            }

            whole = end;
        }

        _stream.SetLength(whole);
        _stream.Seek(whole, SeekOrigin.Begin);
        if (whole == 0)
        {
            Append(head);
        }
    }

    private void ReadHead(string text, string fingerprint)
    {
        StudyHead? head = null;
        try
        {
            head = JsonSerializer.Deserialize(text, HeadType);
        }
        catch (JsonException)
        {
            RequireOurs(false);
        }

        RequireOurs(head is { Study: > 0 });
        if (head!.Study > Version)
        {
            throw new ModelFileException(
                _path, $"is a study of version {head.Study}, newer than this library's {Version}; update the library.");
        }

        if (head.Fingerprint != fingerprint)
        {
            throw new BadOptionException(
                "study",
                $"{_path} is a study of other rows or of another comparison (criterion, folds, seed, starts, version of the library): "
                    + "name another file, or delete it.");
        }
    }

    private void ReadLine(string text, int number)
    {
        try
        {
            FactJson.RefuseNullElements(text);
            StudyLine line = JsonSerializer.Deserialize(text, LineType) ?? throw new JsonException("null stands for a trial.");
            if (line.Fault(_criterion) is { } fault)
            {
                throw Damaged($"line {number} holds {fault}");
            }

            _lines[line.Key] = line;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw Damaged($"line {number} is no trial", error);
        }
    }

    /// <summary>A line in one write, on the disk before it counts.</summary>
    private void Append(string text)
    {
        long before = _stream.Position;
        try
        {
            _stream.Write(Encoding.UTF8.GetBytes(text + '\n'));
            _stream.Flush(flushToDisk: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _stream.SetLength(before);
            throw new ModelFileException(
                _path,
                $"the study cannot be written ({error.Message}); the trials in it are whole. Make room, and go on with the same command.",
                error);
        }
    }

    /// <summary>Lines with whether they end in a line feed, and where.</summary>
    private IEnumerable<(string Text, bool IsWhole, long End)> Lines()
    {
        byte[] block = new byte[1 << 16];
        using MemoryStream line = new();
        long place = 0;
        for (int read = _stream.Read(block); read > 0; read = _stream.Read(block))
        {
            int start = 0;
            for (int feed = block.AsSpan(0, read).IndexOf((byte)'\n'); feed >= 0; feed = Feed(block, read, start))
            {
                line.Write(block, start, feed - start);
                yield return (Text(line), true, place + feed + 1);
                line.SetLength(0);
                start = feed + 1;
            }

            line.Write(block, start, read - start);
            place += read;
            if (line.Length > LongestLine)
            {
                throw Damaged("a line is longer than that of any trial");
            }
        }

        if (line.Length > 0)
        {
            yield return (Text(line), false, place);
        }
    }

    private static int Feed(byte[] block, int read, int start)
    {
        int feed = block.AsSpan(start, read - start).IndexOf((byte)'\n');
        return feed < 0 ? -1 : start + feed;
    }

    private static string Text(MemoryStream line) => Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length);

    private void RequireOurs(bool isOurs)
    {
        if (!isOurs)
        {
            throw new ModelFileException(_path, "is no study; it is left as it is. Name another file.");
        }
    }

    private ModelFileException Damaged(string what, Exception? error = null) =>
        new(_path, $"this study is damaged: {what}. Restore it from a copy, or delete it and begin again.", error);
}
