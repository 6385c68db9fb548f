using EntropyElbo.Models;
using EntropyElbo.Models.Mixture;
using EntropyElbo.Numerics;
using EntropyElbo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// The E-step of a mixture on the device, in double precision: the rows' features are moved there once; densities, responsibilities and statistics of every
/// iteration are matrix products over chunks of rows, and only the statistics come back. The M-step is the library's.
/// </summary>
internal sealed class TorchMixturePass : IMixturePass
{
    private const long ChunkValues = 1 << 24;
    private readonly MixtureProblem _problem;
    private readonly Device _device;
    private readonly Tensor[] _features;
    private readonly Tensor? _weights;

    private TorchMixturePass(MixtureProblem problem, Device device)
    {
        _problem = problem;
        _device = device;
        using DisposeScope scope = NewDisposeScope();
        _features = [.. LoadFeatures(problem).Zip(problem.Families, (values, family) =>
            from_array(values).view(-1, Width(family)).to(device).DetachFromDisposeScope())];
        _weights = problem.RowWeights is { } weights ? from_array(weights).to(device).DetachFromDisposeScope() : null;
    }

    /// <summary>The pass, or null where it has none: rows that are streamed, batches, and families other than Gaussian (full, diagonal, spherical) and scalar ones.</summary>
    public static TorchMixturePass? Create(MixtureProblem problem, Device device) =>
        problem.Rows.Values is not null && problem.Options.BatchSize is null && problem.Families.All(f => f is FeatureFamily or GaussianFullFamily)
            ? new TorchMixturePass(problem, device)
            : null;

    /// <inheritdoc/>
    public double[]? Sum(MixtureParameters parameters, int kept, CancellationToken cancellationToken)
    {
        StatisticsLayout layout = _problem.Layout;
        double[] statistics = new double[layout.Length];
        long rows = _problem.Rows.Count, chunk = Math.Max(1, ChunkValues / Math.Max(layout.Components, _features.Max(f => f.shape[1])));
        using IDisposable none = no_grad();
        for (long start = 0; start < rows; start += chunk)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return null;
            }

