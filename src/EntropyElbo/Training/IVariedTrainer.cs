namespace EntropyElbo.Training;

/// <summary>A trainer that a selection can vary: other starts, fewer passes over the rows.</summary>
internal interface IVariedTrainer
{
    /// <summary>Whether another seed may end in another optimum.</summary>
    bool HasStarts { get; }

    /// <summary>Passes over the rows, or iterations, at most.</summary>
    /// <param name="rows">Training rows.</param>
    int EpochLimit(long rows);

    /// <summary>A trainer with the same options but for these.</summary>
    /// <param name="start">Added to the seed; 0 for the trainer's own.</param>
    /// <param name="epochs">Passes at most; null for the trainer's own.</param>
    ITrainer Varied(int start, int? epochs);
}
