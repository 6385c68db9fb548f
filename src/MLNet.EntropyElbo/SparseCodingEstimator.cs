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

    private protected override ITrainer FamilyTrainer()
    {
        SparseCodingOptions options = new() { Latents = _options.Latents };
        return new SparseCodingTrainer(options with
        {
            Scaling = _options.Scaling ?? options.Scaling,
            Covariance = _options.Covariance,
            Optimizer = _options.Optimizer,
            ScaleStart = _options.ScaleStart,
            Centre = _options.Centre,
            Rank = _options.Rank,
            Learning = _options.Learning,
            Encoding = _options.Encoding,
            LearningRate = _options.LearningRate,
            Restarts = _options.Restarts,
            BatchSize = _options.BatchSize,
            BatchStep = _options.BatchStep,
            StationarityTolerance = _options.StationarityTolerance,
            InnerTolerance = _options.InnerTolerance,
            EncodingTolerance = _options.EncodingTolerance,
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

        /// <summary>The optimiser on all rows.</summary>
        public SparseCodingOptimizer Optimizer { get; set; } = SparseCodingOptimizer.LBfgs;

        /// <summary>One scale for all latents until the ELBO hardly rises, or one each from the start; not for EM.</summary>
        public ScaleStart ScaleStart { get; set; } = ScaleStart.Shared;

        /// <summary>Whether the columns' mean is learned; else it is 0, as for whitened images.</summary>
        public bool Centre { get; set; } = true;

        /// <summary>What a minibatch does to the parameters.</summary>
        public SparseCodingStep BatchStep { get; set; } = SparseCodingStep.Online;

        /// <summary>Share of the ELBO below which changes and residuals count as none; 0 trains to the limit.</summary>
        public double StationarityTolerance { get; set; } = SparseCodingOptions.DefaultStationarityTolerance;

        /// <summary>Nats below which a rise of a row's bound ends its E-step in training.</summary>
        public double InnerTolerance { get; set; } = SparseCodingOptions.DefaultInnerTolerance;

        /// <summary>The same where the model encodes and evaluates rows; part of the model.</summary>
        public double EncodingTolerance { get; set; } = SparseCodingOptions.DefaultEncodingTolerance;

        /// <summary>Columns of V in low-rank covariances, <c>V V' + diag d</c>.</summary>
        public int Rank { get; set; } = SparseCodingOptions.DefaultRank;

        /// <summary>Whether codes are found by E-steps, or by a network that learns with the fields.</summary>
        public SparseCodingLearning Learning { get; set; } = SparseCodingLearning.ESteps;

        /// <summary>How a model that has learned with a network encodes rows; part of the model.</summary>
        public SparseCodingEncoding Encoding { get; set; } = SparseCodingEncoding.Network;

        /// <summary>Learning rate of Adam, of network and fields, where a network learns.</summary>
        public double LearningRate { get; set; } = SparseCodingOptions.DefaultLearningRate;

        /// <summary>Starting points, each trained to its end on all rows; the one of the highest ELBO is kept.</summary>
        public int Restarts { get; set; } = 1;

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
