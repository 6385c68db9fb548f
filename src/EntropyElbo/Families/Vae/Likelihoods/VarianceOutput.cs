namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>How the outputs r of a variance network become variances (D eq. 21, App. D.1).</summary>
public enum VarianceOutput
{
    /// <summary>
    /// <c>sigma^2 = exp(r)</c>. Its bias alone satisfies the parameterization criterion, so the ELBO equals the entropy sum at
    /// stationary points without a condition.
    /// </summary>
    Exponential,

    /// <summary><c>sigma^2 = log(1 + exp(r))</c>; the entropy sum is exact where outputs are in the linear regime.</summary>
    Softplus,

    /// <summary><c>sigma^2 = max(r, 0) + 0.0001</c>; the entropy sum is exact where outputs are in the linear regime.</summary>
    OffsetRelu,
}
