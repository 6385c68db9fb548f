using EntropyElbo.Families.Mixture.Components;

namespace EntropyElbo.Families.Mixture.Em;

/// <summary>
/// Rows as seeding sees them, in deviations of their columns: gamma columns in logarithms, categorical columns as
/// indicators.
/// </summary>
internal sealed class SeedingColumns
{
    private const int MaximumIndicators = 4096;
    private readonly Column[] _columns;

    public SeedingColumns(IReadOnlyList<ColumnFamily> families, ColumnFacts facts)
    {
        List<Column> columns = [];
        foreach (ColumnFamily family in families)
        {
            bool indicators = family is CategoricalFamily { Cells: <= MaximumIndicators };
            for (int d = 0; d < family.Count; d++)
            {
                int column = family.Range.Start + d;
                double deviation = facts.Variance[column] > 0 ? Math.Sqrt(facts.Variance[column]) : 1;
                columns.Add(
                    indicators ? new Column(column, (int)family.Reference[d], 0, 1, false)
                    : family is GammaFamily ? new Column(column, 1, facts.MeanLog[column], 1, true)
                    : new Column(column, 1, facts.Mean[column], 1 / deviation, false));
            }
        }

        _columns = [.. columns];
        Length = columns.Sum(c => c.Length);
    }

    /// <summary>Numbers that stand for a row.</summary>
    public int Length { get; }

    /// <summary>Rows in memory, one after another.</summary>
    public double[] EmbedAll(MixtureRows rows)
    {
        double[] embedded = new double[rows.Count * Length];
        for (int row = 0; row < rows.Count; row++)
        {
            Embed(rows.Values.AsSpan(row * rows.Columns, rows.Columns), embedded.AsSpan(row * Length, Length));
        }

        return embedded;
    }

    /// <summary>One row.</summary>
    public void Embed(ReadOnlySpan<double> row, Span<double> target)
    {
        int place = 0;
        foreach (Column column in _columns)
        {
            double value = row[column.Index];
            if (column.Length > 1)
            {
                target.Slice(place, column.Length).Clear();
                target[place + (int)value] = Math.Sqrt(0.5);
            }
            else
            {
                target[place] = ((column.IsLog ? Math.Log(value) : value) - column.Offset) * column.Factor;
            }

            place += column.Length;
        }
    }

    private readonly record struct Column(int Index, int Length, double Offset, double Factor, bool IsLog);
}
