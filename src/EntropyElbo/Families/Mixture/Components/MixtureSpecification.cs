using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Distributions;
using EntropyElbo.Families.Mixture.Rows;
using EntropyElbo.Models;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// What a mixture's name says: one component family for all columns (<c>gaussian-full</c>), or one per column range
/// (<c>gaussian-diagonal@1-3,poisson@4-6,bernoulli@7</c>, positions from 1).
/// </summary>
internal sealed class MixtureSpecification
{
    /// <summary>What every mixture's name begins with.</summary>
    public const string Prefix = "mixture:";

    /// <summary>The component families but binomial, which needs a number.</summary>
    public static readonly string[] Families =
    [
        "gaussian-full", "gaussian-diagonal", "gaussian-spherical", "gaussian-tied",
        "gamma", "exponential", "beta", "bernoulli", "poisson", "categorical",
    ];

    private const string Option = "model";
    private const string Binomial = "binomial:";
    private const int MaximumTrials = 1_000_000_000;
    private const double TiniestVariance = 1e-280;
    private readonly (string Family, int First, int Last)[] _parts;

    private MixtureSpecification(string text, (string Family, int First, int Last)[] parts)
    {
        Text = text;
        _parts = parts;
    }

    /// <summary>The part of the name after the prefix.</summary>
    public string Text { get; }

    /// <summary>The full name.</summary>
    public string Name => Prefix + Text;

    /// <summary>Whether every column is Gaussian.</summary>
    public bool IsGaussian => Array.TrueForAll(_parts, p => p.Family.StartsWith("gaussian", StringComparison.Ordinal));

    /// <summary>Whether families are given by the places of their columns.</summary>
    public bool HasPlaces => _parts is not [(_, 1, 0)];

    /// <summary>Which columns are counts, categories or 0 and 1, with probabilities; the others have densities.</summary>
    public static bool[] Probabilities(IEnumerable<ColumnRange> ranges) =>
        [.. ranges.SelectMany(r => Enumerable.Repeat(r.Family is "bernoulli" or "poisson" or "categorical" || r.Family.StartsWith(Binomial, StringComparison.Ordinal), r.Count))];

    /// <summary>Reads a component description: the name without <see cref="Prefix"/>, or with it.</summary>
    /// <exception cref="BadOptionException">It is not one.</exception>
    public static MixtureSpecification Parse(string text)
    {
        string body = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;
        string[] words = body.Split(',');
        if (words.Length == 1 && !body.Contains('@', StringComparison.Ordinal))
        {
            return new MixtureSpecification(body, [(CheckFamily(body, body), 1, 0)]);
        }

        return new MixtureSpecification(body, [.. words.Select(w => ParsePart(w, body))]);
    }

    /// <summary>The ranges for rows of so many columns, in order of columns.</summary>
    /// <exception cref="BadOptionException">The ranges leave a column out, name one twice or one that is not there.</exception>
    public ColumnRange[] Resolve(int columns)
    {
        if (_parts is [(string only, 1, 0)])
        {
            return [new ColumnRange(only, 0, columns)];
        }

        ColumnRange[] ranges = [.. _parts.OrderBy(p => p.First).Select(p => new ColumnRange(p.Family, p.First - 1, p.Last - p.First + 1))];
        int next = 0;
        foreach (ColumnRange range in ranges)
        {
            string fault = range.Start > next
                ? $"column {next + 1} has no family"
                : range.Start < next ? $"column {range.Start + 1} has two families" : "";
            BadOptionException.ThrowUnless(fault.Length == 0, Option, $"In '{Text}' {fault}; give every column one.");
            next = range.Start + range.Count;
        }

        BadOptionException.ThrowUnless(
            next == columns, Option, $"'{Text}' speaks of {next} columns, the rows have {columns}; give every column one family.");
        return ranges;
    }

    /// <summary>The family of a range, its reference taken from facts of the training rows.</summary>
    /// <param name="range">The range.</param>
    /// <param name="facts">Facts of all columns.</param>
    /// <param name="floor">Least variance as a share of a column's variance.</param>
    /// <param name="smoothing">Pseudo-counts.</param>
    public static ColumnFamily Create(ColumnRange range, ColumnFacts facts, double floor, double smoothing)
    {
        double[] reference = Reference(range, facts, floor);
        ColumnFamily family = range.Family switch
        {
            "gamma" => new GammaFamily(range, reference, GreatestShapes(range, facts, floor)),

            // A count more, so that columns of zeros have pseudo-rows too.
            "poisson" => new PoissonFamily(
                range, Array.ConvertAll(facts.Mean[range.Start..(range.Start + range.Count)], m => m + (1.0 / facts.Weight))),
            _ => Create(range, reference),
        };
        return family.Smoothed(smoothing);
    }

