using System.Numerics.Tensors;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.Mixture.Rows;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Em;

/// <summary>Fills the responsibilities, row entropies and loaded rows of a block.</summary>
internal delegate void ResponsibilityRule(ReadOnlySpan<double> rows, int count, MixtureWorkspace work);

/// <summary>Gathers statistics over rows on the threads of a fit, in segments that are merged in order.</summary>
internal sealed class MixtureAccumulator : IDisposable
{
    private readonly ColumnFamily[] _families;
    private readonly WorkerTeam _team;
    private readonly MixtureWorkspace[] _workspaces;
    private readonly double[][] _partial;
    private readonly double[]?[] _buffers;

    public MixtureAccumulator(ColumnFamily[] families, StatisticsLayout layout, int threads)
    {
        _families = families;
        Layout = layout;
        _team = new WorkerTeam(threads);
        int rows = LatentModel.RowsOfBlock(families.Sum(f => f.Count));
        _workspaces = [.. Enumerable.Range(0, threads).Select(_ => new MixtureWorkspace(families, layout.Components, rows))];
        _partial = [.. Enumerable.Range(0, threads).Select(_ => new double[layout.Length])];
        _buffers = new double[]?[threads];
    }

    /// <summary>Where the statistics lie.</summary>
    public StatisticsLayout Layout { get; }

    /// <summary>Sums over all rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="rowWeights">Weight of each row, or null.</param>
    /// <param name="rule">How rows get their responsibilities.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    /// <returns>The statistics, without base measure; null when cancelled.</returns>
    public double[]? Sum(MixtureRows rows, double[]? rowWeights, ResponsibilityRule rule, CancellationToken cancellationToken)
    {
        using MixtureRows.Pass pass = rows.Open();
        SumPass sums = new(this, pass, rows.Columns, rowWeights, rule);
        return OrderedBlocks.Run(sums, _team, cancellationToken) ? sums.Total : null;
    }

    public void Dispose() => _team.Dispose();

    /// <summary>One pass over segments.</summary>
    private sealed class SumPass(
        MixtureAccumulator owner, MixtureRows.Pass pass, int columns, double[]? rowWeights, ResponsibilityRule rule) : IBlockWork
    {
        public double[] Total { get; } = new double[owner.Layout.Length];

        public int Take(long firstRow, int worker) => pass.Take(firstRow, ref owner._buffers[worker]);

        public void Compute(BlockPlace place)
        {
            ReadOnlySpan<double> segment = pass.Segment(place.FirstRow, place.Count, owner._buffers[place.Worker]);
            MixtureWorkspace work = owner._workspaces[place.Worker];
            double[] partial = owner._partial[place.Worker];
            Array.Clear(partial);
            for (int start = 0; start < place.Count; start += work.Rows)
            {
                int count = Math.Min(work.Rows, place.Count - start);
                rule(segment.Slice(start * columns, count * columns), count, work);
                ReadOnlySpan<double> weights = rowWeights is null ? [] : rowWeights.AsSpan((int)place.FirstRow + start, count);
                owner.Layout.Add(owner._families, work, count, weights, partial);
            }
        }

        public void Merge(BlockPlace place) => TensorPrimitives.Add(Total, owner._partial[place.Worker], Total);
    }
}
