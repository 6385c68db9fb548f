using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>Fits of one candidate to one set of rows, from one start or several.</summary>
/// <param name="trainer">The candidate's trainer.</param>
/// <param name="epochs">Epochs at most; null for the trainer's own.</param>
/// <param name="starts">Starts where the family has local optima.</param>
internal sealed class StartedFits(ITrainer trainer, int? epochs, int starts)
{
    private readonly List<TrainingRecord> _records = [];
    private readonly List<string> _warnings = [];

    /// <summary>Whether the time budget ended a fit.</summary>
    public bool AreCut => _records.Any(r => r.StopReason == StopReason.TimeLimit);

    /// <summary>Starts that failed beside others that did not.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The fit with the highest ELBO of its own rows; of equal ones the first.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="context">Surroundings of the next fit.</param>
    /// <exception cref="EntropyElboException">Every start failed; the first one's failure.</exception>
    public FitResult Best(IRowSource rows, Func<FitContext> context)
    {
        FitResult? best = null;
        List<EntropyElboException> failures = [];
        int count = trainer is IVariedTrainer { HasStarts: true } ? starts : 1;
        for (int start = 0; start < count; start++)
        {
            try
            {
                FitResult fit = Trainer(start).Fit(rows, context());
                _records.Add(fit.Model.Training);
                best = best is null || IsHigher(fit, best) ? fit : best;
            }
            catch (EntropyElboException error) when (count > 1)
            {
                failures.Add(error);
            }
        }

        if (best is null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failures[0]);
        }

        if (failures.Count > 0)
        {
            _warnings.Add($"{failures.Count} of {count} starts failed; the first: {failures[0].Message}");
        }

        return best;
    }

    private static bool IsHigher(FitResult fit, FitResult best) =>
        fit.Model.Report.Summary.Elbo > best.Model.Report.Summary.Elbo || !double.IsFinite(best.Model.Report.Summary.Elbo);

    private ITrainer Trainer(int start) =>
        trainer is IVariedTrainer varied && (start > 0 || epochs is not null) ? varied.Varied(start, epochs) : trainer;
}
