using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;
using Microsoft.ML.Runtime;
using MLNet.EntropyElbo.Data;
using MLNet.EntropyElbo.Training;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo;

/// <summary>What a fit leaves in <c>MLContext.Log</c>.</summary>
internal static class FitLog
{
    /// <summary>
    /// Says before training that the model will be too large for an ML.NET zip: it can be used, but saved in another way only.
    /// </summary>
    public static void WarnOfSize(IChannel channel, ITrainer trainer, int columns)
    {
        long characters = TrainerFacts.ModelBytes(trainer, columns) * 4 / 3;
        if (characters > ModelText.MaxCharacters)
        {
            channel.WriteWarning(string.Create(
                CultureInfo.InvariantCulture,
                $"The model will have about {characters:N0} characters, and ML.NET's zips take {ModelText.MaxCharacters:N0}: it will "
                    + $"train and encode, but mlContext.Model.Save will refuse it. Use fewer or smaller hidden layers, or save "
                    + $"FindModel(transformer) with LatentModel.Save"));
        }
    }

    /// <summary>Writes result and warnings.</summary>
    public static void Write(IChannel channel, FitResult result)
    {
        TrainingRecord training = result.Model.Training;
        if (training.SkippedRows > 0)
        {
            channel.WriteWarning(
                FormattableString.Invariant($"Skipped {training.SkippedRows} instances with missing features during training"));
        }

        foreach (string warning in training.Warnings)
        {
            channel.WriteWarning(warning);
        }

        LatentVariableMetrics metrics = new(training.Report!, result.Model.Scaling.LogVolume);
        channel.WriteInfo(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Model.Family}: ELBO {metrics.Elbo:F4}, entropy sum {metrics.EntropySum:F4} nats per row in units of the data (gap "
                + $"{100 * metrics.RelativeGap:G3} %), {metrics.CollapsedLatents.Entropy} of {result.Model.LatentDimension} latents "
                + $"collapsed, {training.StopReason} after {training.Epochs} epochs, {training.Rows} rows, "
                + $"{result.Elapsed.TotalSeconds:F2} s"));
        if (!training.Converged)
        {
            WriteEnd(channel, result.Model.Family, training);
        }
    }

    /// <summary>Says where digits of the data are lost, if they are.</summary>
    /// <param name="channel">The log.</param>
    /// <param name="view">The rows that were read.</param>
    /// <param name="model">The model.</param>
    /// <param name="computesInSingles">Whether rows reach it as Singles.</param>
    /// <param name="reconstruction">The column of reconstructed rows, or null.</param>
    public static void WarnOfLostDigits(
        IChannel channel, DataViewRows view, LatentModel model, bool computesInSingles, string? reconstruction)
    {
        if (view.Facts is not { } facts)
        {
            return;
        }

        Warn(view.HoldsLongIntegers ? facts.BeyondDouble() : [], "has whole numbers beyond 2^53, whose last digits a Double does not hold");
        if (computesInSingles && model.Scaling.Kind == ScalingKind.None)
        {
            Warn(facts.BeyondSingle(), "reaches the networks unscaled as Single, which loses its last digits; scale it (MinMax or Standard), which is done in Double");
        }

        if (model.Scaling.Kind != ScalingKind.None)
        {
            Warn(
                facts.StretchedByOneRow(),
                "has its range set by a single row, so that scaling crowds all others together and the model may spend itself on that "
                    + "row; take the row out, or choose ScalingKind.None");
        }

        if (reconstruction is not null)
        {
            Warn(facts.BeyondSingle(), $"loses its last digits in the column '{reconstruction}', which is of Single; FindModel(transformer).Reconstruct gives Doubles");
        }

        void Warn(IEnumerable<int> columns, string loss)
        {
            int[] found = [.. columns];
            if (found.Length > 0)
            {
                string more = found.Length == 1 ? "" : FormattableString.Invariant($" (and {found.Length - 1} more)");
                channel.WriteWarning($"Precision: column '{view.ColumnNames[found[0]]}'{more} {loss}");
            }
        }
    }

    private static void WriteEnd(IChannel channel, string family, TrainingRecord training)
    {
        string distance = training.Certificate?.ExpectedGain is { } gain
            ? FormattableString.Invariant($"about {Math.Max(0, gain):G2} nats per row still to gain nearby")
            : FormattableString.Invariant($"the ELBO {100 * training.Report!.Summary.RelativeGap:G3} % away from its entropy sum");
        switch (training.StopReason)
        {
            case StopReason.EarlyStopping:
                channel.WriteInfo(FormattableString.Invariant(
                    $"Training of {family} ended by early stopping, as asked, with the parameters that were best on the test data"));
                break;
            case StopReason.Stationary:
                channel.WriteWarning(FormattableString.Invariant(
                    $"Training of {family} became stationary with {distance}; more epochs will not change that, larger batches or a lower learning rate may"));
                break;
            case StopReason.NoProgress:
                channel.WriteWarning(FormattableString.Invariant(
                    $"Training of {family} found no better parameters, with {distance}; scale the columns, or allow for that distance"));
                break;
            case StopReason.TimeLimit:
                channel.WriteWarning(FormattableString.Invariant(
                    $"Training of {family} ended before it converged (TimeLimit), with {distance}; allow more time"));
                break;
            default:
                channel.WriteWarning(FormattableString.Invariant(
                    $"Training of {family} ended before it converged ({training.StopReason}), with {distance}; allow more epochs"));
                break;
        }
    }
}
