using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>One tensor inside a flat parameter buffer.</summary>
/// <param name="Name">Its name in model files.</param>
/// <param name="Rows">Rows; 1 for a vector.</param>
/// <param name="Columns">Columns.</param>
/// <param name="Stride">Padded row length.</param>
/// <param name="Offset">First entry in the buffer, on a 64-byte boundary.</param>
/// <param name="RateFactor">Factor on the learning rate.</param>
internal sealed record ParameterTensor(string Name, int Rows, int Columns, int Stride, int Offset, float RateFactor)
{
    public int Length => Rows * Stride;

    /// <summary>Fills the tensor with draws of a normal distribution of mean 0.</summary>
    public void FillNormal(Span<float> parameters, double deviation, RandomStream random)
    {
        for (int row = 0; row < Rows; row++)
        {
            foreach (ref float value in parameters.Slice(Offset + (row * Stride), Columns))
            {
                value = (float)(deviation * random.NextGaussian());
            }
        }
    }

    /// <summary>The tensor as a matrix.</summary>
    public MatrixView<T> View<T>(AlignedBuffer<T> parameters)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> => parameters.View(Offset, Rows, Columns, Stride);

    /// <summary>The first row with its padding.</summary>
    public Span<T> Line<T>(AlignedBuffer<T> parameters)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> => parameters.Span.Slice(Offset, Stride);
}

/// <summary>
/// Where each tensor lies in the flat, padded buffer that parameters, gradients and optimiser moments share. Padding
/// entries have zero gradients and stay zero.
/// </summary>
internal sealed class ParameterLayout
{
    /// <summary>Most entries: what one array of floats holds, and a model file.</summary>
    public const int MostEntries = (int.MaxValue - 1024) / sizeof(float);

    private readonly List<ParameterTensor> _tensors = [];

    public IReadOnlyList<ParameterTensor> Tensors => _tensors;

    /// <summary>Entries of the buffer, padding included.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a tensor behind the others.</summary>
    /// <exception cref="BadOptionException">All of them together have more than <see cref="MostEntries"/> entries.</exception>
    public ParameterTensor Add(string name, int rows, int columns, float rateFactor = 1)
    {
        long stride = (columns + 15L) / 16 * 16;
        long length = Length + (rows * stride);
        if (length > MostEntries)
        {
            throw new BadOptionException(
                "hidden",
                $"The networks need more than {MostEntries} parameters, counted up to '{name}', which takes {rows} times {columns}; use "
                    + $"smaller hidden layers, fewer latents or fewer columns.");
        }

        ParameterTensor tensor = new(name, rows, columns, (int)stride, Length, rateFactor);
        Length = (int)length;
        _tensors.Add(tensor);
        return tensor;
    }

    /// <summary>A tensor without its padding.</summary>
    public static float[] Pack(ParameterTensor tensor, ReadOnlySpan<float> buffer)
    {
        float[] packed = new float[tensor.Rows * tensor.Columns];
        for (int row = 0; row < tensor.Rows; row++)
        {
            buffer.Slice(tensor.Offset + (row * tensor.Stride), tensor.Columns).CopyTo(packed.AsSpan(row * tensor.Columns));
        }

        return packed;
    }

    /// <summary>Writes a packed tensor into the buffer.</summary>
    public static void Unpack(ParameterTensor tensor, ReadOnlySpan<float> packed, Span<float> buffer)
    {
        for (int row = 0; row < tensor.Rows; row++)
        {
            packed.Slice(row * tensor.Columns, tensor.Columns).CopyTo(buffer[(tensor.Offset + (row * tensor.Stride))..]);
        }
    }
}
