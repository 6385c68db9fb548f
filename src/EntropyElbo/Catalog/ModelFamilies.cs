using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.Vae;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Catalog;

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

/// <summary>All families of the library.</summary>
public static class ModelFamilies
{
    /// <summary>The families, in the order of the documentation.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        ProbabilisticPcaFile.Entry,
        LinearVaeFile.Entry,
        FactorAnalysisFile.Entry,
        GaussianVaeFile.Vae0,
        GaussianVaeFile.Vae1,
        GaussianVaeFile.Vae2,
        GaussianVaeFile.VaeD,
        GaussianVaeFile.Vae3,
        GaussianVaeFile.SparseVae,
        .. MixtureFile.Entries,
        SigmoidBeliefNetFile.ShallowEntry,
        SigmoidBeliefNetFile.DeepEntry,
    ];

    /// <summary>The family of that name; besides those in <see cref="All"/>, any mixture's, as in <c>mixture:binomial:8</c> or <c>mixture:poisson@1-3,bernoulli@4</c>.</summary>
    /// <exception cref="BadOptionException">There is none; the message lists the names.</exception>
    public static ModelFamily Find(string name) =>
        TryFind(name)
        ?? throw new BadOptionException("model", $"There is no model family '{name}'; the families are {string.Join(", ", All.Select(f => f.Name))}.");

    /// <summary>A model from its record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <exception cref="ModelFileException">The family is unknown or the record does not fit it.</exception>
    internal static LatentModel Read(ModelRecord record, string file)
    {
        ModelFamily family = Known(record.Family, file)
            ?? throw new ModelFileException(file, $"holds a model of family '{record.Family}', which this version does not know; update the library.");
        return family.Read(record, file);
    }

    private static ModelFamily? TryFind(string name) =>
        All.FirstOrDefault(f => f.Name == name) ?? MixtureFile.Find(name);

    private static ModelFamily? Known(string name, string file)
    {
        try
        {
            return TryFind(name);
        }
        catch (BadOptionException error)
        {
            throw new ModelFileException(file, $"holds a model of family '{name}': {error.Message}", error);
        }
    }
}
