using EntropyElbo.Catalog;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>One model to try: a family with its settings.</summary>
/// <param name="Family">The tool's name of the family, for example <c>vae-1</c>.</param>
/// <param name="Settings">What distinguishes it, by name, as text for reports.</param>
/// <param name="CreateTrainer">Makes its trainer; a <see cref="BadOptionException"/> makes the trial fail, not the selection.</param>
public sealed record SelectionCandidate(
    string Family, IReadOnlyList<KeyValuePair<string, string>> Settings, Func<ITrainer> CreateTrainer)
{
    /// <summary>The settings common to the families that it was made from, or null.</summary>
    public FitSettings? FitSettings { get; init; }

    /// <summary>Seed of its fits, so that a study tells candidates apart that differ in nothing else.</summary>
    internal ulong Seed { get; init; }

    /// <summary>Chooses what computes its fits; a <see cref="BadOptionException"/> makes the trial fail, not the selection.</summary>
    public Func<ComputeEngine> Engine { get; init; } = () => ComputeEngine.Cpu;

    /// <summary>A candidate of a family by name, with settings common to the families.</summary>
    /// <exception cref="BadOptionException">There is no such family.</exception>
    public static SelectionCandidate Of(string family, FitSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ModelFamily found = ModelFamilies.Find(family);
        return new SelectionCandidate(family, Texts(found, settings), () => found.CreateTrainer(settings))
        {
            FitSettings = settings,
            Seed = settings.Seed,
        };
    }

    /// <summary>The settings that are given, in words; all candidates have one seed in common.</summary>
    internal static IReadOnlyList<KeyValuePair<string, string>> Texts(ModelFamily family, FitSettings settings) =>
        [.. family.InOrder(settings).Where(v => v.Key != SettingNames.Seed).Select(v => KeyValuePair.Create(v.Key, Setting.Text(v.Value)))];

    /// <summary>Family and settings in one line.</summary>
    public override string ToString() =>
        Settings.Count == 0 ? Family : $"{Family} ({string.Join(", ", Settings.Select(s => $"{s.Key} {s.Value}"))})";
}
