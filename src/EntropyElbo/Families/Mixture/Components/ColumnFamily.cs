using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// A family of distributions over a run of columns: how rows become sufficient statistics, and how statistics become
/// parameters. Holds no parameters, so statistics may be gathered before there are any. Immutable.
/// </summary>
/// <remarks>
/// Statistics add: those of two sets of rows, taken with the same family object, are the sums. They refer to
/// <see cref="Reference"/> (a centre, a unit), which is fixed before training, so that little cancels in them.
/// </remarks>
internal abstract class ColumnFamily
{
    /// <summary>Below this weight, in rows, a component's statistics say nothing and its parameters stay.</summary>
    public const double LeastWeight = 1e-200;

    protected ColumnFamily(ColumnRange range, double[] reference)
    {
        Range = range;
        Reference = reference;
    }

    /// <summary>The columns.</summary>
    public ColumnRange Range { get; }

    /// <summary>Number of columns.</summary>
    public int Count => Range.Count;

    /// <summary>Constants of the family found before training, such as a centre; part of the model file.</summary>
    public double[] Reference { get; }

    /// <summary>Free parameters of so many components.</summary>
    public abstract int FreeParameters(int components);

    /// <summary>Length of the standard parameters of so many components.</summary>
    public abstract int ParameterLength(int components);

    /// <summary>Length of the statistics of so many components.</summary>
    public abstract long StatisticsLength(int components);

    /// <summary>Buffers of one thread.</summary>
    public abstract ColumnScratch CreateScratch(int maxRows, int components);

    /// <summary>Takes this family's columns of some rows into the buffers.</summary>
    /// <param name="rows">Whole rows, scaled, row-major.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="width">Columns of a row.</param>
    /// <param name="scratch">Filled.</param>
    public abstract void Load(ReadOnlySpan<double> rows, int count, int width, ColumnScratch scratch);

    /// <summary>Adds the weighted sufficient statistics of the loaded rows.</summary>
    /// <param name="scratch">The loaded rows.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="responsibilities">[count, K], times the rows' weights.</param>
    /// <param name="statistics">Added to.</param>
    public abstract void AddStatistics(ColumnScratch scratch, int count, MatrixView<double> responsibilities, Span<double> statistics);

    /// <summary>Components with given standard parameters.</summary>
    public abstract ColumnComponents Create(int components, double[] parameters);

    /// <summary>
    /// Components of maximal expected log-likelihood: the exact M-step. A component without weight keeps its parameters.
    /// </summary>
    /// <param name="counts">Weight of each component, in rows.</param>
    /// <param name="statistics">Sums of <see cref="AddStatistics"/>.</param>
    /// <param name="current">The parameters so far, or null.</param>
    /// <param name="notes">Told of every floor and bound that was active.</param>
    public abstract ColumnComponents Maximise(
        ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics, ColumnComponents? current, MaximisationNotes notes);

    /// <summary>The family with at least so many pseudo-counts in its M-step; families without them are the same.</summary>
    public virtual ColumnFamily Smoothed(double pseudoCounts) => this;

    /// <summary>Whether a value of the support may have probability 0, or take pseudo-counts.</summary>
    public virtual bool MayBeUnseen => false;

    /// <summary>
    /// Takes values of a loaded row that no component allows (never seen in training) out of its likelihood.
    /// </summary>
    /// <param name="components">The components of this family.</param>
    /// <param name="scratch">The loaded rows; changed.</param>
    /// <param name="row">Row of the block.</param>
    /// <param name="columns">This range's values of the row.</param>
    /// <param name="baseMeasure">Added to: log h of the values taken out.</param>
    /// <returns>How many values are out.</returns>
    public virtual int DropUnseen(
        ColumnComponents components, ColumnScratch scratch, int row, ReadOnlySpan<double> columns, ref double baseMeasure) => 0;

    /// <summary>What is wrong with parameters from a file, or null.</summary>
    public abstract string? Violation(int components, ReadOnlySpan<double> parameters);

    /// <summary>Why a value of a column of this range lies outside the support, or null.</summary>
    /// <param name="column">Column within the range.</param>
    /// <param name="value">A finite value.</param>
    public abstract string? SupportViolation(int column, double value);

    /// <summary>Whether every finite value is in the support.</summary>
    public virtual bool IsUnbounded => false;

    /// <summary>log h of a row's columns; 0 where the base measure is constant.</summary>
    /// <param name="columns">This range's values of one row.</param>
    public virtual double LogBaseMeasure(ReadOnlySpan<double> columns) => 0;

    /// <summary>Whether the base measure is constant.</summary>
    public virtual bool HasConstantBaseMeasure => true;
}

/// <summary>Buffers of one thread for one <see cref="ColumnFamily"/>.</summary>
internal sealed class ColumnScratch
{
    /// <summary>Statistics of each row, or the centred rows: [rows, features].</summary>
    public MatrixView<double> Features { get; init; }

    /// <summary>As many rows again.</summary>
    public MatrixView<double> Second { get; init; }

    /// <summary>Sums per component: [K, features].</summary>
    public MatrixView<double> Sums { get; init; }

    /// <summary>Columns by columns.</summary>
    public MatrixView<double> Scatter { get; init; }

    /// <summary>Whole numbers of the rows, where the family works with them.</summary>
    public int[] Codes { get; init; } = [];
}

/// <summary>What an M-step could not do as its equations ask.</summary>
internal sealed class MaximisationNotes
{
    /// <summary>Components with a variance or covariance at the floor.</summary>
    public SortedSet<int> Floored { get; } = [];

    /// <summary>Components with a gamma shape, a beta concentration or an exponential rate at its bound.</summary>
    public SortedSet<int> Bounded { get; } = [];
}
