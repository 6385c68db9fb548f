namespace EntropyElbo.Training;

/// <summary>A learning rate that stays, then falls to 0 as half a cosine.</summary>
internal static class CosineDecay
{
    /// <summary>Share of the learning rate at a time.</summary>
    /// <param name="time">The time, in epochs.</param>
    /// <param name="start">When it begins to fall.</param>
    /// <param name="end">When it is 0; the same as <paramref name="start"/> for never.</param>
    public static double At(double time, double start, double end)
    {
        double share = time <= start || end == start ? 0 : Math.Min(1, (time - start) / (end - start));
        return 0.5 * (1 + Math.Cos(Math.PI * share));
    }
}
