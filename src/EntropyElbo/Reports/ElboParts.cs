namespace EntropyElbo.Reports;

/// <summary>What an ELBO and its entropy sum are made of; nats per row.</summary>
internal readonly record struct ElboParts(
    double Reconstruction, double Kl, double EncoderEntropy, double PriorEntropy, double DecoderEntropy, double BaseMeasure)
{
    /// <summary>The parts where densities are of columns in another unit.</summary>
    /// <param name="logUnits">Sum over the columns of the logarithm of that unit in this one.</param>
    public ElboParts InUnits(double logUnits) =>
        this with { Reconstruction = Reconstruction - logUnits, DecoderEntropy = DecoderEntropy + logUnits };

    /// <summary>The parts of a report.</summary>
    public static ElboParts Of(ElboReport report) => new(
        report.Reconstruction, report.Kl, report.EncoderEntropy, report.PriorEntropy, report.DecoderEntropy, report.BaseMeasure);
}
