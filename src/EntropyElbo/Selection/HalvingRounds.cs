using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>
/// The rounds of successive halving: the last has all epochs, each before it a factor fewer, and a factor fewer candidates go on. All
/// rounds take about the same time.
/// </summary>
internal static class HalvingRounds
{
    /// <summary>More would begin with fits too short to tell anything.</summary>
    private const int MostRounds = 4;

    /// <summary>Rounds for so many candidates.</summary>
    public static int Count(int candidates, int factor)
    {
        int rounds = 1;
        for (int left = candidates; left >= factor && rounds < MostRounds; left = (left + factor - 1) / factor)
        {
            rounds++;
        }

        return rounds;
    }

    /// <summary>
    /// A candidate's epochs in a round: null for its own, in the last round and where it learns in closed form or its options are
    /// refused.
    /// </summary>
    /// <param name="trainer">Its trainer; null where its options are refused.</param>
    /// <param name="rows">Training rows.</param>
    /// <param name="round">The round, from 1.</param>
    /// <param name="rounds">Number of rounds.</param>
    /// <param name="factor">By how much epochs grow from round to round.</param>
    public static int? Epochs(ITrainer? trainer, long rows, int round, int rounds, int factor) =>
        round == rounds || trainer is not IVariedTrainer varied ? null
        : (int)Math.Max(1, Math.Round(varied.EpochLimit(rows) / Math.Pow(factor, rounds - round)));
}
