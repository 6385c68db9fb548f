using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>Entry to the library from an MLContext.</summary>
public static class MLContextExtensions
{
    /// <summary>Estimators of latent-variable models, their evaluation and selection.</summary>
    /// <param name="mlContext">The context; its seed, log, GPU settings and cancellation are honoured.</param>
    public static LatentVariablesCatalog LatentVariables(this MLContext mlContext) => new(mlContext);
}
