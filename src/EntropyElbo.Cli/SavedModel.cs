using EntropyElbo.Models;

namespace EntropyElbo.Cli;

/// <summary>Opens model files for the commands.</summary>
internal static class SavedModel
{
    /// <summary>Loads a model of any family.</summary>
    public static LatentModel Load(ToolHost host, string path) => path.Length > 0
        ? host.Interruptible(() => LatentModel.Load(path))
        : throw new BadOptionException("model", "The name of the model file is empty; name a file that 'fit --out' wrote.");
}
