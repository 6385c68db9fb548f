namespace EntropyElbo.Streaming;

/// <summary>What a stream's learner says at one point. All values are nats per row unless named otherwise.</summary>
public sealed record StreamReading
{
    /// <summary>Rows seen so far.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows that the memory amounts to now, <c>N_eff</c>.</summary>
    public required double EffectiveRows { get; init; }

    /// <summary>
    /// The number of latents with the least BIC, from 0 (no direction stands out) up; of factor analysis the number given, of a
    /// mixture the components that have at least half a row of those remembered.
    /// </summary>
    public required int Latents { get; init; }

    /// <summary>
    /// Mean ELBO of the rows since the last reading, each under the model as it was before it came; NaN where there was no model
    /// yet.
    /// </summary>
    public required double Elbo { get; init; }

    /// <summary>
    /// The entropy sum of the model, from its parameters (and, for mixtures, the mean entropy of the responsibilities) alone: near a
    /// stationary point the mean log-likelihood of the rows remembered. For probabilistic PCA with the recommended number of latents
    /// <c>-1/2 sum_{h at most H} log l_h - (D-H)/2 log sigma_H^2 - D/2 log(2 pi e)</c> (D Cor. 1 at the maximum-likelihood solution).
    /// </summary>
    public required double EntropySum { get; init; }

    /// <summary>
    /// The noise variance, in squared units of the columns: for the recommended number of latents; the geometric mean of factor
    /// analysis; NaN of a mixture, which has none.
    /// </summary>
    public required double NoiseVariance { get; init; }

    /// <summary>Entropy sums for 0, 1, 2, ... latents; one where the number is given.</summary>
    public required IReadOnlyList<double> EntropySums { get; init; }

    /// <summary>
    /// Bayesian information criterion for 0, 1, 2, ... latents (one where the number is given), <c>-2 N_eff L + P log N_eff</c>, nats
    /// of all rows remembered; lower is better.
    /// </summary>
    public required IReadOnlyList<double> Bic { get; init; }

    /// <summary>
    /// The row at which a change was found since the last reading (the last of the block that gave the alarm), or null; the latest
    /// where there were several.
    /// </summary>
    public required long? ChangedAt { get; init; }

    /// <summary>Changes found since the last reading.</summary>
    public int Changes { get; init; }

    /// <summary>Whether a variance is at its floor: the rows vary in fewer directions than there are columns.</summary>
    public required bool IsFloored { get; init; }
}
