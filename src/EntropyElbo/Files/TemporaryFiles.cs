using System.Security.Cryptography;
using System.Text;

namespace EntropyElbo.Files;

/// <summary>
/// Files that stand in a folder while another is written there. Who made one holds it locked for as long as it lives, and
/// the system lets go of the lock when a process ends, however it ends: a file of this name that can be locked was left
/// by a process that is dead.
/// </summary>
internal static class TemporaryFiles
{
    private const string Prefix = ".eelbo-";
    private const string Suffix = ".tmp";
    private const int IdLength = 32;

    /// <summary>Another machine's locks are not seen on every network file system: files are its own to clear.</summary>
    private static readonly string MachinePrefix = $"{Prefix}{Hash(Environment.MachineName)[..8]}-";

    /// <summary>A name that no other file has.</summary>
    public static string Unique(string folder) => Path.Combine(folder, $"{MachinePrefix}{Guid.NewGuid():N}{Suffix}");

    /// <summary>The name that stands for one target: the same for every process.</summary>
    public static string Of(string target) => Path.Combine(
        Path.GetDirectoryName(target)!, $"{MachinePrefix}{Hash(Path.GetFileName(target))[..IdLength]}{Suffix}");

    /// <summary>Deletes what dead processes left in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="held">A file of this kind that the caller holds: where it can be locked once more, locks tell nothing.</param>
    public static void Clear(string folder, string held)
    {
        if (TryLock(held) is { } unguarded)
        {
            unguarded.Dispose();
            return;
        }

        foreach (string path in Directory.EnumerateFiles(folder, $"{MachinePrefix}*{Suffix}"))
        {
            if (IsOurs(path) && path != held)
            {
                using FileStream? dead = TryLock(path);
                if (dead is not null)
                {
                    TryDelete(path);
                }
            }
        }
    }

    private static bool IsOurs(string path)
    {
        string id = Path.GetFileNameWithoutExtension(path)[MachinePrefix.Length..];
        return id.Length == IdLength && id.All(char.IsAsciiHexDigitLower) && new FileInfo(path).LinkTarget is null;
    }

    /// <summary>The file, locked; null where another holds it, where it is gone, or where it belongs to another user.</summary>
    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, Exclusive, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Nobody else may open the file; where an open file cannot else be renamed or deleted, that is allowed.</summary>
    public static FileShare Exclusive => OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    /// <summary>A leftover that may not be deleted is no reason to fail: it is not in the way.</summary>
    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
