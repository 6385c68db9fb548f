using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// The E-step of one row at a time, for columns whose curvature differs from row to row. The bound is jointly concave in mean and
/// Cholesky factor of q: <c>log|L|</c> and minus the expectations of convex functions of <c>nu + L e</c>. An iteration moves c and e
/// towards their fixed point, which climbs as a natural gradient does, and nu by a Newton step with <c>P = W' diag(e) W + diag c</c>,
/// all by a share s: kept if the bound does not fall, and then s grows by half up to 1, else it is halved. A worker's own.
/// </summary>
internal sealed class RowSolver
{
    private const double Growth = 1.5;

    /// <summary>A row whose steps are this short has met the precision of its arithmetic.</summary>
    private const double LeastStep = 1e-6;

    private const double Rounding = 1e-14;

    private readonly bool _isDiagonal;
    private readonly int _latents;
    private readonly double[] _direction;
    private readonly double[] _inverse;
    private readonly MatrixView<double> _square;
    private RowState _trial;
    private RowBound _bound = null!;

    public RowSolver(int columns, int latents, bool isDiagonal)
    {
        (_latents, _isDiagonal) = (latents, isDiagonal);
        _direction = new double[latents];
        _inverse = new double[ArraySize.Of(latents, latents)];
        _square = new Matrix<double>(latents, latents);
        State = new RowState(columns, latents);
        _trial = new RowState(columns, latents);
    }

    /// <summary>The row's q: given are nu, c and e where it starts warm.</summary>
    public RowState State { get; private set; }

    /// <summary>Takes the parameters.</summary>
    public void Use(RowBound bound) => _bound = bound;

    /// <summary>Infers a row and returns the evaluations of its bound that it took.</summary>
    public int Infer(ReadOnlySpan<double> row, bool isWarm)
    {
        if (isWarm)
        {
            Complete(State, row, TryFactor(State));
        }

        if (!isWarm || !double.IsFinite(State.Bound))
        {
            StartCold(row);
            Complete(State, row, TryFactor(State));
        }

        double step = 1;
        int evaluation = 1;
        while (evaluation < _bound.MaxEvaluations && step >= LeastStep)
        {
            evaluation++;
            Complete(_trial, row, MoveTrial(step));
            double gain = _trial.Bound - State.Bound, rounding = Rounding * (Math.Abs(State.Bound) + Math.Abs(State.Value) + 1);
            if (!(gain >= -rounding))
            {
                step *= 0.5;
                continue;
            }

            (State, _trial) = (_trial, State);
            if (gain <= Math.Max(step * _bound.Tolerance, rounding))
            {
                break;
            }

            step = Math.Min(1, Growth * step);
        }

        return evaluation;
    }

    private void StartCold(ReadOnlySpan<double> row)
    {
        Array.Clear(State.Mean);
        _bound.RidgeCurvatures.CopyTo(State.Curvature, 0);
        _bound.Terms.Start(row, _bound.Offsets, State.Weight);
    }

    /// <summary>The trial's c, e and P, and its nu; false where P has no factor.</summary>
    private bool MoveTrial(double step)
    {
        for (int h = 0; h < _latents; h++)
        {
            double c = State.Curvature[h];
            _trial.Curvature[h] = Math.Max(c + (step * (State.Target[h] - c)), _bound.Floors[h]);
        }

        for (int d = 0; d < _trial.Weight.Length; d++)
        {
            double e = State.Weight[d];
            _trial.Weight[d] = e + (step * (State.WeightTarget[d] - e));
        }

        if (!TryFactor(_trial))
        {
            return false;
        }

        State.Gradient.AsSpan(0, _latents).CopyTo(_direction);
        Cholesky.SolveLower(_trial.Factor, _latents, _direction);
        Cholesky.SolveTransposed(_trial.Factor, _latents, _direction);
        for (int h = 0; h < _latents; h++)
        {
            _trial.Mean[h] = State.Mean[h] + (step * _direction[h]);
        }

        return true;
    }

    /// <summary>P of a state, its factor, and T's diagonal and determinant.</summary>
    private bool TryFactor(RowState state)
    {
        AddOuterProducts(state.Weight);
        for (int h = 0; h < _latents; h++)
        {
            _square[h].CopyTo(state.Factor.AsSpan(h * _latents));
            state.Factor[(h * _latents) + h] += state.Curvature[h];
            state.Variance[h] = 1 / state.Factor[(h * _latents) + h];
        }

        if (!Cholesky.TryFactor(state.Factor, _latents, out _))
        {
            return false;
        }

        if (_isDiagonal)
        {
            state.HalfLogDeterminant = 0;
            for (int h = 0; h < _latents; h++)
            {
                state.HalfLogDeterminant += 0.5 * Math.Log(state.Variance[h]);
            }

            return true;
        }

        state.HalfLogDeterminant = -0.5 * Cholesky.LogDeterminant(state.Factor, _latents);
        Cholesky.Inverse(state.Factor, _latents, _inverse);
        for (int h = 0; h < _latents; h++)
        {
            _inverse.AsSpan(h * _latents, _latents).CopyTo(_square[h]);
            state.Variance[h] = _square[h][h];
        }

        return true;
    }

