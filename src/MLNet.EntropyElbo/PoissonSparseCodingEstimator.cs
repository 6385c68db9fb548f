using EntropyElbo;
using EntropyElbo.Data;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>
/// Fits sparse coding of counts: a dictionary of log-rates whose amounts in a row are few, with a normal posterior of the amounts
/// for every row.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ###  Estimator Characteristics
/// |  |  |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Known-sized vector of counts |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Exportable to ONNX | No |
/// ]]></format>
/// </remarks>
public sealed class PoissonSparseCodingEstimator : LatentEstimator
{
    private readonly Options _options;

    internal PoissonSparseCodingEstimator(MLContext ml, Options options)
        : base(ml, options)
    {
        _options = (Options)BaseOptions;
        if (_options.Scaling is { } scaling and not ScalingKind.None)
        {
            throw new BadOptionException(
                nameof(LatentOptions.Scaling), $"Scaling is {scaling}; counts are taken as they are: leave it out, or say None.");
        }

        RequireValidOptions();
    }

    /// <inheritdoc/>
    public override string Family => PoissonSparseCodingFamily.Name;

    private protected override ITrainer FamilyTrainer() => new PoissonSparseCodingTrainer(new PoissonSparseCodingOptions
    {
        Latents = _options.Latents,
        Covariance = _options.Covariance,
        ScaleStart = _options.ScaleStart,
        Restarts = _options.Restarts,
        Iterations = _options.Iterations,
        StationarityTolerance = _options.StationarityTolerance,
        InnerTolerance = _options.InnerTolerance,
        EncodingTolerance = _options.EncodingTolerance,
        Seed = Seed,
    });

    /// <summary>Options of sparse coding of counts.</summary>
    public sealed class Options : LatentOptions
    {
        /// <summary>Covariances of the rows' posteriors; not those of low rank.</summary>
        public SparseCovariance Covariance { get; set; } = SparseCovariance.Automatic;

        /// <summary>One scale for all latents until the ELBO hardly rises, or one each from the start.</summary>
        public ScaleStart ScaleStart { get; set; } = ScaleStart.Shared;

        /// <summary>Starting points, each trained to its end; the one of the highest ELBO is kept.</summary>
        public int Restarts { get; set; } = 1;

        /// <summary>Iterations of a start at most; null for the family's own.</summary>
        public int? Iterations { get; set; }

        /// <summary>Share of the ELBO below which changes and residuals count as none; 0 trains to the limit.</summary>
        public double StationarityTolerance { get; set; } = SparseCodingOptions.DefaultStationarityTolerance;

        /// <summary>Nats below which a rise of a row's bound ends its E-step in training.</summary>
        public double InnerTolerance { get; set; } = SparseCodingOptions.DefaultInnerTolerance;

        /// <summary>The same where the model encodes and evaluates rows; part of the model.</summary>
        public double EncodingTolerance { get; set; } = SparseCodingOptions.DefaultEncodingTolerance;
    }
}
