using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// A family whose log density is linear in a few functions of each column (its features): densities and statistics of a
/// block of rows are one matrix product each. Features are numbered function by function, then column by column.
/// </summary>
internal abstract class FeatureFamily(ColumnRange range, double[] reference) : ColumnFamily(range, reference)
{
    /// <summary>Functions per column.</summary>
    public abstract int FeaturesPerColumn { get; }

    /// <summary>Standard parameters of a component.</summary>
    public abstract int ParametersPerComponent { get; }

    /// <summary>Free parameters of a component.</summary>
    public virtual int FreePerComponent => ParametersPerComponent;

    /// <summary>Features of a row.</summary>
    public int FeatureCount => FeaturesPerColumn * Count;

    /// <summary>Pseudo-rows of every component: their number and the sums of their features, [features]; null without.</summary>
    public virtual (double Count, double[] Sums)? Pseudo => null;

    public override int FreeParameters(int components) => components * FreePerComponent;

    public override int ParameterLength(int components) => components * ParametersPerComponent;

    public override long StatisticsLength(int components) => (long)components * FeatureCount;

    public override ColumnScratch CreateScratch(int maxRows, int components)
    {
        return new ColumnScratch { Features = new Matrix<double>(maxRows, FeatureCount), Sums = new Matrix<double>(components, FeatureCount) };
    }

    public override void Load(ReadOnlySpan<double> rows, int count, int width, ColumnScratch scratch)
    {
        for (int row = 0; row < count; row++)
        {
            LoadRow(rows.Slice((row * width) + Range.Start, Count), scratch.Features[row]);
        }
    }

    public override void AddStatistics(ColumnScratch scratch, int count, MatrixView<double> responsibilities, Span<double> statistics)
    {
        MatrixProduct.MultiplyTransposedLeft(responsibilities.Slice(0, count), scratch.Features.Slice(0, count), scratch.Sums);
        for (int k = 0; k < responsibilities.Columns; k++)
        {
            Span<double> target = statistics.Slice(k * FeatureCount, FeatureCount);
            TensorPrimitives.Add(target, scratch.Sums[k], target);
        }
    }

    public override ColumnComponents Create(int components, double[] parameters) =>
        new FeatureComponents(this, components, parameters);

    public override ColumnComponents Maximise(
        ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics, ColumnComponents? current, MaximisationNotes notes)
    {
        int length = ParametersPerComponent;
        double[] parameters = current?.Parameters.ToArray() ?? new double[counts.Length * length];
        (double count, double[] pseudo) = Pseudo ?? (0, new double[FeatureCount]);
        double[] sums = new double[FeatureCount];
        for (int k = 0; k < counts.Length; k++)
        {
            if (counts[k] > LeastWeight)
            {
                TensorPrimitives.Add(statistics.Slice(k * FeatureCount, FeatureCount), pseudo, sums);
                Estimate(k, counts[k] + count, sums, parameters.AsSpan(k * length, length), notes);
            }
        }

        return Create(counts.Length, parameters);
    }

    /// <summary>Features of one row.</summary>
    public abstract void LoadRow(ReadOnlySpan<double> columns, Span<double> features);

    /// <summary>
    /// The log density of a component as <c>constant + coefficients' features</c> (less log h), the features' means, and
    /// the entropy.
    /// </summary>
    public abstract (double Constant, double Entropy) Describe(
        ReadOnlySpan<double> parameters, Span<double> coefficients, Span<double> means);

    /// <summary>The constant of a component's log density by columns; their sum is that of <see cref="Describe"/>, to rounding.</summary>
    public abstract void DescribeConstants(ReadOnlySpan<double> parameters, Span<double> constants);

    /// <summary>Maximum-likelihood parameters of a component.</summary>
    /// <param name="component">Index, for the notes.</param>
    /// <param name="count">Weight in rows, above <see cref="ColumnFamily.LeastWeight"/>.</param>
    /// <param name="sums">Weighted sums of the features.</param>
    /// <param name="parameters">Filled.</param>
    /// <param name="notes">Told of floors and bounds.</param>
    public abstract void Estimate(
        int component, double count, ReadOnlySpan<double> sums, Span<double> parameters, MaximisationNotes notes);

    /// <summary>Mean row of a component.</summary>
    public abstract void MeanRow(ReadOnlySpan<double> parameters, Span<double> row);

    /// <summary>A draw from a component.</summary>
    public abstract void SampleRow(ReadOnlySpan<double> parameters, RandomStream random, Span<double> row);
}

/// <summary>Components of a <see cref="FeatureFamily"/>.</summary>
internal sealed class FeatureComponents : ColumnComponents
{
    private readonly FeatureFamily _family;
    private readonly MatrixView<double> _transposed;
    private readonly AlignedBuffer<double> _constants;
    private readonly double[] _coefficients;
    private readonly double[] _means;
    private readonly double[] _entropies;
    private readonly Lazy<double[]> _columnConstants;

