using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// Categorical columns, whole numbers from 0. Densities and statistics by table look-up. Parameters of a component: the
/// probabilities of each column's categories, column after column. Reference: number of categories per column.
/// </summary>
internal sealed class CategoricalFamily : ColumnFamily
{
    /// <summary>Most categories of a column.</summary>
    public const int MaximumCategories = 100_000;

    /// <summary>Stands for a value that is no category of the training rows.</summary>
    private const int Unseen = -1;

    private readonly int[] _starts;
    private readonly double _smoothing;

    /// <summary>Takes the categories.</summary>
    /// <param name="range">The columns.</param>
    /// <param name="reference">Number of categories per column.</param>
    /// <param name="smoothing">Pseudo-counts of each category.</param>
    public CategoricalFamily(ColumnRange range, double[] reference, double smoothing = 0)
        : base(range, reference)
    {
        _smoothing = smoothing;
        _starts = new int[Count + 1];
        for (int d = 0; d < Count; d++)
        {
            _starts[d + 1] = ArraySize.Of(_starts[d] + (long)reference[d], 1);
        }
    }

    /// <summary>Categories of all columns together.</summary>
    public int Cells => _starts[^1];

    public override int FreeParameters(int components) => components * (Cells - Count);

    public override int ParameterLength(int components) => components * Cells;

    public override long StatisticsLength(int components) => (long)components * Cells;

    public override ColumnScratch CreateScratch(int maxRows, int components) => new() { Codes = new int[maxRows * Count] };

    public override void Load(ReadOnlySpan<double> rows, int count, int width, ColumnScratch scratch)
    {
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<double> columns = rows.Slice((row * width) + Range.Start, Count);
            for (int d = 0; d < Count; d++)
            {
                scratch.Codes[(row * Count) + d] = columns[d] >= 0 && columns[d] < Reference[d] ? _starts[d] + (int)columns[d] : Unseen;
            }
        }
    }

    /// <summary>Statistics are numbered cell by cell, components within.</summary>
    public override void AddStatistics(ColumnScratch scratch, int count, MatrixView<double> responsibilities, Span<double> statistics)
    {
        int components = responsibilities.Columns;
        for (int row = 0; row < count; row++)
        {
            foreach (int code in scratch.Codes.AsSpan(row * Count, Count))
            {
                if (code != Unseen)
                {
                    Span<double> cell = statistics.Slice(code * components, components);
                    TensorPrimitives.Add(cell, responsibilities[row], cell);
                }
            }
        }
    }

    public override ColumnComponents Create(int components, double[] parameters) =>
        new CategoricalComponents(this, components, parameters);

    public override ColumnComponents Maximise(
        ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics, ColumnComponents? current, MaximisationNotes notes)
    {
        int components = counts.Length;
        double[] parameters = current?.Parameters.ToArray() ?? new double[components * Cells];
        for (int k = 0; k < components; k++)
        {
            for (int d = 0; d < Count && counts[k] > LeastWeight; d++)
            {
                double total = _smoothing * (_starts[d + 1] - _starts[d]);
                for (int cell = _starts[d]; cell < _starts[d + 1]; cell++)
                {
                    total += statistics[(cell * components) + k];
                }

                for (int cell = _starts[d]; cell < _starts[d + 1]; cell++)
                {
                    parameters[(k * Cells) + cell] = (statistics[(cell * components) + k] + _smoothing) / total;
                }
            }
        }

        return Create(components, parameters);
    }

    public override bool MayBeUnseen => true;

    public override ColumnFamily Smoothed(double pseudoCounts) =>
        pseudoCounts > _smoothing ? new CategoricalFamily(Range, Reference, pseudoCounts) : this;

    /// <summary>Pseudo-counts of each category.</summary>
    public double PseudoCounts => _smoothing;

    public override int DropUnseen(
        ColumnComponents components, ColumnScratch scratch, int row, ReadOnlySpan<double> columns, ref double baseMeasure)
    {
        ReadOnlySpan<double> logs = ((CategoricalComponents)components).Logs;
        int dropped = 0;
        foreach (ref int code in scratch.Codes.AsSpan(row * Count, Count))
        {
            bool possible = false;
            for (int k = 0; k < components.Components && code != Unseen; k++)
            {
                possible |= logs[(code * components.Components) + k] > PosteriorKernels.Impossible;
            }

            code = possible ? code : Unseen;
            dropped += possible ? 0 : 1;
        }

        return dropped;
    }

    /// <summary>A category that training did not see is none of the model's, but a category.</summary>
    public override string? SupportViolation(int column, double value) =>
        value >= 0 && Math.Floor(value) == value ? null : "must be a whole number, 0 or above";

    public override string? Violation(int components, ReadOnlySpan<double> parameters)
    {
        for (int k = 0; k < components; k++)
        {
            for (int d = 0; d < Count; d++)
            {
                ReadOnlySpan<double> column = parameters.Slice((k * Cells) + _starts[d], _starts[d + 1] - _starts[d]);
                if (!(TensorPrimitives.Min(column) >= 0 && Math.Abs(VectorFold.Sum(column) - 1) < 1e-9))
                {
                    return "category probabilities that do not sum to 1";
                }
            }
        }

        return null;
    }

    /// <summary>The cells of a column.</summary>
    public System.Range CellsOf(int column) => _starts[column].._starts[column + 1];
}

