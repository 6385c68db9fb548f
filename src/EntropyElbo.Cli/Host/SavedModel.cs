using EntropyElbo.Catalog;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Host;

/// <summary>Opens model files for the commands.</summary>
internal static class SavedModel
{
    /// <summary>Loads a model of any family; the file may be a pipe that nobody writes to.</summary>
    public static LatentModel Load(ToolHost host, string path) =>
        host.Interruptible(() => ModelFamilies.Load(RunFiles.RequireName("the model", path)));
}
