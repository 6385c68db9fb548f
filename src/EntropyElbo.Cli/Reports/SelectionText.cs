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
        string order = result.Criterion.IsHeldOut() ? "higher is better" : "lower is better";
        output.WriteLine($"{Wording.Count(result.Trials.Count, "trial")} by {result.Criterion.Name()} ({order}{units}); ELBOs in nats per row");
        foreach (IGrouping<string, SelectionTrial> kind in result.Trials.Where(t => t.Succeeded).GroupBy(t => result.AreKindsApart ? t.LikelihoodKind : ""))
        {
            output.Write(kind.Key.Length > 0 ? $"{kind.Key}:{output.NewLine}" : "");
            WriteTable(output, kind, result);
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

    private static void WriteTable(TextWriter output, IEnumerable<SelectionTrial> trials, SelectionResult result)
    {
        List<string[]> lines = [["rank", "model", "score", "ELBO", "gap", "held-out", "+/-", "collapsed", "seconds", ""]];
        lines.AddRange(trials.Select(trial => Line(trial, result)));
        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length))];
        foreach (string[] line in lines)
        {
            output.WriteLine(
                string.Join("  ", line.Select((cell, i) => i is 1 or 9 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        }
    }

    /// <summary>What a trial's score must be read with.</summary>
    internal static string Notes(SelectionTrial trial, SelectionResult result)
    {
        TrainingRecord training = trial.Training!;
        string round = trial.Round < result.Rounds ? $"left in round {trial.Round} of {result.Rounds}" : "";
        string[] notes = [round, training.Converged ? "" : $"not converged: {Wording.Stop(training)}", trial.IsAtFloor ? "at a floor" : ""];
        return string.Join("; ", notes.Where(n => n.Length > 0));
    }

    private static string[] Line(SelectionTrial trial, SelectionResult result)
    {
        Evaluation report = trial.Report!;
        return
        [
            trial.Rank!.Value.ToString(CultureInfo.InvariantCulture),
            trial.Candidate.ToString(),
            Wording.Nats(trial.Score!.Value),
            Wording.Nats(report.Summary.Elbo),
            Wording.Percent(report.Summary.RelativeGap),
            HeldOut(trial)?.Value is { } value ? Wording.Nats(value) : "-",
            HeldOut(trial)?.Error is { } error ? Wording.Nats(error) : "-",
            string.Create(CultureInfo.InvariantCulture, $"{report.Collapsed.Entropy}/{trial.Latents}"),
            trial.Elapsed.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture),
            Notes(trial, result),
        ];
    }

    /// <summary>The held-out value that trials are compared by.</summary>
    private static (double Value, double Error)? HeldOut(SelectionTrial trial) =>
        trial.HeldOutLogLikelihood is { } likelihood ? (likelihood.Value, likelihood.StandardError)
        : trial.HeldOut is { } elbo ? (elbo.Elbo, elbo.StandardError)
        : null;
}
