using System.Numerics.Tensors;
using EntropyElbo;
using EntropyElbo.Models;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Zip;

/// <summary>A decoded model with its plan: shared by all cursors, which bring the buffers.</summary>
internal sealed class RowEncoder
{
    /// <summary>What stands for no component: no key has it as its value.</summary>
    public const uint NoComponent = uint.MaxValue;

    private readonly int[] _slots;
    private readonly double _logVolume;
    private readonly double[] _logFactors;
    private readonly Action<long, BadDataException>? _refused;
    private long _refusedRows;

    /// <summary>Binds a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">What is computed.</param>
    /// <param name="refused">Hears of rows that the model refuses: their number so far, and why the latest was. Or null.</param>
    public RowEncoder(LatentModel model, EncodingPlan plan, Action<long, BadDataException>? refused = null)
    {
        Model = model;
        Plan = plan;
        _refused = refused;
        _slots = [.. Enumerable.Range(0, Widest(model, plan))];
        _logVolume = plan.IsInDataUnits ? model.Scaling.LogVolume : 0;
        _logFactors = plan.ColumnScores ? Array.ConvertAll(model.Scaling.Factor.ToArray(), Math.Log) : [];
    }

    /// <summary>The model.</summary>
    public LatentModel Model { get; }

    /// <summary>What is computed.</summary>
    public EncodingPlan Plan { get; }

    /// <summary>Longest vector that a row is encoded into.</summary>
    public static int Widest(LatentModel model, EncodingPlan plan) =>
        Math.Max(model.LatentDimension, plan.Reconstruction || plan.ColumnScores ? model.ObservedDimension : 0);

    /// <summary>Encodes a row for a mapping.</summary>
    /// <exception cref="BadDataException">The row has another width than the model.</exception>
    public void Encode(RowInput input, EncodedRow output)
    {
        if (input.Length != Model.ObservedDimension)
        {
            throw new BadDataException(FormattableString.Invariant(
                $"The model was trained on vectors of {Model.ObservedDimension} values, this row has {input.Length}; give the column that it was trained on."));
        }

        if (output.DeclaredSize > 0 && output.DeclaredSize < _slots.Length)
        {
            throw new ModelFileException(ModelText.Source, FormattableString.Invariant(
                $"the model has vectors of {_slots.Length} slots, its chain was saved for {output.DeclaredSize}; save the model again."));
        }

        EncodingBlock block = output.BlockFor(this);
        input.Copy(block.Row(0));
        Encode(block, 1);
        output.Means = Vector(output.DeclaredSize, block.MeanValues);
        output.Variances = Vector(output.DeclaredSize, block.VarianceValues);
        output.Reconstruction = Vector(output.DeclaredSize, block.Reconstruction);
        output.Component = block.Components[0];
        if (Plan.Elbo)
        {
            output.Elbo = block.Elbos[0];
            output.AnomalyScore = -block.Elbos[0];
        }

        if (output is IExplainedRow explained)
        {
            explained.ColumnScores = Vector(output.DeclaredSize, block.ColumnScores);
            explained.Kl = Vector(output.DeclaredSize, block.Kl);
        }
    }

    /// <summary>
    /// Encodes the first rows of a block. A row with a missing value becomes missing values; so does one that the model
    /// refuses, because a value lies outside its support, with an ELBO of -infinity. Neither touches its neighbours.
    /// </summary>
    public void Encode(EncodingBlock block, int count)
    {
        int whole = MoveWholeRowsToFront(block, count);
        if (whole > 0 && !TryCompute(block, 0, whole, out _))
        {
            for (int i = 0; i < whole; i++)
            {
                ComputeAlone(block, i);
            }
        }
    }

    private void ComputeAlone(EncodingBlock block, int row)
    {
        if (TryCompute(block, row, 1, out BadDataException? error))
        {
            return;
        }

        FillMissing(block, block.Places[row], float.NegativeInfinity);
        _refused?.Invoke(Interlocked.Increment(ref _refusedRows), error!);
    }

    /// <summary>Computes rows at the front and puts the values in their places; false where one of them is refused.</summary>
    private bool TryCompute(EncodingBlock block, int first, int count, out BadDataException? error)
    {
        try
        {
            Compute(block, first, count);
        }
        catch (BadDataException refused)
        {
            error = refused;
            return false;
        }

        for (int i = first; i < first + count; i++)
        {
            Store(block, i, block.Places[i]);
        }

        error = null;
        return true;
    }

