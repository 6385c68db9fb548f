using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// Full covariances with H numbers a row: at the optimum <c>T = (A + diag c)^-1</c> with <c>A = (delta / sigma^2) W'W</c> (Opper
/// and Archambeau 2009), and the Newton matrix of nu is the same T. An iteration moves c towards its fixed point and nu by a Newton
/// step, both by a share s; it is kept if the row's bound does not fall, and then s grows by half up to 1, else s is halved. Eight
/// rows at once, a lane each.
/// </summary>
internal sealed class FullPosterior : RowPosterior
{
    private const double Growth = 1.5;

    /// <summary>A row whose steps are this short has met the precision of its arithmetic.</summary>
    private const double LeastStep = 1e-4;

    private readonly LaneInverse _inverse;
    private readonly LaneState _state;
    private readonly LaneState _trial;
    private readonly AlignedBuffer<double> _sums;
    private readonly LaneVector _pulls;
    private readonly LaneVector _direction;
    private readonly double[] _ridge;
    private MatrixView<double> _start;
    private PosteriorModel _model = null!;

    public FullPosterior(int rows, int columns, int latents)
        : base(rows, latents)
    {
        _inverse = LaneInverse.Create(columns, latents);
        _state = new LaneState(latents);
        _trial = new LaneState(latents);
        _pulls = new LaneVector(latents);
        _direction = new LaneVector(latents);
        _sums = new AlignedBuffer<double>(ArraySize.Of(LaneCholesky.Length(latents), LaneCholesky.Lanes));
        _ridge = new double[ArraySize.Of(latents, latents)];
    }

    public override void Use(PosteriorModel model)
    {
        _model = model;
        _inverse.Use(model);
        _start = default;
    }

    public override void Infer(int count, bool isWarm, bool withCovariances)
    {
        if (!isWarm)
        {
            StartCold(count);
        }

        _sums.Span.Clear();
        for (int first = 0; first < count; first += LaneCholesky.Lanes)
        {
            int rows = Math.Min(LaneCholesky.Lanes, count - first);
            Load(first, rows);
            Vector512<double> mask = Lanes.FirstLanes<double>(rows);
            bool isCurrent = Solve(first, rows, mask);
            if (withCovariances)
            {
                if (!isCurrent)
                {
                    _inverse.Compute(_state.Spread.Span);
                }

                _inverse.AddTo(mask, Sums);
            }

            Store(first, rows);
        }
    }

