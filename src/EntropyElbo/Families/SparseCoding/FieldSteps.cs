using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>Steps of Adam on the fields, along the unit spheres: after each the fields are made to have length 1.</summary>
internal sealed class FieldSteps
{
    private readonly AlignedBuffer<double> _fields;
    private readonly AlignedBuffer<double>[] _gradients;
    private readonly Adam<double> _adam;
    private readonly int _latents;
    private readonly int _columns;
    private readonly int _stride;

    public FieldSteps(SparseCodingParameters start)
    {
        (_latents, _columns, _stride) = (start.Latents, start.Columns, MatrixView<double>.PaddedStride(start.Columns));
        int length = ArraySize.Of(_latents, _stride);
        _fields = new AlignedBuffer<double>(length);
        _gradients = [new AlignedBuffer<double>(length)];
        _adam = new Adam<double>(length);
        Load(start);
    }

    /// <summary>Derivatives of what rises, by the present fields, [H, D]: filled before a step.</summary>
    public MatrixView<double> Gradient => _gradients[0].View(0, _latents, _columns, _stride);

    /// <summary>A step by <see cref="Gradient"/>; the new fields.</summary>
    /// <param name="rate">The learning rate.</param>
    public double[][] Step(double rate)
    {
        _adam.BeginStep(rate);
        _adam.Apply(_fields, _gradients, -1, 0, _adam.Length);
        double[][] fields = new double[_latents][];
        for (int h = 0; h < _latents; h++)
        {
            Span<double> field = Field(h);
            System.Numerics.Tensors.TensorPrimitives.Divide(field, VectorFold.Norm(field), field);
            fields[h] = field.ToArray();
        }

        return fields;
    }

    /// <summary>Adds the state to a checkpoint.</summary>
    public void Write(ModelRecord record) => OptimiserStates.Write(record, _adam);

    /// <summary>Takes the state from a checkpoint.</summary>
    public void Read(ModelRecord record, SparseCodingParameters parameters)
    {
        OptimiserStates.Read(record, _adam);
        Load(parameters);
    }

    private void Load(SparseCodingParameters parameters)
    {
        for (int h = 0; h < _latents; h++)
        {
            parameters.Field(h).CopyTo(Field(h));
        }
    }

    private Span<double> Field(int latent) => _fields.Span.Slice(latent * _stride, _columns);
}
