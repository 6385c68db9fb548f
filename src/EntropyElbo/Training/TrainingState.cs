using EntropyElbo.Files;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Training;

/// <summary>
/// Everything that minibatch training carries from one epoch to the next, so that a checkpoint of it resumes to the same
/// bits: random numbers are functions of seed, epoch and block, and need no state.
/// </summary>
internal sealed class TrainingState
{
    public TrainingState(ParameterLayout layout)
    {
        Parameters = new AlignedBuffer<float>(layout.Length);
        float[] factors = new float[layout.Length / 16];
        foreach (ParameterTensor tensor in layout.Tensors)
        {
            factors.AsSpan(tensor.Offset / 16, tensor.Length / 16).Fill(tensor.RateFactor);
        }

        Adam = new Adam<float>(layout.Length, factors);
    }

    public AlignedBuffer<float> Parameters { get; }

    public Adam<float> Adam { get; }

    /// <summary>Progress after each epoch done.</summary>
    public List<FitProgress> History { get; private set; } = [];

    /// <summary>Epochs done.</summary>
    public int Epoch => History.Count;

    /// <summary>The epoch of the last checkpoint written or read; 0 for none.</summary>
    public int SavedEpoch { get; private set; }

    /// <summary>The epoch at which the learning rate began to fall because training was stationary, or null.</summary>
    public int? SettleEpoch { get; set; }

    /// <summary>Whether it began to fall because the test rows gained no more.</summary>
    public bool SettlesByTestRows { get; set; }

    /// <summary>Running average of the parameters after each epoch; null where test rows do not count, and once the rate falls.</summary>
    public AlignedBuffer<float>? Average { get; set; }

    /// <summary>Parameters with the best ELBO on the test rows, under early stopping.</summary>
    public float[]? BestParameters { get; set; }

    /// <summary>The epoch of <see cref="BestParameters"/>.</summary>
    public int BestEpoch { get; set; }

    /// <summary>Writes the state; <paramref name="fingerprint"/> names what must not change before it is resumed.</summary>
    public void Save(string path, string fingerprint)
    {
        ModelRecord record = CheckpointFile.Create(fingerprint, History);
        record.Set("steps", Adam.Steps);
        record.Set("settleEpoch", SettleEpoch ?? -1);
        record.Set("settlesByTestRows", SettlesByTestRows);
        record.Set("bestEpoch", BestEpoch);
        record.Add(ModelTensor.Of("parameters", Parameters.Span.ToArray(), Adam.Length));
        record.Add(ModelTensor.Of("first_moment", Adam.FirstMoment.ToArray(), Adam.Length));
        record.Add(ModelTensor.Of("second_moment", Adam.SecondMoment.ToArray(), Adam.Length));
        if (Average is { } average)
        {
            record.Add(ModelTensor.Of("average", average.Span.ToArray(), Adam.Length));
        }

        if (BestParameters is not null)
        {
            record.Add(ModelTensor.Of("best_parameters", BestParameters, Adam.Length));
        }

        ModelFile.Rewrite(path, record);
        SavedEpoch = Epoch;
    }

    /// <summary>Reads a state that was saved under the same fingerprint.</summary>
    /// <exception cref="ModelFileException">The file is no checkpoint, is damaged, or comes from other data or options.</exception>
    public void Load(string path, string fingerprint)
    {
        ModelRecord record = CheckpointFile.Read(path, fingerprint, " (learning rate and limit of epochs may differ)");
        List<FitProgress> history = CheckpointFile.History(record);
        int settle = record.SmallCount("settleEpoch", -1, history.Count);
        int best = record.SmallCount("bestEpoch", 0, history.Count);
        record.Require(best == 0 || history[best - 1].TestElbo is not null, "bestEpoch", "an epoch without an ELBO of the test rows");
        Adam.Steps = record.Count("steps");
        SettleEpoch = settle >= 0 ? settle : null;
        SettlesByTestRows = record.Has("settlesByTestRows") && record.Get<bool>("settlesByTestRows");
        BestEpoch = best;
        History = history;
        record.FiniteSingles("parameters", Adam.Length).CopyTo(Parameters.Span);
        record.FiniteSingles("first_moment", Adam.Length).CopyTo(Adam.FirstMoment);
        float[] squares = record.FiniteSingles("second_moment", Adam.Length);
        record.Require(!squares.AsSpan().ContainsAnyInRange(float.MinValue, -float.Epsilon), "second_moment", "a square below 0");
        squares.CopyTo(Adam.SecondMoment);
        Average = null;
        if (record.HasTensor("average"))
        {
            Average = new AlignedBuffer<float>(Adam.Length);
            record.FiniteSingles("average", Adam.Length).CopyTo(Average.Span);
        }

        BestParameters = best > 0 ? record.FiniteSingles("best_parameters", Adam.Length) : null;
        SavedEpoch = Epoch;
    }
}
