namespace EntropyElbo.Files;

/// <summary>Writes a file whole or not at all: beside the target, flushed to the disk, renamed over it.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file through a callback. On any failure the target is as it was and nothing is left beside it.</summary>
    /// <param name="path">The target. A link is followed, so that the file it points to is replaced, not the link.</param>
    /// <param name="write">Writes the contents.</param>
    /// <exception cref="IOException">The target is a folder or a device, or the disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, Action<Stream> write) =>
        Write(path, write, static file => new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None));

    /// <summary>As above, with the opening of the file beside the target left to the caller (tests of a full disk).</summary>
    internal static void Write(string path, Action<Stream> write, Func<string, FileStream> create)
    {
        string target = Target(path);
        string beside = Path.Combine(Path.GetDirectoryName(target)!, $".{Guid.NewGuid():N}.tmp");
        bool renamed = false;
        try
        {
            using (FileStream stream = create(beside))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            KeepPermissions(target, beside);
            File.Move(beside, target, overwrite: true);
            renamed = true;
        }
        finally
        {
            if (!renamed && File.Exists(beside))
            {
                File.Delete(beside);
            }
        }
    }

    private static string Target(string path)
    {
        string full = Path.GetFullPath(path);
        FileInfo file = new(full);
        string target = file.LinkTarget is null ? full : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        if (Directory.Exists(target))
        {
            throw new IOException("a folder has that name");
        }

        // Renaming over a device would take its place in the system, for every program.
        if (!OperatingSystem.IsWindows() && (IsDevice(full) || IsDevice(target)))
        {
            throw new IOException("it is a device");
        }

        return target;
    }

    private static bool IsDevice(string path) =>
        Path.GetDirectoryName(path) is "/dev" || path.StartsWith("/proc/", StringComparison.Ordinal);

    private static void KeepPermissions(string target, string beside)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(target))
        {
            File.SetUnixFileMode(beside, File.GetUnixFileMode(target));
        }
    }
}
