namespace EntropyElbo.Cli.Host;

/// <summary>What is written of every row beside its code.</summary>
internal sealed record RowColumns
{
    public const string ScoreName = "score";
    public const string LogLikelihoodName = "log_likelihood";
    public const string ReconstructionPrefix = "reconstruction_";

    public const string ScorePrefix = "score_";
    public const string KlPrefix = "kl_";
    public const string EntropyPrefix = "entropy_";

    /// <summary>Importance samples of a likelihood without closed form.</summary>
    public const int DefaultImportanceSamples = 1000;

    public bool Score { get; init; }

    public bool LogLikelihood { get; init; }

    public bool Reconstruction { get; init; }

    /// <summary>What the score is made of: columns, then KL and encoder entropies by latents.</summary>
    public bool Explain { get; init; }

    /// <summary>Samples per row, or null for the defaults.</summary>
    public int? Samples { get; init; }

    public ulong Seed { get; init; }

    /// <summary>The names of the columns, in their order.</summary>
    /// <param name="columns">Names of the model's columns.</param>
    /// <param name="latentTerms">Parts of its KL divergence.</param>
    public IEnumerable<string> Names(IReadOnlyList<string> columns, int latentTerms) =>
    [
        .. Score ? [ScoreName] : Array.Empty<string>(),
        .. LogLikelihood ? [LogLikelihoodName] : Array.Empty<string>(),
        .. Reconstruction ? columns.Select(name => ReconstructionPrefix + name) : [],
        .. Explain ? columns.Select(name => ScorePrefix + name) : [],
        .. Explain ? Enumerable.Range(1, latentTerms).Select(part => KlPrefix + part) : [],
        .. Explain ? Enumerable.Range(1, latentTerms).Select(part => EntropyPrefix + part) : [],
    ];
}
