using EntropyElbo.Files;

namespace EntropyElbo.Cli.Host;

/// <summary>
/// The files of one run, checked before anything is read: no output is an input or another output, each can be written,
/// and no other process writes it meanwhile.
/// </summary>
internal sealed class RunFiles : IDisposable
{
    private static readonly StringComparer Paths =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    private readonly ToolHost _host;
    private readonly Dictionary<string, string> _taken = new(Paths);
    private readonly List<FileClaim> _claims = [];

    private RunFiles(ToolHost host) => _host = host;

    /// <summary>Checks the files of a run, and claims those that it writes until it is disposed.</summary>
    /// <param name="host">Knows what stands behind the standard streams.</param>
    /// <param name="reads">What is read, in words, and where; null for what was not given.</param>
    /// <param name="writes">The option that names an output, and where it goes.</param>
    /// <param name="later">The same for outputs that the library claims itself.</param>
    /// <exception cref="BadOptionException">An output is another file of the run.</exception>
    /// <exception cref="IOException">An output cannot be written.</exception>
    public static RunFiles Check(
        ToolHost host,
        (string What, string? Path)[] reads,
        (string Option, string? Path)[] writes,
        params (string Option, string? Path)[] later)
    {
        RunFiles files = new(host);
        try
        {
            foreach ((string what, string? path) in reads)
            {
                files.Read(what, path);
            }

            foreach ((string option, string? path) in (IEnumerable<(string, string?)>)[.. writes, .. later])
            {
                files.Write(option, path);
            }

            files._claims.AddRange(writes.Select(w => Claim(w.Path)).OfType<FileClaim>());
            foreach ((_, string? path) in later)
            {
                Claim(path)?.Dispose();
            }

            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>The name of a file that is read.</summary>
    /// <exception cref="IOException">It is empty.</exception>
    public static string RequireName(string what, string path) =>
        path.Length > 0 ? path : throw new IOException($"the name of {what} is empty; name a file.");

    /// <summary>Lets go of the claims.</summary>
    public void Dispose()
    {
        foreach (FileClaim claim in _claims)
        {
            claim.Dispose();
        }
    }

    private void Read(string what, string? path)
    {
        if (path is not null)
        {
            RequireName(what, path);
        }

        if ((path == "-" ? _host.InputPath : path) is { } named && !FileKinds.IsSpecial(named))
        {
            _taken.TryAdd(Resolve(named), what);
        }
    }

    private void Write(string option, string? path)
    {
        if (path?.Length == 0)
        {
            throw new BadOptionException(option, "The name of a file to write is empty.");
        }

        string? named = OutputFile.IsStandardOutput(path) ? _host.OutputPath : path;
        if (named is not null && !FileKinds.IsSpecial(named) && !_taken.TryAdd(Resolve(named), $"what --{option} names"))
        {
            throw new BadOptionException(
                option, $"{path} is {_taken[Resolve(named)]}, which would be written over; name another file.");
        }
    }

    private static FileClaim? Claim(string? path)
    {
        if (path is null || !OutputFile.IsReplaced(path))
        {
            return null;
        }

        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? full;
        if (!Directory.Exists(full) && !Directory.Exists(folder))
        {
            throw new IOException($"{path} cannot be written: the folder {folder} does not exist.");
        }

        try
        {
            return FileClaim.Take(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} cannot be written: {error.Message}.", error);
        }
    }

    /// <summary>The one path of a file: links followed in every part of it.</summary>
    private static string Resolve(string path)
    {
        string full = Path.GetFullPath(path);
        string resolved = Path.GetPathRoot(full)!;
        foreach (string part in full[resolved.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(resolved, part);
            FileSystemInfo entry = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            resolved = entry.LinkTarget is null
                ? next
                : Resolve(entry.ResolveLinkTarget(returnFinalTarget: true)!.FullName); // Which links to folders may lead to.
        }

        return resolved;
    }
}
