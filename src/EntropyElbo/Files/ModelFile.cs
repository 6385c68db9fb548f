using System.Buffers.Binary;
using System.Reflection;
using System.Text;

namespace EntropyElbo.Files;

/// <summary>
/// Model files: valid safetensors files whose metadata carry the options as JSON and a SHA-256 over everything else
/// (docs/model-file.md). Any damaged, cut or lengthened file is refused; nothing in a file can execute; the same
/// record gives the same bytes.
/// </summary>
internal static class ModelFile
{
    /// <summary>Version of the file format that this library writes, and the newest that it reads.</summary>
    public const int FormatVersion = 1;

    /// <summary>Usual extension of a model file.</summary>
    public const string Extension = ".eelbo";

    /// <summary>Longest header accepted, the bound of the safetensors layout.</summary>
    internal const int MaxHeaderBytes = 100_000_000;

    /// <summary>Longest file accepted: the longest array of bytes.</summary>
    internal const int MaxFileBytes = 0x7FFF_FFC7;

    /// <summary>Longest text: the base64 form must fit into one string.</summary>
    private const int MaxTextBytes = 0x3FFF_FFDC / 4 * 3;

    /// <summary>Version of this library as model files name it.</summary>
    internal static string CurrentLibraryVersion { get; } =
        typeof(ModelFile).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? throw new InvalidOperationException("The assembly has no informational version.");

    /// <summary>
    /// Writes a record to a file: beside the target first, flushed to the disk, then renamed over it, so that a
    /// failure leaves the file that was there untouched and no other behind.
    /// </summary>
    /// <param name="path">The file to write; its folder must exist.</param>
    /// <param name="record">What to write.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be written (the inner exception says why), or the record is too large.
    /// </exception>
    public static void Write(string path, ModelRecord record) => WriteWith(path, record, AtomicFile.Write);

    /// <summary>Writes a record to a file that is claimed: see <see cref="Claim"/>.</summary>
    internal static void Rewrite(string path, ModelRecord record) => WriteWith(path, record, AtomicFile.Rewrite);

    /// <summary>Claims a file for a fit that will write it again and again; null where there is none.</summary>
    /// <exception cref="ModelFileException">Another process writes the file, or it cannot be written.</exception>
    internal static FileClaim? Claim(string? path)
    {
        try
        {
            return path is null ? null : FileClaim.Take(path);
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw CannotWrite(path!, error);
        }
    }

    /// <summary>Reads a record from a file.</summary>
    /// <param name="path">The file to read.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read, is damaged, cut short or of another kind, or a newer version wrote it.
    /// </exception>
    public static ModelRecord Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes;
        try
        {
            bytes = ReadBytes(path);
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw new ModelFileException(path, $"cannot be read: {error.Message}", error);
        }

