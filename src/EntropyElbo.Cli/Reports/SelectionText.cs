using System.Globalization;
using EntropyElbo.Models;
using EntropyElbo.Selection;

namespace EntropyElbo.Cli.Reports;

/// <summary>Ranked trials as an aligned table.</summary>
internal static class SelectionText
{
    /// <summary>Writes the table, and the trials that failed below it.</summary>
    public static void Write(TextWriter output, SelectionResult result)
    {
        string units = result.IsInDataUnits ? ", in units of the data" : "";
        string order = result.Criterion == SelectionCriterion.HeldOut ? "higher is better" : "lower is better";
        output.WriteLine($"{Wording.Count(result.Trials.Count, "trial")} by {SelectionJson.NameOf(result.Criterion)} ({order}{units}); ELBOs in nats per row");
        List<string[]> lines = [["rank", "model", "score", "ELBO", "gap", "held-out", "+/-", "collapsed", "seconds", ""]];
        lines.AddRange(result.Trials.Where(t => t.Succeeded).Select(Line));
        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length))];
        foreach (string[] line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((cell, i) => i is 1 or 9 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        }

        foreach (SelectionTrial failed in result.Trials.Where(t => !t.Succeeded))
        {
            output.WriteLine($"failed  {failed.Candidate}: {Failure.OneLine(failed.Failure!)}");
        }
    }

    private static string[] Line(SelectionTrial trial)
    {
        Evaluation report = trial.Report!;
        return
        [
            trial.Rank!.Value.ToString(CultureInfo.InvariantCulture),
            trial.Candidate.ToString(),
            Wording.Nats(trial.Score!.Value),
            Wording.Nats(report.Elbo.Elbo),
            Wording.Percent(report.Elbo.RelativeGap),
            trial.HeldOut is { } heldOut ? Wording.Nats(heldOut.Elbo) : "-",
            trial.HeldOut is { } error ? Wording.Nats(error.StandardError) : "-",
            string.Create(CultureInfo.InvariantCulture, $"{report.Collapsed.Entropy}/{trial.Latents}"),
            trial.Elapsed.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture),
            trial.Training!.Converged ? "" : "not converged",
        ];
    }
}
