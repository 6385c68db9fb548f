using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Regression;

/// <summary>
/// The M-step of one block of outputs: Newton's method with a Cholesky factor per column, each column to convergence on its own, or
/// a few steps of it. A factor serves several steps while they converge fast; steps that do not lower a column's value are halved.
/// A column that its inputs separate perfectly (a constant one, say) has its optimum at infinity: it is followed until its gradient
/// is rounding. Not safe to share between threads.
/// </summary>
internal sealed class RegressionSolver
{
    /// <summary>A column is done when the squared Newton decrement and |theta' gradient| fall below these.</summary>
    private const double DecrementTolerance = 1e-14;
    private const double ResidualTolerance = 3e-12;

    /// <summary>A factor is kept while a step lowers the squared decrement by this factor.</summary>
    private const double KeepFactor = 0.01;

    /// <summary>Smallest pivot added, as a share of the mean diagonal: inputs that are never on have no curvature.</summary>
    private const double Jitter = 1e-14;

    /// <summary>Rounding of a column's value, relative to 1 + |value|.</summary>
    private const double Rounding = 1e-14;

    private readonly int _maxSteps;
    private readonly int _size;
    private readonly RegressionEvaluator _evaluator;
    private readonly AlignedBuffer<double>[] _memory;
    private readonly Column[] _columns;
    private MatrixView<double> _point;
    private MatrixView<double> _gradient;
    private MatrixView<double> _trial;
    private MatrixView<double> _trialGradient;

    /// <param name="inputs">Inputs of the blocks it solves.</param>
    /// <param name="maxSteps">Steps at most; columns that have not converged are left where they are, better than they were.</param>
    public RegressionSolver(int inputs, int maxSteps)
    {
        _maxSteps = maxSteps;
        _size = inputs + 1;
        _evaluator = new RegressionEvaluator(inputs);
        _memory = new AlignedBuffer<double>[4];
        for (int i = 0; i < _memory.Length; i++)
        {
            _memory[i] = new AlignedBuffer<double>(_size * RegressionEvaluator.MaxColumns);
        }

        _columns = new Column[RegressionEvaluator.MaxColumns];
        for (int d = 0; d < _columns.Length; d++)
        {
            _columns[d] = new Column(_size);
        }
    }

    /// <summary>Inputs of the blocks it solves.</summary>
    public int Inputs => _size - 1;

    /// <summary>Moves the parameters of some columns of a block to the optimum.</summary>
    /// <param name="problem">The regressions.</param>
    /// <param name="layer">Parameters: the start, and then the optimum.</param>
    /// <param name="first">The first column.</param>
    /// <returns>Values at the optimum, summed over the columns.</returns>
    public LayerValues Solve(LayerProblem problem, BeliefLayer layer, int first)
    {
        int columns = Math.Min(RegressionEvaluator.MaxColumns, layer.Outputs - first);
        Start(problem, layer, first, columns);
        for (int step = 0; step < _maxSteps && SetSteps(problem, columns); step++)
        {
            for (int d = 0; d < columns; d++)
            {
                _columns[d].Move(_point, _trial, d);
            }

            _evaluator.Evaluate(problem, first, _trial, _trialGradient);
            for (int d = 0; d < columns; d++)
            {
                Accept(d);
            }
        }

        LayerValues sum = default;
        for (int d = 0; d < columns; d++)
        {
            Column column = _columns[d];
            double linear = 0;
            for (int h = 0; h < _size; h++)
            {
                layer.Parameters[h][first + d] = _point[h][d];
                linear += problem.Row(h)[first + d] * _point[h][d];
            }

            // Softplus less natural times mean parameters is the entropy; the rest of the value is the residual.
            sum += new LayerValues(-column.Value, column.Value + linear - column.MeanActivation, column.MeanActivation - linear);
        }

        return sum;
    }

    private void Start(LayerProblem problem, BeliefLayer layer, int first, int columns)
    {
        _point = RegressionEvaluator.View(_memory[0], _size, columns);
        _gradient = RegressionEvaluator.View(_memory[1], _size, columns);
        _trial = RegressionEvaluator.View(_memory[2], _size, columns);
        _trialGradient = RegressionEvaluator.View(_memory[3], _size, columns);
        foreach (AlignedBuffer<double> memory in _memory)
        {
            memory.Span.Clear();
        }

        for (int h = 0; h < _size; h++)
        {
            layer.Parameters[h].Slice(first, columns).CopyTo(_point[h]);
        }

        _evaluator.Evaluate(problem, first, _point, _gradient);
        for (int d = 0; d < columns; d++)
        {
            _columns[d].Begin(_evaluator.Losses[d], _evaluator.MeanActivations[d]);
        }
    }