    /// <summary>What follows from a state whose P has just been factored.</summary>
    private void Complete(RowState state, ReadOnlySpan<double> row, bool hasFactor)
    {
        if (!hasFactor)
        {
            state.Bound = double.NaN;
            return;
        }

        Project(state);
        state.Value = _bound.Terms.Evaluate(row, state.Linear, state.Spread, state.Slope, state.WeightTarget);
        state.Bound = state.HalfLogDeterminant + state.Value - AddPrior(state);
    }

    /// <summary>The lower triangle of <c>W' diag(e) W</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddOuterProducts(double[] weights)
    {
        _square.Entries.Clear();
        for (int d = 0; d < weights.Length; d++)
        {
            ReadOnlySpan<double> field = _bound.Fields[d];
            ReadOnlySpan<Vector512<double>> lanes = Vectors(_bound.Fields, d);
            for (int i = 0; i < field.Length; i++)
            {
                Vector512<double> factor = Vector512.Create(weights[d] * field[i]);
                Span<Vector512<double>> target = Vectors(_square, i);
                for (int k = 0; k <= i >> 3; k++)
                {
                    target[k] = Vector512.FusedMultiplyAdd(factor, lanes[k], target[k]);
                }
            }
        }
    }

    /// <summary><c>W T</c>, and means and variances of <c>b + W z</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Project(RowState state)
    {
        ReadOnlySpan<Vector512<double>> variances = Vectors(state.Variance), means = Vectors(state.Mean);
        for (int d = 0; d < state.Linear.Length; d++)
        {
            ReadOnlySpan<double> field = _bound.Fields[d];
            ReadOnlySpan<Vector512<double>> lanes = Vectors(_bound.Fields, d);
            Span<Vector512<double>> image = Vectors(state.Images, d);
            image.Clear();
            for (int k = 0; k < field.Length && !_isDiagonal; k++)
            {
                Vector512<double> factor = Vector512.Create(field[k]);
                ReadOnlySpan<Vector512<double>> covariances = Vectors(_square, k);
                for (int i = 0; i < image.Length; i++)
                {
                    image[i] = Vector512.FusedMultiplyAdd(factor, covariances[i], image[i]);
                }
            }

            Vector512<double> mean = Vector512<double>.Zero, spread = mean;
            for (int i = 0; i < image.Length; i++)
            {
                image[i] = _isDiagonal ? lanes[i] * variances[i] : image[i];
                mean = Vector512.FusedMultiplyAdd(lanes[i], means[i], mean);
                spread = Vector512.FusedMultiplyAdd(lanes[i], image[i], spread);
            }

            state.Linear[d] = _bound.Offsets[d] + VectorFold.Sum(mean);
            state.Spread[d] = VectorFold.Sum(spread);
        }
    }

    /// <summary>Sizes, curvatures and the gradient by nu; returns the prior's part of the bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double AddPrior(RowState state)
    {
        Span<Vector512<double>> gradient = Vectors(state.Gradient), sizes = Vectors(state.Size), targets = Vectors(state.Target);
        ReadOnlySpan<Vector512<double>> weights = Vectors(_bound.Weights), means = Vectors(state.Mean), variances = Vectors(state.Variance);
        Vector512<double> prior = Vector512<double>.Zero;
        for (int i = 0; i < gradient.Length; i++)
        {
            LaplaceTerms terms = LaplaceTerms.Of(means[i], Vector512.Sqrt(variances[i]), weights[i]);
            (sizes[i], gradient[i], targets[i]) = (terms.Size, -terms.Slope, terms.Curvature);
            prior = Vector512.FusedMultiplyAdd(weights[i], terms.Size, prior);
        }

        for (int d = 0; d < state.Slope.Length; d++)
        {
            Vector512<double> slope = Vector512.Create(state.Slope[d]);
            ReadOnlySpan<Vector512<double>> lanes = Vectors(_bound.Fields, d);
            for (int i = 0; i < gradient.Length; i++)
            {
                gradient[i] = Vector512.FusedMultiplyAdd(slope, lanes[i], gradient[i]);
            }
        }

        return VectorFold.Sum(prior);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<Vector512<double>> Vectors(MatrixView<double> matrix, int row) =>
        MemoryMarshal.Cast<double, Vector512<double>>(matrix.PaddedRow(row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<Vector512<double>> Vectors(double[] values) => MemoryMarshal.Cast<double, Vector512<double>>(values.AsSpan());
}
