using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Host;

/// <summary>Saves what a run trained, so that the work is not lost where its file cannot be written in the end.</summary>
internal static class TrainedModel
{
    /// <summary>Writes the model to its file; where that fails it is kept elsewhere, and the error says where.</summary>
    /// <exception cref="IOException">The file could not be written.</exception>
    public static void Save(string path, ToolHost host, LatentModel model, IReadOnlyList<CategoricalColumn> encodings)
    {
        byte[] bytes = ModelFile.ToBytes(ModelHeaderFile.WriteEncodings(model.ToRecord(), encodings));
        try
        {
            OutputFile.Write(path, host, stream => stream.Write(bytes));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string reason = error.Message.Contains(path, StringComparison.Ordinal)
                ? error.Message
                : $"{path} cannot be written: {error.Message}";
            throw new IOException($"{reason.TrimEnd('.')}. {Keep(bytes)}", error);
        }
    }

    /// <summary>Keeps the bytes where there is room, readable by nobody else.</summary>
    private static string Keep(byte[] bytes)
    {
        string name = $"entropy-elbo-kept-{Guid.NewGuid():N}{ModelFile.Extension}";
        string[] folders = [Path.GetTempPath(), Environment.CurrentDirectory];
        List<string> refusals = [];
        foreach (string path in folders.Select(folder => Path.Combine(folder, name)))
        {
            try
            {
                Create(path, bytes);
                return $"The trained model is kept in {path}: move it from there.";
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                refusals.Add(error.Message);
            }
        }

        return $"The trained model could not be kept elsewhere either ({string.Join("; ", refusals)}).";
    }

    private static void Create(string path, byte[] bytes)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using FileStream file = new(path, options);
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            File.Delete(path); // A part of a model is of no use.
            throw;
        }
    }
}
