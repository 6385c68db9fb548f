using System.Collections;
using System.Globalization;
using System.Reflection;
using EntropyElbo;
using EntropyElbo.Models;
using EntropyElbo.Selection;
using EntropyElbo.Training;
using Microsoft.ML.SearchSpace;

namespace MLNet.EntropyElbo;

/// <summary>The search space that ML.NET's range attributes on an options class describe.</summary>
internal static class OptionRanges
{
    /// <summary>Draws in a row that only repeat others, after which the space counts as exhausted.</summary>
    private const int MostRepeats = 1000;

    /// <summary>The options, then draws of them, no two alike.</summary>
    public static IEnumerable<TOptions> Draws<TOptions>(TOptions first, SearchSpace space, int count, ulong seed)
        where TOptions : LatentOptions
    {
        HashSet<string> seen = [];
        for (int draw = 0, repeats = 0; seen.Count < count && repeats < MostRepeats; draw++)
        {
            TOptions options = draw == 0 ? first : Apply(first, space.Sample(seed, draw - 1));
            bool isNew = seen.Add(
                string.Join(' ', space.Dimensions.Select(d => Text(typeof(TOptions).GetProperty(d.Name)!.GetValue(options)))));
            repeats = isNew ? 0 : repeats + 1;
            if (isNew)
            {
                yield return options;
            }
        }
    }

    /// <summary>The space of the options' annotated properties.</summary>
    /// <param name="options">The options class.</param>
    /// <param name="limits">What the data allow; null for all of it.</param>
    /// <exception cref="BadOptionException">A range is impossible.</exception>
    public static SearchSpace Of(Type options, OptionLimits? limits = null)
    {
        List<SearchDimension> dimensions = [];
        foreach (PropertyInfo property in options.GetProperties().OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            if (property.GetCustomAttribute<RangeAttribute>() is { } range)
            {
                double least = Convert.ToDouble(range.Min, CultureInfo.InvariantCulture);
                double most = Math.Min(
                    Convert.ToDouble(range.Max, CultureInfo.InvariantCulture), limits?.Most(property.Name) ?? double.PositiveInfinity);
                dimensions.Add(new RangeDimension(property.Name, Math.Min(least, most), most, IsWhole(property), range.LogBase));
            }
            else if (property.GetCustomAttribute<ChoiceAttribute>() is { } choice)
            {
                dimensions.Add(new ChoiceDimension(property.Name, choice.Candidates));
            }
            else if (property.GetCustomAttribute<BooleanChoiceAttribute>() is not null)
            {
                dimensions.Add(new ChoiceDimension(property.Name, [false, true]));
            }
        }

        return new SearchSpace(dimensions);
    }

    /// <summary>A copy of the options with values of the search.</summary>
    public static TOptions Apply<TOptions>(TOptions basis, IReadOnlyDictionary<string, object> values)
        where TOptions : LatentOptions
    {
        TOptions options = (TOptions)basis.Copy();
        foreach ((string name, object value) in values)
        {
            PropertyInfo property = typeof(TOptions).GetProperty(name)!;
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            property.SetValue(
                options, type.IsEnum ? Enum.ToObject(type, value) : Convert.ChangeType(value, type, CultureInfo.InvariantCulture));
        }

        return options;
    }

    /// <summary>What distinguishes options from the defaults of their class, as text; what is no part of the model is left out.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Differences(LatentOptions options)
    {
        LatentOptions defaults = (LatentOptions)Activator.CreateInstance(options.GetType())!;
        List<KeyValuePair<string, string>> texts = [new(nameof(LatentOptions.Latents), Text(options.Latents))];
        foreach (PropertyInfo property in options.GetType().GetProperties().OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            object? value = property.GetValue(options);
            if (!NoPartOfTheModel.Contains(property.Name) && !Equals(value, property.GetValue(defaults)))
            {
                texts.Add(new(property.Name, Text(value)));
            }
        }

        return texts;
    }

    private static HashSet<string> NoPartOfTheModel { get; } = new(StringComparer.Ordinal)
    {
        nameof(LatentOptions.Latents), nameof(LatentOptions.OutputColumnName), nameof(LatentOptions.InputColumnName),
        nameof(LatentOptions.ExampleWeightColumnName),
        nameof(LatentOptions.VarianceColumnName), nameof(LatentOptions.ReconstructionColumnName),
        nameof(LatentOptions.AnomalyScoreColumnName),
        nameof(LatentOptions.ColumnScoresColumnName),
        nameof(LatentOptions.Whiten), nameof(LatentOptions.Contamination), nameof(LatentOptions.PredictedLabelColumnName),
        nameof(LatentOptions.KlColumnName),
        nameof(LatentOptions.ElboColumnName),
        nameof(LatentOptions.ElboSamples),
        nameof(LatentOptions.Threads), nameof(LatentOptions.Caching), nameof(LatentOptions.GpuDeviceId),
        nameof(LatentOptions.FallbackToCpu), nameof(LatentOptions.TimeBudget), nameof(LatentOptions.CancellationToken),
        nameof(LatentOptions.Progress), nameof(LatentOptions.UseCpu), nameof(LatentOptions.TestData),
        nameof(LatentOptions.CheckpointPath), nameof(LatentOptions.CheckpointEpochs), nameof(LatentOptions.Resume),
        nameof(MixtureEstimator.Options.ComponentColumnName), nameof(MixtureEstimator.Options.ScoreColumnName),
    };

    private static bool IsWhole(PropertyInfo property) =>
        (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(int);

    /// <summary>A value as text.</summary>
    public static string Text(object? value) => value switch
    {
        null => "default",
        LatentModel model => model.Family + ModelStart.Mark(model),
        string text => text,
        IEnumerable list => string.Join(',', list.Cast<object>().Select(Text)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
