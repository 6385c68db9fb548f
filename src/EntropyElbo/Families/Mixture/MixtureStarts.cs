using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.Mixture.Em;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture;

/// <summary>
/// Finds where EM starts. Every restart has seeds of its own and gets a few iterations on a sample of rows; the better two
/// thirds go on for twice as many, until one is left. Starts that end at a floor or bound, where the likelihood may grow without
/// end, come after all others. All of it costs about as much as a few long fits of the sample, and nothing
/// per further row.
/// </summary>
internal sealed class MixtureStarts(MixtureProblem problem)
{
    /// <summary>Iterations of the first round.</summary>
    private const int FirstRound = 20;

    /// <summary>Share of a row that the first M-step spreads over all components.</summary>
    private const double SharpSpread = 0.01;

    /// <summary>The same in every other start: it leads to optima in which components merge, which sharp ones pass by.</summary>
    private const double SoftSpread = 0.5;

    /// <summary>Pseudo-counts on a sample: values that it does not hold may be in the other rows.</summary>
    private const double SampleSmoothing = 0.1;

    private readonly int _restarts = problem.Options.Restarts ?? MixtureOptions.DefaultRestarts;

    /// <summary>The best start's parameters; null when cancelled.</summary>
    public MixtureParameters? Find(CancellationToken cancellationToken)
    {
        MixtureSample sample = MixtureSample.Draw(problem.Rows, problem.RowWeights, problem.Options.Components, problem.Options.Seed);
        ColumnFamily[] families = sample.Rows.Count < problem.Rows.Count
            ? [.. problem.Families.Select(f => f.Smoothed(SampleSmoothing))]
            : problem.Families;
        List<Attempt> attempts = [];
        SeedingColumns columns = new(families, problem.Facts);
        double[] embedded = columns.EmbedAll(sample.Rows);
        for (int restart = 0; restart < _restarts; restart++)
        {
            if (Begin(sample, families, columns, embedded, restart, cancellationToken) is not { } attempt)
            {
                return null;
            }

            attempts.Add(attempt);
        }

        for (int iterations = FirstRound; attempts.Count > 1; iterations *= 2)
        {
            for (int i = 0; i < attempts.Count; i++)
            {
                if (Continue(attempts[i], sample, families, iterations, cancellationToken) is not { } further)
                {
                    return null;
                }

                attempts[i] = further;
            }

            attempts = [.. attempts.OrderBy(a => a.IsHeld).ThenByDescending(a => a.Objective).Take(Kept(attempts.Count))];
        }

        return attempts[0].Parameters;
    }

    /// <summary>Two thirds, and always fewer: after a few iterations the best start is often not the one that gets furthest.</summary>
    private static int Kept(int attempts) => Math.Min(attempts - 1, ((2 * attempts) + 2) / 3);

    private Attempt? Begin(
        MixtureSample sample,
        ColumnFamily[] families,
        SeedingColumns columns,
        double[] embedded,
        int restart,
        CancellationToken cancellationToken)
    {
        RandomStream random = new(problem.Options.Seed, RandomPurpose.Initialisation, (ulong)restart);
        MixtureSeeding seeding = MixtureSeeding.Find(columns, embedded, sample.Weights, problem.Options.Components, random);
        ResponsibilityRule rule = seeding.Rule(families, restart % 2 == 0 ? SharpSpread : SoftSpread);
        double[]? statistics = problem.Accumulator.Sum(sample.Rows, sample.RowWeights, rule, cancellationToken);
        return statistics is null
            ? null
            : new Attempt(Maximise(families, statistics, null, new MaximisationNotes()), double.NegativeInfinity, false);
    }

    private Attempt? Continue(
        Attempt attempt, MixtureSample sample, ColumnFamily[] families, int iterations, CancellationToken cancellationToken)
    {
        MixtureParameters parameters = attempt.Parameters;
        double objective = attempt.Objective;
        MaximisationNotes notes = new();
        for (int i = 0; i < iterations; i++)
        {
            MixtureParameters current = parameters;
            double[]? statistics = problem.Accumulator.Sum(
                sample.Rows, sample.RowWeights, (block, count, work) =>
                    current.Posterior(block, count, work, problem.Kept), cancellationToken);
            if (statistics is null)
            {
                return null;
            }

            notes = new MaximisationNotes();
            parameters = Maximise(families, statistics, current, notes);
            double last = objective;
            objective = parameters.Values(statistics).Objective;
            if (objective - last <= problem.Options.StationarityTolerance * Math.Max(1, Math.Abs(objective)) / iterations)
            {
                break;
            }
        }

        return new Attempt(parameters, objective, notes.Floored.Count + notes.Bounded.Count > 0);
    }

    private MixtureParameters Maximise(ColumnFamily[] families, double[] statistics, MixtureParameters? current, MaximisationNotes notes) =>
        MixtureParameters.Maximise(families, problem.Layout, statistics, current, notes);

    /// <summary>Parameters that may become the start.</summary>
    private sealed record Attempt(MixtureParameters Parameters, double Objective, bool IsHeld);
}
