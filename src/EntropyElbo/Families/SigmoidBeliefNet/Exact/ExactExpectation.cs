using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Families.SigmoidBeliefNet.Regression;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Exact;

/// <summary>E-step with exact posteriors: blocks of rows on all threads, their sums merged in the order of the blocks.</summary>
internal class ExactExpectation(BitTable table) : Expectation(table)
{
    public override ExpectationResult? Run(BeliefNet net, int iteration, WorkerTeam team, CancellationToken cancellationToken)
    {
        ExactTables tables = new(net);
        Totals totals = new(tables);
        SumPass pass = new(Table, tables, totals, team.Members);
        return OrderedBlocks.Run(pass, team, cancellationToken) ? Finish(tables, totals) : null;
    }

    /// <summary>What sums over rows of exact posteriors make of an E-step.</summary>
    private protected ExpectationResult Finish(ExactTables tables, Totals totals)
    {
        BeliefNet net = tables.Net;
        double rows = Table.Weight;
        StatePool states = new(net.Words);
        ulong[] state = new ulong[net.Words];
        for (int s = 0; s < tables.States; s++)
        {
            net.SetState(state, s);
            states.Add(state, totals.Shares[s] / rows);
        }

        LayerProblem[] problems = LayerProblem.From(net, states);
        SetDataMoments(problems[0], net.Sizes[0], totals.Cross);
        return new ExpectationResult(
            problems, totals.Evidence / rows, totals.Entropy / rows, Array.ConvertAll(totals.LatentEntropies, e => e / rows));
    }

    /// <summary>Sums over rows.</summary>
    internal sealed class Totals
    {
        public Totals(ExactTables tables)
        {
            Shares = new double[tables.States];
            LatentEntropies = new double[tables.Net.Latents];
            Cross = new Matrix<double>(tables.Net.Sizes[0], tables.Net.Columns);
        }

        public double[] Shares { get; }

        public double[] LatentEntropies { get; }

        public double Evidence { get; set; }

        public double Entropy { get; set; }

        public MatrixView<double> Cross { get; }

        public void Clear()
        {
            Array.Clear(Shares);
            Array.Clear(LatentEntropies);
            Evidence = 0;
            Entropy = 0;
            Cross.Entries.Clear();
        }

        public void Merge(Totals other)
        {
            System.Numerics.Tensors.TensorPrimitives.Add(Shares, other.Shares, Shares);
            System.Numerics.Tensors.TensorPrimitives.Add(LatentEntropies, other.LatentEntropies, LatentEntropies);
            Evidence += other.Evidence;
            Entropy += other.Entropy;
        }
    }

    /// <summary>One pass over blocks of rows.</summary>
    private sealed class SumPass(BitTable table, ExactTables tables, Totals totals, int workers) : IBlockWork
    {
        private readonly Workspace?[] _workspaces = new Workspace?[workers];

        public int Take(long firstRow, int worker) => table.RowsAt(firstRow);

        public void Compute(BlockPlace place) =>
            (_workspaces[place.Worker] ??= new Workspace(tables)).Infer(table, place.FirstRow, place.Count);

        public void Merge(BlockPlace place)
        {
            Totals sums = _workspaces[place.Worker]!.Sums;
            totals.Merge(sums);
            Add(totals.Cross, sums.Cross);
        }
    }

    /// <summary>One thread's workspace.</summary>
    private sealed class Workspace
    {
        private readonly ExactInference _inference;
        private BitTable? _table;
        private long _firstRow;

        public Workspace(ExactTables tables)
        {
            _inference = new ExactInference(tables) { OnShares = AddShares };
            Sums = new Totals(tables);
        }

        public Totals Sums { get; }

        public void Infer(BitTable table, long firstRow, int count)
        {
            Sums.Clear();
            (_table, _firstRow) = (table, firstRow);
            table.Load(firstRow, _inference.Rows.Slice(0, count));
            _inference.Infer(count);
            MatrixView<double> means = _inference.PosteriorMeans;
            for (int row = 0; row < count; row++)
            {
                double weight = table.WeightOf(firstRow + row);
                Sums.Evidence += weight * _inference.Sums.Evidence(row);
                Sums.Entropy += weight * _inference.Sums.Entropy(row);
                AddEntropies(_inference.Sums.MeansOf(row), Sums.LatentEntropies, weight);
                if (weight != 1)
                {
                    System.Numerics.Tensors.TensorPrimitives.Multiply(means[row], weight, means[row]);
                }
            }

            MatrixProduct.MultiplyTransposedLeft(
                means.Block(0, count, 0, Sums.Cross.Rows), _inference.Rows.Slice(0, count), Sums.Cross);
        }

        private void AddShares(int start, MatrixView<double> shares)
        {
            for (int i = 0; i < shares.Rows; i++)
            {
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(
                    shares[i], _table!.WeightOf(_firstRow + start + i), Sums.Shares, Sums.Shares);
            }
        }
    }
}