    /// <summary>The family of a range with a known reference.</summary>
    public static ColumnFamily Create(ColumnRange range, double[] reference) => range.Family switch
    {
        "gaussian-full" => new GaussianFullFamily(range, reference),
        "gaussian-tied" => new GaussianTiedFamily(range, reference),
        "gaussian-diagonal" => new GaussianDiagonalFamily(range, reference, spherical: false),
        "gaussian-spherical" => new GaussianDiagonalFamily(range, reference, spherical: true),
        "gamma" => new GammaFamily(range, reference),
        "exponential" => new ExponentialColumns(range, reference),
        "beta" => new BetaFamily(range),
        "bernoulli" => new SuccessFamily(range, 1, new Bernoulli()),
        "poisson" => new PoissonFamily(range),
        "categorical" => new CategoricalFamily(range, reference),
        _ => new SuccessFamily(range, Trials(range.Family), new Binomial(Trials(range.Family))),
    };

    /// <summary>Length of a family's reference.</summary>
    public static int ReferenceLength(ColumnRange range) => range.Family switch
    {
        "gamma" or "exponential" or "categorical" => range.Count,
        _ when range.Family.StartsWith("gaussian", StringComparison.Ordinal) => 2 * range.Count,
        _ => 0,
    };

    /// <summary>What of a value is outside the support of a family, before anything is known of the rows; or null.</summary>
    public static Func<double, string?>? SupportCheck(ColumnRange range)
    {
        ExponentialFamily? family = range.Family switch
        {
            "gamma" => new Gamma(),
            "exponential" => new Exponential(),
            "beta" => new Beta(),
            "bernoulli" => new Bernoulli(),
            "poisson" => new Poisson(),
            "categorical" => new Categorical(CategoricalFamily.MaximumCategories),
            _ when range.Family.StartsWith(Binomial, StringComparison.Ordinal) => new Binomial(Trials(range.Family)),
            _ => null,
        };
        return family is null ? null : value => family.SupportViolation([value]);
    }

    private static double[] Reference(ColumnRange range, ColumnFacts facts, double floor)
    {
        Range columns = range.Start..(range.Start + range.Count);
        double[] means = facts.Mean[columns];
        return range.Family switch
        {
            "gamma" => Array.ConvertAll(facts.MeanLog[columns], Math.Exp),
            "exponential" => Array.ConvertAll(means, m => m > 0 ? 1e10 / m : 1e10),
            "categorical" => Array.ConvertAll(facts.Maximum[columns], m => Math.Max(2, m + 1)),
            _ when range.Family.StartsWith("gaussian", StringComparison.Ordinal) =>
                [.. means, .. LeastVariances(facts.Variance[columns], floor)],
            _ => [],
        };
    }

    private static double[] GreatestShapes(ColumnRange range, ColumnFacts facts, double floor) =>
        [.. Enumerable.Range(range.Start, range.Count).Select(d => GammaFamily.GreatestShape(facts.Mean[d], facts.Variance[d], floor))];

    /// <summary>A constant column has the floor of an average one.</summary>
    private static double[] LeastVariances(double[] variances, double floor) =>
        Array.ConvertAll(VarianceFloors.OfColumns(variances, floor), v => Math.Max(TiniestVariance, v));

    private static (string Family, int First, int Last) ParsePart(string word, string body)
    {
        string[] halves = word.Split('@');
        BadOptionException.ThrowUnless(
            halves.Length == 2, Option, $"'{word}' in '{body}' is not a family with its columns, as in poisson@4-6.");
        string[] ends = halves[1].Split('-');
        int first = Position(ends[0], word);
        int last = ends.Length == 2 ? Position(ends[1], word) : first;
        BadOptionException.ThrowUnless(ends.Length <= 2 && last >= first, Option, $"'{word}' has no range of columns such as 4-6.");
        return (CheckFamily(halves[0], body), first, last);
    }

    private static int Position(string text, string word)
    {
        BadOptionException.ThrowUnless(
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int position)
                && position is >= 1 and <= RowBlock.MaxColumns,
            Option,
            $"'{text}' in '{word}' is not a column's position, counted from 1.");
        return position;
    }

    private static string CheckFamily(string family, string body)
    {
        bool known = Families.Contains(family)
            || (family.StartsWith(Binomial, StringComparison.Ordinal)
                && int.TryParse(family[Binomial.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int trials)
                && trials is >= 1 and <= MaximumTrials);
        BadOptionException.ThrowUnless(
            known,
            Option,
            $"There is no component family '{family}' (in mixture:{body}); the families are {string.Join(", ", Families)} and binomial:N.");
        return family;
    }

    private static int Trials(string family) => int.Parse(family.AsSpan(Binomial.Length), NumberStyles.None, CultureInfo.InvariantCulture);
}
