using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// Rows of a worker's block that have missing values: which these are, and their E-steps, one by one. Their places in the block are
/// filled as if they had none, so that all else goes by the same figures.
/// </summary>
internal sealed class ObservedRows(int rows, int columns, int latents, bool isDiagonal)
{
    private readonly bool[] _missing = new bool[rows * columns];
    private readonly double[] _values = new double[rows * columns];
    private readonly int[] _observed = new int[rows];
    private readonly RowSolver _solver = new(columns, latents, isDiagonal);
    private ObservedTerms _terms = null!;
    private PosteriorModel? _model;
    private double[] _mean = [];

    /// <summary>Columns that are there, by rows.</summary>
    public ReadOnlySpan<int> Observed => _observed;

    /// <summary>Whether a value is missing.</summary>
    public bool IsMissing(int row, int column) => _missing[(row * columns) + column];

    /// <summary>Takes the parameters, if they are not those that it has.</summary>
    public void Use(PosteriorModel model, SparseCodingParameters parameters)
    {
        if (!ReferenceEquals(_model, model))
        {
            (_model, _mean, _terms) = (model, parameters.Mean, new ObservedTerms(parameters.NoiseVariance));
            _solver.Use(new RowBound(parameters.Fields, _mean, parameters.Scales, _terms)
            {
                Tolerance = model.Tolerance,
                MaxEvaluations = model.MaxEvaluations,
            });
        }
    }

    /// <summary>Takes rows and returns them with the mean in place of what is missing.</summary>
    public ReadOnlySpan<double> Fill(ReadOnlySpan<double> values, int count)
    {
        values[..(count * columns)].CopyTo(_values);
        for (int row = 0; row < count; row++)
        {
            _observed[row] = columns;
            for (int d = 0; d < columns; d++)
            {
                int place = (row * columns) + d;
                _missing[place] = double.IsNaN(values[place]);
                if (_missing[place])
                {
                    _observed[row]--;
                    _values[place] = _mean[d];
                }
            }
        }

        return _values.AsSpan(0, count * columns);
    }

    /// <summary>Infers the rows that have missing values, in the places that the block has for them.</summary>
    public void Infer(ReadOnlySpan<double> values, int count, RowPosterior posterior, double[] squares)
    {
        for (int row = 0; row < count; row++)
        {
            if (_observed[row] == columns)
            {
                continue;
            }

            posterior.Evaluations[row] = _solver.Infer(values.Slice(row * columns, columns), isWarm: false);
            RowState state = _solver.State;
            Copy(state.Mean, posterior.Means[row]);
            Copy(state.Variance, posterior.Variances[row]);
            Copy(state.Size, posterior.Sizes[row]);
            Copy(state.Curvature, posterior.Spreads[row]);
            posterior.HalfLogDeterminants[row] = state.HalfLogDeterminant;
            (squares[row], posterior.Misfits[row]) = (_terms.Error(state.Spread, state.Slope, state.WeightTarget), 0);
        }
    }

    /// <summary>Fills T^-1 of a row that has missing values; false where it has none.</summary>
    public bool TryPrecision(int row, RowPosterior posterior, Span<double> precision)
    {
        if (_observed[row] == columns)
        {
            return false;
        }

        precision.Clear();
        for (int h = 0; h < latents; h++)
        {
            precision[(h * latents) + h] = isDiagonal ? 1 / posterior.Variances[row][h] : posterior.Spreads[row][h];
        }

        for (int d = 0; d < columns && !isDiagonal; d++)
        {
            for (int h = 0; h < latents && !IsMissing(row, d); h++)
            {
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(
                    _model!.Fields[d], _model.Pulls[d][h], precision.Slice(h * latents, latents), precision.Slice(h * latents, latents));
            }
        }

        return true;
    }

    private void Copy(double[] from, Span<double> to) => from.AsSpan(0, latents).CopyTo(to);
}
