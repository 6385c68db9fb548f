using System.Numerics.Tensors;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.Mixture.Em;
using EntropyElbo.Families.Mixture.Rows;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Mixture;

/// <summary>What a fit has at hand: rows, weights, families, accumulator, options.</summary>
internal sealed record MixtureProblem(
    MixtureOptions Options,
    MixtureRows Rows,
    double[]? RowWeights,
    ColumnFamily[] Families,
    ColumnFacts Facts,
    MixtureAccumulator Accumulator)
{
    /// <summary>What makes the E-steps: the accumulator, unless an engine takes its place.</summary>
    public IMixturePass Pass { get; init; } = new AccumulatorPass(Accumulator);

    /// <summary>Whether the M-step has pseudo-counts.</summary>
    public bool IsSmoothed { get; init; }

    /// <summary>Mean log base measure of the rows, nats.</summary>
    public double BaseMeasure { get; init; }

    /// <summary>Components kept per row.</summary>
    public int Kept => Options.KeptComponents ?? Options.Components;

    /// <summary>The layout of the statistics.</summary>
    public StatisticsLayout Layout => Accumulator.Layout;

    /// <summary>The M-step.</summary>
    public MixtureParameters Maximise(ReadOnlySpan<double> statistics, MixtureParameters? current, MaximisationNotes notes) =>
        MixtureParameters.Maximise(Families, Layout, statistics, current, notes);

    /// <summary>Sums over rows under the posterior of the parameters, base measure included; null when cancelled.</summary>
    public double[]? Sum(MixtureParameters parameters, MixtureBatch batch, CancellationToken cancellationToken)
    {
        double[]? sums = Pass.Sum(parameters, Kept, batch, cancellationToken);
        AddBaseMeasure(sums);
        return sums;
    }

    private void AddBaseMeasure(double[]? sums)
    {
        if (sums is not null)
        {
            sums[Layout.BaseMeasure] = BaseMeasure * VectorFold.Sum(sums.AsSpan(0, Layout.Components));
        }
    }
}

/// <summary>The E-steps of a fit.</summary>
internal sealed class MixturePassTask(MixtureProblem problem) : EngineTask<IMixturePass>
{
    /// <summary>The rows and what they are mixed of.</summary>
    public MixtureProblem Problem => problem;

    /// <inheritdoc/>
    public override IMixturePass OnCpu() => problem.Pass;
}

/// <summary>What one iteration led to.</summary>
/// <param name="Parameters">The new parameters.</param>
/// <param name="After">Their figures under the q of the iteration.</param>
/// <param name="Before">The figures of the parameters before, under the same q: how far they were from stationary.</param>
/// <param name="Notes">Floors and bounds.</param>
internal sealed record MixtureStep(MixtureParameters Parameters, MixtureValues After, MixtureValues Before, MaximisationNotes Notes);

/// <summary>One iteration of EM, over all rows or over batches.</summary>
internal abstract class MixtureUpdate(MixtureProblem problem)
{
    /// <summary>Parameter updates in an iteration.</summary>
    public abstract long Steps { get; }

    protected MixtureProblem Problem { get; } = problem;

    /// <summary>Forgets the fit so far; <paramref name="statistics"/> are those that made the first parameters, or null.</summary>
    public abstract void Begin(double[]? statistics);

    /// <summary>One iteration; null when cancelled.</summary>
    public abstract MixtureStep? Iterate(MixtureParameters parameters, int iteration, CancellationToken cancellationToken);

    public abstract void Write(ModelRecord record);

    public abstract void Read(ModelRecord record);
}

/// <summary>EM over all rows: the ELBO never falls.</summary>
internal sealed class FullUpdate(MixtureProblem problem) : MixtureUpdate(problem)
{
    public override long Steps => 1;

    public override void Begin(double[]? statistics)
    {
    }

    public override MixtureStep? Iterate(MixtureParameters parameters, int iteration, CancellationToken cancellationToken)
    {
        if (Problem.Sum(parameters, new MixtureBatch(Problem.Rows, Problem.RowWeights), cancellationToken) is not { } statistics)
        {
            return null;
        }

        MaximisationNotes notes = new();
        MixtureParameters next = Problem.Maximise(statistics, parameters, notes);
        return new MixtureStep(next, next.Values(statistics), parameters.Values(statistics), notes);
    }

    public override void Write(ModelRecord record)
    {
    }

    public override void Read(ModelRecord record)
    {
    }
}

/// <summary>
/// Online EM (Cappe and Moulines 2009): running means of the statistics, moved towards each batch's by a falling step,
/// then the same M-step. An iteration is an epoch; its figures are means over the batches, each before its update.
/// </summary>
internal sealed class OnlineUpdate(MixtureProblem problem) : MixtureUpdate(problem)
{
    private const double StepExponent = 0.7;
    private double[]? _running;
    private long _updates;

    public override long Steps => (Problem.Rows.Count + Batch - 1) / Batch;

    private int Batch => (int)Math.Min(Problem.Options.BatchSize!.Value, Problem.Rows.Count);

    public override void Begin(double[]? statistics)
    {
        _running = statistics is null ? null : PerRow(statistics);
        _updates = 0;
    }

