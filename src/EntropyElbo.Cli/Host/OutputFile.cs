using System.Globalization;
using EntropyElbo.Files;
using Microsoft.Win32.SafeHandles;

namespace EntropyElbo.Cli.Host;

/// <summary>Where results go: a file written whole or not at all, a device or pipe, or standard output for <c>-</c>.</summary>
internal static class OutputFile
{
    private const int BrokenPipe = 32; // EPIPE
    private const int WindowsBrokenPipe = unchecked((int)0x8007006D);
    private const int WindowsNoData = unchecked((int)0x800700E8);
    private static readonly string[] DescriptorFolders = ["/dev/fd", "/proc/self/fd"];

    /// <summary>Writes through a callback.</summary>
    public static void Write(string path, ToolHost host, Action<Stream> write)
    {
        if (IsStandardOutput(path))
        {
            WriteStream(host, host.OutputBytes, write, owned: false);
        }
        else if (Descriptor(path) is { } number)
        {
            WriteStream(host, () => OpenDescriptor(number), write, owned: true);
        }
        else if (FileKinds.IsSpecial(path))
        {
            WriteStream(host, () => OpenSpecial(path), write, owned: true);
        }
        else
        {
            WriteFile(path, write);
        }
    }

    /// <summary>Whether a path is <c>-</c> or another name of standard output.</summary>
    public static bool IsStandardOutput(string? path) => path is "-"
        || (path is not null && Descriptor(path) == StandardStreams.Output);

    /// <summary>Whether a path is a file to be replaced: no device, pipe or open stream.</summary>
    public static bool IsReplaced(string path) =>
        !IsStandardOutput(path) && Descriptor(path) is null && !FileKinds.IsSpecial(path);

    /// <summary>Whether an error says that the reader of a pipe has gone.</summary>
    public static bool IsClosedPipe(Exception error) => error is IOException && (OperatingSystem.IsWindows()
        ? error.HResult is WindowsBrokenPipe or WindowsNoData
        : error.HResult == BrokenPipe);

    /// <summary>A pipe may wait for its reader for ever.</summary>
    private static void WriteStream(ToolHost host, Func<Stream> open, Action<Stream> write, bool owned) => host.Interruptible(() =>
    {
        Stream stream = open();
        try
        {
            write(stream);
            stream.Flush();
        }
        finally
        {
            if (owned)
            {
                stream.Dispose();
            }
        }

        return true;
    });

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

    private static FileStream OpenSpecial(string path) =>
        new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>The stream itself, at its place, such as the pipe behind /dev/fd/63 of a shell's process substitution.</summary>
    private static FileStream OpenDescriptor(int number) =>
        new(new SafeFileHandle(number, ownsHandle: false), FileAccess.Write, bufferSize: 0);

    /// <summary>The number of the open stream that a path is a name of, or null.</summary>
    private static int? Descriptor(string path)
    {
        if (OperatingSystem.IsWindows() || path.Length == 0)
        {
            return null;
        }

        string full = Path.GetFullPath(path);
        return full switch
        {
            "/dev/stdout" => StandardStreams.Output,
            "/dev/stderr" => StandardStreams.Error,
            _ => DescriptorFolders.Contains(Path.GetDirectoryName(full))
                && int.TryParse(Path.GetFileName(full), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null,
        };
    }
}
