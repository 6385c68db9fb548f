using System.Runtime.InteropServices;

namespace EntropyElbo.Files;

/// <summary>Tells files from devices, pipes and sockets, which are written to and never replaced.</summary>
internal static partial class FileKinds
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint TypeOnly = 1; // STATX_TYPE
    private const int StatusBytes = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;
    private const int Folder = 0x4000;
    private const int Unknown = -1;

    /// <summary>Whether something exists there that is neither a file nor a folder. Links are followed.</summary>
    public static bool IsSpecial(string path)
    {
        if (OperatingSystem.IsWindows() || path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            int type = OperatingSystem.IsLinux() ? LinuxType(path) : Unknown;
            return type == Unknown ? IsDevice(path) : type != 0 && type != Regular && type != Folder;
        }
        catch (EntryPointNotFoundException)
        {
            return IsDevice(path); // Older C libraries lack the call.
        }
    }

    /// <summary>By place, where the layout of a file's status is not known.</summary>
    private static bool IsDevice(string path) =>
        File.Exists(path) && Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal);

    /// <summary>The type bits of a file's mode; 0 where there is nothing.</summary>
    private static int LinuxType(string path)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        int result = StatusOf(CurrentFolder, path, 0, TypeOnly, ref MemoryMarshal.GetReference(status));
        return result == 0 ? MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeMask : 0;
    }

    /// <summary>Its answer has the same layout on every processor.</summary>
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int StatusOf(int folder, string path, int flags, uint mask, ref byte status);
}
