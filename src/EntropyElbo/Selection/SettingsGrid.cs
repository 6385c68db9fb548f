using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Networks;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>
/// Every combination of families and settings. A setting goes to the families that have it; for a family that has
/// components in place of latents, <see cref="Latents"/> are its components unless <see cref="Components"/> are given.
/// </summary>
public sealed record SettingsGrid
{
    /// <summary>Most candidates of one grid.</summary>
    public const int MaxCandidates = 10_000;

    /// <summary>Names of the families.</summary>
    public required IReadOnlyList<string> Families { get; init; }

    /// <summary>Numbers of latents; empty for the common setting.</summary>
    public IReadOnlyList<int> Latents { get; init; } = [];

    /// <summary>Numbers of mixture components; empty for the common setting.</summary>
    public IReadOnlyList<int> Components { get; init; } = [];

    /// <summary>Hidden layer sizes; empty for the common setting.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Hidden { get; init; } = [];

    /// <summary>Convolutional networks, for rows that are images; empty for the common setting.</summary>
    public IReadOnlyList<ImageNetworks> Images { get; init; } = [];

    /// <summary>Batch sizes; empty for the common setting.</summary>
    public IReadOnlyList<int> BatchSizes { get; init; } = [];

    /// <summary>Learning rates; empty for the common setting.</summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [];

    /// <summary>Weights of the KL term; empty for the common setting.</summary>
    public IReadOnlyList<double> Betas { get; init; } = [];

    /// <summary>What all candidates have in common.</summary>
    public FitSettings Common { get; init; } = new();

    /// <summary>The candidates, families outermost, in the order of the lists.</summary>
    /// <exception cref="BadOptionException">
    /// There is no such family, no family given has a setting that is given, or there are too many combinations.
    /// </exception>
    public IReadOnlyList<SelectionCandidate> Candidates()
    {
        ModelFamily[] families = [.. Families.Select(ModelFamilies.Find)];
        if (families.Length == 0)
        {
            throw new BadOptionException("model", $"There is no model to select from; the families are {string.Join(", ", ModelFamilies.All.Select(f => f.Name))}.");
        }

        RequireUsed(families);
        List<SelectionCandidate> candidates = [];
        foreach (ModelFamily family in families)
        {
            foreach (FitSettings settings in Combinations(family))
            {
                candidates.Add(SelectionCandidate.Of(family.Name, settings));
                if (candidates.Count > MaxCandidates)
                {
                    throw new BadOptionException("grid", $"The lists make more than {MaxCandidates} combinations; shorten them, or draw at random.");
                }
            }
        }

        return candidates;
    }

    private IEnumerable<FitSettings> Combinations(ModelFamily family)
    {
        FamilySettings has = new(family);
        IReadOnlyList<int> components = Components.Count == 0 && !has.Latents ? Latents : Components;
        IEnumerable<FitSettings> all = [Common];
        all = Cross(all, has.Latents, Latents, (s, v) => s with { Latents = v }, s => s with { Latents = null });
        all = Cross(all, has.Components, components, (s, v) => s with { Components = v }, s => s with { Components = null });
        all = Cross(all, has.Hidden, Hidden, (s, v) => s with { Hidden = v }, s => s with { Hidden = null });
        all = Cross(all, has.Images, Images, (s, v) => s with { Images = v }, s => s with { Images = null });
        all = Cross(all, has.BatchSize, BatchSizes, (s, v) => s with { BatchSize = v }, s => s with { BatchSize = null });
        all = Cross(all, has.LearningRate, LearningRates, (s, v) => s with { LearningRate = v }, s => s with { LearningRate = null });
        all = Cross(all, has.Beta, Betas, (s, v) => s with { Beta = v }, s => s with { Beta = null });
        all = has.Components ? all : all.Select(s => s with { Restarts = null, Smoothing = null });
        return has.Epochs ? all : all.Select(s => s with { Epochs = null });
    }

    private static IEnumerable<FitSettings> Cross<T>(
        IEnumerable<FitSettings> settings, bool has, IReadOnlyList<T> values, Func<FitSettings, T, FitSettings> set, Func<FitSettings, FitSettings> clear)
    {
        if (!has)
        {
            return settings.Select(clear);
        }

        return values.Count == 0 ? settings : settings.SelectMany(s => values.Select(v => set(s, v)));
    }

    private void RequireUsed(ModelFamily[] families)
    {
        FamilySettings[] have = [.. families.Select(f => new FamilySettings(f))];
        Require("latents", Latents.Count > 0 || Common.Latents is not null, h => h.Latents || h.Components);
        Require("components", Components.Count > 0 || Common.Components is not null, h => h.Components);
        Require("hidden", Hidden.Count > 0 || Common.Hidden is not null, h => h.Hidden);
        Require("image", Images.Count > 0 || Common.Images is not null, h => h.Images);
        Require("batch", BatchSizes.Count > 0 || Common.BatchSize is not null, h => h.BatchSize);
        Require("learning-rate", LearningRates.Count > 0 || Common.LearningRate is not null, h => h.LearningRate);
        Require("beta", Betas.Count > 0 || Common.Beta is not null, h => h.Beta);
        Require("epochs", Common.Epochs is not null, h => h.Epochs);
        Require("restarts", Common.Restarts is not null, h => h.Components);
        Require("smoothing", Common.Smoothing is not null, h => h.Components);

        void Require(string option, bool given, Func<FamilySettings, bool> used)
        {
            if (given && !have.Any(used))
            {
                throw new BadOptionException(option, $"None of the models {string.Join(", ", Families)} has a setting '{option}'; leave it out.");
            }
        }
    }

    /// <summary>Which settings a family has: it refuses the others by name.</summary>
    private sealed class FamilySettings(ModelFamily family)
    {
        public bool Latents { get; } = Has(family, "latents", new FitSettings { Latents = 1 });

        public bool Components { get; } = Has(family, "components", new FitSettings { Components = 1 });

        public bool Hidden { get; } = Has(family, "hidden", new FitSettings { Hidden = [1] });

        public bool Images { get; } = Has(family, "image", new FitSettings { Images = new ImageNetworks { Shape = new ImageShape(1, 1) } });

        public bool Epochs { get; } = Has(family, "epochs", new FitSettings { Epochs = 1 });

        public bool BatchSize { get; } = Has(family, "batch", new FitSettings { BatchSize = 1 });

        public bool LearningRate { get; } = Has(family, "learning-rate", new FitSettings { LearningRate = 0.001 });

        public bool Beta { get; } = Has(family, "beta", new FitSettings { Beta = 1 });

        private static bool Has(ModelFamily family, string option, FitSettings only)
        {
            try
            {
                _ = family.CreateTrainer(only);
                return true;
            }
            catch (BadOptionException refused)
            {
                return refused.Option != option; // Another that is missing: this one was not refused.
            }
        }
    }
}
