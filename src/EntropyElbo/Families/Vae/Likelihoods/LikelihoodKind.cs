namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>The kinds of observable distributions.</summary>
internal enum LikelihoodKind
{
    /// <summary>Normal.</summary>
    Gaussian,

    /// <summary>Counts out of a number of trials; Bernoulli is one trial.</summary>
    Binomial,

    /// <summary>Counts without a limit.</summary>
    Poisson,

    /// <summary>Numbers in [0, 1].</summary>
    ContinuousBernoulli,

    /// <summary>Positive numbers.</summary>
    Gamma,
}

/// <summary>What the encoder sees of a row.</summary>
internal enum EncoderView
{
    /// <summary>The values.</summary>
    Plain,

    /// <summary>log(1 + x).</summary>
    LogOfOnePlus,

    /// <summary>log x.</summary>
    Log,
}

/// <summary>The views of the encoder, and what they do to a small change.</summary>
internal static class EncoderViews
{
    /// <summary>A value as the encoder sees it.</summary>
    public static double Of(this EncoderView view, double value) => view switch
    {
        EncoderView.Log => Math.Log(value),
        EncoderView.LogOfOnePlus => Math.Log(1 + value),
        _ => value,
    };

    /// <summary>How far a value moves per unit of what is seen.</summary>
    public static double Slope(this EncoderView view, double value) => view switch
    {
        EncoderView.Log => value,
        EncoderView.LogOfOnePlus => 1 + value,
        _ => 1,
    };
}
