namespace EntropyElbo.Files;

/// <summary>Writes a file whole or not at all: beside the target, flushed to the disk, renamed over it.</summary>
internal static class AtomicFile
{
    private const int Attempts = 20;

    /// <summary>Writes a file through a callback. On any failure the target is as it was and nothing is left beside it.</summary>
    /// <param name="path">The target. A link is followed, so that the file it points to is replaced, not the link.</param>
    /// <param name="write">Writes the contents.</param>
    /// <exception cref="IOException">The target is a folder, a device or a pipe, or the disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, clear: true, create: null);

    /// <summary>As above, by who has claimed the file (<see cref="FileClaim"/>) and writes it often: the folder was cleared then.</summary>
    public static void Rewrite(string path, Action<Stream> write) => Write(path, write, clear: false, create: null);

    /// <summary>As above, with the opening of the file beside the target left to the caller (tests of a full disk).</summary>
    internal static void Write(string path, Action<Stream> write, bool clear, Func<string, FileStream>? create)
    {
        string target = Target(path);
        UnixFileMode? mode = !OperatingSystem.IsWindows() && File.Exists(target) ? File.GetUnixFileMode(target) : null;
        (FileStream stream, string beside) = Create(Path.GetDirectoryName(target)!, mode, create);
        bool renamed = false;
        try
        {
            using (stream)
            {
                if (clear)
                {
                    TemporaryFiles.Clear(Path.GetDirectoryName(target)!, beside);
                }

                write(stream);
                stream.Flush(flushToDisk: true);
                if (mode is { } kept && !OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(beside, kept); // Past the mask of the process.
                }

                File.Move(beside, target, overwrite: true); // While the lock still says that its owner lives.
                renamed = true;
            }
        }
        finally
        {
            if (!renamed && File.Exists(beside))
            {
                File.Delete(beside);
            }
        }
    }

    /// <summary>The file that a path stands for: full, links followed.</summary>
    /// <exception cref="IOException">It is no file to be replaced.</exception>
    internal static string Target(string path)
    {
        string full = Path.GetFullPath(path);
        FileInfo file = new(full);
        string target = file.LinkTarget is null ? full : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        if (Directory.Exists(target))
        {
            throw new IOException("a folder has that name");
        }

        // Renaming over a device or a pipe would take its place, for every program.
        if (FileKinds.IsSpecial(full) || FileKinds.IsSpecial(target))
        {
            throw new IOException("it is a device or a pipe");
        }

        return target;
    }

    /// <summary>
    /// A new file, locked before anybody can take it for a dead process's. It can be read by no more users than the file
    /// that it replaces.
    /// </summary>
    private static (FileStream Stream, string Path) Create(string folder, UnixFileMode? mode, Func<string, FileStream>? create)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = TemporaryFiles.Exclusive };
        if (mode is { } kept && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = kept;
        }

        for (int attempt = 1; ; attempt++)
        {
            string path = TemporaryFiles.Unique(folder);
            try
            {
                FileStream stream = create is null ? new FileStream(path, options) : create(path);
                if (File.Exists(path))
                {
                    return (stream, path);
                }

                stream.Dispose(); // Cleared by another process between its creation and its lock.
            }
            catch (IOException) when (attempt < Attempts && File.Exists(path))
            {
                continue; // The other process holds it at this moment, and clears it.
            }
        }
    }
}
