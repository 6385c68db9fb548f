namespace EntropyElbo.Training;

/// <summary>
/// Has training become stationary? Judged on two windows of epochs: both residuals close to 0 on average over the last,
/// and the ELBO no longer rising from one to the next. The windows hold at least <see cref="WindowUpdates"/> updates each, so
/// that few rows do not pass noise or slowness for convergence.
/// </summary>
internal static class StationarityRule
{
    /// <summary>Updates in a window at least.</summary>
    public const int WindowUpdates = 500;

    /// <summary>Epochs in a window at least.</summary>
    public const int WindowEpochs = 5;

    /// <summary>Share of the residual tolerance that the ELBO may still rise by between windows.</summary>
    public const double SlopeShare = 0.1;

    /// <summary>Epochs of a window.</summary>
    public static int Window(long stepsPerEpoch) =>
        (int)Math.Max(WindowEpochs, (WindowUpdates + stepsPerEpoch - 1) / stepsPerEpoch);

    /// <summary>The verdict on the epochs since <paramref name="firstEpoch"/>.</summary>
    /// <param name="history">Progress after each epoch.</param>
    /// <param name="firstEpoch">Epochs before this one are not looked at: the KL weight was still changing.</param>
    /// <param name="window">Epochs of a window.</param>
    /// <param name="tolerance">Bound on each residual, as a share of |ELBO|.</param>
    public static bool IsStationary(IReadOnlyList<FitProgress> history, int firstEpoch, int window, double tolerance)
    {
        if (tolerance <= 0 || history.Count - firstEpoch < 2 * window)
        {
            return false;
        }

        int middle = history.Count - window;
        double elbo = Mean(history, middle, window, p => p.Elbo);
        double bound = tolerance * Math.Abs(elbo);
        return Math.Abs(Mean(history, middle, window, p => p.PriorResidual)) < bound
            && Math.Abs(Mean(history, middle, window, p => p.NoiseResidual)) < bound
            && elbo - Mean(history, middle - window, window, p => p.Elbo) < SlopeShare * bound;
    }

    private static double Mean(IReadOnlyList<FitProgress> history, int start, int count, Func<FitProgress, double> value)
    {
        double sum = 0;
        for (int i = start; i < start + count; i++)
        {
            sum += value(history[i]);
        }

        return sum / count;
    }
}
