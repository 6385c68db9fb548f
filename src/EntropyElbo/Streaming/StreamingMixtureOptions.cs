using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;

namespace EntropyElbo.Streaming;

/// <summary>How a stream is learnt by a mixture of Gaussians.</summary>
public sealed record StreamingMixtureOptions : StreamOptions
{
    /// <summary>Rows that the mixture begins from by default (chosen here), or the memory where that is less.</summary>
    public const int DefaultStartRows = 2_000;

    /// <summary>
    /// Families of the components, Gaussian ones: <c>gaussian-full</c>, <c>gaussian-tied</c>, <c>gaussian-diagonal</c>,
    /// <c>gaussian-spherical</c>, or one per range of columns.
    /// </summary>
    public required string Components { get; init; }

    /// <summary>Number of components, K; at least 1.</summary>
    public required int Count { get; init; }

    /// <summary>
    /// Rows that the mixture is begun from: they are kept until there are as many, and fitted by EM from several starts. Centre and
    /// variance floors are taken from them once and for all. 0 takes <see cref="DefaultStartRows"/>, or the memory where that is less.
    /// </summary>
    public int StartRows { get; init; }

    /// <summary>Seed of the starting points.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>A mixture of the same family, size and columns, without scaling, to begin with; null to begin from the first rows.</summary>
    public MixtureModel? Start { get; init; }

    internal int RowsOfStart => StartRows > 0 ? StartRows : (int)Math.Max(2, Math.Min(DefaultStartRows, Memory));

    internal override void Validate(int columns)
    {
        base.Validate(columns);
        MixtureSpecification specification = MixtureSpecification.Parse(Components);
        specification.Resolve(columns);
        BadOptionException.ThrowUnless(
            specification.IsGaussian,
            nameof(Components),
            $"The stream's components are {Components}; a stream takes Gaussian ones: gaussian-full, gaussian-tied, gaussian-diagonal or gaussian-spherical.");
        BadOptionException.ThrowUnless(
            Count >= 1 && Count <= 100_000, nameof(Count), $"The stream's mixture has {Count} components; it must be 1 to 100000.");
        BadOptionException.ThrowUnless(
            StartRows == 0 || StartRows is >= 2 and <= 10_000_000,
            nameof(StartRows),
            $"The mixture begins from {StartRows} rows; it must be 2 to 10000000, or 0 for {DefaultStartRows}.");
        BadOptionException.ThrowUnless(
            Start is not null || RowsOfStart >= Count,
            nameof(StartRows),
            $"The mixture of {Count} components begins from {RowsOfStart} rows; there must be as many rows as components.");
        BadOptionException.ThrowUnless(
            Start is null || (Start.Family == specification.Name && Start.LatentDimension == Count && Start.ObservedDimension == columns
                && Start.Scaling.Kind == Data.ScalingKind.None),
            nameof(Start),
            $"The start is a {Start?.Family} of {Start?.LatentDimension} components on {Start?.ObservedDimension} columns; the stream is a {specification.Name} of {Count} on {columns}, without scaling.");
    }
}
