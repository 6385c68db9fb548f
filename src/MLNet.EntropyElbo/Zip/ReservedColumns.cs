using Microsoft.ML;

namespace MLNet.EntropyElbo.Zip;

/// <summary>
/// Names of the columns that live only inside a transformer's chain. They are part of saved zips and never change.
/// </summary>
internal static class ReservedColumns
{
    /// <summary>The rows, a vector.</summary>
    public const string Rows = "EntropyElbo.Rows";

    /// <summary>The constant that looks the model up.</summary>
    public const string LookupKey = "EntropyElbo.LookupKey";

    /// <summary>The model as text.</summary>
    public const string Model = "EntropyElbo.Model";

    /// <summary>Latent means, declared larger than they are.</summary>
    public const string Means = "EntropyElbo.Means";

    /// <summary>Latent variances, declared larger than they are.</summary>
    public const string Variances = "EntropyElbo.Variances";

    /// <summary>Reconstructed rows, declared larger than they are.</summary>
    public const string Reconstruction = "EntropyElbo.Reconstruction";

    /// <summary>Anomaly score.</summary>
    public const string AnomalyScore = "EntropyElbo.AnomalyScore";

    /// <summary>ELBO of the row.</summary>
    public const string Elbo = "EntropyElbo.Elbo";

    /// <summary>The columns' parts of the anomaly score, declared larger than they are; in zips that have them.</summary>
    public const string ColumnScores = "EntropyElbo.ColumnScores";

    /// <summary>The latents' parts of it, likewise.</summary>
    public const string Kl = "EntropyElbo.Kl";

    /// <summary>Zero-based index of the most likely component.</summary>
    public const string Component = "EntropyElbo.Component";

    /// <summary>A scalar that gives a concatenated vector its slot names.</summary>
    public const string Padding = "EntropyElbo.Padding";

    /// <summary>What the check of the rows' width would compute, if it were asked to.</summary>
    public const string Width = "EntropyElbo.Width";

    private const string Prefix = "EntropyElbo.";

    /// <summary>The column with a value, as a zip's mapping writes it.</summary>
    public static string Of(EncodedValue value) => value switch
    {
        EncodedValue.Means => Means,
        EncodedValue.Variances => Variances,
        EncodedValue.Reconstruction => Reconstruction,
        EncodedValue.AnomalyScore => AnomalyScore,
        EncodedValue.Elbo => Elbo,
        EncodedValue.Component => Component,
        EncodedValue.ColumnScores => ColumnScores,
        EncodedValue.Kl => Kl,
        _ => Padding,
    };

    /// <summary>The input column for the check of its width: ML.NET's message about the width names it.</summary>
    public static string Numbers(string input) => $"{input} (as numbers)";

    /// <summary>Helper columns that are still there.</summary>
    public static IEnumerable<string> Dropped(DataViewSchema schema) =>
        schema.Where(c => !c.IsHidden && c.Name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(c => c.Name)
            .Distinct(StringComparer.Ordinal);
}
