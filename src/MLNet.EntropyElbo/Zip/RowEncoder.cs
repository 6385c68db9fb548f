using EntropyElbo;
using EntropyElbo.Models;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Zip;

/// <summary>A decoded model with its plan: immutable, shared by all cursors.</summary>
internal sealed class RowEncoder
{
    /// <summary>What stands for no component: no key has it as its value.</summary>
    public const uint NoComponent = uint.MaxValue;

    private readonly int[] _slots;

    public RowEncoder(LatentModel model, EncodingPlan plan)
    {
        Model = model;
        Plan = plan;
        _slots = [.. Enumerable.Range(0, Widest(model, plan))];
    }

    /// <summary>The model.</summary>
    public LatentModel Model { get; }

    /// <summary>What is computed.</summary>
    public EncodingPlan Plan { get; }

    /// <summary>Longest vector that a row is encoded into.</summary>
    public static int Widest(LatentModel model, EncodingPlan plan) =>
        Math.Max(model.LatentDimension, plan.Reconstruction ? model.ObservedDimension : 0);

    /// <summary>Encodes a row; a row with a missing value becomes missing values.</summary>
    /// <exception cref="BadDataException">The row has another width than the model.</exception>
    public void Encode(EncodingInput input, EncodedRow output)
    {
        int columns = Model.ObservedDimension;
        if (input.Rows.Length != columns)
        {
            throw new BadDataException(
                $"The model was trained on vectors of {columns} values, this row has {input.Rows.Length}; give the column that it was trained on.");
        }

        if (output.DeclaredSize < _slots.Length)
        {
            throw new ModelFileException(
                ModelText.Source, $"the model has vectors of {_slots.Length} slots, its chain was saved for {output.DeclaredSize}; save the model again.");
        }

        EncodingScratch scratch = output.ScratchFor(this);
        if (input.CopyRow(scratch.Row))
        {
            Fill(scratch, output);
        }
        else
        {
            FillMissing(scratch, output);
        }

        output.Means = Vector(output.DeclaredSize, scratch.MeanValues);
        output.Variances = Vector(output.DeclaredSize, scratch.VarianceValues);
        output.Reconstruction = Vector(output.DeclaredSize, scratch.ReconstructionValues);
    }

    private void Fill(EncodingScratch scratch, EncodedRow output)
    {
        Model.Encode(scratch.Row, scratch.Means, scratch.Variances);
        Narrow(scratch.Means, scratch.MeanValues);
        Narrow(scratch.Variances, scratch.VarianceValues);
        output.Component = (uint)System.Numerics.Tensors.TensorPrimitives.IndexOfMax<double>(scratch.Means);
        if (Plan.Reconstruction)
        {
            Model.Decode(scratch.Means, scratch.Reconstruction);
            Narrow(scratch.Reconstruction, scratch.ReconstructionValues);
        }

        if (Plan.Elbo)
        {
            Model.RowElbo(scratch.Row, scratch.Elbo, Plan.Samples, Plan.Seed);
            output.Elbo = (float)scratch.Elbo[0];
            output.AnomalyScore = (float)-scratch.Elbo[0];
        }
    }

    private static void FillMissing(EncodingScratch scratch, EncodedRow output)
    {
        scratch.MeanValues.AsSpan().Fill(float.NaN);
        scratch.VarianceValues.AsSpan().Fill(float.NaN);
        scratch.ReconstructionValues.AsSpan().Fill(float.NaN);
        output.Elbo = float.NaN;
        output.AnomalyScore = float.NaN;
        output.Component = NoComponent;
    }

    private static void Narrow(double[] from, float[] to) =>
        System.Numerics.Tensors.TensorPrimitives.ConvertTruncating<double, float>(from, to);

    private VBuffer<float> Vector(int size, float[] values) => size == values.Length
        ? new VBuffer<float>(size, values)
        : new VBuffer<float>(size, values.Length, values, _slots);
}

/// <summary>Buffers of one cursor.</summary>
internal sealed class EncodingScratch
{
    public EncodingScratch(RowEncoder encoder)
    {
        Encoder = encoder;
        int latents = encoder.Model.LatentDimension;
        int reconstruction = encoder.Plan.Reconstruction ? encoder.Model.ObservedDimension : 0;
        Row = new double[encoder.Model.ObservedDimension];
        Means = new double[latents];
        Variances = new double[latents];
        Reconstruction = new double[reconstruction];
        MeanValues = new float[latents];
        VarianceValues = new float[latents];
        ReconstructionValues = new float[reconstruction];
    }

    public RowEncoder Encoder { get; }

    public double[] Row { get; }

    public double[] Means { get; }

    public double[] Variances { get; }

    public double[] Reconstruction { get; }

    public double[] Elbo { get; } = new double[1];

    public float[] MeanValues { get; }

    public float[] VarianceValues { get; }

    public float[] ReconstructionValues { get; }
}
