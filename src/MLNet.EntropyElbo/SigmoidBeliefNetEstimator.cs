using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>Trains a shallow or deep sigmoid belief net on rows of zeros and ones, by EM with exact or truncated posteriors.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ###  Estimator Characteristics
/// |  |  |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Known-sized vector of numbers, each 0 or 1 |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Exportable to ONNX | No |
/// ]]></format>
/// </remarks>
public sealed class SigmoidBeliefNetEstimator : LatentEstimator
{
    private readonly Options _options;

    internal SigmoidBeliefNetEstimator(MLContext ml, Options options)
        : base(ml, options)
    {
        _options = (Options)BaseOptions;
        RequireValidOptions();
    }

    /// <inheritdoc/>
    public override string Family => _options.DeeperLayers is { Count: > 0 } ? SigmoidBeliefNetFamily.Deep : SigmoidBeliefNetFamily.Shallow;

    private protected override ITrainer FamilyTrainer()
    {
        SigmoidBeliefNetOptions options = new() { Latents = _options.Latents };
        return new SigmoidBeliefNetTrainer(options with
        {
            DeeperLayers = _options.DeeperLayers ?? [],
            Scaling = _options.Scaling ?? options.Scaling,
            Posterior = _options.Posterior,
            States = _options.States,
            NewtonSteps = _options.NewtonSteps,
            Iterations = _options.Iterations,
            StationarityTolerance = _options.StationarityTolerance,
            Seed = Seed,
        });
    }

    /// <summary>Options of sigmoid belief nets; <see cref="LatentOptions.Latents"/> is the size of the layer nearest to the data.</summary>
    public sealed class Options : LatentOptions
    {
        /// <summary>
        /// Sizes of the deeper layers, the one next to the data's first; null or empty for a shallow net. The codes are the latents
        /// of all layers.
        /// </summary>
        public IReadOnlyList<int>? DeeperLayers { get; set; }

        /// <summary>How posteriors are represented.</summary>
        public BeliefPosterior Posterior { get; set; } = BeliefPosterior.Automatic;

        /// <summary>States kept per row by truncated posteriors.</summary>
        public int States { get; set; } = SigmoidBeliefNetOptions.DefaultStates;

        /// <summary>Newton steps of an M-step at most; null for the family's own.</summary>
        public int? NewtonSteps { get; set; }

        /// <summary>Iterations of EM at most.</summary>
        public int Iterations { get; set; } = SigmoidBeliefNetOptions.DefaultIterations;

        /// <summary>Share of the ELBO below which changes and residuals count as none; 0 trains to the limit.</summary>
        public double StationarityTolerance { get; set; } = SigmoidBeliefNetOptions.DefaultStationarityTolerance;
    }
}
