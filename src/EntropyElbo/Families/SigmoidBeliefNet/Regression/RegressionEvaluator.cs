using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Regression;

/// <summary>
/// Value, gradient and curvature of up to <see cref="MaxColumns"/> weighted logistic regressions that share their inputs:
/// <c>f_d = sum_s w_s softplus(a_d(s)) - sum_h W_dh m_hd - mu_d m_d</c>, nats per row. Activations and gradients are matrix
/// products over runs of states; the curvature <c>sum_s w_s p (1 - p) z_i z_j</c> only meets the pairs of inputs that are on.
/// Not safe to share between threads.
/// </summary>
internal sealed class RegressionEvaluator
{
    /// <summary>Columns of a block: their curvature stays in a core's cache.</summary>
    public const int MaxColumns = 32;

    /// <summary>
    /// States that the curvature is summed over at most, drawn evenly by weight: it only shapes steps, values and gradients are of
    /// all states. An error of a few percent costs a step or two, a sum over a million states would cost more than all else.
    /// </summary>
    private const int CurvatureStates = 4_096;

    private const int Run = 256;
    private readonly int _inputs;
    private readonly MatrixView<double> _design;
    private readonly AlignedBuffer<double> _activations;
    private readonly AlignedBuffer<double> _partial;
    private readonly AlignedBuffer<double> _curvature;
    private readonly AlignedBuffer<double> _sums = new(2 * MaxColumns);
    private readonly int[] _on;
    private readonly int[] _run = new int[Run];
    private readonly List<int> _taken = [];
    private readonly List<double> _takenWeights = [];
    private readonly double[] _missing;

    public RegressionEvaluator(int inputs)
    {
        _inputs = inputs;
        _design = new Matrix<double>(Run, inputs + 1);
        _activations = new AlignedBuffer<double>(Run * MaxColumns);
        _partial = new AlignedBuffer<double>((inputs + 1) * MaxColumns);
        _curvature = new AlignedBuffer<double>((long)(inputs + 1) * (inputs + 2) / 2 * MaxColumns);
        _on = new int[inputs + 1];
        _missing = new double[inputs + 1];
    }

    /// <summary>Value of each column, after <see cref="Evaluate"/>.</summary>
    public double[] Losses { get; } = new double[MaxColumns];

    /// <summary>Per column, <c>sum_s w_s a_d sigmoid(a_d)</c>, after <see cref="Evaluate"/>.</summary>
    public double[] MeanActivations { get; } = new double[MaxColumns];

    /// <summary>Values and gradients.</summary>
    /// <param name="problem">States, weights and moments.</param>
    /// <param name="first">The column of the problem that is the block's first.</param>
    /// <param name="parameters">[inputs + 1, columns], padded to <see cref="MaxColumns"/>.</param>
    /// <param name="gradient">As large, filled.</param>
    public void Evaluate(LayerProblem problem, int first, MatrixView<double> parameters, MatrixView<double> gradient)
    {
        int columns = parameters.Columns;
        gradient.Entries.Clear();
        _sums.Span.Clear();
        Span<double> losses = _sums.Span[..MaxColumns], meanActivations = _sums.Span[MaxColumns..];
        MatrixView<double> partial = View(_partial, _inputs + 1, columns);
        for (int start = 0; start < problem.Inputs.Count; start += Run)
        {
            for (int i = 0; i < _run.Length; i++)
            {
                _run[i] = start + i;
            }

            (MatrixView<double> design, MatrixView<double> activations) =
                Activate(problem, _run.AsSpan(0, Math.Min(Run, problem.Inputs.Count - start)), parameters);
            for (int i = 0; i < design.Rows; i++)
            {
                BeliefKernels.Regress(activations.PaddedRow(i), problem.Inputs.Weights[start + i], losses, meanActivations);
            }

            MatrixProduct.MultiplyTransposedLeft(design, activations, partial);
            BeliefKernels.Add(gradient.Entries, partial.Entries, 1);
        }

        for (int d = 0; d < columns; d++)
        {
            Losses[d] = losses[d];
            MeanActivations[d] = meanActivations[d];
        }

        for (int h = 0; h <= _inputs; h++)
        {
            ReadOnlySpan<double> moments = problem.Row(h).Slice(first, columns);
            for (int d = 0; d < columns; d++)
            {
                gradient[h][d] -= moments[d];
                Losses[d] -= moments[d] * parameters[h][d];
            }
        }
    }

