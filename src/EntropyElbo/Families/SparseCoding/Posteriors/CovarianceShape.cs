using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>What the covariances of rows look like.</summary>
/// <param name="IsDiagonal">Whether they are diagonal, and known by their deviations.</param>
/// <param name="Rank">Columns of V where they are <c>V V' + diag d</c>; null where they are not of that form.</param>
internal readonly record struct CovarianceShape(bool IsDiagonal, int? Rank = null)
{
    /// <summary>Diagonal or full: what a flag says.</summary>
    public static implicit operator CovarianceShape(bool isDiagonal) => new(isDiagonal);

    /// <summary>Whether covariances are any positive definite matrix.</summary>
    public bool IsFull => !IsDiagonal && Rank is null;

    /// <summary>
    /// <c>V V' + diag d</c>. A rank of H - 1 reaches every covariance there is, so more columns would add nothing; and a single
    /// latent has a variance only.
    /// </summary>
    public static CovarianceShape LowRank(int rank, int latents) => latents == 1 ? new(true) : new(false, Math.Min(rank, latents - 1));

    /// <summary>Numbers that a row is known by beside its mean, padding included where there are several vectors.</summary>
    public int SpreadColumns(int latents) =>
        Rank is > 0 ? ArraySize.Of(MatrixView<double>.PaddedStride(latents), 1 + Rank.Value) : latents;

    /// <summary>What takes those numbers to latents that are longer by a factor each.</summary>
    public double[] SpreadFactors(double[] factors)
    {
        if (IsFull)
        {
            return Array.ConvertAll(factors, f => 1 / (f * f));
        }

        double[] all = new double[SpreadColumns(factors.Length)];
        for (int place = 0; place < all.Length; place += MatrixView<double>.PaddedStride(factors.Length))
        {
            factors.CopyTo(all, place);
        }

        return all;
    }
}