            using DisposeScope scope = NewDisposeScope();
            AddChunk(parameters, kept, start, Math.Min(chunk, rows - start), statistics);
        }

        return statistics;
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _features)
        {
            tensor.Dispose();
        }

        _weights?.Dispose();
    }

    private static int Width(ColumnFamily family) => family is FeatureFamily feature ? feature.FeatureCount : family.Count;

    /// <summary>Features of all rows, one matrix per column range.</summary>
    private static double[][] LoadFeatures(MixtureProblem problem)
    {
        int columns = problem.Rows.Columns, count = (int)problem.Rows.Count;
        double[][] features = Array.ConvertAll(problem.Families, f => new double[(long)count * Width(f)]);
        for (int g = 0; g < features.Length; g++)
        {
            ColumnScratch scratch = problem.Families[g].CreateScratch(LatentModel.BlockRows, 1);
            int width = Width(problem.Families[g]);
            for (int start = 0; start < count; start += LatentModel.BlockRows)
            {
                int block = Math.Min(LatentModel.BlockRows, count - start);
                problem.Families[g].Load(problem.Rows.Values.AsSpan(start * columns, block * columns), block, columns, scratch);
                ElementLoops.Store(scratch.Features, 0, width, block, features[g].AsSpan(start * width, block * width));
            }

            GC.KeepAlive(scratch);
        }

        return features;
    }

    private void AddChunk(MixtureParameters parameters, int kept, long start, long count, double[] statistics)
    {
        Tensor[] features = Array.ConvertAll(_features, f => f.narrow(0, start, count));
        Tensor weights = Transfers.Move(parameters.Weights, _device);
        Tensor joint = weights.log();
        for (int g = 0; g < features.Length; g++)
        {
            joint = joint + LogDensities(parameters.Ranges[g], features[g]);
        }

        (Tensor responsibilities, Tensor entropies) = Posterior(joint, weights, kept);
        if (_weights is not null)
        {
            Tensor own = _weights.narrow(0, start, count);
            responsibilities = responsibilities * own.unsqueeze(1);
            entropies = entropies * own;
        }

        StatisticsLayout layout = _problem.Layout;
        Transfers.AddTo(responsibilities.sum(0L), statistics.AsSpan(0, layout.Components));
        Transfers.AddTo(entropies.sum().reshape(1), statistics.AsSpan(layout.EncoderEntropy, 1));
        for (int g = 0; g < features.Length; g++)
        {
            AddStatistics(_problem.Families[g], features[g], responsibilities, layout.Of(statistics.AsSpan(), g));
        }
    }

    private Tensor LogDensities(ColumnComponents components, Tensor features)
    {
        if (components is FeatureComponents own)
        {
            Tensor coefficients = Transfers.Move(own.Coefficients, _device).view(own.Components, -1);
            return addmm(Transfers.Move(own.Constants, _device), features, coefficients.t(), 1, 1);
        }

        GaussianFullComponents full = (GaussianFullComponents)components;
        Tensor[] densities = new Tensor[full.Components];
        for (int k = 0; k < densities.Length; k++)
        {
            Tensor whitening = Transfers.Move(full.Covariance(k).Whitening, _device);
            Tensor white = addmm(Transfers.Move(full.WhitenedBias(k), _device), features, whitening, 1, 1);
            densities[k] = (white.square().sum(1L) * -0.5) + full.Constants[k];
            GC.KeepAlive(full);
        }

        return stack(densities, 1);
    }

    /// <summary>As <see cref="Posteriors.Fill"/>: rows that no component allows get the weights.</summary>
    private static (Tensor Responsibilities, Tensor Entropies) Posterior(Tensor joint, Tensor weights, int kept)
    {
        if (kept < joint.shape[1])
        {
            Tensor best = joint.topk(kept, 1).indexes;
            joint = full_like(joint, double.NegativeInfinity).scatter_(1, best, joint.gather(1, best));
        }

        Tensor top = joint.max(1, keepdim: true).values;
        Tensor possible = top > Posteriors.Impossible;
        Tensor shifted = (joint - where(possible, top, zeros_like(top))).clamp_min(Posteriors.Negligible);
        Tensor exponentials = shifted.exp();
        Tensor total = exponentials.sum(1, keepdim: true);
        Tensor responsibilities = where(possible, exponentials / total, weights);
        Tensor entropies = (total.log() - ((exponentials * shifted).sum(1, keepdim: true) / total)).clamp_min(0);
        Tensor prior = -(weights * weights.clamp_min(1e-300).log()).sum();
        return (responsibilities, where(possible, entropies, prior).squeeze(1));
    }

    private static void AddStatistics(ColumnFamily family, Tensor features, Tensor responsibilities, Span<double> statistics)
    {
        long components = responsibilities.shape[1], width = features.shape[1];
        Tensor sums = matmul(responsibilities.t(), features);
        Transfers.AddTo(sums.flatten(), statistics[..(int)(components * width)]);
        for (int k = 0; family is GaussianFullFamily && k < components; k++)
        {
            Tensor scatter = matmul(features.t(), features * responsibilities.narrow(1, k, 1));
            Transfers.AddTo(scatter.flatten(), statistics.Slice((int)((components * width) + (k * width * width)), (int)(width * width)));
        }
    }
}

/// <summary>A mixture's trainer with E-steps on the device where it has them.</summary>
internal sealed class TorchMixtureTrainer(MixtureTrainer trainer, int? device) : ITrainer
{
    /// <inheritdoc/>
    public FitResult Fit(Data.IRowSource rows, FitContext? context = null) => trainer.Fit(
        rows, (context ?? new FitContext()) with { Mixtures = problem => TorchMixturePass.Create(problem, TorchEngine.DeviceOf(device)) });
}
