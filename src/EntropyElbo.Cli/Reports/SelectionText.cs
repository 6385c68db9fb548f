using System.Globalization;
using EntropyElbo.Cli.Host;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Selection;

namespace EntropyElbo.Cli.Reports;

/// <summary>Ranked trials as an aligned table.</summary>
internal static class SelectionText
{
    /// <summary>Candidates named at most with one warning.</summary>
    private const int MaxNames = 4;

    /// <summary>Writes the table; below it the trials that failed, and what is to be known of the others.</summary>
    public static void Write(TextWriter output, SelectionResult result)
    {
        string units = result.IsInDataUnits ? ", in units of the data" : "";
        string order = result.Criterion == SelectionCriterion.HeldOut ? "higher is better" : "lower is better";
        output.WriteLine($"{Wording.Count(result.Trials.Count, "trial")} by {SelectionJson.NameOf(result.Criterion)} ({order}{units}); ELBOs in nats per row");
        foreach (IGrouping<string, SelectionTrial> kind in result.Trials.Where(t => t.Succeeded).GroupBy(t => result.AreKindsApart ? t.LikelihoodKind : ""))
        {
            output.Write(kind.Key.Length > 0 ? $"{kind.Key}:{output.NewLine}" : "");
            WriteTable(output, kind);
        }

        foreach (SelectionTrial failed in result.Trials.Where(t => !t.Succeeded))
        {
            output.WriteLine($"failed  {failed.Candidate}: {Failure.OneLine(failed.Failure!)}");
        }

        foreach (string warning in result.Warnings)
        {
            output.WriteLine($"warning  {Failure.OneLine(warning)}");
        }

        var said = result.Trials.Where(t => t.Succeeded).SelectMany(t => t.Warnings.Select(w => (Warning: w, t.Candidate)));
        foreach (var same in said.GroupBy(s => s.Warning, s => s.Candidate))
        {
            output.WriteLine(
                $"warning  {string.Join(", ", same.Take(MaxNames))}{(same.Count() > MaxNames ? ", ..." : "")}: "
                    + $"{Failure.OneLine(same.Key)}");
        }
    }

    private static void WriteTable(TextWriter output, IEnumerable<SelectionTrial> trials)
    {
        List<string[]> lines = [["rank", "model", "score", "ELBO", "gap", "held-out", "+/-", "collapsed", "seconds", ""]];
        lines.AddRange(trials.Select(Line));
        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length))];
        foreach (string[] line in lines)
        {
            output.WriteLine(
                string.Join("  ", line.Select((cell, i) => i is 1 or 9 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        }
    }

    /// <summary>What a trial's score must be read with.</summary>
    private static string Notes(SelectionTrial trial)
    {
        TrainingRecord training = trial.Training!;
        string[] notes = [training.Converged ? "" : $"not converged: {Wording.Stop(training)}", trial.IsAtFloor ? "at a floor" : ""];
        return string.Join("; ", notes.Where(n => n.Length > 0));
    }

    private static string[] Line(SelectionTrial trial)
    {
        Evaluation report = trial.Report!;
        return
        [
            trial.Rank!.Value.ToString(CultureInfo.InvariantCulture),
            trial.Candidate.ToString(),
            Wording.Nats(trial.Score!.Value),
            Wording.Nats(report.Summary.Elbo),
            Wording.Percent(report.Summary.RelativeGap),
            trial.HeldOut is { } heldOut ? Wording.Nats(heldOut.Elbo) : "-",
            trial.HeldOut is { } error ? Wording.Nats(error.StandardError) : "-",
            string.Create(CultureInfo.InvariantCulture, $"{report.Collapsed.Entropy}/{trial.Latents}"),
            trial.Elapsed.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture),
            Notes(trial),
        ];
    }
}
