using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>Fits factor analysis: as probabilistic PCA, with a noise variance for each column.</summary>
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
public sealed class FactorAnalysisEstimator : LatentEstimator
{
    private readonly Options _options;

    internal FactorAnalysisEstimator(MLContext ml, Options options)
        : base(ml, options)
    {
        _options = (Options)BaseOptions;
        RequireValidOptions();
    }

    /// <inheritdoc/>
    public override string Family => "factor-analysis";

    private protected override ITrainer FamilyTrainer()
    {
        FactorAnalysisOptions options = new() { Latents = _options.Latents };
        return new FactorAnalysisTrainer(options with
        {
            Scaling = _options.Scaling ?? options.Scaling,
            Optimizer = _options.Optimizer,
            Iterations = _options.Iterations,
            InitialNoiseShare = _options.InitialNoiseShare,
            StationarityTolerance = _options.StationarityTolerance,
            VarianceFloor = _options.VarianceFloor,
        });
    }

    /// <summary>Options of factor analysis.</summary>
    public sealed class Options : LatentOptions
    {
        /// <summary>The optimiser.</summary>
        public FactorAnalysisOptimizer Optimizer { get; set; } = FactorAnalysisOptimizer.Newton;

        /// <summary>Iterations at most.</summary>
        public int Iterations { get; set; } = FactorAnalysisOptions.DefaultIterations;

        /// <summary>Noise variances at the start, as a share of the columns' variances; another start may find a better optimum.</summary>
        public double InitialNoiseShare { get; set; } = FactorAnalysisOptions.DefaultInitialNoiseShare;

        /// <summary>Share of the ELBO below which changes and residuals count as none; 0 trains to the limit.</summary>
        public double StationarityTolerance { get; set; } = FactorAnalysisOptions.DefaultStationarityTolerance;

        /// <summary>Least noise variance of a column, as a share of its variance.</summary>
        public double VarianceFloor { get; set; } = FactorAnalysisOptions.DefaultVarianceFloor;
    }
}
