using EntropyElbo.Models;

namespace EntropyElbo.Training;

/// <summary>A trainer that can begin with the parameters of a trained model in place of random ones.</summary>
internal interface IModelStart
{
    /// <summary>The same trainer, starting from a model.</summary>
    /// <exception cref="BadOptionException">The model is of another family.</exception>
    ITrainer StartingFrom(LatentModel model);

    /// <summary>Refuses a model of another family.</summary>
    static BadOptionException WrongFamily(string family, LatentModel model) => new(
        SettingNames.From, $"A fit of {family} cannot start from a model of {model.Family}; give one of the same family, or leave it out.");

    /// <summary>Refuses several starts beside a given one.</summary>
    static void RequireOneStart(bool isGiven, int restarts) => BadOptionException.ThrowUnless(
        !isGiven || restarts == 1, SettingNames.Restarts,
        $"With a given start there is one fit, not {restarts} restarts; leave the restarts out, or the start.");
}
