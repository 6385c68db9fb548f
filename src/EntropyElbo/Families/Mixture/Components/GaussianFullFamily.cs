using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>Gaussian columns with a covariance matrix per component. Parameters: K means [K, D], then K covariances [K, D, D].</summary>
internal sealed class GaussianFullFamily(ColumnRange range, double[] reference) : GaussianCovarianceFamily(range, reference)
{
    protected override int Matrices(int components) => components;

    public override void AddStatistics(ColumnScratch scratch, int count, MatrixView<double> responsibilities, Span<double> statistics)
    {
        int components = responsibilities.Columns;
        AddSums(scratch, count, responsibilities, statistics);
        for (int k = 0; k < components; k++)
        {
            bool any = false;
            for (int row = 0; row < count; row++)
            {
                double weight = responsibilities[row][k];
                any |= weight != 0;
                TensorPrimitives.Multiply(scratch.Features[row], weight, scratch.Second[row]);
            }

            if (any)
            {
                AddScatter(scratch, count, statistics[new GaussianPlaces(components, Count).Scatter(k)]);
            }
        }
    }

    public override ColumnComponents Create(int components, double[] parameters) =>
        new GaussianFullComponents(this, components, parameters);

    public override ColumnComponents Maximise(
        ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics, ColumnComponents? current, MaximisationNotes notes)
    {
        int components = counts.Length;
        double[] parameters = current?.Parameters.ToArray() ?? new double[ParameterLength(components)];
        GaussianPlaces places = new(components, Count);
        double[] offset = new double[Count];
        CovarianceFloor? floor = null;
        for (int k = 0; k < components; k++)
        {
            if (counts[k] <= LeastWeight)
            {
                continue;
            }

            ReadOnlySpan<double> sums = statistics[places.Sums(k)];
            TensorPrimitives.Divide(sums, counts[k], offset);
            TensorPrimitives.Add(offset, Centre, parameters.AsSpan(places.Sums(k)));
            Span<double> covariance = parameters.AsSpan(places.Scatter(k));
            ScatterAbout(offset, counts[k], sums, statistics[places.Scatter(k)], covariance);
            TensorPrimitives.Divide(covariance, counts[k], covariance);
            if (CovarianceFloor.IsAbove(covariance, Least))
            {
                continue;
            }

            floor ??= CovarianceFloor.Find(Least, TotalCovariance(counts, statistics));
            if (floor.Raise(covariance))
            {
                notes.Floored.Add(k);
            }
        }

        return Create(components, parameters);
    }
}

/// <summary>Components of <see cref="GaussianFullFamily"/>.</summary>
internal sealed class GaussianFullComponents : ColumnComponents
{
    private readonly GaussianFullFamily _family;
    private readonly CovarianceMatrix[] _covariances;
    private readonly AlignedBuffer<double>[] _biases;
    private readonly double[] _constants;
    private readonly double[] _entropies;
    private readonly double[] _offsets;

    public GaussianFullComponents(GaussianFullFamily family, int components, double[] parameters)
        : base(family, components, parameters)
    {
        _family = family;
        int n = family.Count;
        _covariances = new CovarianceMatrix[components];
        _offsets = new double[components * n];
        _biases = new AlignedBuffer<double>[components];
        for (int k = 0; k < components; k++)
        {
            _covariances[k] = new CovarianceMatrix(parameters.AsSpan(new GaussianPlaces(components, n).Scatter(k)), n);
            _biases[k] = new AlignedBuffer<double>(MatrixView<double>.PaddedStride(n));
            TensorPrimitives.Subtract(parameters.AsSpan(k * n, n), family.Centre, _offsets.AsSpan(k * n, n));
            _covariances[k].Whiten(Offset(k), _biases[k].Span[..n]);
            TensorPrimitives.Negate(_biases[k].Span, _biases[k].Span);
        }

        _entropies = Array.ConvertAll(_covariances, c => c.Entropy);
        _constants = Array.ConvertAll(_entropies, h => (0.5 * n) - h);
    }

