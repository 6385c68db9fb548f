namespace EntropyElbo.Cli.Host;

/// <summary>What is written of every row beside its code.</summary>
internal sealed record RowColumns
{
    public const string ScoreName = "score";
    public const string LogLikelihoodName = "log_likelihood";
    public const string ReconstructionPrefix = "reconstruction_";

    /// <summary>Importance samples of a likelihood without closed form.</summary>
    public const int DefaultImportanceSamples = 1000;

    public bool Score { get; init; }

    public bool LogLikelihood { get; init; }

    public bool Reconstruction { get; init; }

    /// <summary>Samples per row, or null for the defaults.</summary>
    public int? Samples { get; init; }

    public ulong Seed { get; init; }

    /// <summary>The names of the columns, in their order.</summary>
    public IEnumerable<string> Names(IEnumerable<string> columns) =>
    [
        .. Score ? [ScoreName] : Array.Empty<string>(),
        .. LogLikelihood ? [LogLikelihoodName] : Array.Empty<string>(),
        .. Reconstruction ? columns.Select(name => ReconstructionPrefix + name) : [],
    ];
}
