namespace EntropyElbo.Files;

/// <summary>
/// The right to write a file, held by one process at a time for as long as a run goes on. It is a locked file beside the
/// target, gone with the claim; what a killed process left in the folder is cleared when a claim is taken.
/// </summary>
internal sealed class FileClaim : IDisposable
{
    private const int Attempts = 10;

    /// <summary>Longer than another process takes to look whether the file is a dead one's.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private const int LongestSign = 1 << 16;
    private readonly FileStream _lock;
    private readonly string _path;

    private FileClaim(FileStream held, string path)
    {
        _lock = held;
        _path = path;
    }

    /// <summary>Claims a file, which need not exist.</summary>
    /// <exception cref="IOException">Another process holds the claim, or the folder cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static FileClaim Take(string path)
    {
        string claim = TemporaryFiles.Of(AtomicFile.Target(path));
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            FileStream? held = TryHold(claim);
            if (held is not null)
            {
                TemporaryFiles.Clear(Path.GetDirectoryName(claim)!, claim);
                return new FileClaim(held, claim);
            }

            Thread.Sleep(Pause);
        }

        throw new IOException("another process is writing it; wait for that process, or name another file");
    }

    /// <summary>
    /// Deletes the claim while it is still locked, so that no other process gets hold of a file that goes. Where it cannot be deleted, or
    /// its folder went away, it is as a dead process's: the next run clears it.
    /// </summary>
    public void Dispose()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return; // A trained model is not to be lost for it.
        }
        finally
        {
            _lock.Dispose();
        }
    }

    /// <summary>
    /// Who opened the file just before its owner deleted it holds a file without a name. Whether the name is still of the
    /// file that is held is told by a length drawn by lot.
    /// </summary>
    private static FileStream? TryHold(string claim)
    {
        FileStream? held = TryOpen(claim);
        if (held is null)
        {
            return null;
        }

        int sign = Random.Shared.Next(1, LongestSign);
        held.SetLength(sign);
        FileInfo named = new(claim);
        if (named.Exists && named.Length == sign)
        {
            return held;
        }

        held.Dispose();
        return null;
    }

    private static FileStream? TryOpen(string claim)
    {
        try
        {
            return new FileStream(claim, FileMode.OpenOrCreate, FileAccess.ReadWrite, TemporaryFiles.Exclusive, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(claim))
        {
            return null; // Held, or held and gone a moment ago.
        }
    }
}
