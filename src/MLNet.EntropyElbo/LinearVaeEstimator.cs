using EntropyElbo.Families.LinearVae;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>Trains a linear VAE on its closed-form ELBO; its optimum is that of probabilistic PCA.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ###  Estimator Characteristics
/// |  |  |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Known-sized vector of numbers |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Exportable to ONNX | No |
/// ]]></format>
/// </remarks>
public sealed class LinearVaeEstimator : LatentEstimator
{
    private readonly Options _options;

    internal LinearVaeEstimator(MLContext ml, Options options)
        : base(ml, options)
    {
        _options = (Options)BaseOptions;
        RequireValidOptions();
    }

    /// <inheritdoc/>
    public override string Family => "linear-vae";

    private protected override ITrainer FamilyTrainer()
    {
        LinearVaeOptions options = new() { Latents = _options.Latents };
        return new LinearVaeTrainer(options with
        {
            Scaling = _options.Scaling ?? options.Scaling,
            Optimizer = _options.Optimizer,
            Iterations = _options.Iterations,
            BatchSize = _options.BatchSize,
            LearningRate = _options.LearningRate,
            Initialisation = _options.Initialisation,
            StationarityTolerance = _options.StationarityTolerance,
            VarianceFloor = _options.VarianceFloor,
            Seed = Seed,
        });
    }

    /// <summary>Options of the linear VAE.</summary>
    public sealed class Options : LatentOptions
    {
        /// <summary>The optimiser.</summary>
        public LinearVaeOptimizer Optimizer { get; set; } = LinearVaeOptimizer.LBfgs;

        /// <summary>Iterations of L-BFGS, or epochs of Adam, at most; null for the optimiser's own.</summary>
        public int? Iterations { get; set; }

        /// <summary>Rows per update of Adam.</summary>
        public int BatchSize { get; set; } = LinearVaeOptions.DefaultBatchSize;

        /// <summary>Learning rate of Adam.</summary>
        public double LearningRate { get; set; } = LinearVaeOptions.DefaultLearningRate;

        /// <summary>Where training starts; at the closed-form optimum with L-BFGS only.</summary>
        public LinearVaeInitialisation Initialisation { get; set; } = LinearVaeInitialisation.Random;

        /// <summary>Share of the ELBO below which changes and residuals count as none; 0 trains to the limit.</summary>
        public double StationarityTolerance { get; set; } = LinearVaeOptions.DefaultStationarityTolerance;

        /// <summary>Least noise variance, as a share of the mean variance of the scaled columns.</summary>
        public double VarianceFloor { get; set; } = LinearVaeOptions.DefaultVarianceFloor;
    }
}
