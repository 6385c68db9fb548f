using System.Globalization;
using EntropyElbo;
using EntropyElbo.Models;

namespace MLNet.EntropyElbo.Zip;

/// <summary>What a row is encoded into, beside latent means and variances. Travels in front of the model's text.</summary>
/// <param name="Reconstruction">Whether rows are reconstructed.</param>
/// <param name="Elbo">Whether the ELBO (and the anomaly score) of the row is computed.</param>
/// <param name="Samples">Monte-Carlo samples of the ELBO, where it needs any.</param>
/// <param name="Seed">Seed of those samples.</param>
internal sealed record EncodingPlan(bool Reconstruction, bool Elbo, int Samples, ulong Seed)
{
    private const string Signature = "EEML1";

    /// <summary>The plan as one line.</summary>
    public string ToLine() => string.Create(
        CultureInfo.InvariantCulture, $"{Signature} {(Reconstruction ? 'r' : '-')}{(Elbo ? 'e' : '-')} {Samples} {Seed}\n");

    /// <summary>Reads the plan and the place where the model's text begins.</summary>
    /// <exception cref="ModelFileException">The text is not one that <see cref="ModelText"/> wrote, or a newer version wrote it.</exception>
    public static (EncodingPlan Plan, int Length) Parse(ReadOnlySpan<char> text)
    {
        int end = text[..Math.Min(text.Length, 100)].IndexOf('\n');
        string[] parts = end < 0 ? [] : text[..end].ToString().Split(' ');
        if (parts.Length != 4 || parts[0] != Signature || parts[1].Length != 2
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int samples)
            || samples is < 1 or > 1_000_000
            || !ulong.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
        {
            throw new ModelFileException(
                ModelText.Source, "the model inside the ML.NET zip is damaged, or a newer version of the library wrote it; update the library or save the model again.");
        }

        return (new EncodingPlan(parts[1][0] == 'r', parts[1][1] == 'e', samples, seed), end + 1);
    }
}
