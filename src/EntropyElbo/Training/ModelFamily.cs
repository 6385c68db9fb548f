using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Training;

/// <summary>One family of models: its name, and how to train and to read it. The tool, model files and selection know families through this only.</summary>
/// <param name="Name">The tool's name, for example <c>vae-1</c>.</param>
/// <param name="Summary">One line for help texts.</param>
/// <param name="CreateTrainer">Makes a trainer from settings that are common to the families.</param>
/// <param name="Read">Makes a model from its record.</param>
public sealed record ModelFamily(
    string Name,
    string Summary,
    Func<FitSettings, ITrainer> CreateTrainer,
    Func<ModelRecord, string, LatentModel> Read);
