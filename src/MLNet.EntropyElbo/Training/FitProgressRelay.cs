using System.Diagnostics;
using System.Globalization;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

namespace MLNet.EntropyElbo.Training;

/// <summary>
/// What happens after each epoch: the user's progress, a line in the log now and then, and a look whether
/// the cancellation of the context (as by Microsoft.ML.AutoML) was called, which throws.
/// </summary>
internal sealed class FitProgressRelay(MLContext ml, IChannel channel, IProgress<FitProgress>? progress) : IProgress<FitProgress>
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(2);
    private readonly CancellationProbe _probe = new(ml);
    private readonly Stopwatch _sinceLog = Stopwatch.StartNew();

    /// <inheritdoc/>
    public void Report(FitProgress value)
    {
        _probe.ThrowIfCancelled();
        if (_sinceLog.Elapsed >= LogInterval)
        {
            _sinceLog.Restart();
            channel.WriteInfo(string.Create(
                CultureInfo.InvariantCulture,
                $"Epoch {value.Epoch} of {value.Epochs}: ELBO {value.Elbo:F4}, entropy sum {value.EntropySum:F4} nats per row of scaled "
                    + $"columns, {value.Collapsed} latents collapsed, {value.RowsPerSecond:F0} rows/s"));
        }

        progress?.Report(value);
    }
}

/// <summary>
/// Notices the cancellation of the context (as by Microsoft.ML.AutoML). ML.NET has no public flag for it, but fitting a normaliser
/// on one row takes microseconds and throws once cancelled.
/// </summary>
internal sealed class CancellationProbe
{
    private readonly NormalizingEstimator _normaliser;
    private readonly IDataView _row;

    public CancellationProbe(MLContext ml)
    {
        _row = ml.Data.LoadFromEnumerable([new ProbeRow { Value = 1 }]);
        _normaliser = ml.Transforms.NormalizeMinMax(nameof(ProbeRow.Value));
    }

    /// <summary>Throws once cancelled.</summary>
    /// <exception cref="OperationCanceledException">The context's execution was cancelled.</exception>
    public void ThrowIfCancelled() => _ = _normaliser.Fit(_row);

    private sealed class ProbeRow
    {
        public float Value { get; set; }
    }
}
