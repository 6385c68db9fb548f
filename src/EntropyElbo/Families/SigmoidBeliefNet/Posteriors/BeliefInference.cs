using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Posteriors;

/// <summary>Finds posteriors of rows under fixed parameters. Not safe to share between threads.</summary>
internal abstract class BeliefInference
{
    private readonly ProductScratch<double> _scratch = new();

    private protected BeliefInference(BeliefNet net)
    {
        Net = net;
        int rows = LatentModel.RowsOfBlock(net.Columns);
        Rows = new Matrix<double>(rows, net.Columns);
        LogOddsTerms = new Matrix<double>(rows, net.Sizes[0] + 1);
        Sums = new PosteriorSums(net);
    }

    public BeliefNet Net { get; }

    /// <summary>Room for a block of rows; the caller fills it.</summary>
    public MatrixView<double> Rows { get; }

    /// <summary>The posteriors found.</summary>
    public PosteriorSums Sums { get; }

    /// <summary>
    /// Takes what <see cref="Sums"/> leave out, at the cost of a look at every state of every row; null where nobody asks.
    /// </summary>
    public PosteriorTerms? Terms { get; set; }

    /// <summary>[rows of a block, H_1 + 1]: X [W mu]'.</summary>
    private protected MatrixView<double> LogOddsTerms { get; }

    /// <summary>Fills <see cref="Sums"/> for the first rows of <see cref="Rows"/>.</summary>
    /// <param name="count">Rows.</param>
    public void Infer(int count)
    {
        LogOdds(count);
        InferRows(count);
    }

    private protected abstract void InferRows(int count);

    /// <summary>Fills <see cref="LogOddsTerms"/>.</summary>
    private protected void LogOdds(int count) =>
        StateEvaluator.LogOdds(Net, Rows.Slice(0, count), LogOddsTerms.Slice(0, count), _scratch);
}
