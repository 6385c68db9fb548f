using System.Text.Json.Serialization;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Training;

namespace EntropyElbo.Families.PoissonSparseCoding;

/// <summary>Options of sparse coding of counts.</summary>
public sealed record PoissonSparseCodingOptions
{
    /// <summary>Most starting points.</summary>
    public const int MaxRestarts = 10_000;

    /// <summary>Most latents: a worker holds some 40 H^2 bytes, and a row's E-step takes the cube of H.</summary>
    public const int MaxLatents = SparseCodingOptions.MaxFullLatents;

    /// <summary>Default of <see cref="Iterations"/>: that of sparse coding.</summary>
    public const int DefaultIterations = SparseCodingOptions.DefaultIterations;

    /// <summary>Number of latents (fields of the dictionary), H; below, at or above the number of columns.</summary>
    public required int Latents { get; init; }

    /// <summary>
    /// Covariances of the rows' q. A row's E-step takes Newton steps in all H dimensions with either; full covariances also know
    /// correlations.
    /// </summary>
    public SparseCovariance Covariance { get; init; } = SparseCovariance.Automatic;

    /// <summary>Scales of the latents at the start.</summary>
    public ScaleStart ScaleStart { get; init; } = ScaleStart.Shared;

    /// <summary>
    /// Starting points, each trained to its end; the one of the highest ELBO is kept. 1 to <see cref="MaxRestarts"/>.
    /// </summary>
    public int Restarts { get; init; } = 1;

    /// <summary>Iterations at most, of every start; null for <see cref="DefaultIterations"/>.</summary>
    public int? Iterations { get; init; }

    /// <summary>
    /// Training has become stationary when the ELBO rises by less than this share of itself, or of one nat, if that is more, in a
    /// window of iterations, and both residuals are below ten times as much. 0 trains to the limit.
    /// </summary>
    public double StationarityTolerance { get; init; } = SparseCodingOptions.DefaultStationarityTolerance;

    /// <summary>A row's E-step ends in training when its bound rises by less, nats.</summary>
    public double InnerTolerance { get; init; } = SparseCodingOptions.DefaultInnerTolerance;

    /// <summary>The same where the model encodes and evaluates rows; part of the model.</summary>
    public double EncodingTolerance { get; init; } = SparseCodingOptions.DefaultEncodingTolerance;

    /// <summary>Seed of the first fields.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The limit of iterations of a start.</summary>
    internal int Limit => Iterations ?? DefaultIterations;

    /// <summary>Whether covariances are diagonal.</summary>
    internal bool IsDiagonal => Covariance == SparseCovariance.Diagonal
        || (Covariance == SparseCovariance.Automatic && Latents > SparseCodingOptions.AutomaticFullLatents);

    /// <summary>
    /// A model of the same columns whose parameters are the first, or null for random fields; with more or fewer latents if you
    /// like, and a scale for each from the start.
    /// </summary>
    [JsonIgnore]
    public PoissonSparseCodingModel? From { get; init; }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate()
    {
        PoissonSparseCodingFamily.Settings.Check(this);
        ModelStart.RequireOneStart(From, Restarts);
    }
}

/// <summary>The options as the text that checkpoints compare: the serialiser's own defaults, by generated code.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(PoissonSparseCodingOptions))]
internal sealed partial class PoissonSparseCodingOptionsJson : JsonSerializerContext;
