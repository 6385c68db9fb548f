using System.Globalization;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// Which entropies of the objective H[q] - gamma H[p(z)] - delta H[p(x|z)] have another weight in the first epochs (V eq. 17).
/// </summary>
public enum AnnealingKind
{
    /// <summary>None: gamma = delta = 1 throughout.</summary>
    None,

    /// <summary>Prior annealing: gamma, from above 1.</summary>
    Prior,

    /// <summary>Likelihood annealing: delta, from below 1; what is elsewhere called beta-annealing, with beta = 1 / delta.</summary>
    Likelihood,

    /// <summary>Tempering: gamma = delta.</summary>
    Tempering,
}

/// <summary>A schedule of weights, one an epoch, of which the last stays.</summary>
public sealed record AnnealingSchedule
{
    /// <summary>Most epochs of a schedule.</summary>
    private const int MaxEpochs = 1000;

    /// <summary>Greatest weight, and one over the least.</summary>
    private const double MostWeight = 100;

    private static readonly Dictionary<AnnealingKind, double[]> Defaults = new()
    {
        [AnnealingKind.None] = [1],
        [AnnealingKind.Prior] = [10, 8, 6, 4, 2, 1], // V App. D.4.
        [AnnealingKind.Likelihood] = [1.0 / 7, 1.0 / 6, 1.0 / 5, 1.0 / 4, 1.0 / 3, 1.0 / 2, 1], // V App. D.4.
        [AnnealingKind.Tempering] = [10, 8, 6, 4, 2, 1],
    };

    /// <summary>V's weights of the prior's entropy in amortised learning, <c>max(1, 2 - 0.1 i)</c>.</summary>
    private static readonly double[] AmortisedPrior = [2, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 1];

    /// <summary>No annealing.</summary>
    public static AnnealingSchedule None { get; } = new();

    /// <summary>What is weighted.</summary>
    public AnnealingKind Kind { get; init; } = AnnealingKind.None;

    /// <summary>The weights of the epochs, the last of them 1; null for V's own.</summary>
    public IReadOnlyList<double>? Weights { get; init; }

    /// <summary>The schedule of amortised learning: V has another there for the prior, which is taken where no weights are given.</summary>
    internal AnnealingSchedule Amortised =>
        this is { Kind: AnnealingKind.Prior, Weights: null } ? this with { Weights = AmortisedPrior } : this;

    /// <summary>Epochs until the weights are 1.</summary>
    internal int Epochs => Values.Count - 1;

    private IReadOnlyList<double> Values => Weights ?? Defaults[Kind];

    /// <summary>
    /// Reads a schedule: <c>none</c>, <c>prior</c>, <c>likelihood</c> or <c>tempering</c>, the last three alone or with weights, as
    /// in <c>prior:4,2,1</c>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <exception cref="BadOptionException">It is no schedule, or one that does not end at 1.</exception>
    public static AnnealingSchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':');
        AnnealingKind? kind = parts[0] switch
        {
            "none" => AnnealingKind.None,
            "prior" => AnnealingKind.Prior,
            "likelihood" => AnnealingKind.Likelihood,
            "tempering" => AnnealingKind.Tempering,
            _ => null,
        };
        if (kind is null || parts.Length > 2 || (kind == AnnealingKind.None && parts.Length == 2))
        {
            throw new BadOptionException(
                "annealing", $"'{text}' is no annealing; use none, prior, likelihood or tempering, the last three with weights of the "
                    + $"epochs if you like: prior:4,2,1.");
        }

        AnnealingSchedule schedule = new() { Kind = kind.Value, Weights = parts.Length == 2 ? Numbers(text, parts[1]) : null };
        schedule.Validate();
        return schedule;
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        string name = Kind.ToString().ToLowerInvariant();
        return Weights is null ? name : $"{name}:{string.Join(',', Weights.Select(w => w.ToString("R", CultureInfo.InvariantCulture)))}";
    }

    /// <summary>Throws where a weight is out of range, or the last is not 1.</summary>
    internal void Validate()
    {
        if (!Enum.IsDefined(Kind) || Values.Count is 0 or > MaxEpochs || Values.Any(w => !(w is >= 1 / MostWeight and <= MostWeight)))
        {
            throw new BadOptionException(
                "annealing", $"The annealing needs 1 to {MaxEpochs} weights between {1 / MostWeight} and {MostWeight}, one an epoch.");
        }

        if (Values[^1] != 1)
        {
            throw new BadOptionException(
                "annealing", FormattableString.Invariant(
                    $"The annealing ends at the weight {Values[^1]}; it must end at 1, or what is learned is no maximum of the ELBO."));
        }
    }

    /// <summary>gamma and delta of an epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    internal (double Prior, double Noise) At(int epoch)
    {
        double weight = Values[Math.Min(epoch, Values.Count - 1)];
        return (Kind == AnnealingKind.Likelihood ? 1 : weight, Kind == AnnealingKind.Prior ? 1 : weight);
    }

    private static double[] Numbers(string text, string list) => [.. list.Split(',').Select(part =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double weight)
            ? weight
            : throw new BadOptionException("annealing", $"'{part}' in the annealing '{text}' is not a number."))];
}
