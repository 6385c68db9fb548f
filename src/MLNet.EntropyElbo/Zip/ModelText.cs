using System.Globalization;
using EntropyElbo;
using EntropyElbo.Catalog;
using EntropyElbo.Files;
using EntropyElbo.Models;

namespace MLNet.EntropyElbo.Zip;

/// <summary>A model and its plan as one text, the form in which an ML.NET zip carries them.</summary>
internal static class ModelText
{
    /// <summary>
    /// Longest text that is written: beyond it ML.NET's own loading of a text value takes seconds and several times
    /// the memory (measured: 100 million characters load in 6 s with 2.4 GB). About 18 million single-precision parameters.
    /// </summary>
    public const int MaxCharacters = 100_000_000;

    /// <summary>Words for where a model came from, in messages.</summary>
    public const string Source = "ML.NET model";

    /// <summary>Writes model and plan.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="limit">Longest text allowed.</param>
    /// <exception cref="ModelFileException">The text would be longer than the limit.</exception>
    public static string Write(LatentModel model, EncodingPlan plan, int limit = MaxCharacters)
    {
        string text = plan.ToLine() + ModelFile.ToText(model.ToRecord());
        return text.Length <= limit
            ? text
            : throw new ModelFileException(Source, string.Create(
                CultureInfo.InvariantCulture,
                $"the model needs {text.Length} characters in an ML.NET zip, more than the {limit} that ML.NET loads in reasonable time "
                    + $"and memory; use fewer or smaller hidden layers, or save it with LatentModel.Save."));
    }

    /// <summary>Reads model and plan.</summary>
    /// <exception cref="ModelFileException">The text is damaged or was written by a newer version.</exception>
    public static RowEncoder Read(ReadOnlySpan<char> text)
    {
        (EncodingPlan plan, int start) = EncodingPlan.Parse(text);
        LatentModel model = ModelFamilies.Read(ModelFile.FromText(text[start..], Source), Source);
        return plan.Whitening is { } whitening && whitening.Latents != model.LatentDimension
            ? throw EncodingPlan.Damaged()
            : new RowEncoder(model, plan);
    }
}