    public override MixtureStep? Iterate(MixtureParameters parameters, int iteration, CancellationToken cancellationToken)
    {
        MaximisationNotes notes = new();
        Average average = new();
        foreach (MixtureBatch batch in Problem.Pass.HoldsRows ? Places(iteration) : Batches(iteration))
        {
            if (Problem.Sum(parameters, batch, cancellationToken) is not { } statistics)
            {
                return null;
            }

            double weight = VectorFold.Sum(statistics.AsSpan(0, parameters.Components));
            if (weight <= 0)
            {
                continue;
            }

            average.Add(parameters.Values(statistics), weight);
            Move(PerRow(statistics), WeightOf(batch, weight));
            notes = new MaximisationNotes();
            parameters = Problem.Maximise(_running, parameters, notes);
        }

        return new MixtureStep(parameters, average.Values, average.Values, notes);
    }

    public override void Write(ModelRecord record)
    {
        record.Set("updates", _updates);
        record.Add(ModelTensor.Of("running", _running ?? []));
    }

    public override void Read(ModelRecord record)
    {
        _updates = record.Count("updates");
        double[] running = record.FiniteDoubles("running", -1);
        _running = running.Length == 0 ? null : running.Length == Problem.Layout.Length ? running
            : throw new ModelFileException(record.Source, "holds statistics of another length; start without it.");
        record.Require(running.Take(Problem.Layout.Components).All(w => w >= 0), "running", "a weight below 0");
    }

    /// <summary>Mean weight of a batch's rows, in units of that of all rows: by so much further it moves the statistics.</summary>
    private double WeightOf(MixtureBatch batch, double weight)
    {
        long rows = batch.Places.IsEmpty ? batch.Rows.Count : batch.Places.Length;
        return Problem.RowWeights is null ? 1 : weight / rows * Problem.Rows.Count / Problem.Rows.Weight;
    }

    private void Move(double[] batch, double weight)
    {
        double step = _running is null ? 1 : Math.Min(1, weight * Math.Pow(_updates + 2, -StepExponent));
        _running ??= new double[batch.Length];
        for (int i = 0; i < batch.Length; i++)
        {
            _running[i] += step * (batch[i] - _running[i]);
        }

        _updates++;
    }

    private double[] PerRow(double[] statistics)
    {
        double rows = VectorFold.Sum(statistics.AsSpan(0, Problem.Layout.Components));
        return Array.ConvertAll(statistics, s => s / rows);
    }

    private IEnumerable<MixtureBatch> Batches(int iteration)
    {
        MixtureRows rows = Problem.Rows;
        int columns = rows.Columns;
        double[] buffer = new double[Batch * columns];
        double[]? weights = Problem.RowWeights is null ? null : new double[Batch];
        IEnumerable<(double[] Source, int Place, long Row)> order = rows.Values is { } values ? Shuffled(values, iteration) : InOrder(rows);
        int filled = 0;
        foreach ((double[] source, int place, long row) in order)
        {
            Array.Copy(source, place, buffer, filled * columns, columns);
            if (weights is not null)
            {
                weights[filled] = Problem.RowWeights![(int)row];
            }

            if (++filled == Batch)
            {
                yield return new MixtureBatch(new MixtureRows(buffer, filled, columns), weights);
                filled = 0;
            }
        }

        if (filled > 0)
        {
            yield return new MixtureBatch(new MixtureRows(buffer, filled, columns), weights);
        }
    }

    /// <summary>The same batches of rows in memory, by their places.</summary>
    private IEnumerable<MixtureBatch> Places(int iteration)
    {
        int[] order = Order(iteration);
        for (int start = 0; start < order.Length; start += Batch)
        {
            yield return new MixtureBatch(Problem.Rows, null, order.AsMemory(start, Math.Min(Batch, order.Length - start)));
        }
    }

    private int[] Order(int iteration)
    {
        int[] order = new int[Problem.Rows.Count];
        new RandomStream(Problem.Options.Seed, RandomPurpose.Shuffling, 0, (ulong)iteration).FillPermutation(order);
        return order;
    }

    private IEnumerable<(double[] Source, int Place, long Row)> Shuffled(double[] values, int iteration)
    {
        foreach (int row in Order(iteration))
        {
            yield return (values, row * Problem.Rows.Columns, row);
        }
    }

    private static IEnumerable<(double[] Source, int Place, long Row)> InOrder(MixtureRows rows)
    {
        using MixtureRows.Pass pass = rows.Open();
        while (pass.Next(out long first).ToArray() is { Length: > 0 } segment)
        {
            for (int place = 0; place < segment.Length; place += rows.Columns)
            {
                yield return (segment, place, first + (place / rows.Columns));
            }
        }
    }

    /// <summary>Weighted mean of figures.</summary>
    private sealed class Average
    {
        private double _weight;

        public MixtureValues Values { get; private set; }

        public void Add(MixtureValues values, double weight)
        {
            _weight += weight;
            double share = weight / _weight;
            double Mix(double old, double added) => old + (share * (added - old));
            Values = new MixtureValues
            {
                Reconstruction = Mix(Values.Reconstruction, values.Reconstruction),
                Kl = Mix(Values.Kl, values.Kl),
                EncoderEntropy = Mix(Values.EncoderEntropy, values.EncoderEntropy),
                PriorEntropy = Mix(Values.PriorEntropy, values.PriorEntropy),
                DecoderEntropy = Mix(Values.DecoderEntropy, values.DecoderEntropy),
                BaseMeasure = Mix(Values.BaseMeasure, values.BaseMeasure),
                PriorResidual = Mix(Values.PriorResidual, values.PriorResidual),
                NoiseResidual = Mix(Values.NoiseResidual, values.NoiseResidual),
                SmoothingResidual = Mix(Values.SmoothingResidual, values.SmoothingResidual),
            };
        }
    }
}
