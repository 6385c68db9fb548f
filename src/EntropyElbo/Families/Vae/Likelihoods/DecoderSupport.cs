using EntropyElbo.Data;
using EntropyElbo.Distributions;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>Rows that every column's distribution of a VAE allows.</summary>
internal sealed class DecoderSupport : RowSupport
{
    private readonly ExponentialFamily _family;
    private readonly string _name;

    private DecoderSupport(ExponentialFamily family, string name)
    {
        _family = family;
        _name = name;
    }

    /// <summary>The support of a likelihood; null where that is every finite number.</summary>
    public static DecoderSupport? Of(ObservableLikelihood likelihood) =>
        likelihood.Family is { } family ? new DecoderSupport(family, likelihood.Name) : null;

    public override OutsideValue? FirstOutside(ReadOnlySpan<double> row)
    {
        for (int d = 0; d < row.Length; d++)
        {
            if (_family.SupportViolation(row.Slice(d, 1)) is { } violation)
            {
                return new OutsideValue(d, $"values under the likelihood {_name} {violation}; clean the data, leave the column out, or choose another likelihood.");
            }
        }

        return null;
    }
}