    public FeatureComponents(FeatureFamily family, int components, double[] parameters)
        : base(family, components, parameters)
    {
        _family = family;
        int features = family.FeatureCount;
        _transposed = new Matrix<double>(features, components);
        _constants = new AlignedBuffer<double>(MatrixView<double>.PaddedStride(components));
        _coefficients = new double[components * features];
        _means = new double[components * features];
        _entropies = new double[components];
        _columnConstants = new Lazy<double[]>(DescribeConstants);
        for (int k = 0; k < components; k++)
        {
            Span<double> coefficients = _coefficients.AsSpan(k * features, features);
            (_constants[k], _entropies[k]) =
                family.Describe(Of(k), coefficients, _means.AsSpan(k * features, features));
            for (int f = 0; f < features; f++)
            {
                _transposed[f][k] = coefficients[f];
            }
        }
    }

    public override ReadOnlySpan<double> Entropies => _entropies;

    /// <summary>Coefficients of the features in log densities, [K, features].</summary>
    public ReadOnlySpan<double> Coefficients => _coefficients;

    /// <summary>Constants of the log densities, K values.</summary>
    public ReadOnlySpan<double> Constants => _constants.Span[..Components];

    public override void LogDensities(ColumnScratch scratch, int count, MatrixView<double> target) =>
        MatrixProduct.Multiply(scratch.Features.Slice(0, count), _transposed, target.Slice(0, count), _constants.Span, 1.0);

    public override void AddColumnTerms(
        ColumnScratch scratch, int row, ReadOnlySpan<double> columns, ReadOnlySpan<double> responsibilities, Span<double> target)
    {
        ReadOnlySpan<double> features = scratch.Features[row];
        int width = target.Length;
        for (int k = 0; k < Components; k++)
        {
            // A product of 0 and a logarithm of 0 may be no number.
            for (int d = 0; d < width && responsibilities[k] > 0; d++)
            {
                double value = _columnConstants.Value[(k * width) + d];
                for (int f = d; f < features.Length; f += width)
                {
                    value += _coefficients[(k * features.Length) + f] * features[f];
                }

                target[d] += value > PosteriorKernels.Impossible ? responsibilities[k] * value : double.NegativeInfinity;
            }
        }

        for (int d = 0; d < width && !_family.HasConstantBaseMeasure; d++)
        {
            target[d] += IsTakenOut(features, d, width) ? 0 : _family.LogBaseMeasure(columns.Slice(d, 1));
        }
    }

    public override double ExpectedLogDensity(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics)
    {
        double sum = VectorFold.Dot(_coefficients, statistics);
        for (int k = 0; k < Components; k++)
        {
            sum += counts[k] * _constants[k];
        }

        return sum;
    }

    public override void AddResiduals(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics, Span<double> target)
    {
        int features = _family.FeatureCount;
        for (int k = 0; k < Components; k++)
        {
            for (int f = k * features; f < (k + 1) * features; f++)
            {
                target[k] += _coefficients[f] * ((counts[k] * _means[f]) - statistics[f]);
            }
        }
    }

    public override double PseudoDensity()
    {
        double sum = 0;
        if (_family.Pseudo is var (count, pseudo))
        {
            for (int k = 0; k < Components; k++)
            {
                sum += (count * _constants[k]) + VectorFold.Dot(_coefficients.AsSpan(k * pseudo.Length, pseudo.Length), pseudo);
            }
        }

        return sum;
    }

    public override double PseudoResidual()
    {
        double sum = 0;
        if (_family.Pseudo is var (count, pseudo))
        {
            for (int i = 0; i < _coefficients.Length; i++)
            {
                sum += _coefficients[i] * ((count * _means[i]) - pseudo[i % pseudo.Length]);
            }
        }

        return sum;
    }

    public override void Mean(int component, Span<double> target) => _family.MeanRow(Of(component), target);

    public override void Sample(int component, RandomStream random, Span<double> target) =>
        _family.SampleRow(Of(component), random, target);

    /// <summary>Whether a column of counts has no features: it was taken out, or is a 0 whose base measure is 1.</summary>
    private static bool IsTakenOut(ReadOnlySpan<double> features, int column, int width)
    {
        for (int f = column; f < features.Length; f += width)
        {
            if (features[f] != 0)
            {
                return false;
            }
        }

        return true;
    }

    private double[] DescribeConstants()
    {
        double[] constants = new double[Components * _family.Count];
        for (int k = 0; k < Components; k++)
        {
            _family.DescribeConstants(Of(k), constants.AsSpan(k * _family.Count, _family.Count));
        }

        return constants;
    }

    private ReadOnlySpan<double> Of(int component) =>
        Parameters.AsSpan(component * _family.ParametersPerComponent, _family.ParametersPerComponent);
}
