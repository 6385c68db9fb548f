namespace EntropyElbo.Training;

/// <summary>Shapes of the KL weight over training.</summary>
public enum KlScheduleKind
{
    /// <summary>The weight throughout.</summary>
    Constant,

    /// <summary>A linear rise from the start weight over the warm-up epochs, then the weight (Bowman et al. 2016).</summary>
    WarmUp,

    /// <summary>Cycles that rise over their first half and stay over their second (Fu et al. 2019).</summary>
    Cyclical,
}

/// <summary>
/// The weight beta of the KL term while training (Higgins et al. 2017). Reports always show the un-weighted ELBO.
/// </summary>
public sealed record KlSchedule
{
    /// <summary>The plain ELBO: weight 1 throughout.</summary>
    public static KlSchedule None { get; } = new();

    /// <summary>Shape of the schedule.</summary>
    public KlScheduleKind Kind { get; init; } = KlScheduleKind.Constant;

    /// <summary>The weight at the end, and throughout a constant schedule; at least 0.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The weight a rise starts from; at least 0.</summary>
    public double StartWeight { get; init; }

    /// <summary>Epochs of the warm-up, or of one cycle; at least 1.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Cycles of a cyclical schedule, after which the weight stays; at least 1.</summary>
    public int Cycles { get; init; } = 4;

    /// <summary>The weight at a time in epochs since the start.</summary>
    public double At(double epoch) => Kind switch
    {
        KlScheduleKind.WarmUp => Rise(epoch / Epochs),
        KlScheduleKind.Cyclical when epoch < (double)Cycles * Epochs => Rise(2 * (epoch % Epochs) / Epochs),
        _ => Weight,
    };

    /// <summary>The first epoch from which the weight no longer changes.</summary>
    internal int SettledEpoch => Kind switch
    {
        KlScheduleKind.WarmUp => Epochs,
        KlScheduleKind.Cyclical => checked(Cycles * Epochs),
        _ => 0,
    };

    private double Rise(double share) => StartWeight + ((Weight - StartWeight) * Math.Min(1, share));
}
