namespace EntropyElbo.Streaming;

/// <summary>How a stream is learnt by probabilistic PCA.</summary>
public sealed record StreamingPcaOptions : StreamOptions
{
    /// <summary>The most latents that are compared; 0 takes D - 1, at most 64.</summary>
    public int MaxLatents { get; init; }

    /// <summary>
    /// Counts <c>H D + 1</c> parameters as D App. A does, where the library counts all that are free:
    /// <c>D + D H - H (H - 1) / 2 + 1</c>.
    /// </summary>
    public bool CountAsPaper { get; init; }

    internal override void Validate(int columns)
    {
        base.Validate(columns);
        if (MaxLatents < 0 || MaxLatents >= columns)
        {
            throw new BadOptionException(
                nameof(MaxLatents),
                $"At most {MaxLatents} latents of {columns} columns; it must be below the columns, or 0 for as many as possible.");
        }
    }
}
