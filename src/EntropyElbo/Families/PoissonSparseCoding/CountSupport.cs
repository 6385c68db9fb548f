using EntropyElbo.Data;
using EntropyElbo.Distributions;

namespace EntropyElbo.Families.PoissonSparseCoding;

/// <summary>Rows of counts: whole numbers from 0 on.</summary>
internal sealed class CountSupport : RowSupport
{
    private static readonly Poisson Distribution = new();

    /// <summary>The one.</summary>
    public static CountSupport Instance { get; } = new();

    public override OutsideValue? FirstOutside(ReadOnlySpan<double> row)
    {
        for (int d = 0; d < row.Length; d++)
        {
            if (Distribution.SupportViolation(row.Slice(d, 1)) is { } violation)
            {
                return new OutsideValue(
                    d, $"values under the likelihood poisson {violation}; clean the data, leave the column out, or choose another model.");
            }
        }

        return null;
    }
}
