using System.Collections.Immutable;
using EntropyElbo.Data;
using EntropyElbo.Networks;

namespace EntropyElbo.Training;

/// <summary>
/// Settings by name, for any family: those of <see cref="ModelFamily.Settings"/>, as the tool and model selection name them. What is not
/// given is the family's own; a setting that the family does not have, or a value out of its range, is refused with
/// <see cref="BadOptionException"/> where the trainer is made. Those used most have properties of their own.
/// </summary>
/// <example><c>new FitSettings { Latents = 4, ["kl-schedule"] = "warm-up" }</c></example>
public sealed record FitSettings
{
    private ImmutableSortedDictionary<string, object> _values = ImmutableSortedDictionary.Create<string, object>(StringComparer.Ordinal);

    /// <summary>The values that are given, by name: whole numbers, numbers, lists of whole numbers, words, or true and false.</summary>
    public IReadOnlyDictionary<string, object> Values => _values;

    /// <summary>A value by the setting's name, or text that says it; null for the family's own.</summary>
    /// <param name="name">Name of the setting.</param>
    public object? this[string name]
    {
        get => _values.GetValueOrDefault(name);
        init => _values = Changed(_values, name, value);
    }

    /// <summary>Number of latents, H.</summary>
    public int? Latents { get => Whole(SettingNames.Latents); init => this[SettingNames.Latents] = value; }

    /// <summary>Number of mixture components.</summary>
    public int? Components { get => Whole(SettingNames.Components); init => this[SettingNames.Components] = value; }

    /// <summary>Hidden layer sizes of the encoder, from the rows inward; the decoder mirrors them.</summary>
    public IReadOnlyList<int>? Hidden { get => List(SettingNames.Hidden); init => this[SettingNames.Hidden] = value; }

    /// <summary>Convolutional networks for rows that are images, in place of hidden layers.</summary>
    public ImageNetworks? Images
    {
        get => this[SettingNames.Image] is not string shape ? null : new ImageNetworks
        {
            Shape = ImageShape.Parse(shape),
            Filters = List(SettingNames.Filters) ?? ImageNetworks.DefaultFilters,
            HorizontalFlips = Plain(SettingNames.Flips, new SwitchType()) is true,
        };
        init => this[SettingNames.Image] = value;
    }

    /// <summary>Epochs or iterations at most.</summary>
    public int? Epochs { get => Whole(SettingNames.Epochs); init => this[SettingNames.Epochs] = value; }

    /// <summary>Rows per parameter update.</summary>
    public int? BatchSize { get => Whole(SettingNames.Batch); init => this[SettingNames.Batch] = value; }

    /// <summary>Learning rate of Adam.</summary>
    public double? LearningRate { get => Real(SettingNames.LearningRate); init => this[SettingNames.LearningRate] = value; }

    /// <summary>Seed of everything random in the fit.</summary>
    public ulong Seed { get => Plain(SettingNames.Seed, new SeedType()) is ulong seed ? seed : 1; init => this[SettingNames.Seed] = value; }

    /// <summary>Observable distribution, for example <c>gaussian</c> or <c>binomial:8</c>.</summary>
    public string? Likelihood { get => (string?)this[SettingNames.Likelihood]; init => this[SettingNames.Likelihood] = value; }

    /// <summary>Weight of the KL term while training.</summary>
    public double? Beta { get => Real(SettingNames.Beta); init => this[SettingNames.Beta] = value; }

    /// <summary>Scaling of the columns.</summary>
    public ScalingKind? Scaling
    {
        get => ScalingWords.All.Where(w => w.Word.Equals(this[SettingNames.Scale])).Select(w => (ScalingKind?)w.Value).FirstOrDefault();
        init => this[SettingNames.Scale] = value;
    }

    /// <summary>Starting points of a mixture.</summary>
    public int? Restarts { get => Whole(SettingNames.Restarts); init => this[SettingNames.Restarts] = value; }

    /// <summary>Pseudo-counts of a mixture's discrete columns.</summary>
    public double? Smoothing { get => Real(SettingNames.Smoothing); init => this[SettingNames.Smoothing] = value; }

    /// <summary>These settings with another value of one of them.</summary>
    /// <param name="name">Name of the setting.</param>
    /// <param name="value">The value; null for the family's own.</param>
    public FitSettings With(string name, object? value) => this with { _values = Changed(_values, name, value) };

    /// <summary>Settings are equal when they have the same values.</summary>
    /// <param name="other">Other settings.</param>
    public bool Equals(FitSettings? other) => other is not null && Text(this).SequenceEqual(Text(other));

    /// <inheritdoc/>
    public override int GetHashCode() => Text(this).Aggregate(0, HashCode.Combine);

    private static IEnumerable<string> Text(FitSettings settings) => settings._values.Select(v => $"{v.Key}={SettingType.Text(v.Value)}");

    private static ImmutableSortedDictionary<string, object> Changed(
        ImmutableSortedDictionary<string, object> values, string name, object? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return value switch
        {
            ImageNetworks images => values
                .SetItem(
                    SettingNames.Image,
                    images.Shape?.ToString() ?? throw new BadOptionException(name, "Convolutional networks need the shape of the images."))
                .SetItem(SettingNames.Filters, images.Filters)
                .Remove(SettingNames.Flips)
                .AddRange(images.HorizontalFlips ? [new KeyValuePair<string, object>(SettingNames.Flips, true)] : []),
            null when name == SettingNames.Image => values.RemoveRange([SettingNames.Image, SettingNames.Filters, SettingNames.Flips]),
            null => values.Remove(name),
            ScalingKind kind => values.SetItem(name, ScalingWords.Of(kind)),
            _ => values.SetItem(name, value),
        };
    }

    private int? Whole(string name) => (int?)Plain(name, new WholeType(new(double.NegativeInfinity)));

    private double? Real(string name) => (double?)Plain(name, new RealType(new(double.NegativeInfinity)));

    private IReadOnlyList<int>? List(string name) => (IReadOnlyList<int>?)Plain(name, new WholeListType(default, 0, int.MaxValue));

    private object? Plain(string name, SettingType type) => this[name] is not { } value ? null
        : type.Read(value) ?? throw new BadOptionException(name, $"'{name}' is '{SettingType.Text(value)}'; it must be {type.Noun}.");
}
