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
        Wire? found = null;
        for (int part = 0; part < _family.FeaturesPerColumn; part++)
        {
            double[] violations = Violations(part);
            if (violations.Contains(1))
            {
                Wire isThere = graph.IsLess(graph.Double(0), graph.Abs(graph.Columns(values, part * Columns, Columns)));
                Wire lines = graph.Reshape(graph.ToDouble(isThere), -1, 1, Columns);
                Wire own = graph.Multiply(lines, graph.Doubles(violations, components.Components, Columns));
                found = found is { } before ? graph.Add(before, own) : own;
            }
        }

        return found is { } all ? graph.ToDouble(graph.IsLess(graph.Minimum(all, 1, isKept: false), graph.Double(0.5))) : null;
    }

    /// <summary>[K, columns] of one feature of each column: 1 where a component allows it no other value than 0.</summary>
    private double[] Violations(int part)
    {
        double[] violations = new double[components.Components * Columns];
        for (int i = 0; i < violations.Length; i++)
        {
            (int k, int d) = Math.DivRem(i, Columns);
            double coefficient = components.Coefficients[(k * _family.FeatureCount) + (part * Columns) + d];
            violations[i] = coefficient > PosteriorKernels.Impossible ? 0 : 1;
        }

        return violations;
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