    private void Compute(EncodingBlock block, int first, int count)
    {
        int columns = block.Columns, latents = block.Latents;
        ReadOnlySpan<double> rows = block.Rows.AsSpan(first * columns, count * columns);
        if (block.NeedsLatents)
        {
            Span<double> means = block.Means.AsSpan(first * latents, count * latents);
            Model.Encode(rows, means, block.Variances.AsSpan(first * latents, count * latents));
            if (block.Parts.HasFlag(EncodedParts.Reconstruction))
            {
                Model.Decode(means, block.Decoded.AsSpan(first * columns, count * columns));
            }
        }

        if (block.Parts.HasFlag(EncodedParts.Elbo))
        {
            Model.RowElbo(rows, block.RowElbos.AsSpan(first, count), Plan.Samples, Plan.Seed);
        }

        bool columnScores = block.Parts.HasFlag(EncodedParts.ColumnScores), kl = block.Parts.HasFlag(EncodedParts.Kl);
        if (columnScores || kl)
        {
            int parts = block.LatentTerms;
            Model.RowTerms(
                rows,
                columnScores ? block.ColumnTerms.AsSpan(first * columns, count * columns) : [],
                kl ? block.KlTerms.AsSpan(first * parts, count * parts) : [],
                [],
                Plan.Samples,
                Plan.Seed);
        }
    }

    private void Store(EncodingBlock block, int from, int to)
    {
        int columns = block.Columns, latents = block.Latents;
        if (block.NeedsLatents)
        {
            ReadOnlySpan<double> means = block.Means.AsSpan(from * latents, latents), variances = block.Variances.AsSpan(from * latents, latents);
            Span<float> toMeans = block.MeanValues.AsSpan(to * latents, latents), toVariances = block.VarianceValues.AsSpan(to * latents, latents);
            if (Plan.Whitening is { } whitening)
            {
                whitening.Apply(means, variances, toMeans, toVariances);
            }
            else
            {
                TensorPrimitives.ConvertTruncating(means, toMeans);
                TensorPrimitives.ConvertTruncating(variances, toVariances);
            }

            block.Components[to] = (uint)TensorPrimitives.IndexOfMax(means);
        }

        if (block.Parts.HasFlag(EncodedParts.Reconstruction))
        {
            TensorPrimitives.ConvertTruncating<double, float>(
                block.Decoded.AsSpan(from * columns, columns), block.Reconstruction.AsSpan(to * columns, columns));
        }

        if (block.Parts.HasFlag(EncodedParts.Elbo))
        {
            block.Elbos[to] = (float)(block.RowElbos[from] + _logVolume);
        }

        StoreTerms(block, from, to);
    }

    /// <summary>Parts of the score: minus those of the ELBO, each column's in its own unit.</summary>
    private void StoreTerms(EncodingBlock block, int from, int to)
    {
        int columns = block.Columns, parts = block.LatentTerms;
        for (int d = 0; d < columns && block.Parts.HasFlag(EncodedParts.ColumnScores); d++)
        {
            block.ColumnScores[(to * columns) + d] = (float)-(block.ColumnTerms[(from * columns) + d] + _logFactors[d]);
        }

        if (block.Parts.HasFlag(EncodedParts.Kl))
        {
            TensorPrimitives.ConvertTruncating<double, float>(
                block.KlTerms.AsSpan(from * parts, parts), block.Kl.AsSpan(to * parts, parts));
        }
    }

    /// <summary>Rows without a missing value go to the front, in order; the others get missing values.</summary>
    private static int MoveWholeRowsToFront(EncodingBlock block, int count)
    {
        int whole = 0;
        for (int i = 0; i < count; i++)
        {
            if (!TensorPrimitives.IsFiniteAll<double>(block.Row(i)))
            {
                FillMissing(block, i, float.NaN);
                continue;
            }

            if (whole < i)
            {
                block.Row(i).CopyTo(block.Row(whole));
            }

            block.Places[whole++] = i;
        }

        return whole;
    }

    private static void FillMissing(EncodingBlock block, int row, float elbo)
    {
        if (block.NeedsLatents)
        {
            block.MeanValues.AsSpan(row * block.Latents, block.Latents).Fill(float.NaN);
            block.VarianceValues.AsSpan(row * block.Latents, block.Latents).Fill(float.NaN);
            block.Components[row] = NoComponent;
        }

        if (block.Parts.HasFlag(EncodedParts.Reconstruction))
        {
            block.Reconstruction.AsSpan(row * block.Columns, block.Columns).Fill(float.NaN);
        }

        if (block.Parts.HasFlag(EncodedParts.Elbo))
        {
            block.Elbos[row] = elbo;
        }

        if (block.Parts.HasFlag(EncodedParts.ColumnScores))
        {
            block.ColumnScores.AsSpan(row * block.Columns, block.Columns).Fill(float.NaN);
        }

        if (block.Parts.HasFlag(EncodedParts.Kl))
        {
            block.Kl.AsSpan(row * block.LatentTerms, block.LatentTerms).Fill(float.NaN);
        }
    }

    private VBuffer<float> Vector(int size, float[] values) => size == 0 || size == values.Length
        ? new VBuffer<float>(values.Length, values)
        : new VBuffer<float>(size, values.Length, values, _slots);
}
