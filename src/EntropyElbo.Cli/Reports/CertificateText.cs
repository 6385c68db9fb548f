using EntropyElbo.Cli.Host;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Reports;

/// <summary>How far a fit is from converged, in words.</summary>
internal static class CertificateText
{
    /// <summary>One line: what there is still to gain, and what else keeps the fit from having converged.</summary>
    public static string Of(ConvergenceCertificate certificate)
    {
        string gain = certificate.ExpectedGain is not { } nats ? "unknown"
            : nats < certificate.Tolerance ? $"less than {Short(certificate.Tolerance)} nats per row nearby"
            : $"at least about {Short(nats)} nats per row nearby, where {Short(certificate.Tolerance)} would count as none";
        string rise = certificate.Rise is not { } value ? "; too few epochs to see a trend"
            : value + certificate.RiseError < certificate.Tolerance ? ""
            : $"; the ELBO rose by {Short(value)} over the last {Wording.Count(certificate.Window, "epoch")}, standard error "
                + $"{Short(certificate.RiseError)}";
        string slope = certificate.Worst is { } worst && worst.Size >= certificate.Tolerance
            ? $"; {worst.Block} is not at rest: {Of(worst)}"
            : "";
        return $"{gain}{rise}{slope}{(certificate.Remark is { } remark ? $" ({remark})" : "")}";
    }

    /// <summary>A block's slope.</summary>
    public static string Of(EulerResidual residual)
    {
        string error = residual.Error > 0 ? $", standard error {Wording.Nats(residual.Error)}" : "";
        string unit = residual.WorstUnit is null ? "" : $"; most in {residual.WorstUnit}: {Wording.Nats(residual.WorstResidual ?? 0)}";
        return $"slope {Wording.Nats(residual.Residual)} along its "
            + $"scale{error}{unit}{(residual.IsHeld ? "; held by a floor or bound" : "")}";
    }

    /// <summary>The residuals before closing.</summary>
    public static string Of(UnclosedResiduals unclosed) =>
        $"residuals {Wording.Nats(unclosed.PriorResidual)} (prior) and {Wording.Nats(unclosed.NoiseResidual)} (noise) as trained, "
        + $"{Wording.Nats(unclosed.PriorResidualSize)} and {Wording.Nats(unclosed.NoiseResidualSize)} in size; "
        + (unclosed.Gained < 0
            ? $"closing scales, that of the noise by the test rows, cost {Wording.Nats(-unclosed.Gained)} here"
            : $"closing scales gained {Wording.Nats(unclosed.Gained)}");

    /// <summary>Two digits: an estimate has no more.</summary>
    private static string Short(double value) => value.ToString("G2", System.Globalization.CultureInfo.InvariantCulture);
}
