using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae;

/// <summary>Rows that a model draws for what it decodes, in the precision of draws and in that of networks.</summary>
internal readonly ref struct DrawnRows<T>(RandomStream random, Span<double> values, MatrixView<T> rows)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public RandomStream Random { get; } = random;

    public Span<double> Values { get; } = values;

    public MatrixView<T> Rows { get; } = rows;
}
