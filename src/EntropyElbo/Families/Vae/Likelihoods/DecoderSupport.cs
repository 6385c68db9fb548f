using EntropyElbo.Data;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>Rows that every column's distribution of a VAE allows.</summary>
internal sealed class DecoderSupport : RowSupport
{
    private readonly ObservableLikelihood _likelihood;

    private DecoderSupport(ObservableLikelihood likelihood) => _likelihood = likelihood;

    /// <summary>The support of a likelihood; null where that is every finite number.</summary>
    public static DecoderSupport? Of(ObservableLikelihood likelihood) => likelihood.IsGaussian ? null : new DecoderSupport(likelihood);

    public override OutsideValue? FirstOutside(ReadOnlySpan<double> row)
    {
        for (int d = 0; d < row.Length; d++)
        {
            if (Violation(row.Slice(d, 1)) is { } violation)
            {
                return new OutsideValue(
                    d, $"values under the likelihood {_likelihood.Name} {violation}; clean the data, leave the column out, or choose "
                        + $"another likelihood.");
            }
        }

        return null;
    }

    private string? Violation(ReadOnlySpan<double> x)
    {
        if (_likelihood.AllowFractions)
        {
            return x[0] is >= 0 and <= 1 ? null : "must be between 0 and 1, fractions allowed";
        }

        string? violation = _likelihood.Family!.SupportViolation(x);
        if (_likelihood.Kind != LikelihoodKind.Gamma)
        {
            return violation is not null && _likelihood.Name == "bernoulli" && x[0] is > 0 and < 1
                ? violation + " (allow fractions for a quasi-likelihood of numbers between them)"
                : violation;
        }

        // The decoder's log-means are bounded, so that exponentials stay in single precision.
        return violation ?? (Math.Abs(Math.Log(x[0])) <= GammaLikelihood.GreatestLogMean
            ? null
            : FormattableString.Invariant($"must lie between {Math.Exp(-GammaLikelihood.GreatestLogMean):G2} and {Math.Exp(GammaLikelihood.GreatestLogMean):G2}: change the column's unit"));
    }
}
