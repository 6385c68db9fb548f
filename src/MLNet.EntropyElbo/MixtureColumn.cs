namespace MLNet.EntropyElbo;

/// <summary>A column of a mixed table, and the family of its components.</summary>
/// <param name="Name">
/// The column: a number, truth value, text or key, or a vector of numbers of known size. Texts and keys are categorical.
/// </param>
/// <param name="Family">
/// Component family (<c>categorical</c>, <c>gaussian-full</c>, <c>gaussian-diagonal</c>, <c>bernoulli</c>, <c>poisson</c>, ...).
/// All columns of one family stand together, so that those of <c>gaussian-full</c> share a covariance.
/// </param>
public sealed record MixtureColumn(string Name, string Family);
