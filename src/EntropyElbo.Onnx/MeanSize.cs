using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>The mean of |z| of a normal distribution, which a Laplace prior asks for.</summary>
internal static class MeanSize
{
    /// <summary>
    /// <c>E |z| = tau sqrt(2 / pi) exp(-a^2 / 2) + nu erf(a / sqrt 2)</c>, <c>a = nu / tau</c>; the error function is one of floats.
    /// </summary>
    public static Wire Of(GraphBuilder graph, Wire mean, Wire logVariance)
    {
        Wire deviation = graph.Exp(graph.Multiply(logVariance, graph.Double(0.5))), ratio = graph.Divide(mean, deviation);
        Wire bell = graph.Multiply(
            graph.Multiply(deviation, graph.Double(Math.Sqrt(2 / Math.PI))),
            graph.Exp(graph.Multiply(graph.Square(ratio), graph.Double(-0.5))));
        Wire sign = graph.ToDouble(graph.Erf(graph.ToSingle(graph.Multiply(ratio, graph.Double(Math.Sqrt(0.5))))));
        return graph.Add(bell, graph.Multiply(mean, sign));
    }
}
