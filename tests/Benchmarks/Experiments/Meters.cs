using System.Globalization;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>Cells that say how far a fit is from converged; no step of training makes them small by construction.</summary>
internal static class Meters
{
    public const string Head = "residuals as trained: prior, noise | output residual, without signs | expected gain";

    public const string Rule = "---|---|---";

    public static string Cells(TrainingRecord record)
    {
        UnclosedResiduals? unclosed = record.Unclosed;
        PseudoEntropyReport? layer = record.Report?.Summary.PseudoEntropy;
        string trained = unclosed is null ? "" : Text($"{unclosed.PriorResidual:G2}, {unclosed.NoiseResidual:G2}");
        string output = layer is null ? "" : Text($"{layer.Residual:G2}, {layer.AbsoluteResidual:G2}");
        return Text($"{trained} | {output} | {record.Certificate?.ExpectedGain:G2}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
