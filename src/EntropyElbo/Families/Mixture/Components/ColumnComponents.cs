using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>The distributions of a run of columns under each component: a <see cref="ColumnFamily"/> with parameters. Immutable.</summary>
internal abstract class ColumnComponents
{
    /// <summary>
    /// Stands for the logarithm of 0 where it is multiplied: 0 times it is 0, and whatever is not 0 becomes impossible.
    /// </summary>
    public const double LogOfZero = -1e300;

    protected ColumnComponents(ColumnFamily family, int components, double[] parameters)
    {
        Family = family;
        Components = components;
        Parameters = parameters;
    }

    /// <summary>The family.</summary>
    public ColumnFamily Family { get; }

    /// <summary>Number of components, K.</summary>
    public int Components { get; }

    /// <summary>Standard parameters, in the order of the family.</summary>
    public double[] Parameters { get; }

    /// <summary>Entropy (or pseudo entropy) of each component, nats.</summary>
    public abstract ReadOnlySpan<double> Entropies { get; }

    /// <summary>log p(x|k) - log h(x) of loaded rows: [count, K], overwritten.</summary>
    public abstract void LogDensities(ColumnScratch scratch, int count, MatrixView<double> target);

    /// <summary>
    /// Adds <c>sum_k r_k log p(x_d|k)</c> of each column of a loaded row, log h included: in all what the row's joint densities
    /// have for this range, to rounding. Minus infinity where a component that has a part in q gives the value probability 0.
    /// Values taken out of the row add nothing.
    /// </summary>
    /// <param name="scratch">The loaded rows.</param>
    /// <param name="row">Row of the block.</param>
    /// <param name="columns">This range's values of the row.</param>
    /// <param name="responsibilities">r, K values.</param>
    /// <param name="target">One value per column of the range, added to.</param>
    public abstract void AddColumnTerms(
        ColumnScratch scratch, int row, ReadOnlySpan<double> columns, ReadOnlySpan<double> responsibilities, Span<double> target);

    /// <summary>The sum over rows and components of responsibility times (log p(x|k) - log h(x)), from statistics.</summary>
    public abstract double ExpectedLogDensity(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics);

    /// <summary>The sum over rows and components of responsibility times <c>eta_k' (A'(eta_k) - T(x))</c>, from statistics.</summary>
    public virtual double Residual(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics)
    {
        double[] parts = new double[Components];
        AddResiduals(counts, statistics, parts);
        return VectorFold.Sum(parts);
    }

    /// <summary>Adds every component's share of that sum.</summary>
    public abstract void AddResiduals(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics, Span<double> target);

    /// <summary>Whether the components' shares vanish one by one after an M-step.</summary>
    public virtual bool HasOwnResiduals => true;

    /// <summary>The sum of log p(x|k) - log h(x) over the family's pseudo-rows, all components together; 0 where it has none.</summary>
    public virtual double PseudoDensity() => 0;

    /// <summary>The sum of <c>eta_k' (A'(eta_k) - T(x))</c> over the same.</summary>
    public virtual double PseudoResidual() => 0;

    /// <summary>Mean of component <paramref name="component"/>: one value per column of the range.</summary>
    public abstract void Mean(int component, Span<double> target);

    /// <summary>A draw from component <paramref name="component"/>.</summary>
    public abstract void Sample(int component, RandomStream random, Span<double> target);

    /// <summary>log x, with <see cref="LogOfZero"/> at 0.</summary>
    protected internal static double BoundedLog(double x) => x > 0 ? Math.Log(x) : LogOfZero;
}
