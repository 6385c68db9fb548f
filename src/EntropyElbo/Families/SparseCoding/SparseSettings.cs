using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>Settings that the families of sparse coding share, with one name and help.</summary>
internal static class SparseSettings<TOptions>
{
    /// <summary>Name of the setting of covariances.</summary>
    public const string CovarianceName = "covariance";

    /// <summary>Covariances of the rows' q.</summary>
    public static Setting<TOptions> Covariance(
        Func<TOptions, SparseCovariance?> get, Func<TOptions, SparseCovariance, TOptions> set,
        params (SparseCovariance Value, string Name, string Help)[] more) =>
        SettingsOf<TOptions>.Choice(
            CovarianceName,
            $"Covariances of the rows' normal distributions: diagonal, full, {string.Concat(more.Select(m => m.Help + ", "))}or full up to "
                + $"{SparseCodingOptions.AutomaticFullLatents} latents (automatic).",
            [
                (SparseCovariance.Automatic, "automatic"), (SparseCovariance.Diagonal, "diagonal"), (SparseCovariance.Full, "full"),
                .. more.Select(m => (m.Value, m.Name)),
            ],
            get, set);

    /// <summary>Scales of the latents at the start.</summary>
    public static Setting<TOptions> Start(string help, Func<TOptions, ScaleStart?> get, Func<TOptions, ScaleStart, TOptions> set) =>
        SettingsOf<TOptions>.Choice("scale-start", help, [(ScaleStart.Shared, "shared"), (ScaleStart.Free, "free")], get, set);

    /// <summary>Starting points.</summary>
    public static Setting<TOptions> Restarts(int most, Func<TOptions, int?> get, Func<TOptions, int, TOptions> set) =>
        SettingsOf<TOptions>.Whole(
            SettingNames.Restarts, "N", "Starting points, those of the seeds from the given one on, each trained to its end; the best is kept.",
            new(1, most), get, set) with
        {
            IsCommon = true,
        };

    /// <summary>Where an E-step ends in training.</summary>
    public static Setting<TOptions> InnerTolerance(Func<TOptions, double?> get, Func<TOptions, double, TOptions> set) =>
        SettingsOf<TOptions>.Real(
            "inner-tolerance", "T", "Nats below which a rise of a row's bound ends its E-step in training.", new(1e-13, 1), get, set);

    /// <summary>Where an E-step ends in a trained model.</summary>
    public static Setting<TOptions> EncodingTolerance(Func<TOptions, double?> get, Func<TOptions, double, TOptions> set) =>
        SettingsOf<TOptions>.Real(
            "encoding-tolerance", "T", "The same where the model encodes and evaluates rows.", new(1e-13, 1), get, set);
}
