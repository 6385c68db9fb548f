using System.Globalization;
using System.Text.Json.Serialization;
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

    private ObservableLikelihood(LikelihoodKind kind, string name, ExponentialFamily? family, int trials)
    {
        Kind = kind;
        Name = name;
        Family = family;
        Trials = trials;
    }

    /// <summary>Normal distributions; their variance is the VAE's own.</summary>
    public static ObservableLikelihood Gaussian { get; } = new(LikelihoodKind.Gaussian, "gaussian", null, 0);

    /// <summary>Columns of 0 and 1.</summary>
    public static ObservableLikelihood Bernoulli { get; } = new(LikelihoodKind.Binomial, "bernoulli", new Bernoulli(), 1);

    /// <summary>Counts without a limit. The encoder sees log(1 + x).</summary>
    public static ObservableLikelihood Poisson { get; } = new(LikelihoodKind.Poisson, "poisson", new Poisson(), 0);

    /// <summary>Numbers in [0, 1], grey values of images for example, with a density (Loaiza-Ganem and Cunningham 2019).</summary>
    public static ObservableLikelihood ContinuousBernoulli { get; } =
        new(LikelihoodKind.ContinuousBernoulli, "continuous-bernoulli", new ContinuousBernoulli(), 0);

    /// <summary>
    /// Positive numbers: gamma distributions with mean <c>exp(t)</c>, t the decoder's output, and a learned dispersion, 1 over
    /// their shape: one for all columns, or one for each (<c>vae-d</c>). The encoder sees log x.
    /// </summary>
    public static ObservableLikelihood Gamma { get; } = new(LikelihoodKind.Gamma, "gamma", new Gamma(), 0);

    /// <summary>
    /// The tool's name: <c>gaussian</c>, <c>bernoulli</c>, <c>binomial:N</c>, <c>poisson</c>, <c>continuous-bernoulli</c> or <c>gamma</c>.
    /// </summary>
    public string Name { get; }

    /// <summary>Number of trials of a binomial distribution; 1 for Bernoulli, 0 for others.</summary>
    public int Trials { get; }

    /// <summary>
    /// rho of a linearly canonical activation <c>m(t) = F'(rho t)</c> (S eq. 10): 1 for the canonical one, 2 for tanh/2 + 1/2 with
    /// Bernoulli columns. Above 0. The models are the same; training sees another scale of the decoder's outputs.
    /// </summary>
    public double ActivationFactor { get; init; } = 1;

    /// <summary>
    /// Whether Bernoulli columns may hold fractions, any number from 0 to 1. The likelihood is then a quasi-likelihood: x enters
    /// its exponent linearly, so objective, gradients and entropy sum are what they are for 0 and 1, but it is no density of such
    /// rows.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AllowFractions { get; init; }

    /// <summary>Whether this is the normal distribution.</summary>
    public bool IsGaussian => Family is null;

    /// <summary>The distribution of one column; null for the normal one.</summary>
    internal ExponentialFamily? Family { get; }

    /// <summary>The kind of distribution.</summary>
    internal LikelihoodKind Kind { get; }

    /// <summary>Whether a dispersion is learned: a variance of normal columns, 1 over the shape of gamma ones.</summary>
    internal bool HasDispersion => Kind is LikelihoodKind.Gaussian or LikelihoodKind.Gamma;

    /// <summary>Whether its values are densities; else probabilities, or those of a quasi-likelihood.</summary>
    internal bool IsDensity => Kind is LikelihoodKind.Gaussian or LikelihoodKind.Gamma or LikelihoodKind.ContinuousBernoulli;

    /// <summary>
    /// What the encoder sees: counts without a limit and positive numbers have tails that would take a network far out of the range it
    /// was trained on, where the exponential of the decoder does harm.
    /// </summary>
    internal EncoderView View => Kind switch
    {
        LikelihoodKind.Poisson => EncoderView.LogOfOnePlus,
        LikelihoodKind.Gamma => EncoderView.Log,
        _ => EncoderView.Plain,
    };

    /// <summary>Counts up to a limit.</summary>
    /// <param name="trials">The limit, n; 1 to 1,000,000.</param>
    /// <exception cref="BadOptionException"><paramref name="trials"/> is out of range.</exception>
    public static ObservableLikelihood Binomial(int trials) => trials is >= 1 and <= MaxTrials
        ? new(LikelihoodKind.Binomial, string.Create(CultureInfo.InvariantCulture, $"binomial:{trials}"), new Binomial(trials), trials)
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
            "continuous-bernoulli" => ContinuousBernoulli,
            "gamma" => Gamma,
            _ when name.StartsWith("binomial:", StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(9), NumberStyles.None, CultureInfo.InvariantCulture, out int trials) => Binomial(trials),
            _ => throw new BadOptionException(
                "likelihood",
                $"There is no likelihood '{name}'; the choice is gaussian, bernoulli, binomial:N (N the number of trials), poisson, "
                    + $"continuous-bernoulli or gamma."),
        };
    }

    /// <summary>Records are equal when name, activation and what they allow are.</summary>
    /// <param name="other">Another likelihood.</param>
    public bool Equals(ObservableLikelihood? other) =>
        other is not null
            && Name == other.Name
            && ActivationFactor.Equals(other.ActivationFactor)
            && AllowFractions == other.AllowFractions;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, ActivationFactor, AllowFractions);
}
