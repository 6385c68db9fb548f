using System.Numerics.Tensors;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Em;

/// <summary>Fills the responsibilities, row entropies and loaded rows of a block.</summary>
internal delegate void ResponsibilityRule(ReadOnlySpan<double> rows, int count, MixtureWorkspace work);

/// <summary>Gathers statistics over rows on the threads of a fit, one segment per thread at a time, merged in order of segments.</summary>
internal sealed class MixtureAccumulator : IDisposable
{
    private readonly ColumnFamily[] _families;
    private readonly WorkerTeam _team;
    private readonly MixtureWorkspace[] _workspaces;
    private readonly double[][] _partial;

    public MixtureAccumulator(ColumnFamily[] families, StatisticsLayout layout, int threads)
    {
        _families = families;
        Layout = layout;
        _team = new WorkerTeam(threads);
        int rows = LatentModel.RowsOfBlock(families.Sum(f => f.Count));
        _workspaces = [.. Enumerable.Range(0, threads).Select(_ => new MixtureWorkspace(families, layout.Components, rows))];
        _partial = [.. Enumerable.Range(0, threads).Select(_ => new double[layout.Length])];
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
        double[] total = new double[Layout.Length];
        using MixtureRows.Pass pass = rows.Open(_team.Members);
        for (int filled = pass.Next(); filled > 0; filled = pass.Next())
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return null;
            }

            int segments = filled;
            _team.Run(lane =>
            {
                if (lane < segments)
                {
                    AddSegment(pass, lane, rows.Columns, rowWeights, rule);
                }
            });
            for (int lane = 0; lane < filled; lane++)
            {
                TensorPrimitives.Add(total, _partial[lane], total);
            }
        }

        return total;
    }

    public void Dispose() => _team.Dispose();

    private void AddSegment(MixtureRows.Pass pass, int lane, int columns, double[]? rowWeights, ResponsibilityRule rule)
    {
        ReadOnlySpan<double> segment = pass.Segment(lane);
        MixtureWorkspace work = _workspaces[lane];
        Array.Clear(_partial[lane]);
        int rows = segment.Length / columns;
        for (int start = 0; start < rows; start += work.Rows)
        {
            int count = Math.Min(work.Rows, rows - start);
            rule(segment.Slice(start * columns, count * columns), count, work);
            ReadOnlySpan<double> weights = rowWeights is null ? [] : rowWeights.AsSpan((int)pass.FirstRow(lane) + start, count);
            Layout.Add(_families, work, count, weights, _partial[lane]);
        }
    }
}
