using System.Globalization;

namespace EntropyElbo.Training;

/// <summary>Courses of the weights of an ELBO's parts over the epochs, counted from 0 (V section 3.3, App. D.4).</summary>
public enum EntropyAnnealingKind
{
    /// <summary>No weights.</summary>
    None,

    /// <summary>The prior's: <c>gamma = max(1, 2 (5 - i))</c>, that is 10, 8, 6, 4, 2, 1.</summary>
    Prior,

    /// <summary>The likelihood's: <c>delta = 1 / max(1, 7 - i)</c>, that is 1/7, 1/6 ... 1/2, 1.</summary>
    Likelihood,

    /// <summary>Both the same, as those of <see cref="Likelihood"/>: the encoder's entropy at a falling temperature.</summary>
    Tempering,

    /// <summary>The prior's, slowly: <c>gamma = max(1, 2 - 0.1 i)</c>, V's course for amortised learning.</summary>
    Amortised,

    /// <summary>As <see cref="EntropyAnnealing.PriorWeights"/> and <see cref="EntropyAnnealing.LikelihoodWeights"/> say.</summary>
    Custom,
}

/// <summary>
/// Entropy annealing: training climbs <c>H[q] + gamma E log p(z) + delta E log p(x|z)</c>, whose weights end at 1. At stationary
/// points the last two terms are minus weighted entropies (V eq. 15). Reports always show the un-weighted ELBO.
/// </summary>
/// <remarks>
/// With gamma above 1 and a prior whose scales are learned the objective has no upper bound: a collapsed latent gains by shrinking
/// for ever. While it is weighted so, no scale falls below a hundredth of its start. With a standard normal prior gamma changes the
/// unit of the codes and nothing else, so it is refused.
/// </remarks>
public sealed record EntropyAnnealing
{
    private const int PriorSteps = 5;
    private const int LikelihoodSteps = 6;
    private const int AmortisedSteps = 10;

    /// <summary>The course of the weights.</summary>
    public EntropyAnnealingKind Kind { get; init; } = EntropyAnnealingKind.None;

    /// <summary>Epochs that each value lasts; at least 1.</summary>
    public int EpochsPerValue { get; init; } = 1;

    /// <summary>Values of gamma of a custom course, the last 1; empty for 1 throughout.</summary>
    public IReadOnlyList<double> PriorWeights { get; init; } = [];

    /// <summary>Values of delta of a custom course, the last 1; empty for 1 throughout.</summary>
    public IReadOnlyList<double> LikelihoodWeights { get; init; } = [];

    /// <summary>Whether gamma is ever another than 1.</summary>
    internal bool WeighsPriorAlone => Kind is EntropyAnnealingKind.Prior or EntropyAnnealingKind.Amortised
        || (Kind == EntropyAnnealingKind.Custom && PriorWeights.Any(w => w != 1));

    /// <summary>The first epoch from which the weights are 1.</summary>
    internal int SettledEpoch => (int)Math.Min(int.MaxValue, (long)EpochsPerValue * Kind switch
    {
        EntropyAnnealingKind.Prior => PriorSteps,
        EntropyAnnealingKind.Likelihood or EntropyAnnealingKind.Tempering => LikelihoodSteps,
        EntropyAnnealingKind.Amortised => AmortisedSteps,
        EntropyAnnealingKind.Custom => Math.Max(0, Math.Max(PriorWeights.Count, LikelihoodWeights.Count) - 1),
        _ => 0,
    });

    /// <summary>The weights in an epoch.</summary>
    /// <param name="epoch">Zero-based epoch.</param>
    /// <returns>gamma and delta.</returns>
    public (double Prior, double Likelihood) At(int epoch)
    {
        int i = epoch / EpochsPerValue;
        double likelihood = 1.0 / Math.Max(1, LikelihoodSteps + 1 - i);
        return Kind switch
        {
            EntropyAnnealingKind.Prior => (Math.Max(1, 2.0 * (PriorSteps - i)), 1),
            EntropyAnnealingKind.Likelihood => (1, likelihood),
            EntropyAnnealingKind.Tempering => (likelihood, likelihood),
            EntropyAnnealingKind.Amortised => (i < AmortisedSteps ? 2 - (0.1 * i) : 1, 1),
            EntropyAnnealingKind.Custom => (Of(PriorWeights, i), Of(LikelihoodWeights, i)),
            _ => (1, 1),
        };
    }

    /// <summary>Values separated by commas, as a setting has them.</summary>
    internal static string Text(IEnumerable<double> weights) =>
        string.Join(',', weights.Select(w => w.ToString("R", CultureInfo.InvariantCulture)));

    /// <summary>The values of such a text.</summary>
    /// <exception cref="BadOptionException">It is none.</exception>
    internal static double[] Parse(string name, string text)
    {
        string[] parts = text.Split(',');
        double[] weights = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out weights[i]))
            {
                throw new BadOptionException(name, $"'{name}' is '{text}'; it must be numbers separated by commas, such as 4,2,1.");
            }
        }

        return weights;
    }

    /// <summary>Throws where weights do not end at 1 or are no weights.</summary>
    /// <exception cref="BadOptionException">The message names the option.</exception>
    internal void Validate()
    {
        foreach ((string name, IReadOnlyList<double> weights) in ((string, IReadOnlyList<double>)[])[("prior-weights", PriorWeights), ("likelihood-weights", LikelihoodWeights)])
        {
            if (weights.Count > 0 && (weights[^1] != 1 || weights.Any(w => !double.IsFinite(w) || w <= 0)))
            {
                throw new BadOptionException(
                    name, $"'{name}' is {Text(weights)}; weights are above 0 and end at 1, where the ELBO is trained as it is.");
            }
        }

        if (Kind == EntropyAnnealingKind.Custom && PriorWeights.Count + LikelihoodWeights.Count == 0)
        {
            throw new BadOptionException(
                "entropy-annealing", "A custom course of weights needs 'prior-weights' or 'likelihood-weights', such as 4,2,1.");
        }
    }

    private static double Of(IReadOnlyList<double> weights, int i) => i < weights.Count ? weights[i] : 1;
}