    /// <summary>Finds the Newton step of every column that is not done; false when all are.</summary>
    private bool SetSteps(LayerProblem problem, int columns)
    {
        bool factor = false;
        for (int d = 0; d < columns; d++)
        {
            factor |= _columns[d].NeedsFactor;
        }

        if (factor)
        {
            _evaluator.EvaluateCurvature(problem, _point);
        }

        bool moving = false;
        for (int d = 0; d < columns; d++)
        {
            Column column = _columns[d];
            if (column.NeedsFactor)
            {
                Factor(column, d);
            }

            moving |= column.SetStep(_point, _gradient, d);
        }

        return moving;
    }

    private void Factor(Column column, int d)
    {
        double jitter = Jitter;
        do
        {
            _evaluator.CopyCurvature(d, column.Factor);
            double mean = 0;
            for (int i = 0; i < _size; i++)
            {
                mean += column.Factor[(i * _size) + i] / _size;
            }

            for (int i = 0; i < _size; i++)
            {
                column.Factor[(i * _size) + i] += (jitter * mean) + 1e-300;
            }

            jitter *= 100;
        }
        while (!Cholesky.TryFactor(column.Factor, _size, out _) && jitter < 1e10);
        column.IsFresh = true;
        column.NeedsFactor = false;
    }

    private void Accept(int d)
    {
        Column column = _columns[d];
        if (column.IsDone)
        {
            return;
        }

        double value = _evaluator.Losses[d];
        if (!(value <= column.Value + (Rounding * (1 + Math.Abs(column.Value)))))
        {
            // A stale factor is to blame first, then the length of the step.
            column.NeedsFactor = !column.IsFresh;
            column.Scale = column.IsFresh ? column.Scale / 2 : 1;
            column.IsDone = column.Scale < 1e-12;
            return;
        }

        for (int h = 0; h < _size; h++)
        {
            _point[h][d] = _trial[h][d];
            _gradient[h][d] = _trialGradient[h][d];
        }

        (column.Value, column.MeanActivation) = (value, _evaluator.MeanActivations[d]);
        double before = column.Decrement;
        column.IsFresh = false;
        column.NeedsFactor = column.Scale < 1 || !(column.MeasureDecrement(_gradient, d) < KeepFactor * before);
        column.Scale = 1;
    }

    /// <summary>The state of one regression.</summary>
    private sealed class Column(int size)
    {
        private readonly double[] _step = new double[size];

        public double[] Factor { get; } = new double[size * size];

        public double Value { get; set; }

        public double MeanActivation { get; set; }

        /// <summary>Squared Newton decrement with the factor at hand.</summary>
        public double Decrement { get; private set; }

        public double Scale { get; set; }

        public bool IsFresh { get; set; }

        public bool NeedsFactor { get; set; }

        public bool IsDone { get; set; }

        public void Begin(double value, double meanActivation)
        {
            (Value, MeanActivation, Scale) = (value, meanActivation, 1);
            (IsDone, NeedsFactor) = (false, true);
        }

        /// <summary>Solves for the step; false when the column is done.</summary>
        public bool SetStep(MatrixView<double> point, MatrixView<double> gradient, int d)
        {
            if (IsDone)
            {
                return false;
            }

            Decrement = MeasureDecrement(gradient, d);
            double residual = 0;
            for (int h = 0; h < size; h++)
            {
                residual += point[h][d] * gradient[h][d];
            }

            IsDone = Decrement <= DecrementTolerance && Math.Abs(residual) <= ResidualTolerance;
            NeedsFactor = false;
            return !IsDone;
        }

        /// <summary>g' H^-1 g; leaves the Newton step behind.</summary>
        public double MeasureDecrement(MatrixView<double> gradient, int d)
        {
            for (int h = 0; h < size; h++)
            {
                _step[h] = gradient[h][d];
            }

            Cholesky.SolveLower(Factor, size, _step);
            double decrement = VectorFold.SumOfSquares(_step);
            Cholesky.SolveTransposed(Factor, size, _step);
            return decrement;
        }

        /// <summary>Writes the trial point.</summary>
        public void Move(MatrixView<double> point, MatrixView<double> trial, int d)
        {
            double scale = IsDone ? 0 : Scale;
            for (int h = 0; h < size; h++)
            {
                trial[h][d] = point[h][d] - (scale * _step[h]);
            }
        }
    }
}
