using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>Fits probabilistic PCA in closed form (Tipping and Bishop 1999).</summary>
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
public sealed class ProbabilisticPcaEstimator : LatentEstimator
{
    private readonly Options _options;

    internal ProbabilisticPcaEstimator(MLContext ml, Options options)
        : base(ml, options)
    {
        _options = (Options)BaseOptions;
        RequireValidOptions();
    }

    /// <inheritdoc/>
    public override string Family => "ppca";

    private protected override ITrainer FamilyTrainer()
    {
        ProbabilisticPcaOptions options = new() { Latents = _options.Latents };
        return new ProbabilisticPcaTrainer(options with
        {
            Scaling = _options.Scaling ?? options.Scaling,
            VarianceFloor = _options.VarianceFloor,
        });
    }

    /// <summary>Options of probabilistic PCA.</summary>
    public sealed class Options : LatentOptions
    {
        /// <summary>Least noise variance, as a share of the mean variance of the scaled columns.</summary>
        public double VarianceFloor { get; set; } = ProbabilisticPcaOptions.DefaultVarianceFloor;
    }
}
