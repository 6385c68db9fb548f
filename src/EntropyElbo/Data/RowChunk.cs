using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace EntropyElbo.Data;

/// <summary>Values of one of two widths: 4-byte floats where these hold every digit, else doubles.</summary>
internal readonly record struct RowChunk
{
    private readonly float[]? _singles;
    private readonly double[]? _doubles;

    private RowChunk(float[]? singles, double[]? doubles)
    {
        _singles = singles;
        _doubles = doubles;
    }

    /// <summary>Number of values.</summary>
    public int Length => _singles?.Length ?? _doubles!.Length;

    /// <summary>Bytes that they take.</summary>
    public long Bytes => _singles is null ? sizeof(double) * (long)Length : sizeof(float) * (long)Length;

    /// <summary>A copy of values.</summary>
    public static RowChunk Of(ReadOnlySpan<double> values)
    {
        const int part = 1024;
        Span<double> back = stackalloc double[part];
        float[] singles = new float[values.Length];
        for (int start = 0; start < singles.Length; start += part)
        {
            ReadOnlySpan<double> own = values.Slice(start, Math.Min(part, singles.Length - start));
            Span<float> narrow = singles.AsSpan(start, own.Length);
            TensorPrimitives.ConvertTruncating(own, narrow);
            TensorPrimitives.ConvertChecked<float, double>(narrow, back);
            if (!MemoryMarshal.Cast<double, long>(own).SequenceEqual(MemoryMarshal.Cast<double, long>(back[..own.Length])))
            {
                return new RowChunk(null, values.ToArray());
            }
        }

        return new RowChunk(singles, null);
    }

    /// <summary>Copies values from <paramref name="start"/> on until the target is full.</summary>
    public void CopyTo(int start, Span<double> target)
    {
        if (_singles is null)
        {
            _doubles.AsSpan(start, target.Length).CopyTo(target);
        }
        else
        {
            TensorPrimitives.ConvertChecked<float, double>(_singles.AsSpan(start, target.Length), target);
        }
    }
}
