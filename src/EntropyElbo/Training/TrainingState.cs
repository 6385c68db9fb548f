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
    private const string RecordFamily = "checkpoint";
    private const int RecordVersion = 1;

    public TrainingState(ParameterLayout layout)
    {
        Parameters = new AlignedBuffer<float>(layout.Length);
        float[] factors = new float[layout.Length / 16];
        foreach (ParameterTensor tensor in layout.Tensors)
        {
            factors.AsSpan(tensor.Offset / 16, tensor.Length / 16).Fill(tensor.RateFactor);
        }

        Adam = new Adam(layout.Length, factors);
    }

    public AlignedBuffer<float> Parameters { get; }

    public Adam Adam { get; }

    /// <summary>Progress after each epoch done.</summary>
    public List<FitProgress> History { get; private set; } = [];

    /// <summary>Epochs done.</summary>
    public int Epoch => History.Count;

    /// <summary>The epoch of the last checkpoint written or read; 0 for none.</summary>
    public int SavedEpoch { get; private set; }

    /// <summary>The epoch at which the learning rate began to fall because training was stationary, or null.</summary>
    public int? SettleEpoch { get; set; }

    /// <summary>Parameters with the best ELBO on the test rows, under early stopping.</summary>
    public float[]? BestParameters { get; set; }

    /// <summary>The epoch of <see cref="BestParameters"/>.</summary>
    public int BestEpoch { get; set; }

    /// <summary>Writes the state; <paramref name="fingerprint"/> names what must not change before it is resumed.</summary>
    public void Save(string path, string fingerprint)
    {
        ModelRecord record = new(RecordFamily, RecordVersion);
        record.Set("fingerprint", fingerprint);
        record.Set("steps", Adam.Steps);
        record.Set("settleEpoch", SettleEpoch ?? -1);
        record.Set("bestEpoch", BestEpoch);
        // Timings start anew on resuming, so equal training writes equal checkpoints.
        record.Set("history", History.Select(p => p with { Elapsed = TimeSpan.Zero, RowsPerSecond = 0 }).ToList());
        record.Add(ModelTensor.Of("parameters", Parameters.Span.ToArray(), Adam.Length));
        record.Add(ModelTensor.Of("first_moment", Adam.FirstMoment.ToArray(), Adam.Length));
        record.Add(ModelTensor.Of("second_moment", Adam.SecondMoment.ToArray(), Adam.Length));
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
        ModelRecord record = ModelFile.Read(path);
        if (record.Family != RecordFamily)
        {
            throw new ModelFileException(path, $"is a model of family '{record.Family}', not a checkpoint; name another file.");
        }

        if (record.FamilyVersion > RecordVersion)
        {
            throw new ModelFileException(path, "was written by a newer version of the library; update the library.");
        }

        if (record.Get<string>("fingerprint") != fingerprint)
        {
            throw new ModelFileException(path, "was made with other data or other options; resume with the same ones (learning rate and limit of epochs may differ), or start without it.");
        }

        Adam.Steps = record.Get<long>("steps");
        SettleEpoch = record.Get<int>("settleEpoch") is var settle and >= 0 ? settle : null;
        BestEpoch = record.Get<int>("bestEpoch");
        History = record.Get<List<FitProgress>>("history");
        record.Tensor("parameters", Adam.Length).ToSingles().CopyTo(Parameters.Span);
        record.Tensor("first_moment", Adam.Length).ToSingles().CopyTo(Adam.FirstMoment);
        record.Tensor("second_moment", Adam.Length).ToSingles().CopyTo(Adam.SecondMoment);
        BestParameters = BestEpoch > 0 ? record.Tensor("best_parameters", Adam.Length).ToSingles() : null;
        SavedEpoch = Epoch;
    }
}
