using System.Globalization;
using EntropyElbo.Models;
using EntropyElbo.Training;
using Microsoft.ML.Runtime;

namespace MLNet.EntropyElbo.Training;

/// <summary>What a fit leaves in <c>MLContext.Log</c>.</summary>
internal static class FitLog
{
    /// <summary>Writes result and warnings.</summary>
    public static void Write(IChannel channel, FitResult result)
    {
        TrainingRecord training = result.Model.Frame.Training;
        if (training.SkippedRows > 0)
        {
            channel.WriteWarning($"Skipped {training.SkippedRows} instances with missing features during training");
        }

        foreach (string warning in training.Warnings)
        {
            channel.WriteWarning(warning);
        }

        Evaluation report = training.Report!;
        channel.WriteInfo(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Model.Family}: ELBO {report.Elbo.Elbo:F4}, entropy sum {report.Elbo.EntropySum:F4} nats per row (gap {100 * report.Elbo.RelativeGap:G3} %), {report.Collapsed.Entropy} of {result.Model.LatentDimension} latents collapsed, {training.StopReason} after {training.Epochs} epochs, {training.Rows} rows, {result.Elapsed.TotalSeconds:F2} s"));
        if (!training.Converged)
        {
            channel.WriteWarning($"Training of {result.Model.Family} ended before it converged ({training.StopReason}); allow more epochs, or read the gap as the distance");
        }
    }
}