    /// <summary>Curvature of all columns at the given parameters; read it with <see cref="CopyCurvature"/>.</summary>
    public void EvaluateCurvature(LayerProblem problem, MatrixView<double> parameters)
    {
        _curvature.Span.Clear();
        bool sampled = problem.Inputs.Count > CurvatureStates;
        if (sampled)
        {
            Sample(problem);
        }
        else
        {
            TakeAll(problem);
        }

        for (int start = 0; start < _taken.Count; start += Run)
        {
            ReadOnlySpan<int> states = CollectionsMarshal.AsSpan(_taken).Slice(start, Math.Min(Run, _taken.Count - start));
            MatrixView<double> activations = Activate(problem, states, parameters).Activations;
            for (int i = 0; i < states.Length; i++)
            {
                Span<double> a = activations.PaddedRow(i);
                BeliefKernels.Curve(a, _takenWeights[start + i]);
                RegressionKernels.AddPairs(ReadOn(problem.Inputs[states[i]]), a, _curvature.Span);
            }
        }

        if (sampled)
        {
            AddMissing();
        }
    }

    /// <summary>Writes the lower triangle of a column's curvature.</summary>
    /// <param name="column">The column.</param>
    /// <param name="matrix">[inputs + 1, inputs + 1].</param>
    public void CopyCurvature(int column, Span<double> matrix)
    {
        ReadOnlySpan<double> source = _curvature.Span;
        int place = column;
        for (int i = 0; i <= _inputs; i++)
        {
            for (int j = 0; j <= i; j++, place += MaxColumns)
            {
                matrix[(i * (_inputs + 1)) + j] = source[place];
            }
        }
    }

    /// <summary>A block's matrix with room for <see cref="MaxColumns"/>.</summary>
    public static MatrixView<double> View(AlignedBuffer<double> memory, int rows, int columns) =>
        memory.View(0, rows, columns, MaxColumns);

    private void TakeAll(LayerProblem problem)
    {
        _taken.Clear();
        _takenWeights.Clear();
        for (int i = 0; i < problem.Inputs.Count; i++)
        {
            _taken.Add(i);
            _takenWeights.Add(problem.Inputs.Weights[i]);
        }
    }

    /// <summary>States at even steps of the sum of weights, and what share of each input they do not show.</summary>
    private void Sample(LayerProblem problem)
    {
        _taken.Clear();
        _takenWeights.Clear();
        Array.Clear(_missing);
        ReadOnlySpan<double> weights = problem.Inputs.Weights;
        double total = VectorFold.Sum(weights);
        double step = total / CurvatureStates;
        double passed = 0;
        long steps = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            passed += weights[i];
            long before = steps;
            steps = (long)Math.Round(passed / step);
            double taken = (steps - before) * step;
            if (taken > 0)
            {
                _taken.Add(i);
                _takenWeights.Add(taken);
            }

            foreach (int input in ReadOn(problem.Inputs[i]))
            {
                _missing[input] += weights[i] - taken;
            }
        }
    }

    /// <summary>Inputs that the states taken show too little get the mean curvature for the rest of their share.</summary>
    private void AddMissing()
    {
        ReadOnlySpan<double> mean = Diagonal(_inputs);
        for (int h = 0; h < _inputs; h++)
        {
            BeliefKernels.Add(Diagonal(h), mean, Math.Max(0, _missing[h]));
        }
    }

    private (MatrixView<double> Design, MatrixView<double> Activations) Activate(
        LayerProblem problem, ReadOnlySpan<int> states, MatrixView<double> parameters)
    {
        MatrixView<double> design = _design.Slice(0, states.Length);
        for (int i = 0; i < states.Length; i++)
        {
            Span<double> row = design[i];
            row.Clear();
            foreach (int input in ReadOn(problem.Inputs[states[i]]))
            {
                row[input] = 1;
            }
        }

        MatrixView<double> activations = View(_activations, states.Length, parameters.Columns);
        MatrixProduct.Multiply(design, parameters, activations);
        return (design, activations);
    }

    /// <summary>The inputs that are on, ascending, mu's among them.</summary>
    private ReadOnlySpan<int> ReadOn(ReadOnlySpan<ulong> state)
    {
        int count = 0;
        for (int w = 0; w < state.Length; w++)
        {
            for (ulong rest = state[w]; rest != 0; rest &= rest - 1)
            {
                _on[count++] = (w << 6) + BitOperations.TrailingZeroCount(rest);
            }
        }

        _on[count++] = _inputs;
        return _on.AsSpan(0, count);
    }

    /// <summary>The curvature of all columns by one input.</summary>
    private Span<double> Diagonal(int input) =>
        _curvature.Span.Slice((int)((((long)input * (input + 1) / 2) + input) * MaxColumns), MaxColumns);
}
