using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <content>Ranges, and candidates drawn at random.</content>
public sealed partial record SettingsGrid
{
    /// <summary>Draws of a search at random that names no number of trials.</summary>
    public const int DefaultDraws = 20;

    /// <summary>Draws in a row that only repeat others, after which all are taken to be drawn.</summary>
    private const int MostRepeats = 1000;

    /// <summary>
    /// Candidates drawn at random, no two alike: a family, then a value of each of its settings, or a number from its range. More
    /// draws begin with the same ones.
    /// </summary>
    /// <param name="count">Number of candidates; fewer are returned where there are fewer.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="BadOptionException">There is no such family, or no family given has a setting that is given.</exception>
    public IReadOnlyList<SelectionCandidate> Draws(int count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ModelFamily[] families = Known();
        RequireKnown(families);
        Dictionary<string, SelectionCandidate> drawn = new(StringComparer.Ordinal);
        for (int draw = 0, repeats = 0; drawn.Count < Math.Min(count, MaxCandidates) && repeats < MostRepeats; draw++)
        {
            SelectionCandidate candidate = Draw(families, new RandomStream(seed, RandomPurpose.Search, (ulong)draw));
            repeats = drawn.TryAdd(candidate.ToString(), candidate) ? 0 : repeats + 1;
        }

        return [.. drawn.Values];
    }

    /// <summary>The candidates that a selection tries.</summary>
    internal IReadOnlyList<SelectionCandidate> Candidates(SelectionOptions options) =>
        options.Search == SelectionSearch.Random || (options.Search == SelectionSearch.Halving && options.MaxTrials is not null)
            ? Draws(options.MaxTrials ?? DefaultDraws, options.Seed)
            : Candidates();

    /// <summary>The settings that have one value.</summary>
    internal FitSettings Fixed => _lists.Where(l => l.Value.Count == 1 && l.Value[0] is not SettingRange)
        .Aggregate(Common, (settings, list) => settings.With(list.Key, list.Value[0]));

    private SelectionCandidate Draw(ModelFamily[] families, RandomStream random)
    {
        ModelFamily family = families[Math.Min((int)(random.NextUniform() * families.Length), families.Length - 1)];
        SettingsGrid grid = ForLatentsOf(family);
        FitSettings settings = grid.Common;
        foreach (Setting setting in family.Settings.Where(s => grid._lists.ContainsKey(s.Name)))
        {
            IReadOnlyList<object> values = grid._lists[setting.Name];
            double place = random.NextUniform(), within = random.NextUniform();
            object value = values[Math.Min((int)(place * values.Count), values.Count - 1)];
            if (family.Takes(setting.Name, settings))
            {
                settings = settings.With(setting.Name, value is SettingRange range ? Checked(setting, range).At(within) : value);
            }
        }

        return SelectionCandidate.Of(family.Name, family.Only(settings));
    }

    /// <summary>The values of a list, with ranges of whole numbers written out.</summary>
    private IEnumerable<object> Values(ModelFamily family, string name) => _lists[name].SelectMany(value =>
    {
        if (value is not SettingRange range)
        {
            return [value];
        }

        Setting setting = family.Setting(name);
        RangeDimension dimension = Checked(setting, range);
        return setting.Kind != SettingKind.Whole
            ? throw new BadOptionException(
                name, $"'{name}' is the range {range}, from which a grid cannot take all values; list some, or draw at random.")
            : range.Max - range.Min >= MaxCandidates
            ? throw new BadOptionException(name, $"The range {range} of '{name}' has more than {MaxCandidates} values; draw at random.")
            : Enumerable.Range((int)dimension.Min, (int)(dimension.Max - dimension.Min) + 1).Cast<object>();
    });

    private static RangeDimension Checked(Setting setting, SettingRange range)
    {
        bool isNumber = setting.Kind is SettingKind.Whole or SettingKind.Real;
        bool isWhole = setting.Kind == SettingKind.Whole;
        bool fits = range.Min <= range.Max && double.IsFinite(range.Min) && double.IsFinite(range.Max)
            && (!isWhole || (range is { Min: >= int.MinValue, Max: <= int.MaxValue } && range.Min % 1 == 0 && range.Max % 1 == 0));
        return isNumber && fits ? range.Dimension(setting.Name, isWhole) : throw new BadOptionException(
            setting.Name, $"'{setting.Name}' is the range {range}; it must be {setting.Type.Noun}..{setting.Type.Noun}, the lesser first.");
    }

    private ModelFamily[] Known()
    {
        ModelFamily[] families = [.. Families.Select(ModelFamilies.Find)];
        return families.Length > 0 ? families : throw new BadOptionException(
            "model", $"There is no model to select from; the families are {string.Join(", ", ModelFamilies.All.Select(f => f.Name))}.");
    }

    private void RequireKnown(ModelFamily[] families)
    {
        foreach (string name in _lists.Keys.Concat(Common.Values.Keys).Where(n => n is not (SettingNames.Seed or SettingNames.Latents)))
        {
            if (families.All(f => f.Find(name) is null))
            {
                throw new BadOptionException(name, Unused(families, name));
            }
        }
    }
}
