using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>The components of a mixture in one column range.</summary>
internal abstract class MixtureColumns(ColumnFamily family)
{
    /// <summary>The columns.</summary>
    public ColumnRange Range => family.Range;

    /// <summary>The bounds of what columns may hold, and whether they are whole numbers.</summary>
    public virtual (double Least, double Greatest, bool AreWhole) Support => (double.NegativeInfinity, double.PositiveInfinity, false);

    /// <summary>The graph of components of any family.</summary>
    public static MixtureColumns Of(ColumnComponents components) => components switch
    {
        FeatureComponents features => new FeatureColumns(features),
        CategoricalComponents categories => new CategoricalColumns(categories),
        GaussianFullComponents or GaussianTiedComponents => new CovarianceColumns(components),
        _ => throw new NotSupportedException($"There is no graph for components of the kind {components.GetType().Name}."),
    };

    /// <summary>log p(x|k) less log h(x), [N, K], and log h(x), [N, 1], where it is not constant.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="columns">This range's columns of scaled rows.</param>
    public abstract (Wire Density, Wire? BaseMeasure) LogDensity(GraphBuilder graph, Wire columns);
}

/// <summary>Gaussian columns with covariances between them: distances of whitened rows.</summary>
internal sealed class CovarianceColumns(ColumnComponents components) : MixtureColumns(components.Family)
{
    public override (Wire Density, Wire? BaseMeasure) LogDensity(GraphBuilder graph, Wire columns)
    {
        int n = Range.Count, count = components.Components, start = count * n;
        int matrices = components is GaussianTiedComponents ? 1 : count, width = matrices * n;
        double[] centre = ((GaussianCovarianceFamily)components.Family).Centre.ToArray();
        double[] whitening = new double[n * width], places = new double[start], constants = new double[count];
        double[] offset = new double[n], place = new double[n];
        CovarianceMatrix? matrix = null;
        for (int k = 0; k < count; k++)
        {
            matrix = k >= matrices ? matrix! : new CovarianceMatrix(components.Parameters.AsSpan(start + (k * n * n), n * n), n);
            for (int d = 0; d < n; d++)
            {
                offset[d] = components.Parameters[(k * n) + d] - centre[d];
            }

            for (int d = 0; d < n && k < matrices; d++)
            {
                matrix.Whitening[d].CopyTo(whitening.AsSpan((d * width) + (k * n)));
            }

            matrix.Whiten(offset, place);
            place.CopyTo(places, k * n);
            constants[k] = (0.5 * n) - matrix.Entropy;
        }

        Wire whitened = graph.MatMul(graph.Subtract(columns, graph.Doubles(centre, n)), graph.Doubles(whitening, n, width));
        Wire apart = graph.Square(graph.Subtract(graph.Reshape(whitened, -1, matrices, n), graph.Doubles(places, count, n)));
        Wire distances = graph.Sum(apart, 2, isKept: false);
        return (graph.Add(graph.Multiply(distances, graph.Double(-0.5)), graph.Doubles(constants, count)), null);
    }
}

/// <summary>Categories, by look-up; those that training did not see add nothing.</summary>
internal sealed class CategoricalColumns(CategoricalComponents components) : MixtureColumns(components.Family)
{
    public override (double Least, double Greatest, bool AreWhole) Support => (0, double.PositiveInfinity, true);

    public override (Wire Density, Wire? BaseMeasure) LogDensity(GraphBuilder graph, Wire columns)
    {
        CategoricalFamily family = (CategoricalFamily)components.Family;
        int count = components.Components, cells = family.Cells;
        double[] table = new double[(cells + 1) * count];
        components.Logs.CopyTo(table);
        for (int cell = 0; cell < cells; cell++)
        {
            Span<double> logs = table.AsSpan(cell * count, count);
            if (!logs.ContainsAnyExceptInRange(double.NegativeInfinity, PosteriorKernels.Impossible))
            {
                logs.Clear();
            }
        }

        double[] starts = [.. Enumerable.Range(0, Range.Count).Select(d => (double)family.CellsOf(d).Start.Value)];
        Wire isSeen = graph.IsLess(columns, graph.Doubles(family.Reference, Range.Count));
        Wire codes = graph.Where(isSeen, graph.Add(columns, graph.Doubles(starts, Range.Count)), graph.Double(cells));
        Wire lines = graph.Lookup(graph.Doubles(table, cells + 1, count), graph.ToWhole(graph.Within(codes, 0, cells)));
        return (graph.Sum(lines, 1, isKept: false), null);
    }
}
