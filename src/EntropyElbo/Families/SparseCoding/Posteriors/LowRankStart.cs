using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// Where rows of low rank start that nothing is known of: at the optimum with diagonal covariances, widened along the directions in
/// which the posterior under a normal prior is wider than that. At V = 0 there would be no slope to follow.
/// </summary>
internal sealed class LowRankStart(int rows, int latents, int rank)
{
    /// <summary>Eigenvalues below are not divided by.</summary>
    private const double LeastEigenvalue = 1e-4;

    /// <summary>Least widening, so that there is a slope where nothing is wider.</summary>
    private const double LeastWidth = 1e-2;

    private readonly DiagonalPosterior _diagonal = new(rows, latents);
    private double[][] _directions = [];
    private PosteriorModel _model = null!;

    /// <summary>The bounds of the diagonal optima.</summary>
    public double[] Bounds { get; } = new double[rows];

    /// <summary>Takes the parameters.</summary>
    public void Use(PosteriorModel model)
    {
        _model = model;
        _directions = [];
        _diagonal.Use(model);
    }

    /// <summary>Fills means and spreads.</summary>
    public void Fill(RowPosterior posterior, int count)
    {
        if (_directions.Length == 0)
        {
            _directions = Directions();
        }

        posterior.Pulls.Slice(0, count).Entries.CopyTo(_diagonal.Pulls.Entries);
        _diagonal.Infer(count, isWarm: false, withCovariances: false);
        int stride = MatrixView<double>.PaddedStride(latents);
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<double> deviations = _diagonal.Spreads[row], sizes = _diagonal.Sizes[row];
            Bounds[row] = _diagonal.HalfLogDeterminants[row] - VectorFold.Dot(_model.Weights, sizes) - (0.5 * _diagonal.Misfits[row]);
            _diagonal.Means[row].CopyTo(posterior.Means[row]);
            Span<double> spreads = posterior.Spreads.PaddedRow(row);
            spreads.Clear();
            deviations.CopyTo(spreads);
            for (int k = 0; k < rank; k++)
            {
                System.Numerics.Tensors.TensorPrimitives.Multiply(deviations, _directions[k], spreads.Slice((1 + k) * stride, latents));
            }
        }
    }

    /// <summary>A row's optimum with a diagonal covariance, after <see cref="Fill"/>.</summary>
    public void Restore(RowPosterior posterior, int row)
    {
        _diagonal.Means[row].CopyTo(posterior.Means[row]);
        posterior.Spreads.PaddedRow(row).Clear();
        _diagonal.Spreads[row].CopyTo(posterior.Spreads.PaddedRow(row));
    }

    /// <summary>
    /// Of <c>M = D (A + C) D</c> with C a normal prior's curvatures and unit diagonal, the eigenvectors u of the least eigenvalues
    /// m, by <c>sqrt(1 / m - 1)</c>: <c>D (I + U U') D</c> is the best covariance of that form.
    /// </summary>
    private double[][] Directions()
    {
        double[] matrix = new double[ArraySize.Of(latents, latents)];
        double most = 0;
        for (int i = 0; i < latents; i++)
        {
            double sum = 0;
            for (int j = 0; j < latents; j++)
            {
                double entry = (_model.Precision[i][j] + (i == j ? _model.RidgeCurvatures[i] : 0)) * Unit(i) * Unit(j);
                matrix[(i * latents) + j] = -entry;
                sum += Math.Abs(entry);
            }

            most = Math.Max(most, sum);
        }

        for (int i = 0; i < latents; i++)
        {
            matrix[(i * latents) + i] += most;
        }

        EigenPairs pairs = SymmetricEigen.Top(matrix, latents, rank);
        return [.. Enumerable.Range(0, rank).Select(k =>
        {
            double width = Math.Sqrt(Math.Max(1 / Math.Max(most - pairs.Values[k], LeastEigenvalue), 1 + (LeastWidth * LeastWidth)) - 1);
            return Array.ConvertAll(pairs.Vectors[(k * latents)..((k + 1) * latents)], u => width * u);
        })];
    }

    private double Unit(int latent) => 1 / Math.Sqrt(_model.Precision[latent][latent] + _model.RidgeCurvatures[latent]);
}
