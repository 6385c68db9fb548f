using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Amortised;

/// <summary>Room for the network on a block of rows; a worker's own.</summary>
internal sealed class EncoderBlock(ResidualEncoder network, int rows)
{
    /// <summary>The network's input.</summary>
    public MatrixView<float> Input { get; } = new Matrix<float>(rows, network.Columns);

    /// <summary>Its activations.</summary>
    public EncoderWorkspace<float> Activations { get; } = new(network, rows, withGradients: false);
}

/// <summary>A network with its parameters, and where rows lie for it: <c>(x - offset) / unit</c>.</summary>
internal sealed class RowEncoder(ResidualEncoder network, AlignedBuffer<float> parameters, double[] offset, double unit)
{
    /// <summary>The network.</summary>
    public ResidualEncoder Network { get; } = network;

    /// <summary>Its parameters.</summary>
    public AlignedBuffer<float> Parameters { get; } = parameters;

    /// <summary>The columns' means in training.</summary>
    public double[] Offset { get; } = offset;

    /// <summary>The columns' spread in training.</summary>
    public double Unit { get; } = unit;

    /// <summary>Fills means and spreads of scaled rows.</summary>
    public void Encode(EncoderBlock block, ReadOnlySpan<double> rows, int count, RowPosterior posterior)
    {
        MatrixView<float> input = block.Input.Slice(0, count);
        for (int row = 0; row < count; row++)
        {
            Span<float> to = input[row];
            ReadOnlySpan<double> from = rows.Slice(row * to.Length, to.Length);
            for (int d = 0; d < to.Length; d++)
            {
                to[d] = (float)((from[d] - Offset[d]) / Unit);
            }
        }

        block.Activations.Forward(Parameters, input);
        MatrixView<float> outputs = block.Activations.Outputs(count);
        for (int row = 0; row < count; row++)
        {
            EncoderHeads.Fill<float>(outputs[row], Unit, posterior.Means[row], posterior.Spreads.PaddedRow(row));
        }
    }

    /// <summary>Adds the network to a record.</summary>
    public void Write(ModelRecord record)
    {
        record.Set("encoderUnit", Unit);
        record.Add(ModelTensor.Of("encoder.offset", Offset, Offset.Length));
        foreach (ParameterTensor tensor in Network.Layout.Tensors)
        {
            record.Add(ModelTensor.Of(tensor.Name, ParameterLayout.Pack(tensor, Parameters.Span), tensor.Rows, tensor.Columns));
        }
    }

    /// <summary>The network of a record.</summary>
    /// <exception cref="ModelFileException">Something is missing, of another shape, or not finite.</exception>
    public static RowEncoder Read(ModelRecord record, ResidualEncoder network)
    {
        double unit = record.FiniteNumber("encoderUnit");
        record.Require(unit > 0 && double.IsFinite(1 / unit), "encoderUnit", "a unit that is not above 0");
        double[] offset = record.FiniteDoubles("encoder.offset", network.Columns);
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        foreach (ParameterTensor tensor in network.Layout.Tensors)
        {
            ParameterLayout.Unpack(tensor, record.FiniteSingles(tensor.Name, tensor.Rows, tensor.Columns), parameters.Span);
        }

        return new RowEncoder(network, parameters, offset, unit);
    }
}
