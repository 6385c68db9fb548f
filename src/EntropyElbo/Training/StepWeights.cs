namespace EntropyElbo.Training;

/// <summary>
/// Weights in the objective of an update, <c>H[q] Entropy + E log p(z) Prior + E log p(x|z)</c>: relative to the likelihood's,
/// since a factor on all three changes nothing for Adam. A weighted KL divergence has one for both.
/// </summary>
/// <param name="Prior">Of the expected log prior.</param>
/// <param name="Entropy">Of the encoder's entropy.</param>
internal readonly record struct StepWeights(double Prior, double Entropy)
{
    /// <summary>Weights of a weighted KL divergence.</summary>
    public static implicit operator StepWeights(double klWeight) => new(klWeight, klWeight);
}
