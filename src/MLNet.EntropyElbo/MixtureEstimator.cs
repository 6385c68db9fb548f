using EntropyElbo.Families.Mixture;
using EntropyElbo.Training;
using Microsoft.ML;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo;

/// <summary>
/// Fits a mixture of exponential families by EM. The output column takes the responsibilities, the component column the
/// most likely component as a key.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ###  Estimator Characteristics
/// |  |  |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Known-sized vector of numbers |
/// | Output column data type | Known-sized vector of <xref:System.Single>, and a key |
/// | Exportable to ONNX | No |
/// ]]></format>
/// </remarks>
public sealed class MixtureEstimator : LatentEstimator
{
    private readonly Options _options;

    internal MixtureEstimator(MLContext ml, Options options)
        : base(ml, options)
    {
        _options = (Options)BaseOptions;
        RequireValidOptions();
    }

    /// <inheritdoc/>
    public override string Family => $"mixture:{_options.ComponentFamily}";

    private protected override ITrainer FamilyTrainer()
    {
        MixtureOptions options = new() { Family = _options.ComponentFamily, Components = _options.Latents };
        return new MixtureTrainer(options with
        {
            Scaling = _options.Scaling ?? options.Scaling,
            Iterations = _options.Iterations,
            Restarts = _options.Restarts,
            Smoothing = _options.Smoothing,
            BatchSize = _options.BatchSize,
            KeptComponents = _options.KeptComponents,
            StationarityTolerance = _options.StationarityTolerance,
            VarianceFloor = _options.VarianceFloor,
            Seed = Seed,
        });
    }

    /// <summary>Options of a mixture; <see cref="LatentOptions.Latents"/> is the number of components.</summary>
    public sealed class Options : LatentOptions
    {
        /// <summary>Default of <see cref="ComponentFamily"/>.</summary>
        public const string DefaultComponentFamily = "gaussian-full";

        /// <summary>
        /// What is added to <see cref="LatentOptions.OutputColumnName"/> for the default of <see cref="ComponentColumnName"/>.
        /// </summary>
        public const string ComponentSuffix = "Component";

        /// <summary>
        /// Family of the components, one for all columns (<c>gaussian-full</c>, <c>gaussian-diagonal</c>,
        /// <c>bernoulli</c>, <c>poisson</c>, ...) or one per range of columns (<c>gaussian-diagonal@1-3,poisson@4-6</c>).
        /// </summary>
        public string ComponentFamily { get; set; } = DefaultComponentFamily;

        /// <summary>
        /// Column that takes the most likely component, a key; null for the output column's name with
        /// <see cref="ComponentSuffix"/>, empty for none.
        /// </summary>
        public string? ComponentColumnName { get; set; }

        /// <summary>
        /// Column that takes the distances to the components, minus the logarithms of the responsibilities: K slots, at least 0,
        /// the least for the nearest; null for none. It is what <c>ml.Clustering.Evaluate</c> takes for its <c>scoreColumnName</c>;
        /// the responsibilities themselves are not.
        /// </summary>
        public string? ScoreColumnName { get; set; }

        /// <summary>Iterations at most.</summary>
        public int Iterations { get; set; } = MixtureOptions.DefaultIterations;

        /// <summary>Starting points, of which the best after a few iterations goes on; null for the family's own.</summary>
        public int? Restarts { get; set; }

        /// <summary>
        /// Pseudo-counts of every value of a Bernoulli, binomial, Poisson or categorical column in every component, 0 or more;
        /// above 0 no value of such a column is impossible. Null for 0, and for 1 where <c>Select</c> holds rows out.
        /// </summary>
        public double? Smoothing { get; set; }

        /// <summary>Rows per update of online EM; null for EM over all rows.</summary>
        public int? BatchSize { get; set; }

        /// <summary>Components kept per row in the E-step; null for all.</summary>
        public int? KeptComponents { get; set; }

        /// <summary>Share of the ELBO below which changes and residuals count as none; 0 trains to the limit.</summary>
        public double StationarityTolerance { get; set; } = MixtureOptions.DefaultStationarityTolerance;

        /// <summary>Least variance, as a share of the column's variance.</summary>
        public double VarianceFloor { get; set; } = MixtureOptions.DefaultVarianceFloor;

        internal override int? MostLatents(int columns, int? rows) => rows;

        internal override OutputColumns Outputs => base.Outputs with
        {
            Component = ComponentColumnName switch { null => OutputColumnName + ComponentSuffix, "" => null, _ => ComponentColumnName },
            Distances = ScoreColumnName,
        };
    }
}
