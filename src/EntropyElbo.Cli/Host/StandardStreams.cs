using System.Runtime.InteropServices;

namespace EntropyElbo.Cli.Host;

/// <summary>
/// Whether the process was given its standard streams. Where one was closed, the runtime's own files take its number;
/// those are marked to be closed for children, which an inherited stream cannot be.
/// </summary>
internal static partial class StandardStreams
{
    public const int Input = 0;
    public const int Output = 1;
    public const int Error = 2;
    private const int GetFlags = 1; // F_GETFD
    private const int CloseOnExec = 1; // FD_CLOEXEC

    /// <summary>Whether a stream was open when the process started.</summary>
    public static bool IsOpen(int number)
    {
        if (OperatingSystem.IsWindows())
        {
            return true; // The console's streams are empty ones there.
        }

        int flags = Control(number, GetFlags);
        return flags >= 0 && (flags & CloseOnExec) == 0;
    }

    /// <summary>The file that a stream is read from or written to, for comparing it with others; null where none is known.</summary>
    public static string? PathOf(int number) =>
        OperatingSystem.IsLinux() && IsOpen(number) ? $"/proc/self/fd/{number}" : null;

    [LibraryImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Control(int number, int command);
}
