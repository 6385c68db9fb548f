using System.Globalization;
using EntropyElbo.Distributions;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// The observable distribution p(x|z) of a VAE, an exponential dispersion family whose natural parameter is the output of
/// the decoder (S Definition 1, Table 1, eq. 9).
/// </summary>
public sealed record ObservableLikelihood
{
    /// <summary>Most trials of a binomial distribution.</summary>
    public const int MaxTrials = 1_000_000;

    private ObservableLikelihood(string name, ExponentialFamily? family, int trials)
    {
        Name = name;
        Family = family;
        Trials = trials;
    }

    /// <summary>Normal distributions; their variance is the VAE's own.</summary>
    public static ObservableLikelihood Gaussian { get; } = new("gaussian", null, 0);

    /// <summary>Columns of 0 and 1.</summary>
    public static ObservableLikelihood Bernoulli { get; } = new("bernoulli", new Bernoulli(), 1);

    /// <summary>Counts without a limit. The encoder sees log(1 + x).</summary>
    public static ObservableLikelihood Poisson { get; } = new("poisson", new Poisson(), 0);

    /// <summary>The tool's name: <c>gaussian</c>, <c>bernoulli</c>, <c>binomial:N</c> or <c>poisson</c>.</summary>
    public string Name { get; }

    /// <summary>Number of trials of a binomial distribution; 1 for Bernoulli, 0 for others.</summary>
    public int Trials { get; }

    /// <summary>
    /// rho of a linearly canonical activation <c>m(t) = F'(rho t)</c> (S eq. 10): 1 for the canonical one, 2 for tanh/2 + 1/2 with
    /// Bernoulli columns. Above 0. The models are the same; training sees another scale of the decoder's outputs.
    /// </summary>
    public double ActivationFactor { get; init; } = 1;

    /// <summary>Whether this is the normal distribution.</summary>
    public bool IsGaussian => Family is null;

    /// <summary>The distribution of one column; null for the normal one.</summary>
    internal ExponentialFamily? Family { get; }

    /// <summary>
    /// Whether the encoder sees log(1 + x): counts without a limit have tails that would take a network far out of the range it
    /// was trained on, where the exponential of the decoder does harm.
    /// </summary>
    internal bool HasLogarithmicInput => !IsGaussian && Trials == 0;

    /// <summary>Counts up to a limit.</summary>
    /// <param name="trials">The limit, n; 1 to 1,000,000.</param>
    /// <exception cref="BadOptionException"><paramref name="trials"/> is out of range.</exception>
    public static ObservableLikelihood Binomial(int trials) => trials is >= 1 and <= MaxTrials
        ? new(string.Create(CultureInfo.InvariantCulture, $"binomial:{trials}"), new Binomial(trials), trials)
        : throw new BadOptionException("likelihood", $"The number of trials is {trials}; it must be between 1 and 1,000,000.");

    /// <summary>The likelihood of that name.</summary>
    /// <exception cref="BadOptionException">There is none; the message lists the names.</exception>
    public static ObservableLikelihood Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name switch
        {
            "gaussian" => Gaussian,
            "bernoulli" => Bernoulli,
            "poisson" => Poisson,
            _ when name.StartsWith("binomial:", StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(9), NumberStyles.None, CultureInfo.InvariantCulture, out int trials) => Binomial(trials),
            _ => throw new BadOptionException(
                "likelihood", $"There is no likelihood '{name}'; the choice is gaussian, bernoulli, binomial:N (N the number of trials) or poisson."),
        };
    }

    /// <summary>Records are equal when name and activation are.</summary>
    /// <param name="other">Another likelihood.</param>
    public bool Equals(ObservableLikelihood? other) =>
        other is not null && Name == other.Name && ActivationFactor.Equals(other.ActivationFactor);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, ActivationFactor);
}
