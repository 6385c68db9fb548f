using System.Text.Json.Serialization;
using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SigmoidBeliefNet;

/// <summary>How the posterior of a row's latents is represented.</summary>
public enum BeliefPosterior
{
    /// <summary>Exact up to <see cref="SigmoidBeliefNetOptions.AutomaticExactLatents"/> latents in all, truncated above.</summary>
    Automatic,

    /// <summary>All 2^H states of the latents.</summary>
    Exact,

    /// <summary>
    /// The best states found for each row (truncated posteriors: Lücke and Eggert 2010; searched by evolution as in Drefs,
    /// Guiraud and Lücke 2022): a lower bound that never falls while training.
    /// </summary>
    Truncated,
}

/// <summary>Options of shallow and deep sigmoid belief nets.</summary>
public sealed record SigmoidBeliefNetOptions
{
    /// <summary>Latents in all up to which <see cref="BeliefPosterior.Automatic"/> is exact: 4096 states.</summary>
    public const int AutomaticExactLatents = 12;

    /// <summary>Most latents in all of exact posteriors: 65,536 states.</summary>
    public const int MaxExactLatents = 16;

    /// <summary>Most latents in all.</summary>
    public const int MaxLatents = 512;

    /// <summary>Most states per row.</summary>
    public const int MaxStates = 65_536;

    /// <summary>Default of <see cref="States"/> (chosen here).</summary>
    public const int DefaultStates = 32;

    /// <summary>Newton steps that take every M-step to the precision of the arithmetic.</summary>
    public const int ExactNewtonSteps = 100;

    /// <summary>Default of <see cref="NewtonSteps"/> with truncated posteriors (chosen here).</summary>
    public const int TruncatedNewtonSteps = 3;

    /// <summary>Default of <see cref="Iterations"/> (chosen here).</summary>
    public const int DefaultIterations = 200;

    /// <summary>Default of <see cref="StationarityTolerance"/> (chosen here).</summary>
    public const double DefaultStationarityTolerance = 1e-5;

    /// <summary>Number of latents of the layer nearest to the data, H_1 (H of a shallow net); at least 1.</summary>
    public required int Latents { get; init; }

    /// <summary>Sizes of the deeper layers, H_2 to H_L, the one next to the data's first; empty for a shallow net.</summary>
    public IReadOnlyList<int> DeeperLayers { get; init; } = [];

    /// <summary>How posteriors are represented.</summary>
    public BeliefPosterior Posterior { get; init; } = BeliefPosterior.Automatic;

    /// <summary>States kept per row, S, by truncated posteriors; all states where there are fewer.</summary>
    public int States { get; init; } = DefaultStates;

    /// <summary>
    /// Newton steps of an M-step at most; null for <see cref="ExactNewtonSteps"/> with exact posteriors, where an M-step then is
    /// exact, and <see cref="TruncatedNewtonSteps"/> with truncated ones, where q moves on before exactness pays (generalised EM:
    /// the ELBO still never falls, and residuals vanish as training converges).
    /// </summary>
    public int? NewtonSteps { get; init; }

    /// <summary>Iterations of EM at most.</summary>
    public int Iterations { get; init; } = DefaultIterations;

    /// <summary>
    /// Training is stationary when the ELBO has risen by less than this share of its size in the last
    /// <see cref="SigmoidBeliefNetFit.Window"/> iterations; 0 for never.
    /// </summary>
    public double StationarityTolerance { get; init; } = DefaultStationarityTolerance;

    /// <summary>
    /// A net of the same layers on the same columns whose parameters are the first; null for random weights. Rows of truncated
    /// posteriors search their states anew, in <see cref="SigmoidBeliefNetFit.FirstRounds"/> rounds.
    /// </summary>
    [JsonIgnore]
    public SigmoidBeliefNetModel? From { get; init; }

    /// <summary>Seed of the initial weights and of the search for states.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Must be <see cref="ScalingKind.None"/>: the rows are zeros and ones.</summary>
    public ScalingKind Scaling { get; init; } = ScalingKind.None;

    /// <summary>Sizes of all layers, nearest to the data first.</summary>
    internal int[] Sizes => [Latents, .. DeeperLayers];

    /// <summary>Whether posteriors are exact with these options.</summary>
    internal bool IsExact => Posterior == BeliefPosterior.Exact
        || (Posterior == BeliefPosterior.Automatic && Sizes.Sum() <= AutomaticExactLatents);

    /// <summary>Newton steps of an M-step at most.</summary>
    internal int NewtonStepsAtMost => NewtonSteps ?? (IsExact ? ExactNewtonSteps : TruncatedNewtonSteps);

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate()
    {
        SigmoidBeliefNetFamily.Settings.Check(this);
        int total = Sizes.Sum();
        BadOptionException.ThrowUnless(
            total <= MaxLatents,
            SettingNames.Hidden,
            $"There are {total} latents in all layers together; there may be at most {MaxLatents}.");
        BadOptionException.ThrowUnless(
            Posterior != BeliefPosterior.Exact || total <= MaxExactLatents,
            "posterior",
            $"There are {total} latents in all; exact posteriors take at most {MaxExactLatents}, so use truncated ones.");
        BadOptionException.ThrowUnless(
            Scaling == ScalingKind.None,
            SettingNames.Scale,
            $"A sigmoid belief net takes rows of zeros and ones as they are, not scaled by {Scaling}; use the scaling 'none'.");
        ModelStart.RequireFamily(From, SigmoidBeliefNetFamily.NameOf(Sizes.Length));
        ModelStart.RequireSame(From, SettingNames.Latents, From?.Layers[0], Latents);
        ModelStart.RequireSame(From, SettingNames.Hidden, From?.Layers.Skip(1).ToArray(), DeeperLayers);
    }
}

/// <summary>The options as the text that checkpoints compare: the serialiser's own defaults, by generated code.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(SigmoidBeliefNetOptions))]
internal sealed partial class SigmoidBeliefNetOptionsJson : JsonSerializerContext;