/// <summary>Components of <see cref="CategoricalFamily"/>.</summary>
internal sealed class CategoricalComponents : ColumnComponents
{
    private readonly CategoricalFamily _family;
    private readonly double[] _logs;
    private readonly double[] _entropies;

    public CategoricalComponents(CategoricalFamily family, int components, double[] parameters)
        : base(family, components, parameters)
    {
        _family = family;
        _logs = new double[parameters.Length];
        _entropies = new double[components];
        for (int k = 0; k < components; k++)
        {
            for (int cell = 0; cell < family.Cells; cell++)
            {
                double probability = parameters[(k * family.Cells) + cell];
                _logs[(cell * components) + k] = BoundedLog(probability);
                _entropies[k] -= SpecialFunctions.XLogX(probability);
            }
        }
    }

    public override ReadOnlySpan<double> Entropies => _entropies;

    /// <summary>Bounded log-probabilities, [cells, K].</summary>
    public ReadOnlySpan<double> Logs => _logs;

    public override void LogDensities(ColumnScratch scratch, int count, MatrixView<double> target)
    {
        for (int row = 0; row < count; row++)
        {
            Span<double> to = target[row];
            to.Clear();
            foreach (int code in scratch.Codes.AsSpan(row * _family.Count, _family.Count))
            {
                if (code >= 0)
                {
                    TensorPrimitives.Add(to, _logs.AsSpan(code * Components, Components), to);
                }
            }
        }
    }

    public override void AddColumnTerms(
        ColumnScratch scratch, int row, ReadOnlySpan<double> columns, ReadOnlySpan<double> responsibilities, Span<double> target)
    {
        ReadOnlySpan<int> codes = scratch.Codes.AsSpan(row * _family.Count, _family.Count);
        for (int d = 0; d < codes.Length; d++)
        {
            for (int k = 0; k < Components && codes[d] >= 0; k++)
            {
                double log = _logs[(codes[d] * Components) + k];
                target[d] += responsibilities[k] == 0
                    ? 0
                    : log > PosteriorKernels.Impossible ? responsibilities[k] * log : double.NegativeInfinity;
            }
        }
    }

    public override double ExpectedLogDensity(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics) =>
        VectorFold.Dot(_logs, statistics);

    /// <summary>
    /// With the probabilities of all categories, <c>sum_c log p_c (N p_c - S_c)</c>: the same as with natural parameters
    /// relative to the last category, since the differences sum to 0.
    /// </summary>
    public override void AddResiduals(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics, Span<double> target)
    {
        for (int i = 0; i < _logs.Length; i++)
        {
            (int cell, int k) = Math.DivRem(i, Components);
            target[k] += _logs[i] * ((counts[k] * Parameters[(k * _family.Cells) + cell]) - statistics[i]);
        }
    }

    public override double PseudoDensity() => _family.PseudoCounts > 0 ? _family.PseudoCounts * VectorFold.Sum(_logs) : 0;

    public override double PseudoResidual()
    {
        double sum = 0;
        for (int d = 0; d < _family.Count && _family.PseudoCounts > 0; d++)
        {
            double total = _family.PseudoCounts * _family.Reference[d];
            for (int k = 0; k < Components; k++)
            {
                foreach (double probability in ColumnOf(k, d))
                {
                    sum += Math.Log(probability) * ((total * probability) - _family.PseudoCounts);
                }
            }
        }

        return sum;
    }

    public override void Mean(int component, Span<double> target)
    {
        for (int d = 0; d < _family.Count; d++)
        {
            ReadOnlySpan<double> column = ColumnOf(component, d);
            target[d] = 0;
            for (int c = 0; c < column.Length; c++)
            {
                target[d] += c * column[c];
            }
        }
    }

    public override void Sample(int component, RandomStream random, Span<double> target)
    {
        for (int d = 0; d < _family.Count; d++)
        {
            target[d] = RandomChoice.Next(ColumnOf(component, d), random);
        }
    }

    private ReadOnlySpan<double> ColumnOf(int component, int column) =>
        Parameters.AsSpan(component * _family.Cells, _family.Cells)[_family.CellsOf(column)];
}

/// <summary>Draws from weights.</summary>
internal static class RandomChoice
{
    /// <summary>An index drawn with probability in proportion to its weight; the weights must not all be 0.</summary>
    public static int Next(ReadOnlySpan<double> weights, RandomStream random)
    {
        double left = random.NextUniform() * VectorFold.Sum(weights);
        int chosen = -1;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                chosen = i;
                left -= weights[i];
                if (left < 0)
                {
                    break;
                }
            }
        }

        return chosen;
    }
}