        return ModelFileReader.Read(bytes, path);
    }

    /// <summary>The bytes that <see cref="Write"/> would write.</summary>
    /// <param name="record">What to write.</param>
    /// <exception cref="ModelFileException">The record is too large for a model file.</exception>
    public static byte[] ToBytes(ModelRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Header header = Header.For(record);
        long length = sizeof(long) + header.Bytes.Length + header.DataLength;
        if (header.Bytes.Length > MaxHeaderBytes || length > MaxFileBytes)
        {
            throw new ModelFileException(
                record.Source,
                $"needs {length} bytes, {header.Bytes.Length} of them for names and options; a model file takes {MaxFileBytes} and "
                    + $"{MaxHeaderBytes}. Store fewer or smaller tensors.");
        }

        byte[] bytes = new byte[length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Bytes.Length);
        Span<byte> rest = bytes.AsSpan(sizeof(long));
        header.Bytes.CopyTo(rest);
        for (int i = 0; i < header.Offsets.Length; i++)
        {
            record.Tensors[i].Data.Span.CopyTo(rest[(header.Bytes.Length + (int)header.Offsets[i])..]);
        }

        string checksum = ModelFileReader.Checksum(bytes, sizeof(long) + header.ChecksumAt);
        Encoding.ASCII.GetBytes(checksum, rest[header.ChecksumAt..]);
        return bytes;
    }

    /// <summary>Reads a record from the bytes of a model file; they are copied.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">Words for where the bytes came from, for messages.</param>
    /// <exception cref="ModelFileException">As for <see cref="Read"/>.</exception>
    public static ModelRecord FromBytes(ReadOnlySpan<byte> bytes, string name)
    {
        HeaderPlausible(bytes, bytes.Length, name);
        return ModelFileReader.Read(bytes.ToArray(), name);
    }

    /// <summary>The bytes of a model file as base64, for carrying inside a text.</summary>
    /// <param name="record">What to write.</param>
    /// <exception cref="ModelFileException">The record is too large for one string.</exception>
    public static string ToText(ModelRecord record)
    {
        byte[] bytes = ToBytes(record);
        return bytes.Length <= MaxTextBytes
            ? Convert.ToBase64String(bytes)
            : throw new ModelFileException(
                record.Source, $"needs {bytes.Length} bytes; as text a model may have {MaxTextBytes}. Write it to a file.");
    }

    /// <summary>Reads a record from the text of <see cref="ToText"/>; white space around it is ignored.</summary>
    /// <param name="text">The base64 text.</param>
    /// <param name="name">Words for where the text came from, for messages.</param>
    /// <exception cref="ModelFileException">The text is not what <see cref="ToText"/> writes; else as for <see cref="Read"/>.</exception>
    public static ModelRecord FromText(ReadOnlySpan<char> text, string name)
    {
        text = text.Trim();
        byte[] bytes = new byte[text.Length / 4 * 3];
        bool valid = Convert.TryFromBase64Chars(text, bytes, out int length)
            && (length + 2L) / 3 * 4 == text.Length
            && LastGroupIsCanonical(text, bytes.AsSpan(0, length));
        return valid
            ? ModelFileReader.Read(bytes.AsMemory(0, length), name)
            : throw new ModelFileException(
                name, "the text is not the base64 form of a model; it is damaged or cut short. Save the model again.");
    }

    /// <summary>The last group may hold bits beyond the last byte; they must be zero, as the encoder leaves them.</summary>
    private static bool LastGroupIsCanonical(ReadOnlySpan<char> text, ReadOnlySpan<byte> bytes)
    {
        int tail = bytes.Length % 3;
        return tail == 0 || text[^4..].SequenceEqual(Convert.ToBase64String(bytes[^tail..]));
    }

    private static void WriteWith(string path, ModelRecord record, Action<string, Action<Stream>> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes = ToBytes(record);
        try
        {
            write(path, stream => stream.Write(bytes));
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw CannotWrite(path, error);
        }
    }

    private static ModelFileException CannotWrite(string path, Exception error) => new(
        path,
        $"cannot be written ({error.Message}); a file that was there is untouched. Check the folder, its permissions and the free space.",
        error);

    private static byte[] ReadBytes(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        long length = stream.Length;
        if (length > MaxFileBytes)
        {
            throw new ModelFileException(path, $"has {length} bytes; no model file is longer than {MaxFileBytes}.");
        }

        Span<byte> start = stackalloc byte[sizeof(long) + 1];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        byte[] header = new byte[sizeof(long) + ModelFileReader.HeaderLength(start, length, path)];
        stream.Position = 0;
        stream.ReadExactly(header);
        ModelFileReader.RequireHeader(header.AsSpan(sizeof(long)), length - header.Length, path); // Before memory is taken for the rest.
        byte[] bytes = new byte[length];
        header.CopyTo(bytes, 0);
        stream.ReadExactly(bytes.AsSpan(header.Length));
        return bytes;
    }

    private static void HeaderPlausible(ReadOnlySpan<byte> start, long length, string name) =>
        _ = ModelFileReader.HeaderLength(start, length, name);

    private static bool IsFileError(Exception error) =>
        error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException or System.Security.SecurityException;
}
