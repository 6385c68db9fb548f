using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>The observable distribution of a VAE over the outputs of its decoder, in doubles.</summary>
/// <param name="architecture">What the VAE is put together from.</param>
/// <param name="logDispersions">Log-variances or log-dispersions, one or one per column; null where there are none.</param>
internal sealed class VaeLikelihoodGraph(VaeArchitecture architecture, double[]? logDispersions)
{
    private readonly ObservableLikelihood _likelihood = architecture.Likelihood;
    private readonly int _columns = architecture.Columns;

    /// <summary>Means of the columns for outputs of the decoder.</summary>
    public Wire Mean(GraphBuilder graph, Wire outputs)
    {
        Wire natural = Natural(graph, outputs);
        return _likelihood.Kind switch
        {
            LikelihoodKind.Gaussian => outputs,
            LikelihoodKind.Binomial => graph.Divide(
                graph.Double(_likelihood.Trials), graph.Add(graph.Double(1), graph.Exp(graph.Negative(natural)))),
            LikelihoodKind.ContinuousBernoulli => ContinuousBernoulliGraph.Mean(graph, natural),
            _ => graph.Exp(natural),
        };
    }

    /// <summary>What minus log p(x|z) has that does not depend on z: [N, 1].</summary>
    public Wire Constants(GraphBuilder graph, Wire rows)
    {
        Wire? terms = _likelihood.Kind switch
        {
            LikelihoodKind.Gamma => graph.Log(rows),
            LikelihoodKind.Poisson => LogFactorial.Of(graph, rows),
            LikelihoodKind.Binomial when _likelihood.Trials > 1 => graph.Negative(LogFactorial.OfChoices(graph, rows, _likelihood.Trials)),
            _ => null,
        };
        double constant = Dispersions().Sum(log => _likelihood.Kind == LikelihoodKind.Gamma
            ? -GammaShape.LogNormaliser(Math.Exp(-log))
            : 0.5 * (SpecialFunctions.LogTwoPi + log));
        Wire sum = graph.Sum(terms ?? graph.Multiply(rows, graph.Double(0)), 1);
        return graph.Add(sum, graph.Double(constant));
    }

    /// <summary>The rest of minus log p(x|z): [N, 1].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">The decoder's outputs.</param>
    /// <param name="spreads">Those of the variance network, where there is one.</param>
    /// <param name="rows">Scaled rows.</param>
    public Wire Misfit(GraphBuilder graph, Wire outputs, Wire? spreads, Wire rows)
    {
        Wire natural = Natural(graph, outputs);
        Wire terms = _likelihood.Kind switch
        {
            LikelihoodKind.Gaussian => Squares(graph, outputs, spreads, rows),
            LikelihoodKind.Gamma => Deviances(graph, natural, rows),
            LikelihoodKind.Binomial => graph.Subtract(
                graph.Multiply(graph.Softplus(natural), graph.Double(_likelihood.Trials)), graph.Multiply(natural, rows)),
            LikelihoodKind.ContinuousBernoulli => graph.Subtract(
                ContinuousBernoulliGraph.LogPartition(graph, natural), graph.Multiply(natural, rows)),
            _ => graph.Subtract(graph.Exp(natural), graph.Multiply(natural, rows)),
        };
        return graph.Sum(terms, 1);
    }

    private Wire Natural(GraphBuilder graph, Wire outputs)
    {
        Wire natural = _likelihood.ActivationFactor == 1 ? outputs : graph.Multiply(outputs, graph.Double(_likelihood.ActivationFactor));
        return _likelihood.Kind switch
        {
            LikelihoodKind.Poisson => graph.Least(natural, graph.Double(CanonicalLikelihood<float>.GreatestLogRate)),
            LikelihoodKind.Gamma => graph.Within(natural, -GammaLikelihood.GreatestLogMean, GammaLikelihood.GreatestLogMean),
            _ => natural,
        };
    }

    private Wire Squares(GraphBuilder graph, Wire outputs, Wire? spreads, Wire rows)
    {
        Wire squares = graph.Square(graph.Subtract(outputs, rows));
        if (spreads is not { } given)
        {
            double[] halves = [.. Dispersions().Select(log => 0.5 * Math.Exp(-log))];
            return graph.Multiply(squares, graph.Doubles(halves, _columns));
        }

        Wire logs = LogVariances(graph, given);
        Wire scaled = graph.Add(graph.Multiply(squares, graph.Exp(graph.Negative(logs))), logs);
        return graph.Multiply(graph.Add(scaled, graph.Double(SpecialFunctions.LogTwoPi)), graph.Double(0.5));
    }

    /// <summary><c>a (e^u - 1 - u)</c>, by its series beside 0.</summary>
    private Wire Deviances(GraphBuilder graph, Wire natural, Wire rows)
    {
        double[] shapes = [.. Dispersions().Select(log => Math.Exp(-log))];
        Wire u = graph.Subtract(graph.Log(rows), natural);
        Wire far = graph.Subtract(graph.Subtract(graph.Exp(u), graph.Double(1)), u), near = graph.Within(u, -0.01, 0.01);
        Wire series = graph.Multiply(graph.Square(near), graph.Polynomial(near, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720));
        Wire deviance = graph.Where(graph.IsLess(graph.Abs(u), graph.Double(0.01)), series, far);
        return graph.Multiply(deviance, graph.Doubles(shapes, _columns));
    }

    private Wire LogVariances(GraphBuilder graph, Wire outputs)
    {
        Wire logs = outputs;
        if (architecture.VarianceOutput == VarianceOutput.OffsetRelu)
        {
            logs = graph.Log(graph.Add(graph.Greatest(outputs, graph.Double(0)), graph.Double(VarianceKernels.Offset)));
        }
        else if (architecture.VarianceOutput == VarianceOutput.Softplus)
        {
            // log softplus(r) = r + log(log(1 + x) / x), x = e^r: far below 0 by its series.
            const double tail = -6;
            Wire x = graph.Exp(graph.Least(outputs, graph.Double(tail)));
            Wire series = graph.Add(outputs, graph.Multiply(x, graph.Polynomial(x, -1.0 / 2, 5.0 / 24, -1.0 / 8, 251.0 / 2880)));
            Wire direct = graph.Log(graph.Softplus(graph.Greatest(outputs, graph.Double(tail))));
            logs = graph.Where(graph.IsLess(outputs, graph.Double(tail)), series, direct);
        }

        return graph.Within(logs, ScaleParameters.Least, ScaleParameters.Greatest);
    }

    /// <summary>One log-dispersion per column; none where there are none.</summary>
    private double[] Dispersions() => logDispersions is null ? []
        : [.. Enumerable.Range(0, _columns).Select(d => logDispersions[d % logDispersions.Length])];
}
