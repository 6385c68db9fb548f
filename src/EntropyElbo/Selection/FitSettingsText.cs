using System.Globalization;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>Settings in words, by the tool's names.</summary>
internal static class FitSettingsText
{
    /// <summary>The settings that are given.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(FitSettings settings)
    {
        List<KeyValuePair<string, string>> texts = [];
        Add("latents", settings.Latents);
        Add("components", settings.Components);
        if (settings.Hidden is { } hidden)
        {
            texts.Add(new("hidden", hidden.Count == 0 ? "none" : string.Join(',', hidden)));
        }

        if (settings.Images is { } images)
        {
            texts.Add(new("image", images.Shape.ToString()));
            texts.Add(new("filters", string.Join(',', images.Filters)));
        }

        Add("epochs", settings.Epochs);
        Add("batch", settings.BatchSize);
        Add("learning-rate", settings.LearningRate);
        Add("beta", settings.Beta);
        Add("restarts", settings.Restarts);
        Add("smoothing", settings.Smoothing);
        if (settings.Likelihood is { } likelihood)
        {
            texts.Add(new("likelihood", likelihood));
        }

        if (settings.Scaling is { } scaling)
        {
            texts.Add(new("scale", scaling.ToString().ToLowerInvariant()));
        }

        return texts;

        void Add<T>(string name, T? value)
            where T : struct, IFormattable
        {
            if (value is { } given)
            {
                texts.Add(new(name, given.ToString(null, CultureInfo.InvariantCulture)));
            }
        }
    }
}
