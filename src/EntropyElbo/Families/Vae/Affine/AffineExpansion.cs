namespace EntropyElbo.Families.Vae.Affine;

/// <summary>
/// Where, and with which curvature, the log partition F of a column is taken to second order, so that the affine decoder has a
/// closed form. All are exact for Gaussian columns.
/// </summary>
public enum AffineExpansion
{
    /// <summary>
    /// At the output whose mean is the column's, with the curvature there: p-PCA of Pearson residuals
    /// <c>(x - mean) / sqrt(F'')</c>. An approximation, neither an upper nor a lower bound, and near for columns far from the
    /// middle of their range, where <see cref="AtZero"/> is not. Gamma columns, whose residuals are <c>(x - mean) / mean</c>, and
    /// Poisson ones that spread more than their model have the curvature of the secant between mean and rows, so that no value is
    /// above the likelihood of rows fitted exactly.
    /// </summary>
    AtMeans,

    /// <summary>
    /// At 0, as in S: a lower bound for Bernoulli, binomial and continuous Bernoulli columns, whose curvature is greatest there; an
    /// approximation for Poisson ones, which can exceed any likelihood; not defined for gamma ones.
    /// </summary>
    AtZero,

    /// <summary>
    /// At the output whose mean is the column's, with the greatest curvature that there is (Boehning 1992; 1/4 a trial): a lower
    /// bound, above that of <see cref="AtZero"/>. For Bernoulli, binomial and continuous Bernoulli columns.
    /// </summary>
    BoundAtMeans,
}
