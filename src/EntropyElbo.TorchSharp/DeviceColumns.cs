using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>A run of a mixture's columns on the device: features of all rows, and what a family makes of them.</summary>
internal abstract class DeviceColumns : IDisposable
{
    /// <summary>Most categories of a run of columns: rows meet the device as ones among zeros.</summary>
    private const int MostCells = 1 << 14;

    private readonly Tensor _features;

    private DeviceColumns(Tensor features) => _features = features;

    /// <summary>Values that a row takes while it is worked on.</summary>
    public virtual long Width => _features.shape[1];

    /// <summary>Whether there is a class for the family.</summary>
    public static bool Knows(ColumnFamily family) =>
        family is FeatureFamily or GaussianFullFamily or GaussianTiedFamily or CategoricalFamily { Cells: <= MostCells };

    /// <summary>Moves the columns of all rows, which are in memory, to the device.</summary>
    public static DeviceColumns Create(MixtureProblem problem, ColumnFamily family, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        if (family is CategoricalFamily categorical)
        {
            return new CategoricalColumns(
                categorical, Transfers.MoveArray(Codes(problem, categorical), device).view(-1, family.Count).DetachFromDisposeScope());
        }

        int width = family is FeatureFamily feature ? feature.FeatureCount : family.Count;
        Tensor features = Transfers.MoveArray(Features(problem, family, width), device).view(-1, width).DetachFromDisposeScope();
        return family switch
        {
            GaussianFullFamily => new FullColumns(features),
            GaussianTiedFamily => new TiedColumns(features),
            _ => new FeatureColumns(features),
        };
    }

    /// <summary>Features of a run of rows, or of the rows at some places.</summary>
    public virtual Tensor Rows(long start, long count, Tensor? places) => Pick(_features, start, count, places);

    /// <summary>log p(x|k) - log h(x), [n, K].</summary>
    public abstract Tensor LogDensities(ColumnComponents components, Tensor rows);

    /// <summary>Adds the rows' statistics in the family's order.</summary>
    public virtual void AddStatistics(Tensor rows, Tensor responsibilities, Span<double> statistics)
    {
        Tensor sums = matmul(responsibilities.t(), rows);
        Transfers.AddTo(sums.flatten(), statistics[..(int)sums.numel()]);
    }

    public void Dispose() => _features.Dispose();

    /// <summary>A run of rows of a tensor, or the rows at some places.</summary>
    public static Tensor Pick(Tensor all, long start, long count, Tensor? places) =>
        places is null ? all.narrow(0, start, count) : all.index_select(0, places);

    private static double[] Features(MixtureProblem problem, ColumnFamily family, int width)
    {
        double[] features = new double[problem.Rows.Count * width];
        foreach ((int start, int count, ColumnScratch scratch) in Blocks(problem, family))
        {
            ElementLoops.Store(scratch.Features, 0, width, count, features.AsSpan(start * width, count * width));
        }

        return features;
    }

    private static long[] Codes(MixtureProblem problem, CategoricalFamily family)
    {
        long[] codes = new long[problem.Rows.Count * family.Count];
        foreach ((int start, int count, ColumnScratch scratch) in Blocks(problem, family))
        {
            for (int i = 0; i < count * family.Count; i++)
            {
                codes[(start * family.Count) + i] = scratch.Codes[i];
            }
        }

        return codes;
    }

    private static IEnumerable<(int Start, int Count, ColumnScratch Scratch)> Blocks(MixtureProblem problem, ColumnFamily family)
    {
        int columns = problem.Rows.Columns, rows = (int)problem.Rows.Count;
        int block = LatentModel.RowsOfBlock(columns);
        ColumnScratch scratch = family.CreateScratch(block, 1);
        for (int start = 0; BlockPlace.RowsAt(start, rows, block) is > 0 and int count; start += count)
        {
            family.Load(problem.Rows.Values.AsSpan(start * columns, count * columns), count, columns, scratch);
            yield return (start, count, scratch);
        }
    }

