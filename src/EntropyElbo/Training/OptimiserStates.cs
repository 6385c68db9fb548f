using EntropyElbo.Files;
using EntropyElbo.Numerics;

namespace EntropyElbo.Training;

/// <summary>States of the optimisers in checkpoints.</summary>
internal static class OptimiserStates
{
    /// <summary>Adds the state of Adam.</summary>
    public static void Write(ModelRecord record, Adam<double> optimiser)
    {
        record.Set("adam.steps", optimiser.Steps);
        record.Add(ModelTensor.Of("adam.first_moment", optimiser.FirstMoment.ToArray(), optimiser.Length));
        record.Add(ModelTensor.Of("adam.second_moment", optimiser.SecondMoment.ToArray(), optimiser.Length));
    }

    /// <summary>Takes the state of Adam from a checkpoint.</summary>
    /// <exception cref="ModelFileException">Something is missing, of another shape, or can be no state.</exception>
    public static void Read(ModelRecord record, Adam<double> optimiser)
    {
        optimiser.Steps = record.Count("adam.steps");
        record.FiniteDoubles("adam.first_moment", optimiser.Length).CopyTo(optimiser.FirstMoment);
        record.Squares("adam.second_moment", optimiser.Length).CopyTo(optimiser.SecondMoment);
    }

    /// <summary>Adds the state of L-BFGS.</summary>
    public static void Write(ModelRecord record, LBfgs.State state)
    {
        record.Set("lbfgs.iterations", state.Iterations);
        record.Set("lbfgs.evaluations", state.Evaluations);
        record.Set("lbfgs.value", state.Value);
        record.Set("lbfgs.pairs", state.Pairs.Count);
        record.Add(ModelTensor.Of("lbfgs.point", state.Point, state.Point.Length));
        record.Add(ModelTensor.Of("lbfgs.gradient", state.Gradient, state.Gradient.Length));
        for (int i = 0; i < state.Pairs.Count; i++)
        {
            record.Add(ModelTensor.Of($"lbfgs.step.{i}", state.Pairs[i].Step, state.Point.Length));
            record.Add(ModelTensor.Of($"lbfgs.change.{i}", state.Pairs[i].Change, state.Point.Length));
        }
    }

    /// <summary>Takes the state of L-BFGS from a checkpoint.</summary>
    /// <exception cref="ModelFileException">Something is missing, of another shape, or can be no state.</exception>
    public static void Read(ModelRecord record, LBfgs optimiser)
    {
        int dimension = optimiser.Dimension;
        (double[], double[])[] pairs = new (double[], double[])[record.SmallCount("lbfgs.pairs", 0, optimiser.Memory)];
        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = (record.FiniteDoubles($"lbfgs.step.{i}", dimension), record.FiniteDoubles($"lbfgs.change.{i}", dimension));
        }

        LBfgs.State state = new(
            record.SmallCount("lbfgs.iterations"),
            record.Count("lbfgs.evaluations"),
            record.FiniteNumber("lbfgs.value"),
            record.FiniteDoubles("lbfgs.point", dimension),
            record.FiniteDoubles("lbfgs.gradient", dimension),
            pairs);
        record.Require(optimiser.Restore(state), "lbfgs.step", "a step without curvature");
    }
}
