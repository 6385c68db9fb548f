using EntropyElbo.Numerics;

namespace EntropyElbo.Selection;

/// <summary>One option that is searched over: a range of numbers or a list of values.</summary>
/// <param name="Name">The option.</param>
public abstract record SearchDimension(string Name)
{
    /// <summary>The value at a place of the unit interval.</summary>
    internal abstract object At(double place);

    /// <summary>Evenly spread values, at most as many as asked for.</summary>
    internal abstract IReadOnlyList<object> Spread(int points);
}

/// <summary>A range of numbers, both ends included.</summary>
/// <param name="Name">The option.</param>
/// <param name="Min">Least value.</param>
/// <param name="Max">Largest value.</param>
/// <param name="IsWhole">Whether values are whole numbers (given as <see cref="int"/>, else as <see cref="double"/>).</param>
/// <param name="IsLogarithmic">Whether factors matter, not differences; the least value is then above 0.</param>
public sealed record RangeDimension(string Name, double Min, double Max, bool IsWhole, bool IsLogarithmic) : SearchDimension(Name)
{
    internal override object At(double place)
    {
        if (!IsWhole)
        {
            return Math.Clamp(Continuous(place, Min, Max), Min, Max);
        }

        // Each whole number has its own share of the range, half a unit to both sides.
        double value = Continuous(place, Min - 0.5, Max + 0.5);
        return (int)Math.Clamp(Math.Round(value), Min, Max);
    }

    internal override IReadOnlyList<object> Spread(int points)
    {
        if (points == 1)
        {
            return [IsWhole ? (int)Math.Round(Continuous(0.5, Min, Max)) : Continuous(0.5, Min, Max)];
        }

        IEnumerable<double> values = Enumerable.Range(0, points).Select(
            i => Math.Clamp(Continuous(i / (points - 1.0), Min, Max), Min, Max));
        return IsWhole ? [.. values.Select(v => (int)Math.Round(v)).Distinct().Cast<object>()] : [.. values.Distinct().Cast<object>()];
    }

    private double Continuous(double place, double low, double high) => IsLogarithmic
        ? Math.Exp(Math.Log(low) + (place * (Math.Log(high) - Math.Log(low))))
        : low + (place * (high - low));
}

/// <summary>A list of values.</summary>
/// <param name="Name">The option.</param>
/// <param name="Values">The values; at least one.</param>
public sealed record ChoiceDimension(string Name, IReadOnlyList<object> Values) : SearchDimension(Name)
{
    internal override object At(double place) => Values[Math.Min((int)(place * Values.Count), Values.Count - 1)];

    internal override IReadOnlyList<object> Spread(int points) => Values;
}

/// <summary>Options that are searched over together.</summary>
public sealed class SearchSpace
{
    /// <summary>Makes a space.</summary>
    /// <param name="dimensions">The options, each once.</param>
    /// <exception cref="BadOptionException">A range is empty or cannot be logarithmic, a list is empty, or a name comes twice.</exception>
    public SearchSpace(IReadOnlyList<SearchDimension> dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (SearchDimension dimension in dimensions)
        {
            bool valid = dimension switch
            {
                RangeDimension r => r.Min <= r.Max && double.IsFinite(r.Min) && double.IsFinite(r.Max)
                    && (!r.IsLogarithmic || r.Min > (r.IsWhole ? 0.5 : 0)),
                ChoiceDimension c => c.Values.Count > 0,
                _ => false,
            };
            if (!valid || !names.Add(dimension.Name))
            {
                throw new BadOptionException(
                    dimension.Name, $"The search over '{dimension.Name}' is empty, impossible or given twice: {dimension}.");
            }
        }

        Dimensions = [.. dimensions];
    }

    /// <summary>The options.</summary>
    public IReadOnlyList<SearchDimension> Dimensions { get; }

    /// <summary>Values drawn at random, uniform in each range (or in its logarithm).</summary>
    /// <param name="seed">Seed of the search.</param>
    /// <param name="trial">Number of the draw; a draw does not depend on the others.</param>
    public IReadOnlyDictionary<string, object> Sample(ulong seed, int trial)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trial);
        RandomStream random = new(seed, RandomPurpose.Search, (ulong)trial);
        return Dimensions.ToDictionary(d => d.Name, d => d.At(random.NextUniform()));
    }

    /// <summary>All combinations of evenly spread values.</summary>
    /// <param name="points">Values of each range at most; lists are taken whole.</param>
    /// <exception cref="BadOptionException">There are more than <see cref="SettingsGrid.MaxCandidates"/>.</exception>
    public IReadOnlyList<IReadOnlyDictionary<string, object>> Grid(int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 1);
        List<Dictionary<string, object>> all = [[]];
        foreach (SearchDimension dimension in Dimensions)
        {
            IReadOnlyList<object> values = dimension.Spread(points);
            if ((long)all.Count * values.Count > SettingsGrid.MaxCandidates)
            {
                throw new BadOptionException(
                    "grid", $"The grid has more than {SettingsGrid.MaxCandidates} combinations; take fewer points, or draw at random.");
            }

            all = [.. all.SelectMany(known => values.Select(value => new Dictionary<string, object>(known) { [dimension.Name] = value }))];
        }

        return all;
    }
}
