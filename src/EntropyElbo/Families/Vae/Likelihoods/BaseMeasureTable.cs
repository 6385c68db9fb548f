using System.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>Log base measures of counts, from a table for all but the greatest; 0 where they are constant.</summary>
internal sealed class BaseMeasureTable
{
    private const int Tabulated = 1024;
    private readonly ObservableLikelihood _likelihood;
    private readonly double[] _table;

    public BaseMeasureTable(ObservableLikelihood likelihood)
    {
        _likelihood = likelihood;
        int count = likelihood.Family is not { HasConstantBaseMeasure: false }
            ? 0
            : likelihood.Trials > 0 ? Math.Min(likelihood.Trials + 1, Tabulated) : Tabulated;
        _table = [.. Enumerable.Range(0, count).Select(x => likelihood.Family!.LogBaseMeasure([x]))];
    }

    /// <summary>Whether every sum is 0.</summary>
    public bool IsConstant => _table.Length == 0;

    /// <summary>Sum over a row of counts in the support; in two chains of additions.</summary>
    public double Sum<T>(ReadOnlySpan<T> row)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (IsConstant)
        {
            return 0;
        }

        double even = 0, odd = 0;
        int d = 0;
        for (; d + 1 < row.Length; d += 2)
        {
            even += Of(row[d]);
            odd += Of(row[d + 1]);
        }

        return d < row.Length ? even + odd + Of(row[d]) : even + odd;
    }

    /// <summary>That of a count in the support.</summary>
    public double Of<T>(T value)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (IsConstant)
        {
            return 0;
        }

        // Counts are not negative, so past the table's end is all that can go wrong.
        int index = T.ConvertToIntegerNative<int>(value);
        return (uint)index < (uint)_table.Length ? _table[index] : _likelihood.Family!.LogBaseMeasure([double.CreateTruncating(value)]);
    }
}