    public override void AddCovariances(MatrixView<double> sum)
    {
        for (int i = 0; i < sum.Rows; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double entry = VectorFold.Sum(Sums[LaneCholesky.Length(i) + j]);
                sum[i][j] += entry;
                if (j < i)
                {
                    sum[j][i] += entry;
                }
            }
        }
    }

    public override void Precision(int row, Span<double> precision)
    {
        int latents = _model.Latents;
        for (int h = 0; h < latents; h++)
        {
            _model.Precision[h].CopyTo(precision.Slice(h * latents, latents));
            precision[(h * latents) + h] += Spreads[row][h];
        }
    }

    private Span<Vector512<double>> Sums => System.Runtime.InteropServices.MemoryMarshal.Cast<double, Vector512<double>>(_sums.Span);

    /// <summary>The posterior under a normal prior of the Laplace prior's variance: one product for all rows.</summary>
    private void StartCold(int count)
    {
        int latents = _model.Latents;
        if (!_start.HasData)
        {
            for (int h = 0; h < latents; h++)
            {
                _model.Precision[h].CopyTo(_ridge.AsSpan(h * latents));
                _ridge[(h * latents) + h] += _model.RidgeCurvatures[h];
            }

            if (!Cholesky.TryFactor(_ridge, latents, out _))
            {
                throw new TrainingException(
                    "The fields of the latents cannot be told apart at this noise variance; scale the columns (minmax or standard), or "
                        + "use fewer latents.");
            }

            double[] inverse = new double[_ridge.Length];
            Cholesky.Inverse(_ridge, latents, inverse);
            _start = new Matrix<double>(latents, latents);
            ElementLoops.Load(inverse, latents, _start);
        }

        MatrixProduct.Multiply(Pulls.Slice(0, count), _start, Means.Slice(0, count));
        for (int row = 0; row < count; row++)
        {
            _model.RidgeCurvatures.CopyTo(Spreads[row]);
        }
    }

    private void Load(int first, int rows)
    {
        _pulls.Load(Pulls, first, rows, 0);
        _state.Mean.Load(Means, first, rows, 0);
        _state.Spread.Load(Spreads, first, rows, 1);
        Span<Vector512<double>> spread = _state.Spread.Span;
        Vector512<double> least = Vector512.Create(_model.CurvatureFloor);
        for (int h = 0; h < spread.Length; h++)
        {
            spread[h] = Vector512.Max(spread[h], least);
        }
    }

    private void Store(int first, int rows)
    {
        _state.Mean.Store(Means, first, rows);
        _state.Spread.Store(Spreads, first, rows);
        _state.Variance.Store(Variances, first, rows);
        _state.Size.Store(Sizes, first, rows);
        for (int row = 0; row < rows; row++)
        {
            HalfLogDeterminants[first + row] = _state.HalfLogDeterminant[row];
            Misfits[first + row] = _state.Misfit[row];
        }
    }

    /// <summary>Iterates all lanes of a mask; returns whether the inverse is at the end that of every lane's state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Solve(int first, int rows, Vector512<double> mask)
    {
        Vector512<double> step = Vector512<double>.One, active = mask, stale = Vector512<double>.Zero;
        Evaluations.AsSpan(first, rows).Fill(1);
        _inverse.Compute(_state.Spread.Span);
        Evaluate(_state);
        for (int evaluation = 1; evaluation < _model.MaxEvaluations && active != Vector512<double>.Zero; evaluation++)
        {
            Count(active, first, rows);
            MoveTrial(step, active);
            Evaluate(_trial);
            Vector512<double> gain = _trial.Bound - _state.Bound;
            Vector512<double> rounding = _model.Rounding
                * (Vector512.Abs(_state.Bound) + Vector512.Abs(_state.Misfit) + Vector512<double>.One);
            Vector512<double> accepted = active & Vector512.GreaterThanOrEqual(gain, -rounding);
            _state.Take(_trial, accepted);
            Vector512<double> done = (accepted & Vector512.LessThanOrEqual(gain, Vector512.Max(step * _model.Tolerance, rounding)))
                | Vector512.AndNot(Vector512.LessThan(step, Vector512.Create(LeastStep)), accepted);
            stale = Vector512.ConditionalSelect(active, Vector512.OnesComplement(accepted), stale);
            step = Vector512.ConditionalSelect(accepted, Vector512.Min(step * Growth, Vector512<double>.One), step * 0.5);
            active = Vector512.AndNot(active, done);
        }

        return (stale & mask) == Vector512<double>.Zero;
    }

    private void Count(Vector512<double> active, int first, int rows)
    {
        ulong bits = active.ExtractMostSignificantBits();
        for (int row = 0; row < rows; row++)
        {
            Evaluations[first + row] += (int)((bits >> row) & 1);
        }
    }

    /// <summary>The trial's c, its inverse and its nu; lanes that are not active stay.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MoveTrial(Vector512<double> step, Vector512<double> active)
    {
        Span<Vector512<double>> spread = _state.Spread.Span, target = _state.Target.Span, trialSpread = _trial.Spread.Span;
        Vector512<double> least = Vector512.Create(_model.CurvatureFloor);
        for (int h = 0; h < spread.Length; h++)
        {
            Vector512<double> moved = Vector512.Max(Vector512.FusedMultiplyAdd(step, target[h] - spread[h], spread[h]), least);
            trialSpread[h] = Vector512.ConditionalSelect(active, moved, spread[h]);
        }

        _inverse.Compute(trialSpread);
        _inverse.Multiply(_state.Gradient.Span, _direction.Span);
        Span<Vector512<double>> mean = _state.Mean.Span, direction = _direction.Span, trialMean = _trial.Mean.Span;
        for (int h = 0; h < mean.Length; h++)
        {
            trialMean[h] = Vector512.ConditionalSelect(active, Vector512.FusedMultiplyAdd(step, direction[h], mean[h]), mean[h]);
        }
    }

    /// <summary>The bound with its derivatives at a state whose T the inverse holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Evaluate(LaneState state)
    {
        Span<Vector512<double>> mean = state.Mean.Span, spread = state.Spread.Span, variance = state.Variance.Span, size = state.Size.Span;
        Span<Vector512<double>> gradient = state.Gradient.Span, target = state.Target.Span, pulls = _pulls.Span;
        _inverse.Variances.CopyTo(variance);
        Vector512<double> prior = Vector512<double>.Zero, fit = prior, trace = Vector512.Create((double)mean.Length);
        for (int h = 0; h < mean.Length; h++)
        {
            Vector512<double> pull = pulls[h] - Row(_model.Precision[h], mean);
            Vector512<double> weight = Vector512.Create(_model.Weights[h]);
            LaplaceTerms terms = LaplaceTerms.Of(mean[h], Vector512.Sqrt(variance[h]), weight);
            size[h] = terms.Size;
            gradient[h] = pull - terms.Slope;
            target[h] = terms.Curvature;
            prior = Vector512.FusedMultiplyAdd(weight, terms.Size, prior);
            fit = Vector512.FusedMultiplyAdd(mean[h], pulls[h] + pull, fit);

            // (A + diag c) T = I, so tr A T = H - sum_h c_h T_hh.
            trace -= spread[h] * variance[h];
        }

        state.HalfLogDeterminant = _inverse.HalfLogDeterminant;
        state.Misfit = trace - fit;
        state.Bound = state.HalfLogDeterminant - prior - (0.5 * state.Misfit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Row(ReadOnlySpan<double> row, ReadOnlySpan<Vector512<double>> mean)
    {
        Vector512<double> even = Vector512<double>.Zero, odd = even;
        mean = mean[..row.Length];
        int k = 0;
        for (; k + 2 <= row.Length; k += 2)
        {
            even = Vector512.FusedMultiplyAdd(Vector512.Create(row[k]), mean[k], even);
            odd = Vector512.FusedMultiplyAdd(Vector512.Create(row[k + 1]), mean[k + 1], odd);
        }

        return k < row.Length ? Vector512.FusedMultiplyAdd(Vector512.Create(row[k]), mean[k], even + odd) : even + odd;
    }
}
