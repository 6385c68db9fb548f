using EntropyElbo;
using EntropyElbo.Catalog;
using EntropyElbo.Selection;
using EntropyElbo.Training;
using Microsoft.ML;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo;

/// <summary>Trains any family by its name, with its settings by theirs.</summary>
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
public sealed class LatentModelEstimator : LatentEstimator
{
    private readonly Options _options;
    private readonly ModelFamily _family;

    internal LatentModelEstimator(MLContext ml, Options options)
        : base(ml, options)
    {
        _options = (Options)BaseOptions;
        _family = ModelFamilies.Find(_options.Family);
        RequireValidOptions();
    }

    /// <inheritdoc/>
    public override string Family => _options.Family;

    private protected override ITrainer FamilyTrainer() => _family.CreateTrainer(FamilySettings);

    internal override IReadOnlyList<KeyValuePair<string, string>> Settings =>
    [
        .. SelectionCandidate.Texts(_family, FamilySettings),
        .. _options.From is { } model ? (KeyValuePair<string, string>[])[new(nameof(LatentOptions.From), OptionRanges.Text(model))] : [],
    ];

    /// <summary>The settings; <see cref="LatentOptions.Latents"/> are the components of families that have those.</summary>
    private FitSettings FamilySettings
    {
        get
        {
            FitSettings settings = _options.Settings with
            {
                Seed = Seed,
                Scaling = _options.Scaling ?? _options.Settings.Scaling,
            };
            return settings.Latents is not null || settings.Components is not null
                ? settings
                : settings.With(_family.LatentSetting.Name, _options.Latents);
        }
    }

    /// <summary>Options of any family.</summary>
    public sealed class Options : LatentOptions
    {
        /// <summary>The tool's name of the family, for example <c>vae-1</c> or <c>mixture:gaussian-full</c>.</summary>
        public string Family { get; set; } = "vae-1";

        /// <summary>
        /// Settings of the family by name (<see cref="ModelFamily.Settings"/>); number of latents and seed may be left to the
        /// properties of this class.
        /// </summary>
        public FitSettings Settings { get; set; } = new();

        /// <summary>Column that takes the most likely component, a key; for mixtures. Null for none.</summary>
        public string? ComponentColumnName { get; set; }

        /// <summary>
        /// Column that takes the distances to the components, for <c>ml.Clustering.Evaluate</c>; for mixtures. Null for none.
        /// </summary>
        public string? ScoreColumnName { get; set; }

        internal override OutputColumns Outputs => base.Outputs with { Component = ComponentColumnName, Distances = ScoreColumnName };
    }
}
