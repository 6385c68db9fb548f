namespace EntropyElbo.Data;

/// <summary>Opens data files, compressed or not, and turns what goes wrong into <see cref="BadDataException"/>.</summary>
internal static class RawFiles
{
    /// <summary>Opens a file for one pass, through gzip where its first two bytes say so.</summary>
    public static Stream Open(string path)
    {
        FileStream file = OpenFile(path);
        try
        {
            if (!file.CanSeek)
            {
                throw new BadDataException($"{path} is a pipe, which can be read only once; open it with RowSources.Open.");
            }

            Span<byte> magic = stackalloc byte[2];
            int read = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
            file.Position = 0;
            return read == 2 && IsGzip(magic) ? new GzipInput(file) : file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Length of the file where it is not compressed, else null.</summary>
    public static long? PlainLength(Stream stream) => stream.CanSeek ? stream.Length : null;

    public static bool IsGzip(ReadOnlySpan<byte> head) => head.Length >= 2 && head[0] == 0x1F && head[1] == 0x8B;

    /// <summary>Reads from a stream; damaged compressed data becomes the typed error.</summary>
    public static int Read(Stream stream, Span<byte> target, string source)
    {
        try
        {
            return stream.Read(target);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new BadDataException(
                $"{source}: the compressed data is damaged, cut off or followed by something else ({e.Message.TrimEnd('.')}); fetch the "
                    + $"file again.", inner: e);
        }
    }

    /// <summary>Fills the target as far as the stream lasts and returns the bytes read.</summary>
    public static int ReadFully(Stream stream, Span<byte> target, string source)
    {
        int filled = 0;
        while (filled < target.Length)
        {
            int read = Read(stream, target[filled..], source);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return filled;
    }

    /// <summary>Opens a file or pipe as it is.</summary>
    public static FileStream OpenFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.SequentialScan,
            });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadDataException($"{path} does not exist; check the path.", inner: e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or ArgumentException or NotSupportedException or IOException)
        {
            string reason = Directory.Exists(path) ? "it is a directory" : e.Message;
            throw new BadDataException($"{path} cannot be read: {reason}", inner: e);
        }
    }
}
