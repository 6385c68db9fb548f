using System.Globalization;
using EntropyElbo.Families.Vae;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Host;

/// <summary>Figures and facts in words, in the invariant culture.</summary>
internal static class Wording
{
    private const double LargeFixed = 1e7;
    private const double LargeWhole = 1e12;
    private const double Large = 1e3;
    private const double SmallFixed = 1e-3;

    /// <summary>What an amortisation gap is.</summary>
    public const string AmortisationGap = "what E-steps that start at the network's output still gain, a row";

    /// <summary>What a mean of batches is that take the best scales for themselves (V eq. 15 of a batch).</summary>
    public const string BatchEntropies =
        "mean over the last epoch's batches, each before its update, with the best scales for it alone: biased upward";

    /// <summary>
    /// A value in nats: four decimals, two from 1,000 on, none from 10^7; else few digits, since what is so small counts as none and what
    /// is so large is told apart by its first.
    /// </summary>
    public static string Nats(double value)
    {
        double size = Math.Abs(value);
        bool isFixed = value == 0 || size is >= SmallFixed and < LargeFixed;
        string format = size >= LargeFixed ? (size < LargeWhole ? "F0" : "G6") : !isFixed ? "G2" : size < Large ? "F4" : "F2";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// A share in percent: three significant digits, whole percents from 1,000 on, and three decimals at the least, which are zeros where
    /// rounding is all there is.
    /// </summary>
    public static string Percent(double share)
    {
        double percent = 100 * share;
        string text = Math.Abs(percent) switch
        {
            0 => "0",

            // Without the sign of what rounds to zero.
            < SmallFixed => (Math.Round(percent, 3) + 0.0).ToString("F3", CultureInfo.InvariantCulture),
            >= 999.5 and < 1e8 => percent.ToString("F0", CultureInfo.InvariantCulture),
            _ => percent.ToString("G3", CultureInfo.InvariantCulture),
        };
        return double.IsFinite(share) ? $"{text} %" : "undefined";
    }

    /// <summary>A time left as a clock shows it.</summary>
    public static string Clock(TimeSpan time) =>
        time.ToString(time.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);

    /// <summary>A count with its unit's plural.</summary>
    public static string Count(long count, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}");

    /// <summary>The rows of a report, and what they count as where they have weights.</summary>
    public static string Rows(ElboReport report) => Count(report.Rows, "row")
        + (report.RowWeight is { } weight ? string.Create(CultureInfo.InvariantCulture, $" (of weight {weight:G6} together)") : "");

    /// <summary>
    /// What the affine reference of a model is. Older files do not say; their closed form was a bound for all but Gaussian columns
    /// (S Corollary 1).
    /// </summary>
    public static string AffineReference(LatentModel model)
    {
        bool isGaussian = model is not GaussianVaeModel { Likelihood.IsGaussian: false };
        string kind = (model.Training.AffineReferenceKind ?? (isGaussian ? ReferenceKind.Exact : ReferenceKind.LowerBound)) switch
        {
            ReferenceKind.Exact => "ELBO of the best affine decoder",
            ReferenceKind.LowerBound => "lower bound on the ELBO of the best affine decoder",
            _ => "approximate ELBO of the best affine decoder, no bound",
        };
        return model.Training.PredictedActiveLatents is { } active ? $"{kind}, {active} of {model.LatentDimension} latents active" : kind;
    }

    /// <summary>Rows per second, short.</summary>
    public static string Rate(double rowsPerSecond) => rowsPerSecond switch
    {
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{rowsPerSecond / 1e6:F2}M"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{rowsPerSecond / 1e3:F0}k"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{rowsPerSecond:F0}"),
    };

    /// <summary>A time span, short.</summary>
    public static string Time(TimeSpan time) => time.TotalSeconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F2} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds:D2} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:D2} min"),
    };

    /// <summary>What to do after a fit that has not converged, or null where that says itself.</summary>
    /// <param name="model">The model.</param>
    /// <param name="hasTest">Whether there were test rows.</param>
    public static string? Next(LatentModel model, bool hasTest) => (model, model.Training.StopReason, hasTest) switch
    {
        (_, StopReason.EarlyStopping, _) =>
            "use the model: its parameters were the best on the test rows; more epochs would fit the training rows better and others "
                + "worse. Judge it by rows that are new to it.",
        (GaussianVaeModel, StopReason.EpochLimit, true) =>
            "allow more --epochs while the test ELBO rises with them; it decides, since the training rows alone are fitted ever better.",
        (GaussianVaeModel, StopReason.EpochLimit, false) =>
            "hold rows out with --test-fraction 0.2: training then ends where they gain no more. More --epochs fit the training rows ever "
                + "better, and from some point others worse.",
        _ => null,
    };

    /// <summary>Why training ended.</summary>
    public static string Stop(TrainingRecord training) => training.StopReason switch
    {
        StopReason.ClosedForm => "closed form, nothing was iterated",
        StopReason.Stationary => $"stationary after {Count(training.Epochs, "epoch")}",
        StopReason.EpochLimit => $"the limit of {Count(training.Epochs, "epoch")} was reached",
        StopReason.EarlyStopping => $"the ELBO of the test rows stopped rising ({Count(training.Epochs, "epoch")})",
        StopReason.NoProgress => $"no better parameters could be found after {Count(training.Epochs, "epoch")}",
        StopReason.TimeLimit => $"the time was up after {Count(training.Epochs, "epoch")}",
        StopReason.Cancelled => $"interrupted after {Count(training.Epochs, "epoch")}",
        _ => throw new InvalidOperationException($"Unknown stop reason {training.StopReason}."),
    };
}
