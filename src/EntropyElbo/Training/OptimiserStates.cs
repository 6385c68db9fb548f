using EntropyElbo.Files;
using EntropyElbo.Numerics;

namespace EntropyElbo.Training;

/// <summary>States of the optimisers in checkpoints.</summary>
internal static class OptimiserStates
{
    /// <summary>Adds the state of Adam.</summary>
    public static void Write(ModelRecord record, AdamVector.State state)
    {
        record.Set("adam.steps", state.Steps);
        record.Add(ModelTensor.Of("adam.first_moment", state.FirstMoment, state.FirstMoment.Length));
        record.Add(ModelTensor.Of("adam.second_moment", state.SecondMoment, state.SecondMoment.Length));
    }

    /// <summary>The state of Adam over so many parameters.</summary>
    /// <exception cref="ModelFileException">Something is missing, of another shape, or can be no state.</exception>
    public static AdamVector.State ReadAdam(ModelRecord record, int length) => new(
        record.Count("adam.steps"),
        record.FiniteDoubles("adam.first_moment", length),
        record.Squares("adam.second_moment", length));

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
