using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>Networks work in single precision: rows beyond its range are refused by name, so that no code is a NaN.</summary>
internal static class SingleRange
{
    /// <summary>Takes rows into single precision.</summary>
    /// <param name="rows">Whole rows, scaled, finite.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="target">Takes them.</param>
    /// <param name="firstRow">Zero-based index of the first of them, for the message.</param>
    /// <param name="columnNames">Names of the columns.</param>
    /// <exception cref="BadDataException">A value is too large.</exception>
    public static void Load(
        ReadOnlySpan<double> rows, int count, MatrixView<float> target, long firstRow, IReadOnlyList<string> columnNames)
    {
        ElementLoops.Load(rows, count, target);
        for (int i = 0; i < count; i++)
        {
            if (!TensorPrimitives.IsFiniteAll<float>(target[i]))
            {
                throw TooFar(
                    rows.Slice(i * columnNames.Count, columnNames.Count),
                    firstRow + i,
                    columnNames,
                    "is beyond the range of single precision");
            }
        }
    }

    /// <summary>Stops where a row's codes are no finite numbers: sums in the network overflowed.</summary>
    /// <exception cref="BadDataException">The message names the row and its largest column.</exception>
    public static void RequireCodes(
        ReadOnlySpan<double> rows,
        int count,
        MatrixView<float> heads,
        MatrixView<float> deviations,
        long firstRow,
        IReadOnlyList<string> columnNames)
    {
        for (int i = 0; i < count; i++)
        {
            if (!TensorPrimitives.IsFiniteAll<float>(heads[i]) || !TensorPrimitives.IsFiniteAll<float>(deviations[i]))
            {
                throw TooFar(
                    rows.Slice(i * columnNames.Count, columnNames.Count),
                    firstRow + i,
                    columnNames,
                    "is too large for the network's single precision");
            }
        }
    }

    private static BadDataException TooFar(ReadOnlySpan<double> row, long index, IReadOnlyList<string> columnNames, string fault)
    {
        int column = TensorPrimitives.IndexOfMaxMagnitude(row);
        return new BadDataException(
            FormattableString.Invariant($"row {index + 1} (the first is 1), column '{columnNames[column]}' {fault}: {row[column]:G4} after the model's scaling; clean the data or leave such rows out."),
            index,
            columnNames[column]);
    }
}
