using System.Numerics.Tensors;

namespace EntropyElbo.Files;

/// <summary>Values of a record that must lie in a range, whoever wrote it: what is wrong is named with its tensor or entry.</summary>
internal static class RecordChecks
{
    /// <summary>No fit counts as far, and what is added to such a count does not overflow.</summary>
    private const long MostCount = 1L << 53;
    private const int MostSmallCount = 1 << 30;

    /// <summary>A tensor of finite doubles.</summary>
    /// <exception cref="ModelFileException">It is missing, of another shape, or holds another value.</exception>
    public static double[] FiniteDoubles(this ModelRecord record, string name, params int[] shape)
    {
        double[] values = record.Tensor(name, shape).ToDoubles();
        record.Require(values.Length == 0 || TensorPrimitives.IsFiniteAll<double>(values), name, "a value that is not finite");
        return values;
    }

    /// <summary>A tensor of finite floats.</summary>
    /// <exception cref="ModelFileException">It is missing, of another shape, or holds another value.</exception>
    public static float[] FiniteSingles(this ModelRecord record, string name, params int[] shape)
    {
        float[] values = record.Tensor(name, shape).ToSingles();
        record.Require(values.Length == 0 || TensorPrimitives.IsFiniteAll<float>(values), name, "a value that is not finite");
        return values;
    }

    /// <summary>A tensor of squares: finite and not below 0.</summary>
    /// <exception cref="ModelFileException">It is missing, of another shape, or holds another value.</exception>
    public static double[] Squares(this ModelRecord record, string name, params int[] shape)
    {
        double[] values = record.FiniteDoubles(name, shape);
        record.Require(values.Length == 0 || TensorPrimitives.Min<double>(values) >= 0, name, "a square below 0");
        return values;
    }

    /// <summary>A finite number.</summary>
    /// <exception cref="ModelFileException">It is missing or another.</exception>
    public static double FiniteNumber(this ModelRecord record, string key)
    {
        double value = record.Get<double>(key);
        record.Require(double.IsFinite(value), key, "a number that is not finite");
        return value;
    }

    /// <summary>A whole number in a range.</summary>
    /// <exception cref="ModelFileException">It is missing or outside.</exception>
    public static long Count(this ModelRecord record, string key, long least = 0, long most = MostCount)
    {
        long value = record.Get<long>(key);
        record.Require(value >= least && value <= most, key, $"{value} where a number from {least} to {most} belongs");
        return value;
    }

    /// <summary>As <see cref="Count"/>, for small numbers.</summary>
    /// <exception cref="ModelFileException">It is missing or outside.</exception>
    public static int SmallCount(this ModelRecord record, string key, int least = 0, int most = MostSmallCount) =>
        (int)record.Count(key, least, most);

    /// <summary>Refuses what does not hold.</summary>
    /// <exception cref="ModelFileException">It does not.</exception>
    public static void Require(this ModelRecord record, bool holds, string name, string what)
    {
        if (!holds)
        {
            throw new ModelFileException(
                record.Source,
                $"'{name}' of this {record.Family} record holds {what}; the file is not what the library writes. Train again, or restore "
                    + $"it from a copy.");
        }
    }
}
