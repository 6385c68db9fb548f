using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// Gaussian columns with one covariance matrix for all components. Parameters: K means [K, D], then the covariance [D, D].
/// </summary>
internal sealed class GaussianTiedFamily(ColumnRange range, double[] reference) : GaussianCovarianceFamily(range, reference)
{
    protected override int Matrices(int components) => 1;

    public override void AddStatistics(ColumnScratch scratch, int count, MatrixView<double> responsibilities, Span<double> statistics)
    {
        AddSums(scratch, count, responsibilities, statistics);
        for (int row = 0; row < count; row++)
        {
            TensorPrimitives.Multiply(scratch.Features[row], VectorFold.Sum(responsibilities[row]), scratch.Second[row]);
        }

        AddScatter(scratch, count, statistics[new GaussianPlaces(responsibilities.Columns, Count).Scatter(0)]);
    }

    public override ColumnComponents Create(int components, double[] parameters) =>
        new GaussianTiedComponents(this, components, parameters);

    public override ColumnComponents Maximise(
        ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics, ColumnComponents? current, MaximisationNotes notes)
    {
        int components = counts.Length;
        double[] parameters = current?.Parameters.ToArray() ?? new double[ParameterLength(components)];
        GaussianPlaces places = new(components, Count);
        double[] offsets = new double[components * Count];
        for (int k = 0; k < components; k++)
        {
            Span<double> mean = parameters.AsSpan(places.Sums(k));
            Span<double> offset = offsets.AsSpan(places.Sums(k));
            if (counts[k] > LeastWeight)
            {
                TensorPrimitives.Divide(statistics[places.Sums(k)], counts[k], offset);
                TensorPrimitives.Add(offset, Centre, mean);
            }
            else
            {
                TensorPrimitives.Subtract(mean, Centre, offset);
            }
        }

        Span<double> covariance = parameters.AsSpan(places.Scatter(0));
        WithinScatter(offsets, counts, statistics, Count, covariance);
        TensorPrimitives.Divide(covariance, VectorFold.Sum(counts), covariance);
        if (!CovarianceFloor.IsAbove(covariance, Least)
            && CovarianceFloor.Find(Least, TotalCovariance(counts, statistics)).Raise(covariance))
        {
            notes.Floored.UnionWith(Enumerable.Range(0, components));
        }

        return Create(components, parameters);
    }

    /// <summary>The scatter of all rows about the means of their components.</summary>
    public static void WithinScatter(
        ReadOnlySpan<double> offsets, ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics, int n, Span<double> target)
    {
        GaussianPlaces places = new(counts.Length, n);
        ReadOnlySpan<double> scatter = statistics[places.Scatter(0)];
        for (int i = 0; i < n; i++)
        {
            for (int j = i; j < n; j++)
            {
                double value = scatter[(i * n) + j];
                for (int k = 0; k < counts.Length; k++)
                {
                    ReadOnlySpan<double> mean = offsets[places.Sums(k)];
                    ReadOnlySpan<double> sums = statistics[places.Sums(k)];
                    value -= (sums[i] * mean[j]) + (mean[i] * sums[j]) - (counts[k] * mean[i] * mean[j]);
                }

                target[(i * n) + j] = value;
                target[(j * n) + i] = value;
            }
        }
    }
}

/// <summary>Components of <see cref="GaussianTiedFamily"/>: rows are whitened once, and distances are taken there.</summary>
internal sealed class GaussianTiedComponents : ColumnComponents
{
    private readonly GaussianTiedFamily _family;
    private readonly CovarianceMatrix _covariance;
    private readonly MatrixView<double> _whitenedMeans;
    private readonly AlignedBuffer<double> _constants;
    private readonly double[] _offsets;
    private readonly double[] _entropies;

