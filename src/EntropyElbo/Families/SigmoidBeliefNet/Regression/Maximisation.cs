using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Regression;

/// <summary>
/// The M-step: pi in closed form, weights and biases of every block by Newton's method, to the precision of the arithmetic or
/// for a few steps that raise the ELBO.
/// Blocks of columns are shared out to the threads and do not depend on each other, so neither does the result on threads.
/// </summary>
internal sealed class Maximisation
{
    /// <summary>pi is kept this far from 0 and 1, where its natural parameter is infinite.</summary>
    public const double ProbabilityMargin = 1e-14;

    private readonly List<RegressionSolver>[] _solvers;

    private readonly int _steps;

    /// <param name="members">Threads.</param>
    /// <param name="steps">Newton steps at most.</param>
    public Maximisation(int members, int steps)
    {
        _steps = steps;
        _solvers = new List<RegressionSolver>[members];
        for (int i = 0; i < members; i++)
        {
            _solvers[i] = [];
        }
    }

    /// <summary>The optimal parameters for an E-step, and the values of each block there; null when cancelled.</summary>
    public (BeliefNet Net, LayerValues[] Values)? Run(
        BeliefNet net, LayerProblem[] problems, WorkerTeam team, CancellationToken cancellationToken)
    {
        BeliefNet result = net.Clone();
        List<(int Block, int First)> parts = [];
        for (int k = 0; k < net.Depth; k++)
        {
            for (int first = 0; first < net.Blocks[k].Outputs; first += RegressionEvaluator.MaxColumns)
            {
                parts.Add((k, first));
            }
        }

        LayerValues[] partValues = new LayerValues[parts.Count];
        team.ForEach(parts.Count, (member, i) =>
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                (int block, int first) = parts[i];
                partValues[i] = Solver(member, net.Blocks[block].Inputs).Solve(problems[block], result.Blocks[block], first);
            }
        });
        if (cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        LayerValues[] values = new LayerValues[net.Depth + 1];
        for (int i = 0; i < parts.Count; i++)
        {
            values[parts[i].Block] += partValues[i];
        }

        values[^1] = SetPrior(result.Blocks[^1], problems[^1].Row(0));
        return (result, values);
    }

    private static LayerValues SetPrior(BeliefLayer prior, ReadOnlySpan<double> means)
    {
        LayerValues sum = default;
        for (int h = 0; h < means.Length; h++)
        {
            double logit = SpecialFunctions.Logit(Math.Clamp(means[h], ProbabilityMargin, 1 - ProbabilityMargin));
            prior.Bias[h] = logit;
            sum += new LayerValues(
                (means[h] * logit) - SpecialFunctions.Softplus(logit),
                SpecialFunctions.BernoulliEntropy(logit),
                logit * (SpecialFunctions.Logistic(logit) - means[h]));
        }

        return sum;
    }

    private RegressionSolver Solver(int member, int inputs)
    {
        RegressionSolver? solver = _solvers[member].Find(s => s.Inputs == inputs);
        if (solver is null)
        {
            _solvers[member].Add(solver = new RegressionSolver(inputs, _steps));
        }

        return solver;
    }
}
