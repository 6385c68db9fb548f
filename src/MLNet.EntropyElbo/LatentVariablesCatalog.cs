using EntropyElbo.Models;
using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>Latent-variable models for ML.NET pipelines: one pair of methods a family, evaluation and selection.</summary>
public sealed partial class LatentVariablesCatalog
{
    private readonly MLContext _ml;

    internal LatentVariablesCatalog(MLContext ml)
    {
        ArgumentNullException.ThrowIfNull(ml);
        _ml = ml;
    }

    /// <summary>The typed model inside a fitted or loaded transformer or chain; the first where there are several.</summary>
    /// <param name="transformer">What <c>Fit</c> or <c>mlContext.Model.Load</c> returned.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public LatentModel FindModel(ITransformer transformer)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        IReadOnlyList<LatentModel> models = FindModels(transformer);
        return models.Count > 0
            ? models[0]
            : throw new ArgumentException(
                "The transformer holds no latent-variable model; give the chain that was fitted with one.", nameof(transformer));
    }

    /// <summary>All models inside a fitted or loaded transformer or chain, in the order in which rows pass them.</summary>
    /// <param name="transformer">What <c>Fit</c> or <c>mlContext.Model.Load</c> returned.</param>
    public IReadOnlyList<LatentModel> FindModels(ITransformer transformer)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        return [.. ChainReader.Find(_ml, transformer, data: null).Select(place => place.Encoder.Model)];
    }
}