    public GaussianTiedComponents(GaussianTiedFamily family, int components, double[] parameters)
        : base(family, components, parameters)
    {
        _family = family;
        int n = family.Count;
        _covariance = new CovarianceMatrix(parameters.AsSpan(components * n), n);
        _whitenedMeans = new Matrix<double>(n, components);
        _constants = new AlignedBuffer<double>(MatrixView<double>.PaddedStride(components));
        _offsets = new double[components * n];
        _entropies = new double[components];
        Array.Fill(_entropies, _covariance.Entropy);
        double[] whitened = new double[n];
        for (int k = 0; k < components; k++)
        {
            TensorPrimitives.Subtract(parameters.AsSpan(k * n, n), family.Centre, _offsets.AsSpan(k * n, n));
            _covariance.Whiten(_offsets.AsSpan(k * n, n), whitened);
            for (int d = 0; d < n; d++)
            {
                _whitenedMeans[d][k] = whitened[d];
            }

            _constants[k] = (0.5 * n) - _covariance.Entropy - (0.5 * VectorFold.Dot(whitened, whitened));
        }
    }

    public override ReadOnlySpan<double> Entropies => _entropies;

    /// <summary>The covariance matrix.</summary>
    public CovarianceMatrix Covariance => _covariance;

    /// <summary>Whitened means, [D, K].</summary>
    public MatrixView<double> WhitenedMeans => _whitenedMeans;

    /// <summary>Constants of the log densities, K values.</summary>
    public ReadOnlySpan<double> Constants => _constants.Span[..Components];

    public override void LogDensities(ColumnScratch scratch, int count, MatrixView<double> target)
    {
        Span<double> squares = stackalloc double[count];
        MatrixView<double> whitened = scratch.Second.Slice(0, count);
        _covariance.WhitenRows(scratch.Features.Slice(0, count), whitened, default);
        ElementLoops.RowSquares(whitened, squares);
        MatrixProduct.Multiply(whitened, _whitenedMeans, target.Slice(0, count), _constants.Span, 1.0);
        for (int row = 0; row < count; row++)
        {
            TensorPrimitives.Subtract(target[row], 0.5 * squares[row], target[row]);
        }
    }

    public override void AddColumnTerms(
        ColumnScratch scratch, int row, ReadOnlySpan<double> columns, ReadOnlySpan<double> responsibilities, Span<double> target)
    {
        for (int k = 0; k < Components; k++)
        {
            if (responsibilities[k] > 0)
            {
                TensorPrimitives.Subtract(scratch.Features[row], _offsets.AsSpan(k * target.Length, target.Length), scratch.Second[row]);
                _covariance.AddShares(scratch.Second[row], responsibilities[k], target);
            }
        }
    }

    public override double ExpectedLogDensity(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics) =>
        (VectorFold.Sum(counts) * ((0.5 * _family.Count) - _covariance.Entropy)) - (0.5 * Distance(counts, statistics));

    public override bool HasOwnResiduals => false;

    /// <summary>Shared out by weight: the one covariance makes the sum vanish, not the parts.</summary>
    public override void AddResiduals(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics, Span<double> target)
    {
        double residual = Residual(counts, statistics), rows = VectorFold.Sum(counts);
        for (int k = 0; k < Components; k++)
        {
            target[k] += residual * counts[k] / rows;
        }
    }

    public override double Residual(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics) =>
        -0.5 * ((VectorFold.Sum(counts) * _family.Count) - Distance(counts, statistics));

    public override void Mean(int component, Span<double> target) =>
        Parameters.AsSpan(component * _family.Count, _family.Count).CopyTo(target);

    public override void Sample(int component, RandomStream random, Span<double> target) =>
        GaussianDraw.Fill(Parameters.AsSpan(component * _family.Count, _family.Count), _covariance, random, target);

    private double Distance(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics)
    {
        int n = _family.Count;
        double[] within = new double[n * n];
        GaussianTiedFamily.WithinScatter(_offsets, counts, statistics, n, within);
        return _covariance.TraceOfInverseTimes(within);
    }
}
