using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>Columns whose log density is linear in a few functions of each: one product.</summary>
internal sealed class FeatureColumns(FeatureComponents components) : MixtureColumns(components.Family)
{
    private readonly FeatureFamily _family = (FeatureFamily)components.Family;

    public override (double Least, double Greatest, bool AreWhole) Support => _family switch
    {
        SuccessFamily => (0, Trials, true),
        PoissonFamily => (0, double.PositiveInfinity, true),
        ExponentialColumns => (0, double.PositiveInfinity, false),
        GammaFamily => (double.Epsilon, double.PositiveInfinity, false),
        BetaFamily => (double.Epsilon, Math.BitDecrement(1), false),
        _ => base.Support,
    };

    private int Columns => _family.Count;

    /// <summary>Failures of a row without successes.</summary>
    private int Trials
    {
        get
        {
            double[] features = new double[_family.FeatureCount];
            _family.LoadRow(new double[Columns], features);
            return (int)features[Columns];
        }
    }

    public override (Wire Density, Wire? BaseMeasure) LogDensity(GraphBuilder graph, Wire columns)
    {
        int features = _family.FeatureCount, count = components.Components;
        Wire values = graph.Join(Features(graph, columns));
        Wire? kept = Kept(graph, values);
        if (kept is { } mask)
        {
            values = graph.Multiply(values, graph.Join([.. Enumerable.Repeat(mask, _family.FeaturesPerColumn)]));
        }

        Wire coefficients = graph.Transpose(graph.Doubles(components.Coefficients, count, features), 1, 0);
        Wire density = graph.Add(graph.MatMul(values, coefficients), graph.Doubles(components.Constants, count));
        return (density, BaseMeasure(graph, columns, kept));
    }

    private Wire[] Features(GraphBuilder graph, Wire columns)
    {
        Wire Reference() => graph.Doubles(_family.Reference.AsSpan(0, Columns), Columns);
        switch (_family)
        {
            case GaussianDiagonalFamily:
                Wire centred = graph.Subtract(columns, Reference());
                return [centred, graph.Square(centred)];
            case SuccessFamily:
                return [columns, graph.Subtract(graph.Double(Trials), columns)];
            case GammaFamily:
                Wire units = Reference();
                return [graph.Log(graph.Divide(columns, units)), graph.Divide(graph.Subtract(columns, units), units)];
            case BetaFamily:
                return [graph.Log(columns), graph.Log(graph.Subtract(graph.Double(1), columns))];
            case PoissonFamily or ExponentialColumns:
                return [columns];
            default:
                throw new NotSupportedException($"There is no graph for columns of the kind {_family.GetType().Name}.");
        }
    }

    /// <summary>1 for values that some component allows, 0 for others, which leave the likelihood; null where there are none.</summary>
    private Wire? Kept(GraphBuilder graph, Wire values)
    {
        int features = _family.FeatureCount, count = components.Components;
        double[] violations = new double[features * count * Columns];
        for (int i = 0; i < components.Coefficients.Length; i++)
        {
            (int k, int f) = Math.DivRem(i, features);
            int place = (f * count * Columns) + (k * Columns) + (f % Columns);
            violations[place] = components.Coefficients[i] > PosteriorKernels.Impossible ? 0 : 1;
        }

        if (!violations.Contains(1))
        {
            return null;
        }

        Wire isThere = graph.ToDouble(graph.IsLess(graph.Double(0), graph.Abs(values)));
        Wire found = graph.Reshape(graph.MatMul(isThere, graph.Doubles(violations, features, count * Columns)), -1, count, Columns);
        return graph.ToDouble(graph.IsLess(graph.Minimum(found, 1, isKept: false), graph.Double(0.5)));
    }

    private Wire? BaseMeasure(GraphBuilder graph, Wire columns, Wire? kept)
    {
        if (_family.HasConstantBaseMeasure)
        {
            return null;
        }

        Wire terms = _family is PoissonFamily
            ? graph.Negative(LogFactorial.Of(graph, columns)) : LogFactorial.OfChoices(graph, columns, Trials);
        return graph.Sum(kept is { } mask ? graph.Multiply(terms, mask) : terms, 1);
    }
}
