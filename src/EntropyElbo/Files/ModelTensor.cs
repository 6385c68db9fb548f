using System.Numerics;
using System.Runtime.InteropServices;

namespace EntropyElbo.Files;

/// <summary>
/// A named, immutable array of numbers in a model file, row-major. Values are kept as the little-endian bytes of
/// the file, so what is read back has the very bits that were written (NaN payloads and signed zeros too).
/// </summary>
internal sealed class ModelTensor
{
    /// <summary>Most dimensions a tensor may have.</summary>
    public const int MaxRank = 8;

    private readonly int[] _shape;

    internal ModelTensor(string name, TensorType type, int[] shape, ReadOnlyMemory<byte> data, string source)
    {
        Name = name;
        Type = type;
        _shape = shape;
        Data = data;
        Source = source;
    }

    /// <summary>Name, unique within its record.</summary>
    public string Name { get; }

    /// <summary>Lengths of the dimensions, slowest first.</summary>
    public IReadOnlyList<int> Shape => _shape;

    /// <summary>Element type in the file.</summary>
    public TensorType Type { get; }

    /// <summary>The elements as the file holds them: little-endian, row-major, without padding.</summary>
    internal ReadOnlyMemory<byte> Data { get; }

    /// <summary>Where the tensor came from, for messages.</summary>
    internal string Source { get; }

    /// <summary>Makes a tensor of single-precision values; they are copied.</summary>
    /// <param name="name">Name, not empty and not <c>__metadata__</c>.</param>
    /// <param name="values">The elements, row-major.</param>
    /// <param name="shape">Lengths of the dimensions; left out, the tensor is a vector.</param>
    /// <exception cref="ArgumentException">The name cannot be stored, or the shape does not fit the number of values.</exception>
    public static ModelTensor Of(string name, float[] values, params int[] shape) =>
        Create(name, TensorType.F32, values, shape);

    /// <summary>Makes a tensor of double-precision values; they are copied.</summary>
    /// <inheritdoc cref="Of(string, float[], int[])"/>
    public static ModelTensor Of(string name, double[] values, params int[] shape) =>
        Create(name, TensorType.F64, values, shape);

    /// <summary>Makes a tensor of 64-bit integers; they are copied.</summary>
    /// <inheritdoc cref="Of(string, float[], int[])"/>
    public static ModelTensor Of(string name, long[] values, params int[] shape) =>
        Create(name, TensorType.I64, values, shape);

    /// <summary>The elements of an F32 tensor.</summary>
    /// <returns>A fresh array, row-major.</returns>
    /// <exception cref="ModelFileException">The tensor is of another type; F64 would lose digits.</exception>
    public float[] ToSingles() => Type == TensorType.F32 ? Decode<float>() : throw WrongType("F32");

    /// <summary>The elements of an F64 tensor, or those of an F32 tensor widened, which is exact.</summary>
    /// <returns>A fresh array, row-major.</returns>
    /// <exception cref="ModelFileException">The tensor holds integers.</exception>
    public double[] ToDoubles() => Type switch
    {
        TensorType.F64 => Decode<double>(),
        TensorType.F32 => Array.ConvertAll(Decode<float>(), static value => (double)value),
        _ => throw WrongType("F64 or F32"),
    };

    /// <summary>The elements of an I64 tensor.</summary>
    /// <returns>A fresh array, row-major.</returns>
    /// <exception cref="ModelFileException">The tensor is of another type.</exception>
    public long[] ToInt64s() => Type == TensorType.I64 ? Decode<long>() : throw WrongType("I64");

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", _shape)}]";

    internal static int ElementSize(TensorType type) => type == TensorType.F32 ? sizeof(float) : sizeof(double);

    /// <summary>
    /// Number of elements of a shape, or -1 when one dimension is negative or the product passes <paramref name="limit"/>.
    /// </summary>
    internal static long Count(ReadOnlySpan<int> shape, long limit)
    {
        if (shape.ContainsAnyInRange(int.MinValue, -1))
        {
            return -1;
        }

        if (shape.Contains(0))
        {
            return 0;
        }

        long count = 1;
        foreach (int length in shape)
        {
            if (count > limit / length)
            {
                return -1;
            }

            count *= length;
        }

        return count;
    }

    private static ModelTensor Create<T>(string name, TensorType type, T[] values, int[] shape)
        where T : unmanaged, IBinaryNumber<T>
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(shape);
        RecordNames.CheckTensor(name);
        int[] dimensions = shape.Length == 0 ? [values.Length] : [.. shape];
        if (dimensions.Length > MaxRank)
        {
            throw new ArgumentException(
                $"Tensor '{name}' has {dimensions.Length} dimensions; a model file takes {MaxRank}.", nameof(shape));
        }

        if (Count(dimensions, values.Length) != values.Length)
        {
            throw new ArgumentException(
                $"Tensor '{name}' has {values.Length} values, which do not fill the shape [{string.Join(", ", dimensions)}].",
                nameof(shape));
        }

        if ((long)values.Length * ElementSize(type) > ModelFile.MaxFileBytes)
        {
            throw new ArgumentException(
                $"Tensor '{name}' has {values.Length} values, more than a model file of {ModelFile.MaxFileBytes} bytes can hold.",
                nameof(values));
        }

        byte[] data = MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        ToOrFromLittleEndian(data, ElementSize(type));
        return new ModelTensor(name, type, dimensions, data, "tensor");
    }

    private static void ToOrFromLittleEndian(Span<byte> data, int elementSize)
    {
        if (!BitConverter.IsLittleEndian)
        {
            for (int offset = 0; offset < data.Length; offset += elementSize)
            {
                data.Slice(offset, elementSize).Reverse();
            }
        }
    }

    private T[] Decode<T>()
        where T : unmanaged
    {
        T[] values = new T[Data.Length / ElementSize(Type)];
        Span<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
        Data.Span.CopyTo(bytes);
        ToOrFromLittleEndian(bytes, ElementSize(Type));
        return values;
    }

    private ModelFileException WrongType(string wanted) => new(
        Source,
        $"tensor '{Name}' holds {Type} where {wanted} belongs; the file was written for another precision or family.");
}
