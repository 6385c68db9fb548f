using System.Globalization;
using EntropyElbo;

namespace MLNet.EntropyElbo.Zip;

/// <summary>What of a row is computed.</summary>
[Flags]
internal enum EncodedParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Latent means and variances, and the most likely component.</summary>
    Latents = 1,

    /// <summary>The row decoded from its latent means.</summary>
    Reconstruction = 2,

    /// <summary>ELBO and anomaly score.</summary>
    Elbo = 4,

    /// <summary>The columns' parts of the anomaly score.</summary>
    ColumnScores = 8,

    /// <summary>The latents' parts of the anomaly score.</summary>
    Kl = 16,
}

/// <summary>What a row is encoded into, beside latent means and variances. Travels in front of the model's text.</summary>
/// <param name="Reconstruction">Whether rows are reconstructed.</param>
/// <param name="Elbo">Whether the ELBO (and the anomaly score) of the row is computed.</param>
/// <param name="Samples">Monte-Carlo samples of the ELBO, where it needs any.</param>
/// <param name="Seed">Seed of those samples.</param>
internal sealed record EncodingPlan(bool Reconstruction, bool Elbo, int Samples, ulong Seed)
{
    /// <summary>Plans of zips whose ELBOs are in units of the model's scaled columns.</summary>
    private const string ScaledSignature = "EEML1";
    private const string Signature = "EEML2";

    /// <summary>Whether the columns' parts of the anomaly score are computed; plans of older versions know no such parts.</summary>
    public bool ColumnScores { get; init; }

    /// <summary>Whether the latents' are.</summary>
    public bool Kl { get; init; }

    /// <summary>What whitens the latents; null where they stay as they are.</summary>
    public Whitening? Whitening { get; init; }

    /// <summary>Whether any parts are; a zip has columns for them only then, so that others load in older versions.</summary>
    public bool Explains => ColumnScores || Kl;

    /// <summary>
    /// Whether ELBOs are in units of the data; in older zips they are in those of the model's scaled columns, and stay so.
    /// </summary>
    public bool IsInDataUnits { get; private init; } = true;

    /// <summary>What is computed.</summary>
    public EncodedParts Parts => EncodedParts.Latents
        | (Reconstruction ? EncodedParts.Reconstruction : EncodedParts.None)
        | (Elbo ? EncodedParts.Elbo : EncodedParts.None)
        | (ColumnScores ? EncodedParts.ColumnScores : EncodedParts.None)
        | (Kl ? EncodedParts.Kl : EncodedParts.None);

    /// <summary>The plan as one line; a whitening has a line of its own.</summary>
    public string ToLine()
    {
        string parts = $"{(Reconstruction ? 'r' : '-')}{(Elbo ? 'e' : '-')}{(ColumnScores ? "c" : "")}{(Kl ? "k" : "")}{(Whitening is null ? "" : "w")}";
        string whitening = Whitening is null ? "" : $"{Whitening.ToText()}\n";
        return string.Create(
            CultureInfo.InvariantCulture, $"{(IsInDataUnits ? Signature : ScaledSignature)} {parts} {Samples} {Seed}\n{whitening}");
    }

    /// <summary>Reads the plan and the place where the model's text begins.</summary>
    /// <exception cref="ModelFileException">
    /// The text is not one that <see cref="ModelText"/> wrote, or a newer version wrote it.
    /// </exception>
    public static (EncodingPlan Plan, int Length) Parse(ReadOnlySpan<char> text)
    {
        int end = text[..Math.Min(text.Length, 100)].IndexOf('\n');
        string[] parts = end < 0 ? [] : text[..end].ToString().Split(' ');
        if (parts.Length != 4
            || parts[0] is not (Signature or ScaledSignature)
            || parts[1].Length < 2
            || parts[1][2..] is not ("" or "c" or "k" or "ck" or "w" or "cw" or "kw" or "ckw")
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int samples)
            || samples is < 1 or > 1_000_000
            || !ulong.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
        {
            throw Damaged();
        }

        int length = end + 1;
        Whitening? whitening = null;
        if (parts[1].Contains('w', StringComparison.Ordinal))
        {
            int next = text[length..].IndexOf('\n');
            whitening = (next < 0 ? null : Whitening.Parse(text.Slice(length, next))) ?? throw Damaged();
            length += next + 1;
        }

        return (new EncodingPlan(parts[1][0] == 'r', parts[1][1] == 'e', samples, seed)
        {
            IsInDataUnits = parts[0] == Signature,
            ColumnScores = parts[1].Contains('c', StringComparison.Ordinal),
            Kl = parts[1].Contains('k', StringComparison.Ordinal),
            Whitening = whitening,
        }, length);
    }

    /// <summary>The error of a text that cannot be read.</summary>
    public static ModelFileException Damaged() => new(
        ModelText.Source, "the model inside the ML.NET zip is damaged, or a newer version of the library wrote it; update the "
            + "library or save the model again.");
}
