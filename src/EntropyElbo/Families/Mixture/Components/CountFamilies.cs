using EntropyElbo.Distributions;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// Bernoulli and binomial columns. Features: successes and failures. Parameters of a column: the probabilities of success
/// and of failure, each kept, so that neither loses digits next to 0.
/// </summary>
/// <param name="range">The columns.</param>
/// <param name="trials">Trials of a row.</param>
/// <param name="family">The distribution.</param>
/// <param name="smoothing">Pseudo-counts of successes and of failures, each.</param>
internal sealed class SuccessFamily(
    ColumnRange range, int trials, ExponentialFamily family, double smoothing = 0) : ScalarFamily(range, [], family)
{
    public override (double Count, double[] Sums)? Pseudo { get; } =
        smoothing > 0 ? (2 * smoothing / trials, [.. Enumerable.Repeat(smoothing, 2 * range.Count)]) : null;

    public override bool MayBeUnseen => true;

    public override ColumnFamily Smoothed(double pseudoCounts) =>
        pseudoCounts > smoothing ? new SuccessFamily(Range, trials, Distribution, pseudoCounts) : this;

    public override int FeaturesPerColumn => 2;

    public override int ParametersPerColumn => 2;

    public override int FreePerComponent => Count;

    public override void LoadRow(ReadOnlySpan<double> columns, Span<double> features)
    {
        columns.CopyTo(features);
        for (int d = 0; d < Count; d++)
        {
            features[Count + d] = trials - columns[d];
        }
    }

    protected override bool IsValid(ReadOnlySpan<double> parameters) =>
        parameters[0] is >= 0 and <= 1 && parameters[1] is >= 0 and <= 1 && Math.Abs(parameters[0] + parameters[1] - 1) < 1e-12;

    protected override void ToNatural(ReadOnlySpan<double> parameters, Span<double> natural) =>
        natural[0] = Math.Log(parameters[0]) - Math.Log(parameters[1]);

    protected override double DescribeColumn(int column, ReadOnlySpan<double> parameters, Span<double> coefficients, Span<double> means)
    {
        for (int f = 0; f < 2; f++)
        {
            coefficients[f] = ColumnComponents.BoundedLog(parameters[f]);
            means[f] = trials * parameters[f];
        }

        return 0;
    }

    protected override bool EstimateColumn(int column, double count, ReadOnlySpan<double> sums, Span<double> parameters)
    {
        double total = sums[0] + sums[1];
        parameters[0] = sums[0] / total;
        parameters[1] = sums[1] / total;
        return true;
    }

    protected override double ColumnMean(ReadOnlySpan<double> parameters) => trials * parameters[0];
}

/// <summary>Poisson columns. Feature: the count. Parameter of a column: the rate, which may be 0.</summary>
/// <param name="range">The columns.</param>
/// <param name="means">Means of the columns' pseudo-rows; null where there can be none.</param>
/// <param name="smoothing">Pseudo-rows.</param>
internal sealed class PoissonFamily(
    ColumnRange range, double[]? means = null, double smoothing = 0) : ScalarFamily(range, [], new Poisson())
{
    public override (double Count, double[] Sums)? Pseudo { get; } =
        smoothing > 0 && means is not null ? (smoothing, Array.ConvertAll(means, m => smoothing * m)) : null;

    public override bool MayBeUnseen => true;

    public override ColumnFamily Smoothed(double pseudoCounts) =>
        pseudoCounts > smoothing ? new PoissonFamily(Range, means, pseudoCounts) : this;

    public override int FeaturesPerColumn => 1;

    public override int ParametersPerColumn => 1;

    public override void LoadRow(ReadOnlySpan<double> columns, Span<double> features) => columns.CopyTo(features);

    protected override bool IsValid(ReadOnlySpan<double> parameters) => parameters[0] >= 0 && double.IsFinite(parameters[0]);

    protected override double DescribeColumn(int column, ReadOnlySpan<double> parameters, Span<double> coefficients, Span<double> means)
    {
        coefficients[0] = ColumnComponents.BoundedLog(parameters[0]);
        means[0] = parameters[0];
        return -parameters[0];
    }

    protected override bool EstimateColumn(int column, double count, ReadOnlySpan<double> sums, Span<double> parameters)
    {
        parameters[0] = sums[0] / count;
        return true;
    }

    protected override double ColumnMean(ReadOnlySpan<double> parameters) => parameters[0];
}

/// <summary>
/// Exponential columns. Feature: the value. Parameter of a column: the rate. Reference: the greatest rate per column, for
/// components whose values are all 0.
/// </summary>
internal sealed class ExponentialColumns(ColumnRange range, double[] reference) : ScalarFamily(range, reference, new Exponential())
{
    public override int FeaturesPerColumn => 1;

    public override int ParametersPerColumn => 1;

    public override void LoadRow(ReadOnlySpan<double> columns, Span<double> features) => columns.CopyTo(features);

    protected override double DescribeColumn(int column, ReadOnlySpan<double> parameters, Span<double> coefficients, Span<double> means)
    {
        coefficients[0] = -parameters[0];
        means[0] = 1 / parameters[0];
        return Math.Log(parameters[0]);
    }

    protected override bool EstimateColumn(int column, double count, ReadOnlySpan<double> sums, Span<double> parameters)
    {
        double rate = count / sums[0];
        parameters[0] = Math.Min(rate, Reference[column]);
        return rate <= Reference[column];
    }

    protected override double ColumnMean(ReadOnlySpan<double> parameters) => 1 / parameters[0];
}