    /// <summary>Densities that are linear in features.</summary>
    private sealed class FeatureColumns(Tensor features) : DeviceColumns(features)
    {
        public override Tensor LogDensities(ColumnComponents components, Tensor rows)
        {
            FeatureComponents own = (FeatureComponents)components;
            Tensor coefficients = Transfers.Move(own.Coefficients, rows.device).view(own.Components, -1), constants = Transfers.Move(own.Constants, rows.device);
            return addmm(constants, rows, coefficients.t(), 1, 1);
        }
    }

    /// <summary>A covariance matrix per component.</summary>
    private sealed class FullColumns(Tensor features) : DeviceColumns(features)
    {
        public override Tensor LogDensities(ColumnComponents components, Tensor rows)
        {
            GaussianFullComponents full = (GaussianFullComponents)components;
            Tensor[] densities = new Tensor[full.Components];
            for (int k = 0; k < densities.Length; k++)
            {
                Tensor whitening = Transfers.Move(full.Covariance(k).Whitening, rows.device);
                Tensor white = addmm(Transfers.Move(full.WhitenedBias(k), rows.device), rows, whitening, 1, 1);
                densities[k] = white.Square().sum(1L).Times(-0.5).Plus(full.Constants[k]);
            }

            return stack(densities, 1);
        }

        public override void AddStatistics(Tensor rows, Tensor responsibilities, Span<double> statistics)
        {
            base.AddStatistics(rows, responsibilities, statistics);
            int components = (int)responsibilities.shape[1], width = (int)rows.shape[1];
            for (int k = 0; k < components; k++)
            {
                Tensor scatter = matmul(rows.t(), rows * responsibilities.narrow(1, k, 1));
                Transfers.AddTo(scatter.flatten(), statistics[new GaussianPlaces(components, width).Scatter(k)]);
            }
        }
    }

    /// <summary>One covariance matrix for all components.</summary>
    private sealed class TiedColumns(Tensor features) : DeviceColumns(features)
    {
        public override Tensor LogDensities(ColumnComponents components, Tensor rows)
        {
            GaussianTiedComponents tied = (GaussianTiedComponents)components;
            Tensor white = matmul(rows, Transfers.Move(tied.Covariance.Whitening, rows.device));
            Tensor products = addmm(
                Transfers.Move(tied.Constants, rows.device), white, Transfers.Move(tied.WhitenedMeans, rows.device), 1, 1);
            return products - white.Square().sum(1, keepdim: true).Times(0.5);
        }

        public override void AddStatistics(Tensor rows, Tensor responsibilities, Span<double> statistics)
        {
            base.AddStatistics(rows, responsibilities, statistics);
            Tensor scatter = matmul(rows.t(), rows * responsibilities.sum(1, keepdim: true));
            Transfers.AddTo(
                scatter.flatten(), statistics[new GaussianPlaces((int)responsibilities.shape[1], (int)rows.shape[1]).Scatter(0)]);
        }
    }

    /// <summary>
    /// Categories: each row's cells as ones among zeros, which turns table look-ups and counts into products whose order of
    /// summation is fixed.
    /// </summary>
    private sealed class CategoricalColumns(CategoricalFamily family, Tensor codes) : DeviceColumns(codes)
    {
        public override long Width => family.Cells;

        public override Tensor Rows(long start, long count, Tensor? places)
        {
            Tensor codes = base.Rows(start, count, places);
            return zeros(
                [codes.shape[0], family.Cells], dtype: float64, device: codes.device).scatter_(1, codes, ones_like(codes, dtype: float64));
        }

        public override Tensor LogDensities(ColumnComponents components, Tensor rows) =>
            matmul(rows, Transfers.Move(((CategoricalComponents)components).Logs, rows.device).view(family.Cells, components.Components));

        public override void AddStatistics(Tensor rows, Tensor responsibilities, Span<double> statistics) =>
            Transfers.AddTo(matmul(rows.t(), responsibilities).flatten(), statistics);
    }
}
