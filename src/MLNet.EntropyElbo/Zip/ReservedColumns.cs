namespace MLNet.EntropyElbo.Zip;

/// <summary>
/// Names of the columns that live only inside a transformer's chain. They are part of saved zips and never change.
/// </summary>
internal static class ReservedColumns
{
    /// <summary>The rows, Vector of Single.</summary>
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

    /// <summary>Zero-based index of the most likely component.</summary>
    public const string Component = "EntropyElbo.Component";

    /// <summary>A scalar that gives a concatenated vector its slot names.</summary>
    public const string Padding = "EntropyElbo.Padding";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Rows, LookupKey, Model, Means, Variances, Reconstruction, AnomalyScore, Elbo, Component, Padding];
}
