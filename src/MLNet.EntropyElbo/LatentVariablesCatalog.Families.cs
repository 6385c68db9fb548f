using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
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
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public GaussianVaeEstimator GaussianVae(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = GaussianVaeEstimator.Options.DefaultLatents,
        IReadOnlyList<int>? hidden = null,
        int? epochs = null,
        double learningRate = MinibatchOptions.DefaultLearningRate,
        string? exampleWeightColumnName = null) => GaussianVae(new GaussianVaeEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Latents = latents,
            Hidden = hidden,
            Epochs = epochs,
            LearningRate = learningRate,
        });

    /// <summary>A Gaussian VAE with a learned decoder variance (VAE-1), with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public GaussianVaeEstimator GaussianVae(GaussianVaeEstimator.Options options) => new(_ml, options, VaeVariant.LearnedVariance);

    /// <summary>A Gaussian VAE with a fixed decoder variance (VAE-0).</summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents, H.</param>
    /// <param name="fixedVariance">The decoder variance, in squared units of the scaled columns.</param>
    /// <param name="hidden">Hidden layer sizes of the encoder, from the rows inward; null for the family's own.</param>
    /// <param name="epochs">Epochs at most; null for the family's own.</param>
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public GaussianVaeEstimator FixedVarianceVae(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = GaussianVaeEstimator.Options.DefaultLatents,
        double fixedVariance = GaussianVaeOptions.DefaultFixedVariance,
        IReadOnlyList<int>? hidden = null,
        int? epochs = null,
        string? exampleWeightColumnName = null) => FixedVarianceVae(new GaussianVaeEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Latents = latents,
            FixedVariance = fixedVariance,
            Hidden = hidden,
            Epochs = epochs,
        });

    /// <summary>A Gaussian VAE with a fixed decoder variance (VAE-0), with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public GaussianVaeEstimator FixedVarianceVae(GaussianVaeEstimator.Options options) => new(_ml, options, VaeVariant.FixedVariance);

    /// <summary>A Gaussian VAE with learned prior variances and one learned decoder variance (VAE-2).</summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents, H.</param>
    /// <param name="hidden">Hidden layer sizes of the encoder, from the rows inward; null for the family's own.</param>
    /// <param name="epochs">Epochs at most; null for the family's own.</param>
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public GaussianVaeEstimator LearnedPriorVae(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = GaussianVaeEstimator.Options.DefaultLatents,
        IReadOnlyList<int>? hidden = null,
        int? epochs = null,
        string? exampleWeightColumnName = null) =>
        LearnedPriorVae(new GaussianVaeEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Latents = latents,
            Hidden = hidden,
            Epochs = epochs,
        });

    /// <summary>A Gaussian VAE with learned prior variances and one learned decoder variance (VAE-2), with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public GaussianVaeEstimator LearnedPriorVae(GaussianVaeEstimator.Options options) => new(_ml, options, VaeVariant.LearnedPrior);

    /// <summary>A Gaussian VAE with a learned decoder variance per column (VAE-d).</summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents, H.</param>
    /// <param name="hidden">Hidden layer sizes of the encoder, from the rows inward; null for the family's own.</param>
    /// <param name="epochs">Epochs at most; null for the family's own.</param>
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public GaussianVaeEstimator VariancePerColumnVae(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = GaussianVaeEstimator.Options.DefaultLatents,
        IReadOnlyList<int>? hidden = null,
        int? epochs = null,
        string? exampleWeightColumnName = null) =>
        VariancePerColumnVae(new GaussianVaeEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Latents = latents,
            Hidden = hidden,
            Epochs = epochs,
        });

    /// <summary>A Gaussian VAE with a learned decoder variance per column (VAE-d), with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public GaussianVaeEstimator VariancePerColumnVae(GaussianVaeEstimator.Options options) =>
        new(_ml, options, VaeVariant.VariancePerColumn);

    /// <summary>A Gaussian VAE with a network for the decoder variances (VAE-3).</summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents, H.</param>
    /// <param name="hidden">Hidden layer sizes of the encoder, from the rows inward; null for the family's own.</param>
    /// <param name="epochs">Epochs at most; null for the family's own.</param>
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public GaussianVaeEstimator VarianceNetworkVae(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = GaussianVaeEstimator.Options.DefaultLatents,
        IReadOnlyList<int>? hidden = null,
        int? epochs = null,
        string? exampleWeightColumnName = null) =>
        VarianceNetworkVae(new GaussianVaeEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Latents = latents,
            Hidden = hidden,
            Epochs = epochs,
        });

    /// <summary>A Gaussian VAE with a network for the decoder variances (VAE-3), with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public GaussianVaeEstimator VarianceNetworkVae(GaussianVaeEstimator.Options options) => new(_ml, options, VaeVariant.VarianceNetwork);

    /// <summary>A Gaussian VAE with a Laplace prior of learned scales (sparse VAE).</summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents, H.</param>
    /// <param name="hidden">Hidden layer sizes of the encoder, from the rows inward; null for the family's own.</param>
    /// <param name="epochs">Epochs at most; null for the family's own.</param>
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public GaussianVaeEstimator SparseVae(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = GaussianVaeEstimator.Options.DefaultLatents,
        IReadOnlyList<int>? hidden = null,
        int? epochs = null,
        string? exampleWeightColumnName = null) =>
        SparseVae(new GaussianVaeEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Latents = latents,
            Hidden = hidden,
            Epochs = epochs,
        });

    /// <summary>A Gaussian VAE with a Laplace prior of learned scales (sparse VAE), with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public GaussianVaeEstimator SparseVae(GaussianVaeEstimator.Options options) => new(_ml, options, VaeVariant.SparsePrior);

    /// <summary>Probabilistic PCA, in closed form.</summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents, H, below the number of columns.</param>
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public ProbabilisticPcaEstimator ProbabilisticPca(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = ProbabilisticPcaEstimator.Options.DefaultLatents,
        string? exampleWeightColumnName = null) =>
        ProbabilisticPca(new ProbabilisticPcaEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
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
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public LinearVaeEstimator LinearVae(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = LinearVaeEstimator.Options.DefaultLatents,
        int? iterations = null,
        string? exampleWeightColumnName = null) =>
        LinearVae(new LinearVaeEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
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
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public FactorAnalysisEstimator FactorAnalysis(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = FactorAnalysisEstimator.Options.DefaultLatents,
        string? exampleWeightColumnName = null) =>
        FactorAnalysis(new FactorAnalysisEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Latents = latents,
        });

    /// <summary>Factor analysis, with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public FactorAnalysisEstimator FactorAnalysis(FactorAnalysisEstimator.Options options) => new(_ml, options);

    /// <summary>
    /// Sparse coding: a dictionary of fields, of which a row needs few, with Laplace latents and a normal posterior for every row.
    /// </summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents (fields), H; below, at or above the number of columns.</param>
    /// <param name="batchSize">Rows of a minibatch; null to work on all rows at once.</param>
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public SparseCodingEstimator SparseCoding(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = SparseCodingEstimator.Options.DefaultLatents,
        int? batchSize = null,
        string? exampleWeightColumnName = null) =>
        SparseCoding(new SparseCodingEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Latents = latents,
            BatchSize = batchSize,
        });

    /// <summary>Sparse coding, with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public SparseCodingEstimator SparseCoding(SparseCodingEstimator.Options options) => new(_ml, options);

    /// <summary>
    /// Sparse coding of counts: a dictionary of log-rates, of which a row needs few, with Laplace latents and a normal posterior for
    /// every row.
    /// </summary>
    /// <param name="outputColumnName">Column that takes the latent means; the variances go to the same name with "Variance".</param>
    /// <param name="inputColumnName">Column of the rows, a vector of counts; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Number of latents (fields), H; below, at or above the number of columns.</param>
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public PoissonSparseCodingEstimator PoissonSparseCoding(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = PoissonSparseCodingEstimator.Options.DefaultLatents,
        string? exampleWeightColumnName = null) =>
        PoissonSparseCoding(new PoissonSparseCodingEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Latents = latents,
        });

    /// <summary>Sparse coding of counts, with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public PoissonSparseCodingEstimator PoissonSparseCoding(PoissonSparseCodingEstimator.Options options) => new(_ml, options);

    /// <summary>A shallow or deep sigmoid belief net for rows of zeros and ones, by EM.</summary>
    /// <param name="outputColumnName">
    /// Column that takes the posterior means of all latents; the variances go to the same name with "Variance".
    /// </param>
    /// <param name="inputColumnName">Column of the rows, a vector of zeros and ones; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="latents">Latents of the layer nearest to the data.</param>
    /// <param name="deeperLayers">Sizes of the deeper layers, the one next to the data's first; null for a shallow net.</param>
    /// <param name="iterations">Iterations of EM at most.</param>
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public SigmoidBeliefNetEstimator SigmoidBeliefNet(
        string outputColumnName,
        string? inputColumnName = null,
        int latents = SigmoidBeliefNetEstimator.Options.DefaultLatents,
        IReadOnlyList<int>? deeperLayers = null,
        int iterations = SigmoidBeliefNetOptions.DefaultIterations,
        string? exampleWeightColumnName = null) => SigmoidBeliefNet(new SigmoidBeliefNetEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Latents = latents,
            DeeperLayers = deeperLayers,
            Iterations = iterations,
        });

    /// <summary>A sigmoid belief net, with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public SigmoidBeliefNetEstimator SigmoidBeliefNet(SigmoidBeliefNetEstimator.Options options) => new(_ml, options);

    /// <summary>A mixture of exponential families, by EM.</summary>
    /// <param name="outputColumnName">
    /// Column that takes the responsibilities; the most likely component goes to the same name with "Component".
    /// </param>
    /// <param name="inputColumnName">Column of the rows, a vector of numbers; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="components">Number of components, K.</param>
    /// <param name="componentFamily">Family of the components, for example <c>gaussian-full</c> or <c>bernoulli</c>.</param>
    /// <param name="exampleWeightColumnName">Column of the rows' weights; null where every row counts as one.</param>
    public MixtureEstimator Mixture(
        string outputColumnName,
        string? inputColumnName = null,
        int components = MixtureEstimator.Options.DefaultLatents,
        string componentFamily = MixtureEstimator.Options.DefaultComponentFamily,
        string? exampleWeightColumnName = null) => Mixture(new MixtureEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Latents = components,
            ComponentFamily = componentFamily,
        });

    /// <summary>A mixture of exponential families, by EM, with all options.</summary>
    /// <param name="options">The options; copied.</param>
    public MixtureEstimator Mixture(MixtureEstimator.Options options) => new(_ml, options);

    /// <summary>A mixture over the columns of a table as they are, texts and keys among them, by EM.</summary>
    /// <param name="outputColumnName">Column that takes the responsibilities.</param>
    /// <param name="columns">The columns and the families of their components.</param>
    /// <param name="components">Number of components, K.</param>
    public MixedMixtureEstimator MixedMixture(
        string outputColumnName, IReadOnlyList<MixtureColumn> columns, int components = MixtureEstimator.Options.DefaultLatents) =>
        MixedMixture(new MixtureEstimator.Options { OutputColumnName = outputColumnName, Latents = components }, columns);

    /// <summary>A mixture over the columns of a table as they are, texts and keys among them, with all options.</summary>
    /// <param name="options">The options; copied.</param>
    /// <param name="columns">The columns and the families of their components.</param>
    public MixedMixtureEstimator MixedMixture(MixtureEstimator.Options options, IReadOnlyList<MixtureColumn> columns) =>
        new(_ml, options, columns);
}
