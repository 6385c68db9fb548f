using System.Numerics.Tensors;
using EntropyElbo.Families.Mixture.Components;

namespace EntropyElbo.Streaming;

/// <summary>Parameters of a mixture with the fading statistics of the rows that it remembers.</summary>
internal sealed class MixtureState
{
    private readonly MixtureWorkspace _work;
    private readonly double[] _partial;

    /// <summary>Parameters without rows.</summary>
    public MixtureState(MixtureParameters parameters)
    {
        Parameters = parameters;
        _work = new MixtureWorkspace(parameters.Families, parameters.Components, ForgettingMoments.BlockRows);
        Statistics = new double[parameters.Layout.Length];
        _partial = new double[parameters.Layout.Length];
    }

    public MixtureParameters Parameters { get; private set; }

    /// <summary>Weighted sums over the rows remembered.</summary>
    public double[] Statistics { get; private set; }

    /// <summary>Figures of the parameters under the responsibilities that the rows had when they came.</summary>
    public MixtureValues Values { get; private set; }

    public double Weight { get; private set; }

    public double SquaredWeight { get; private set; }

    public double EffectiveRows => SquaredWeight > 0 ? Weight * Weight / SquaredWeight : 0;

    public bool IsFloored { get; private set; }

    /// <summary>ELBOs of the rows last loaded.</summary>
    public ReadOnlySpan<double> RowValues => _work.RowValues;

    /// <summary>The E-step of a block.</summary>
    public void Posterior(ReadOnlySpan<double> rows, int count) => Parameters.Posterior(rows, count, _work, Parameters.Components);

    /// <summary>Fades the statistics by a block of rows and adds those of the rows last loaded.</summary>
    /// <param name="count">Rows of the block.</param>
    /// <param name="powers">Weights of rows that lie 0, 1, ... back.</param>
    public void Add(int count, double[] powers)
    {
        double[] weights = powers[..count];
        Array.Reverse(weights);
        Array.Clear(_partial);
        Parameters.Layout.Add(Parameters.Families, _work, count, weights, _partial);
        double kept = powers[count];
        TensorPrimitives.MultiplyAdd(Statistics, kept, _partial, Statistics);
        (Weight, SquaredWeight) = (Weight * kept, SquaredWeight * kept * kept);
        foreach (double weight in weights)
        {
            Weight += weight;
            SquaredWeight += weight * weight;
        }
    }

    /// <summary>The exact M-step.</summary>
    public void Maximise()
    {
        MaximisationNotes notes = new();
        Parameters = MixtureParameters.Maximise(Parameters.Families, Parameters.Layout, Statistics, Parameters, notes);
        IsFloored = notes.Floored.Count > 0;
        Judge();
    }

    /// <summary>The figures of parameters and statistics as they are.</summary>
    public void Judge() => Values = Parameters.Values(Statistics);

    /// <summary>Takes weight from the past where it has more.</summary>
    public void Limit(double weight)
    {
        double share = Math.Min(1, weight / Weight);
        TensorPrimitives.Multiply(Statistics, share, Statistics);
        (Weight, SquaredWeight) = (Weight * share, SquaredWeight * share * share);
    }

    /// <summary>Takes the place where another instance stopped.</summary>
    public void Restore(double[] statistics, double weight, double squared, bool floored)
    {
        (Statistics, Weight, SquaredWeight, IsFloored) = (statistics, weight, squared, floored);
        if (weight > 0)
        {
            Judge();
        }
    }
}
