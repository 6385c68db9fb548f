using EntropyElbo.Files;

namespace EntropyElbo.Cli;

/// <summary>Where results go: a file written whole or not at all, a device or pipe, or standard output for <c>-</c>.</summary>
internal static class OutputFile
{
    private const int BrokenPipe = 32; // EPIPE
    private const int WindowsBrokenPipe = unchecked((int)0x8007006D);
    private const int WindowsNoData = unchecked((int)0x800700E8);

    /// <summary>Writes through a callback.</summary>
    public static void Write(string path, ToolHost host, Action<Stream> write)
    {
        if (path == "-")
        {
            Stream output = host.OutputBytes();
            write(output);
            output.Flush();
        }
        else if (IsDevice(path))
        {
            using FileStream device = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            write(device);
        }
        else
        {
            WriteFile(path, write);
        }
    }

    /// <summary>Throws where a file could not be written, before long work is done for it.</summary>
    public static void RequireWritable(string? path)
    {
        if (path is null or "-" || IsDevice(path))
        {
            return;
        }

        if (path.Length == 0)
        {
            throw new IOException("the name of a file to write is empty.");
        }

        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? full;
        if (Directory.Exists(full))
        {
            throw new IOException($"{path} cannot be written: a folder has that name.");
        }

        if (!Directory.Exists(folder))
        {
            throw new IOException($"{path} cannot be written: the folder {folder} does not exist.");
        }

        RequireWritableFolder(path, folder);
    }

    /// <summary>Whether an error says that the reader of a pipe has gone.</summary>
    public static bool IsClosedPipe(Exception error) => error is IOException && (OperatingSystem.IsWindows()
        ? error.HResult is WindowsBrokenPipe or WindowsNoData
        : error.HResult == BrokenPipe);

    private static void RequireWritableFolder(string path, string folder)
    {
        string probe = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using FileStream file = new(
                probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} cannot be written: {error.Message}", error);
        }
    }

    private static void WriteFile(string path, Action<Stream> write)
    {
        try
        {
            AtomicFile.Write(path, write);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException && !IsClosedPipe(error))
        {
            throw new IOException($"{path} cannot be written ({error.Message}); a file that was there is untouched.", error);
        }
    }

    /// <summary>Devices, and pipes such as /dev/fd/63 of a shell's process substitution, are written to, never replaced.</summary>
    private static bool IsDevice(string path) => !OperatingSystem.IsWindows() && path.Length > 0
        && Path.GetFullPath(path) is string full
        && (full.StartsWith("/dev/", StringComparison.Ordinal) || full.StartsWith("/proc/", StringComparison.Ordinal))
        && File.Exists(full);
}
