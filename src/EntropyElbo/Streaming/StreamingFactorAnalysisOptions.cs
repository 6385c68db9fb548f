namespace EntropyElbo.Streaming;

/// <summary>How a stream is learnt by factor analysis.</summary>
public sealed record StreamingFactorAnalysisOptions : StreamOptions
{
    /// <summary>Default of <see cref="Steps"/> (chosen here).</summary>
    public const int DefaultSteps = 5;

    /// <summary>Number of latents (factors), H; at least 1 and at most D - 1.</summary>
    public required int Latents { get; init; }

    /// <summary>EM steps on the moments remembered whenever the model is made anew, a tenth of the memory apart; 1 to 10,000.</summary>
    public int Steps { get; init; } = DefaultSteps;

    internal override void Validate(int columns)
    {
        base.Validate(columns);
        BadOptionException.ThrowUnless(
            Latents >= 1 && Latents < columns,
            nameof(Latents),
            $"There are {Latents} latents for {columns} columns; there must be at least 1, and fewer latents than columns.");
        BadOptionException.ThrowUnless(
            Steps is >= 1 and <= 10_000, nameof(Steps), $"There are {Steps} EM steps for every new model; it must be 1 to 10000.");
    }
}
