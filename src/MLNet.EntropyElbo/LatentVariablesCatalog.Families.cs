using EntropyElbo.Models.GaussianVae;
using EntropyElbo.Training;

namespace MLNet.EntropyElbo;

/// <content>One pair of methods a family: the common arguments, and all options.</content>
public sealed partial class LatentVariablesCatalog
{
    /// <summary>A Gaussian VAE with a learned decoder variance (VAE-1).</summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents, H.</param>
    /// <param name="hidden">Hidden layer sizes of the encoder, from the rows inward; null for the family's own.</param>
    /// <param name="epochs">Epochs at most; null for the family's own.</param>
    /// <param name="learningRate">Learning rate of Adam.</param>
    public GaussianVaeEstimator GaussianVae(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = 8,
        IReadOnlyList<int>? hidden = null,
        int? epochs = null,
        double learningRate = MinibatchOptions.DefaultLearningRate) => GaussianVae(new GaussianVaeEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            Latents = latents,
            Hidden = hidden,
            Epochs = epochs,
            LearningRate = learningRate,
        });

    /// <summary>A Gaussian VAE with a learned decoder variance (VAE-1), with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public GaussianVaeEstimator GaussianVae(GaussianVaeEstimator.Options options) => new(_ml, options);

    /// <summary>A Gaussian VAE with a fixed decoder variance (VAE-0).</summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents, H.</param>
    /// <param name="fixedVariance">The decoder variance, in squared units of the scaled columns.</param>
    /// <param name="hidden">Hidden layer sizes of the encoder, from the rows inward; null for the family's own.</param>
    /// <param name="epochs">Epochs at most; null for the family's own.</param>
    public FixedVarianceVaeEstimator FixedVarianceVae(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = 8,
        double fixedVariance = GaussianVaeOptions.DefaultFixedVariance,
        IReadOnlyList<int>? hidden = null,
        int? epochs = null) => FixedVarianceVae(new FixedVarianceVaeEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            Latents = latents,
            FixedVariance = fixedVariance,
            Hidden = hidden,
            Epochs = epochs,
        });

    /// <summary>A Gaussian VAE with a fixed decoder variance (VAE-0), with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public FixedVarianceVaeEstimator FixedVarianceVae(FixedVarianceVaeEstimator.Options options) => new(_ml, options);

    /// <summary>Probabilistic PCA, in closed form.</summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents, H, below the number of columns.</param>
    public ProbabilisticPcaEstimator ProbabilisticPca(string outputColumnName, string? inputColumnName = null, int latents = 8) =>
        ProbabilisticPca(new ProbabilisticPcaEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            Latents = latents,
        });

    /// <summary>Probabilistic PCA, in closed form, with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public ProbabilisticPcaEstimator ProbabilisticPca(ProbabilisticPcaEstimator.Options options) => new(_ml, options);

    /// <summary>A linear VAE, trained on its closed-form ELBO.</summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents, H, below the number of columns.</param>
    /// <param name="iterations">Iterations at most; null for the family's own.</param>
    public LinearVaeEstimator LinearVae(
        string outputColumnName, string? inputColumnName = null, int latents = 8, int? iterations = null) =>
        LinearVae(new LinearVaeEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            Latents = latents,
            Iterations = iterations,
        });

    /// <summary>A linear VAE, trained on its closed-form ELBO, with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public LinearVaeEstimator LinearVae(LinearVaeEstimator.Options options) => new(_ml, options);

    /// <summary>Factor analysis: as probabilistic PCA, with a noise variance for each column.</summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents (factors), H, below the number of columns.</param>
    public FactorAnalysisEstimator FactorAnalysis(string outputColumnName, string? inputColumnName = null, int latents = 8) =>
        FactorAnalysis(new FactorAnalysisEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            Latents = latents,
        });

    /// <summary>Factor analysis, with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public FactorAnalysisEstimator FactorAnalysis(FactorAnalysisEstimator.Options options) => new(_ml, options);

    /// <summary>A mixture of exponential families, by EM.</summary>
    /// <param name="outputColumnName">Column that takes the responsibilities; the most likely component goes to the same name with "Component".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="components">Number of components, K.</param>
    /// <param name="componentFamily">Family of the components, for example <c>gaussian-full</c> or <c>bernoulli</c>.</param>
    public MixtureEstimator Mixture(
        string outputColumnName,
        string? inputColumnName = null,
        int components = 8,
        string componentFamily = MixtureEstimator.Options.DefaultComponentFamily) => Mixture(new MixtureEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            Latents = components,
            ComponentFamily = componentFamily,
        });

    /// <summary>A mixture of exponential families, by EM, with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public MixtureEstimator Mixture(MixtureEstimator.Options options) => new(_ml, options);
}
