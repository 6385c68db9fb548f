using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>The parameter updates of an epoch, on whatever does the arithmetic.</summary>
internal interface IStepRunner : IDisposable
{
    /// <summary>
    /// Length of the gradient of the weighted ELBO per row over the first batch of the epoch, before its update; known after
    /// <see cref="EndEpoch"/>.
    /// </summary>
    double GradientNorm { get; }

    /// <summary>Trains on the current batch; may leave its sums for <see cref="EndEpoch"/>.</summary>
    /// <param name="epoch">Zero-based epoch.</param>
    /// <param name="batch">Zero-based batch of the epoch.</param>
    /// <param name="weights">Weights of the objective's parts.</param>
    /// <param name="learningRate">Learning rate of Adam.</param>
    /// <param name="sums">Takes the batch's un-weighted sums, as they were before the update.</param>
    /// <exception cref="TrainingException">A value stopped being finite.</exception>
    void Step(int epoch, int batch, StepWeights weights, double learningRate, ElboStatistics sums);

    /// <summary>
    /// Brings the training state, and the sums that steps left, up to date. Called after the last batch, and when cancelled.
    /// </summary>
    /// <param name="sums">Takes what steps left.</param>
    /// <exception cref="TrainingException">A value stopped being finite.</exception>
    void EndEpoch(ElboStatistics sums);
}
