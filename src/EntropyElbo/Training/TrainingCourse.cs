using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>
/// When minibatch training ends, and the learning rate until then: it stays, and falls to 0 over the last epochs, as a cosine. The
/// fall begins a share of the limit before it, or earlier: where training is stationary, or where the test rows gain no more. Where
/// test rows count, what they judge until then is the running average of the parameters after each epoch, which has less of the
/// batches' noise, and the fit ends with the best that they saw.
/// </summary>
/// <param name="options">The options.</param>
/// <param name="objective">Keeps averaged parameters where they are constrained to.</param>
/// <param name="state">Where training stands.</param>
/// <param name="limit">Epochs at most.</param>
/// <param name="window">Epochs of a window of the stationarity rule, and of the average.</param>
/// <param name="patience">
/// Epochs without a better ELBO of the test rows after which the rate falls; null where test rows do not count.
/// </param>
internal sealed class TrainingCourse(
    MinibatchOptions options, BlockObjective objective, TrainingState state, int limit, int window, int? patience)
{
    private const int LeastSettling = 2;

    /// <summary>Whether the parameters that are best on the test rows are those of the fit.</summary>
    public bool KeepsBest => patience is not null;

    /// <summary>The epoch at which training ends.</summary>
    public int End => state.SettleEpoch is { } settle ? Math.Min(limit, settle + Math.Max(LeastSettling, SettleLength(settle))) : limit;

    /// <summary>Why training ends there.</summary>
    public StopReason Reason => state.SettleEpoch is null ? StopReason.EpochLimit
        : state.SettlesByTestRows ? StopReason.EarlyStopping
        : StopReason.Stationary;

    /// <summary>What the test rows judge after an epoch.</summary>
    public AlignedBuffer<float> Judged => state.Average ?? state.Parameters;

    /// <summary>When the rate begins to fall.</summary>
    private int FallStart => state.SettleEpoch ?? (limit - SettleLength(limit));

    /// <summary>The learning rate at a time in epochs.</summary>
    public double LearningRate(double time) => options.LearningRate * CosineDecay.At(time, FallStart, End);

    /// <summary>At the end of an epoch's updates: takes them into the average.</summary>
    public void Average()
    {
        if (!KeepsBest || state.Epoch >= FallStart)
        {
            state.Average = null;
            return;
        }

        state.Average ??= state.Parameters.Clone();
        Span<float> average = state.Average.Span;
        float share = 1f / Math.Min(state.Epoch + 1, Math.Min(window, Math.Max(1, patience!.Value))); // Who waits briefly judges the latest.
        for (int i = 0; i < average.Length; i++)
        {
            average[i] += share * (state.Parameters[i] - average[i]);
        }

        objective.FinishUpdate(average, 1);
    }

    /// <summary>After an epoch: keeps the parameters where they are the best, and lets the rate fall where it is time.</summary>
    public void Track(FitProgress progress)
    {
        if (KeepsBest && progress.TestElbo is { } elbo && (state.BestEpoch == 0 || elbo > state.History[state.BestEpoch - 1].TestElbo))
        {
            state.BestEpoch = state.Epoch;
            state.BestParameters = Judged.Span.ToArray();
        }

        // A rate that falls already, because the limit is near, goes on falling.
        if (state.SettleEpoch is null && state.Epoch <= FallStart)
        {
            Settle();
        }
    }

    /// <summary>Ends training: with the best parameters where test rows count.</summary>
    public void Finish()
    {
        if (KeepsBest && state.BestParameters is { } best)
        {
            best.CopyTo(state.Parameters.Span);
        }
    }

    private void Settle()
    {
        bool byTestRows = patience is { } epochs
            && state.BestEpoch > 0
            && state.Epoch - Math.Max(state.BestEpoch, options.SettledEpoch) >= epochs;
        if (byTestRows || StationarityRule.IsStationary(state.History, options.SettledEpoch, window, options.StationarityTolerance))
        {
            state.SettleEpoch = state.Epoch;
            state.SettlesByTestRows = byTestRows;
        }
    }

    private int SettleLength(int end) => (int)Math.Ceiling(options.SettleShare * end);
}
