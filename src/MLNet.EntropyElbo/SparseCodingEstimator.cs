using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>
/// Fits sparse coding: a dictionary of fields whose amounts in a row are few, with a normal posterior of the amounts for every row.
/// </summary>
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
public sealed class SparseCodingEstimator : LatentEstimator
{
    private readonly Options _options;

    internal SparseCodingEstimator(MLContext ml, Options options)
        : base(ml, options)
    {
        _options = (Options)BaseOptions;
        RequireValidOptions();
    }

    /// <inheritdoc/>
    public override string Family => "sparse-coding";

    internal override ITrainer CreateTrainer()
    {
        SparseCodingOptions options = new() { Latents = _options.Latents };
        return new SparseCodingTrainer(options with
        {
            Scaling = _options.Scaling ?? options.Scaling,
            Covariance = _options.Covariance,
            Rank = _options.Rank,
            Learning = _options.Learning,
            BatchSize = _options.BatchSize,
            Annealing = AnnealingSchedule.Parse(_options.Annealing),
            Iterations = _options.Iterations,
            VarianceFloor = _options.VarianceFloor,
            Seed = Seed,
        });
    }

    /// <summary>Options of sparse coding.</summary>
    public sealed class Options : LatentOptions
    {
        /// <summary>Covariances of the rows' posteriors.</summary>
        public SparseCovariance Covariance { get; set; } = SparseCovariance.Automatic;

        /// <summary>Columns of V in low-rank covariances, <c>V V' + diag d</c>.</summary>
        public int Rank { get; set; } = SparseCodingOptions.DefaultRank;

        /// <summary>Whether codes are found by E-steps, or by a network that learns with the fields.</summary>
        public SparseCodingLearning Learning { get; set; } = SparseCodingLearning.ESteps;

        /// <summary>Rows of a minibatch; null to work on all rows at once, or on the family's own batches where a network learns.</summary>
        public int? BatchSize { get; set; }

        /// <summary>
        /// Weights of the entropies in the first epochs on minibatches: none, prior, likelihood or tempering, or one of these with
        /// a list that ends at 1, as in <c>prior:4,2,1</c>.
        /// </summary>
        public string Annealing { get; set; } = "none";

        /// <summary>Iterations at most, on minibatches epochs; null for the family's own.</summary>
        public int? Iterations { get; set; }

        /// <summary>Least noise variance, as a share of the columns' mean variance.</summary>
        public double VarianceFloor { get; set; } = SparseCodingOptions.DefaultVarianceFloor;
    }
}
