using EntropyElbo.Data;
using EntropyElbo.Families.Mixture.Components;

namespace EntropyElbo.Families.Mixture.Em;

/// <summary>
/// Rows that the families of a mixture's columns allow: as the specification says before a fit, as its components have seen them
/// after.
/// </summary>
internal sealed class MixtureSupport : RowSupport
{
    private readonly (ColumnRange Range, Func<int, double, string?> Violation)[] _checks;

    /// <summary>The supports that a specification gives its columns.</summary>
    public MixtureSupport(IEnumerable<ColumnRange> ranges) => _checks =
    [
        .. ranges.Select(r => (Range: r, Check: MixtureSpecification.SupportCheck(r)))
            .Where(c => c.Check is not null).Select(c => (c.Range, (Func<int, double, string?>)((_, value) => c.Check!(value)))),
    ];

    /// <summary>The supports of families that have been fitted.</summary>
    public MixtureSupport(IEnumerable<ColumnFamily> families) => _checks =
        [.. families.Where(f => !f.IsUnbounded).Select(f => (f.Range, (Func<int, double, string?>)f.SupportViolation))];

    public override OutsideValue? FirstOutside(ReadOnlySpan<double> row)
    {
        foreach ((ColumnRange range, Func<int, double, string?> check) in _checks)
        {
            for (int d = 0; d < range.Count; d++)
            {
                if (check(d, row[range.Start + d]) is { } violation)
                {
                    return new OutsideValue(
                        range.Start + d, $"values of the family {range.Family} {violation}; clean the data, or choose another family for "
                            + $"the column.");
                }
            }
        }

        return null;
    }
}
