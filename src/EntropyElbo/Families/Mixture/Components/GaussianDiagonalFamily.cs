using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// Gaussian columns, independent within a component. Features: distance from the centre, and its square. Parameters of a
/// component: the means, then the variances; when spherical, all variances are equal.
/// Reference: the centre, then the least variance, per column.
/// </summary>
internal sealed class GaussianDiagonalFamily(ColumnRange range, double[] reference, bool spherical) : FeatureFamily(range, reference)
{
    public override int FeaturesPerColumn => 2;

    public override int ParametersPerComponent => 2 * Count;

    public override int FreePerComponent => spherical ? Count + 1 : 2 * Count;

    public override bool IsUnbounded => true;

    public override string? SupportViolation(int column, double value) => null;

    public override void LoadRow(ReadOnlySpan<double> columns, Span<double> features)
    {
        Span<double> centred = features[..Count];
        System.Numerics.Tensors.TensorPrimitives.Subtract(columns, Reference.AsSpan(0, Count), centred);
        System.Numerics.Tensors.TensorPrimitives.Multiply(centred, centred, features[Count..]);
    }

    public override (double Constant, double Entropy) Describe(
        ReadOnlySpan<double> parameters, Span<double> coefficients, Span<double> means)
    {
        double quadratic = 0;
        double logVariances = 0;
        for (int d = 0; d < Count; d++)
        {
            double mean = parameters[d] - Reference[d];
            double variance = parameters[Count + d];
            coefficients[d] = mean / variance;
            coefficients[Count + d] = -0.5 / variance;
            means[d] = mean;
            means[Count + d] = (mean * mean) + variance;
            quadratic += mean * (mean / variance);
            logVariances += SpecialFunctions.LogTwoPi + Math.Log(variance);
        }

        return (-0.5 * (quadratic + logVariances), 0.5 * (Count + logVariances));
    }

    public override void DescribeConstants(ReadOnlySpan<double> parameters, Span<double> constants)
    {
        for (int d = 0; d < Count; d++)
        {
            double mean = parameters[d] - Reference[d];
            double variance = parameters[Count + d];
            constants[d] = -0.5 * ((mean * (mean / variance)) + SpecialFunctions.LogTwoPi + Math.Log(variance));
        }
    }

    public override void Estimate(int component, double count, ReadOnlySpan<double> sums, Span<double> parameters, MaximisationNotes notes)
    {
        double total = 0;
        double leastTotal = 0;
        for (int d = 0; d < Count; d++)
        {
            double mean = sums[d] / count;
            double variance = (sums[Count + d] / count) - (mean * mean);
            double least = Reference[Count + d];
            total += variance;
            leastTotal += least;
            parameters[d] = Reference[d] + mean;
            parameters[Count + d] = Floored(component, variance, least, notes, spherical);
        }

        if (spherical)
        {
            parameters[Count..].Fill(Floored(component, total / Count, leastTotal / Count, notes, false));
        }
    }

    public override void MeanRow(ReadOnlySpan<double> parameters, Span<double> row) => parameters[..Count].CopyTo(row);

    public override void SampleRow(ReadOnlySpan<double> parameters, RandomStream random, Span<double> row)
    {
        for (int d = 0; d < Count; d++)
        {
            row[d] = parameters[d] + (Math.Sqrt(parameters[Count + d]) * random.NextGaussian());
        }
    }

    public override string? Violation(int components, ReadOnlySpan<double> parameters)
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            bool isVariance = i % (2 * Count) >= Count;
            if (!double.IsFinite(parameters[i]) || (isVariance && !(parameters[i] > 0 && double.IsFinite(1 / parameters[i]))))
            {
                return isVariance ? "a variance that is not above 0" : "a mean that is not finite";
            }
        }

        return null;
    }

    private static double Floored(int component, double variance, double least, MaximisationNotes notes, bool silent)
    {
        if (variance >= least)
        {
            return variance;
        }

        if (!silent)
        {
            notes.Floored.Add(component);
        }

        return least;
    }
}
