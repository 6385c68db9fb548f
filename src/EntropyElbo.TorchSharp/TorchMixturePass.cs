using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.Mixture.Em;
using EntropyElbo.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// The E-step of a mixture on the device, in double precision: the rows' features are moved there once; densities, responsibilities
/// and statistics of every iteration are matrix products over chunks of rows, and only the statistics come back. The M-step is the
/// library's.
/// </summary>
internal sealed class TorchMixturePass : IMixturePass
{
    private const long ChunkValues = 1 << 24;
    private readonly MixtureProblem _problem;
    private readonly Device _device;
    private readonly DeviceColumns[] _columns;
    private readonly Tensor? _weights;

    private TorchMixturePass(MixtureProblem problem, Device device)
    {
        _problem = problem;
        _device = device;
        using DisposeScope scope = NewDisposeScope();
        _columns = Array.ConvertAll(problem.Families, family => DeviceColumns.Create(problem, family, device));
        _weights = problem.RowWeights is { } weights ? Transfers.MoveArray(weights, device).DetachFromDisposeScope() : null;
    }

    /// <summary>The pass, or null where it has none: rows that are streamed, and categorical columns of very many categories.</summary>
    public static TorchMixturePass? Create(MixtureProblem problem, Device device) =>
        problem.Rows.Values is not null && problem.Families.All(DeviceColumns.Knows) ? new TorchMixturePass(problem, device) : null;

    /// <inheritdoc/>
    public bool HoldsRows => true;

    /// <inheritdoc/>
    public double[]? Sum(MixtureParameters parameters, int kept, MixtureBatch rowsToSum, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<int> batch = rowsToSum.Places;
        StatisticsLayout layout = _problem.Layout;
        double[] statistics = new double[layout.Length];
        long rows = batch.IsEmpty ? _problem.Rows.Count : batch.Length, chunk = Math.Max(1, ChunkValues / Math.Max(layout.Components, _columns.Max(c => c.Width)));
        using IDisposable none = no_grad();
        bool isWhole = OrderedBlocks.InTurn(
            rows,
            chunk,
            (start, count) =>
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor? places = batch.IsEmpty ? null : tensor(batch.Slice((int)start, count).ToArray(), dtype: int64, device: _device);
                AddChunk(parameters, kept, start, count, places, statistics);
            },
            cancellationToken);
        return isWhole ? statistics : null;
    }

    public void Dispose()
    {
        foreach (DeviceColumns columns in _columns)
        {
            columns.Dispose();
        }

        _weights?.Dispose();
    }

    private void AddChunk(MixtureParameters parameters, int kept, long start, long count, Tensor? places, double[] statistics)
    {
        Tensor[] rows = Array.ConvertAll(_columns, c => c.Rows(start, count, places));
        Tensor weights = Transfers.Move(parameters.Weights, _device);
        Tensor joint = weights.log();
        for (int g = 0; g < rows.Length; g++)
        {
            joint = joint.Plus(_columns[g].LogDensities(parameters.Ranges[g], rows[g]));
        }

        (Tensor responsibilities, Tensor entropies) = Posterior(joint, weights, kept);
        if (_weights is not null)
        {
            Tensor own = DeviceColumns.Pick(_weights, start, count, places);
            responsibilities = responsibilities * own.unsqueeze(1);
            entropies = entropies * own;
        }

        StatisticsLayout layout = _problem.Layout;
        Transfers.AddTo(responsibilities.sum(0L), statistics.AsSpan(0, layout.Components));
        Transfers.AddTo(entropies.sum().reshape(1), statistics.AsSpan(layout.EncoderEntropy, 1));
        for (int g = 0; g < rows.Length; g++)
        {
            _columns[g].AddStatistics(rows[g], responsibilities, layout.Of(statistics.AsSpan(), g));
        }
    }

    /// <summary>As <see cref="PosteriorKernels.Fill"/>: rows that no component allows get the weights.</summary>
    private static (Tensor Responsibilities, Tensor Entropies) Posterior(Tensor joint, Tensor weights, int kept)
    {
        if (kept < joint.shape[1])
        {
            Tensor best = joint.topk(kept, 1).indexes;
            joint = joint.FilledLike(double.NegativeInfinity).scatter_(1, best, joint.gather(1, best));
        }

        Tensor top = joint.max(1, keepdim: true).values;
        Tensor possible = top.IsAbove(PosteriorKernels.Impossible);
        Tensor shifted = (joint - where(possible, top, zeros_like(top))).ClampMin(PosteriorKernels.Negligible);
        Tensor exponentials = shifted.exp();
        Tensor total = exponentials.sum(1, keepdim: true);
        Tensor responsibilities = where(possible, exponentials / total, weights);
        Tensor entropies = (total.log() - ((exponentials * shifted).sum(1, keepdim: true) / total)).ClampMin(0);
        Tensor prior = -(weights * weights.ClampMin(1e-300).log()).sum();
        return (responsibilities, where(possible, entropies, prior).squeeze(1));
    }
}
