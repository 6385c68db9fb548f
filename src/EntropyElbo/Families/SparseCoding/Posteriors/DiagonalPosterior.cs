using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// Diagonal covariances, <c>1 / tau_h^2 = A_hh + c_h</c> at the optimum. The means climb by conjugate gradients with the diagonal
/// of the Newton matrix as preconditioner and the bound's curvature for the length of steps, the deviations by Newton steps of
/// their own; an iteration is one product of all rows that are not done with A. A step after which the bound is lower is taken
/// back, and the next is half as long.
/// </summary>
internal sealed class DiagonalPosterior(int rows, int latents) : RowPosterior(rows, latents)
{
    private const double Growth = 1.5;

    /// <summary>A row whose steps are this short has met the precision of its arithmetic.</summary>
    private const double LeastStep = 1e-4;

    private readonly DiagonalRows _work = new(rows, latents);
    private readonly double[] _variances = new double[MatrixView<double>.PaddedStride(latents)];
    private PosteriorModel _model = null!;
    private DiagonalTerms _terms = null!;

    public override void Use(PosteriorModel model)
    {
        _model = model;
        _terms = new DiagonalTerms(model, Means.Stride);
    }

    public override void Infer(int count, bool isWarm, bool withCovariances)
    {
        Start(count, isWarm);
        int active = count;
        for (int evaluation = 1; active > 0; evaluation++)
        {
            for (int row = active - 1; row >= 0; row--)
            {
                if (IsDone(row, evaluation))
                {
                    Finish(row, evaluation);
                    _work.Move(--active, row);
                }
            }

            if (active > 0)
            {
                MatrixProduct.Multiply(_work.Directions.Slice(0, active), _model.Precision, _work.Images.Slice(0, active));
                for (int row = 0; row < active; row++)
                {
                    DiagonalTerms.Step(_work, row);
                }
            }
        }

        if (withCovariances)
        {
            ElementLoops.ColumnSums(Variances.Slice(0, count), _variances);
        }
    }

    public override void AddCovariances(MatrixView<double> sum)
    {
        for (int h = 0; h < sum.Rows; h++)
        {
            sum[h][h] += _variances[h];
        }
    }

    public override void Precision(int row, Span<double> precision)
    {
        precision.Clear();
        for (int h = 0; h < _model.Latents; h++)
        {
            precision[(h * _model.Latents) + h] = 1 / Variances[row][h];
        }
    }

    private void Start(int count, bool isWarm)
    {
        for (int row = 0; row < count; row++)
        {
            _work.Places[row] = row;
            _work.Shares[row] = 1;
            Pulls[row].CopyTo(_work.Pulls[row]);
            _work.Directions.PaddedRow(row).Clear();
            Span<double> deviations = _work.Deviations.PaddedRow(row);
            deviations.Fill(1);
            if (isWarm)
            {
                Means[row].CopyTo(_work.Means[row]);
                Spreads[row].CopyTo(deviations);
            }
            else
            {
                _work.Means[row].Clear();
                _work.Forces[row].Clear();
                _terms.FirstDeviations.CopyTo(deviations);
            }
        }

        if (isWarm)
        {
            MatrixProduct.Multiply(_work.Means.Slice(0, count), _model.Precision, _work.Forces.Slice(0, count));
        }
    }

    /// <summary>Looks at where the latest step has led a row; whether it is done, else its next direction is set.</summary>
    private bool IsDone(int row, int evaluation)
    {
        double before = _work.Bounds[row];
        bool isFirst = evaluation == 1, isCut = evaluation >= _model.MaxEvaluations;
        Span<double> sizes = Sizes.PaddedRow(_work.Places[row]);
        _terms.Evaluate(_work, row, sizes);
        double rounding = 1e-14 * (Math.Abs(before) + Math.Abs(_work.Misfits[row]) + 1), gain = isFirst ? 0 : _work.Bounds[row] - before;
        bool isFall = !(gain >= -rounding);
        if (isFall)
        {
            DiagonalTerms.TakeBack(_work, row);
            _terms.Evaluate(_work, row, sizes);
            _work.Shares[row] *= 0.5;
        }
        else if (!isFirst)
        {
            _work.Shares[row] = Math.Min(1, Growth * _work.Shares[row]);
        }

        double rest = _terms.Direct(_work, row, isFirst || isFall);
        return isCut || (!isFall && !(Math.Max(rest, gain) > Math.Max(_model.Tolerance, rounding))) || _work.Shares[row] < LeastStep;
    }

    private void Finish(int row, int evaluation)
    {
        int place = _work.Places[row];
        _work.Means[row].CopyTo(Means[place]);
        _work.Deviations[row].CopyTo(Spreads[place]);
        System.Numerics.Tensors.TensorPrimitives.Multiply(Spreads[place], Spreads[place], Variances[place]);
        HalfLogDeterminants[place] = _work.HalfLogDeterminants[row];
        Misfits[place] = _work.Misfits[row];
        Evaluations[place] = evaluation;
    }
}
