using EntropyElbo.Models;

namespace EntropyElbo.Training;

/// <summary>
/// A trainer that can begin with the parameters of a trained model in place of its own start. All trainers are one; where a start
/// means nothing it says so.
/// </summary>
internal interface IModelStart
{
    /// <summary>The same trainer, starting from a model.</summary>
    /// <exception cref="BadOptionException">The model is of another family, or the family knows no start.</exception>
    ITrainer StartingFrom(LatentModel model);
}