    public override ReadOnlySpan<double> Entropies => _entropies;

    /// <summary>Constants of the log densities, K values.</summary>
    public ReadOnlySpan<double> Constants => _constants;

    /// <summary>A component's covariance matrix.</summary>
    public CovarianceMatrix Covariance(int component) => _covariances[component];

    /// <summary>What is added to a row times the whitening matrix, D values: the whitened mean's negative.</summary>
    public ReadOnlySpan<double> WhitenedBias(int component) => _biases[component].Span[.._family.Count];

    public override void LogDensities(ColumnScratch scratch, int count, MatrixView<double> target)
    {
        Span<double> squares = stackalloc double[count];
        for (int k = 0; k < Components; k++)
        {
            MatrixView<double> whitened = scratch.Second.Slice(0, count);
            _covariances[k].WhitenRows(scratch.Features.Slice(0, count), whitened, _biases[k].Span);
            ElementLoops.RowSquares(whitened, squares);
            for (int row = 0; row < count; row++)
            {
                target[row][k] = _constants[k] - (0.5 * squares[row]);
            }
        }
    }

    public override void AddColumnTerms(
        ColumnScratch scratch, int row, ReadOnlySpan<double> columns, ReadOnlySpan<double> responsibilities, Span<double> target)
    {
        for (int k = 0; k < Components; k++)
        {
            if (responsibilities[k] > 0)
            {
                TensorPrimitives.Subtract(scratch.Features[row], Offset(k), scratch.Second[row]);
                _covariances[k].AddShares(scratch.Second[row], responsibilities[k], target);
            }
        }
    }

    public override double ExpectedLogDensity(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics)
    {
        double sum = 0;
        for (int k = 0; k < Components; k++)
        {
            sum += (counts[k] * _constants[k]) - (0.5 * Distance(k, counts[k], statistics));
        }

        return sum;
    }

    /// <summary>-1/2 (N D - sum of squared Mahalanobis distances) per component.</summary>
    public override void AddResiduals(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics, Span<double> target)
    {
        for (int k = 0; k < Components; k++)
        {
            target[k] -= 0.5 * ((counts[k] * _family.Count) - Distance(k, counts[k], statistics));
        }
    }

    public override void Mean(int component, Span<double> target) =>
        Parameters.AsSpan(component * _family.Count, _family.Count).CopyTo(target);

    public override void Sample(int component, RandomStream random, Span<double> target) =>
        GaussianDraw.Fill(Parameters.AsSpan(component * _family.Count, _family.Count), _covariances[component], random, target);

    private ReadOnlySpan<double> Offset(int k) => _offsets.AsSpan(k * _family.Count, _family.Count);

    /// <summary>Sum of squared Mahalanobis distances of the rows of component k.</summary>
    private double Distance(int k, double count, ReadOnlySpan<double> statistics)
    {
        int n = _family.Count;
        double[] about = new double[n * n];
        GaussianCovarianceFamily.ScatterAbout(
            Offset(k), count, statistics.Slice(k * n, n), statistics.Slice((Components * n) + (k * n * n), n * n), about);
        return _covariances[k].TraceOfInverseTimes(about);
    }
}

/// <summary>Draws from a Gaussian with a covariance matrix.</summary>
internal static class GaussianDraw
{
    /// <summary>mean + L times a standard normal vector.</summary>
    public static void Fill(ReadOnlySpan<double> mean, CovarianceMatrix covariance, RandomStream random, Span<double> target)
    {
        int n = covariance.Dimension;
        double[] noise = new double[n];
        random.FillGaussian(noise);
        for (int i = 0; i < n; i++)
        {
            target[i] = mean[i] + VectorFold.Dot(covariance.Factor.AsSpan(i * n, i + 1), noise.AsSpan(0, i + 1));
        }
    }
}
