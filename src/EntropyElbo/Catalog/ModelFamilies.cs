using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.Vae;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Catalog;

/// <summary>All families of the library.</summary>
public static class ModelFamilies
{
    /// <summary>The families, in the order of the documentation.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        ProbabilisticPcaFamily.Entry,
        LinearVaeFamily.Entry,
        FactorAnalysisFamily.Entry,
        SparseCodingFamily.Entry,
        PoissonSparseCodingFamily.Entry,
        .. GaussianVaeFamily.Entries,
        .. MixtureFamily.Entries,
        SigmoidBeliefNetFamily.ShallowEntry,
        SigmoidBeliefNetFamily.DeepEntry,
    ];

    /// <summary>
    /// The family of that name; besides those in <see cref="All"/>, any mixture's, as in <c>mixture:binomial:8</c> or
    /// <c>mixture:poisson@1-3,bernoulli@4</c>.
    /// </summary>
    /// <exception cref="BadOptionException">There is none; the message lists the names.</exception>
    public static ModelFamily Find(string name) =>
        TryFind(name)
        ?? throw new BadOptionException(
            "model", $"There is no model family '{name}'; the families are {string.Join(", ", All.Select(f => f.Name))}.");

    /// <summary>Loads a model of any family.</summary>
    /// <param name="path">A file that <see cref="LatentModel.Save"/> wrote.</param>
    /// <exception cref="ModelFileException">The file is truncated, corrupt, of a newer version, or not a model.</exception>
    public static LatentModel Load(string path) => Read(ModelFile.Read(path), path);

    /// <summary>A model from its record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <exception cref="ModelFileException">The family is unknown or the record does not fit it.</exception>
    internal static LatentModel Read(ModelRecord record, string file)
    {
        ModelFamily family = Known(record.Family, file)
            ?? throw new ModelFileException(file, NoModel(record.Family));
        return family.Read(record, file);
    }

    private static string NoModel(string family) => family switch
    {
        CheckpointFile.RecordFamily =>
            "holds the state of a fit that is under way, and no model; go on with that fit (--checkpoint FILE --resume) and save its model.",
        _ when family.StartsWith(ModelRecord.StreamFamilies, StringComparison.Ordinal) =>
            "holds the state of a stream, and no model; 'watch --state FILE' goes on with it, and fit makes a model of rows.",
        _ => $"holds a model of family '{family}', which this version does not know; update the library.",
    };

    private static ModelFamily? TryFind(string name) =>
        All.FirstOrDefault(f => f.Name == name) ?? MixtureFamily.Find(name);

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
