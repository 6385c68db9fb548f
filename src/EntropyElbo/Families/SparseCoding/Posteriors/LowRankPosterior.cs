using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// Covariances <c>V V' + diag s^2</c> (V Fig. 7): the bound of a row climbs by L-BFGS in nu, log s and V, at O(H^2 r) an evaluation.
/// It is concave in nu and T, but not in V, so an optimum is a local one; none is below that with a diagonal covariance, from which
/// a row starts that nothing is known of. Spreads are s, then the columns of V.
/// </summary>
internal sealed class LowRankPosterior : RowPosterior
{
    /// <summary>Steps in a row that must gain less than the tolerance.</summary>
    private const int CalmSteps = 2;

    private readonly int _latents;
    private readonly int _stride;
    private readonly LowRankTerms _terms;
    private readonly LowRankRow _row;
    private readonly LowRankStart _start;
    private readonly LBfgs _search;
    private MatrixView<double> _products;
    private PosteriorModel _model = null!;

    public LowRankPosterior(int rows, int latents, int rank)
        : base(rows, latents, new CovarianceShape(false, rank).SpreadColumns(latents))
    {
        (_latents, _stride) = (latents, MatrixView<double>.PaddedStride(latents));
        _terms = new LowRankTerms(latents, rank);
        _row = new LowRankRow(_terms, latents);
        _start = new LowRankStart(rows, latents, rank);
        _search = new LBfgs(_row.Dimension);
    }

    /// <summary>Rows that <see cref="AddCovariances"/> sums.</summary>
    public int Count { get; set; }

    public override void Use(PosteriorModel model)
    {
        _model = model;
        _terms.Use(model);
        _row.Use(model);
        _start.Use(model);
    }

    public override void Infer(int count, bool isWarm, bool withCovariances)
    {
        Count = count;
        if (!isWarm)
        {
            _start.Fill(this, count);
        }

        for (int row = 0; row < count; row++)
        {
            Evaluate(row);
            Evaluations[row] = 1;
            if (_model.MaxEvaluations > 1)
            {
                Climb(row);
                if (!isWarm && !(_terms.Bound >= _start.Bounds[row]))
                {
                    _start.Restore(this, row);
                    Evaluate(row);
                }
            }
        }
    }

    /// <summary>Bound and derivatives of a row where its means and spreads are.</summary>
    public LowRankTerms Evaluate(int row)
    {
        Span<double> spreads = Spreads.PaddedRow(row);
        Means[row].CopyTo(_terms.Vectors[0]);
        spreads[.._latents].CopyTo(_terms.Deviations);
        for (int k = 0; k < _terms.Rank; k++)
        {
            spreads.Slice((1 + k) * _stride, _latents).CopyTo(_terms.Vectors[1 + k]);
        }

        _terms.Evaluate(Pulls.PaddedRow(row));
        Store(row);
        return _terms;
    }

    public override void AddCovariances(MatrixView<double> sum)
    {
        if (_terms.Rank > 0 && !_products.HasData)
        {
            _products = new Matrix<double>(_latents, _latents);
        }

        for (int k = 0; k < _terms.Rank; k++)
        {
            MatrixView<double> vectors = Spreads.Block(0, Count, (1 + k) * _stride, _latents);
            MatrixProduct.MultiplyTransposedLeft(vectors, vectors, _products);
            ElementLoops.Add(_products, sum);
        }

        for (int row = 0; row < Count; row++)
        {
            for (int h = 0; h < _latents; h++)
            {
                sum[h][h] += Spreads[row][h] * Spreads[row][h];
            }
        }
    }

    public override void Precision(int row, Span<double> precision)
    {
        Evaluate(row);
        _terms.Precision(precision);
    }

    private void Climb(int row)
    {
        _row.Start(Pulls.PaddedRow(row), _search.Point);
        _search.Start(_row);
        int calm = 0;
        bool isCurrent = true;
        while (calm < CalmSteps && isCurrent && _search.Evaluations < _model.MaxEvaluations)
        {
            double before = _search.Value, rounding = _model.Rounding * (Math.Abs(before) + Math.Abs(Misfits[row]) + 1);
            isCurrent = _search.Step(_row);
            calm = before - _search.Value <= Math.Max(_model.Tolerance, rounding) ? calm + 1 : 0;
        }

        if (!isCurrent)
        {
            _row.Evaluate(_search.Point, _row.Ignored);
        }

        Evaluations[row] = isCurrent && calm < CalmSteps ? _model.MaxEvaluations : (int)_search.Evaluations;
        _terms.Vectors[0].CopyTo(Means[row]);
        Span<double> spreads = Spreads.PaddedRow(row);
        _terms.Deviations.AsSpan(0, _latents).CopyTo(spreads);
        for (int k = 0; k < _terms.Rank; k++)
        {
            _terms.Vectors[1 + k].CopyTo(spreads.Slice((1 + k) * _stride, _latents));
        }

        Store(row);
    }

    private void Store(int row)
    {
        _terms.Variances.AsSpan(0, _latents).CopyTo(Variances[row]);
        _terms.Sizes.AsSpan(0, _latents).CopyTo(Sizes[row]);
        HalfLogDeterminants[row] = _terms.HalfLogDeterminant;
        Misfits[row] = _terms.Misfit;
    }
}
