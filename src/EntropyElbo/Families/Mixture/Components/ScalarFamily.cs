using EntropyElbo.Distributions;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// Independent columns that all follow one scalar exponential family of <c>EntropyElbo.Distributions</c>. Parameters of a
/// component are numbered column by column.
/// </summary>
internal abstract class ScalarFamily(ColumnRange range, double[] reference, ExponentialFamily family) : FeatureFamily(range, reference)
{
    /// <summary>The distribution of a column.</summary>
    protected ExponentialFamily Distribution => family;

    /// <summary>Parameters of a column.</summary>
    public abstract int ParametersPerColumn { get; }

    public override int ParametersPerComponent => ParametersPerColumn * Count;

    public override bool HasConstantBaseMeasure => family.HasConstantBaseMeasure;

    public override string? SupportViolation(int column, double value) => family.SupportViolation([value]);

    public override (double Constant, double Entropy) Describe(
        ReadOnlySpan<double> parameters, Span<double> coefficients, Span<double> means)
    {
        int features = FeaturesPerColumn;
        Span<double> c = stackalloc double[2];
        Span<double> m = stackalloc double[2];
        Span<double> natural = stackalloc double[family.NaturalDimension];
        double constant = 0;
        double entropy = 0;
        for (int d = 0; d < Count; d++)
        {
            ReadOnlySpan<double> column = parameters.Slice(d * ParametersPerColumn, ParametersPerColumn);
            constant += DescribeColumn(d, column, c, m);
            ToNatural(column, natural);
            entropy += family.Entropy(natural);
            for (int f = 0; f < features; f++)
            {
                coefficients[(f * Count) + d] = c[f];
                means[(f * Count) + d] = m[f];
            }
        }

        return (constant, entropy);
    }

    public override void DescribeConstants(ReadOnlySpan<double> parameters, Span<double> constants)
    {
        Span<double> c = stackalloc double[2];
        Span<double> m = stackalloc double[2];
        for (int d = 0; d < Count; d++)
        {
            constants[d] = DescribeColumn(d, parameters.Slice(d * ParametersPerColumn, ParametersPerColumn), c, m);
        }
    }

    public override void Estimate(int component, double count, ReadOnlySpan<double> sums, Span<double> parameters, MaximisationNotes notes)
    {
        Span<double> column = stackalloc double[2];
        for (int d = 0; d < Count; d++)
        {
            for (int f = 0; f < FeaturesPerColumn; f++)
            {
                column[f] = sums[(f * Count) + d];
            }

            if (!EstimateColumn(d, count, column, parameters.Slice(d * ParametersPerColumn, ParametersPerColumn)))
            {
                notes.Bounded.Add(component);
            }
        }
    }

    public override void MeanRow(ReadOnlySpan<double> parameters, Span<double> row)
    {
        for (int d = 0; d < Count; d++)
        {
            row[d] = ColumnMean(parameters.Slice(d * ParametersPerColumn, ParametersPerColumn));
        }
    }

    public override void SampleRow(ReadOnlySpan<double> parameters, RandomStream random, Span<double> row)
    {
        Span<double> natural = stackalloc double[family.NaturalDimension];
        for (int d = 0; d < Count; d++)
        {
            ToNatural(parameters.Slice(d * ParametersPerColumn, ParametersPerColumn), natural);
            family.Sample(natural, random, row.Slice(d, 1));
        }
    }

    public override double LogBaseMeasure(ReadOnlySpan<double> columns)
    {
        double sum = 0;
        for (int d = 0; d < columns.Length && !family.HasConstantBaseMeasure; d++)
        {
            sum += family.LogBaseMeasure(columns.Slice(d, 1));
        }

        return sum;
    }

    /// <summary>Columns with a feature to which every component gives probability 0. Without features their density is 1.</summary>
    public override int DropUnseen(
        ColumnComponents components, ColumnScratch scratch, int row, ReadOnlySpan<double> columns, ref double baseMeasure)
    {
        ReadOnlySpan<double> coefficients = ((FeatureComponents)components).Coefficients;
        Span<double> features = scratch.Features[row];
        int dropped = 0;
        for (int d = 0; d < Count; d++)
        {
            if (!IsImpossible(d, coefficients, features))
            {
                continue;
            }

            for (int f = 0; f < FeaturesPerColumn; f++)
            {
                features[(f * Count) + d] = 0;
            }

            baseMeasure += family.HasConstantBaseMeasure ? 0 : family.LogBaseMeasure(columns.Slice(d, 1));
            dropped++;
        }

        return dropped;
    }

    private bool IsImpossible(int column, ReadOnlySpan<double> coefficients, ReadOnlySpan<double> features)
    {
        for (int start = 0; start < coefficients.Length; start += FeatureCount)
        {
            bool possible = true;
            for (int f = column; f < FeatureCount; f += Count)
            {
                possible &= coefficients[start + f] > PosteriorKernels.Impossible || features[f] == 0;
            }

            if (possible)
            {
                return false;
            }
        }

        return true;
    }

    public override string? Violation(int components, ReadOnlySpan<double> parameters)
    {
        for (int i = 0; i < parameters.Length; i += ParametersPerColumn)
        {
            if (!IsValid(parameters.Slice(i, ParametersPerColumn)))
            {
                return $"parameters outside the range of {Range.Family}";
            }
        }

        return null;
    }

    /// <summary>Whether a column's parameters are in range.</summary>
    protected virtual bool IsValid(ReadOnlySpan<double> parameters)
    {
        foreach (double value in parameters)
        {
            if (!(value > 0 && double.IsFinite(value)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Natural parameters of a column.</summary>
    protected virtual void ToNatural(ReadOnlySpan<double> parameters, Span<double> natural) => family.ToNatural(parameters, natural);

    /// <summary>Coefficients and means of a column's features; returns the constant of its log density.</summary>
    protected abstract double DescribeColumn(int column, ReadOnlySpan<double> parameters, Span<double> coefficients, Span<double> means);

    /// <summary>Maximum-likelihood parameters of a column; false where a bound is active.</summary>
    protected abstract bool EstimateColumn(int column, double count, ReadOnlySpan<double> sums, Span<double> parameters);

    /// <summary>Mean of a column.</summary>
    protected abstract double ColumnMean(ReadOnlySpan<double> parameters);
}
