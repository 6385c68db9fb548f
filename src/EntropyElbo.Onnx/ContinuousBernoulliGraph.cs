using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>
/// Log partition <c>A = log((e^eta - 1) / eta)</c> of continuous Bernoulli columns and its slope: by series beside 0, else from
/// <c>e^-|eta|</c>.
/// </summary>
internal static class ContinuousBernoulliGraph
{
    private const double Reach = 0.1;

    public static Wire LogPartition(GraphBuilder graph, Wire natural)
    {
        Wire size = graph.Greatest(graph.Abs(natural), graph.Double(Reach));
        Wire rest = graph.Subtract(graph.Double(1), graph.Exp(graph.Negative(size)));
        Wire far = graph.Add(graph.Greatest(natural, graph.Double(0)), graph.Log(graph.Divide(rest, size)));
        Wire square = graph.Square(Near(graph, natural));
        Wire even = graph.Multiply(square, graph.Polynomial(square, 1.0 / 24, -1.0 / 2880, 1.0 / 181440));
        Wire near = graph.Add(graph.Multiply(natural, graph.Double(0.5)), even);
        return graph.Where(IsNear(graph, natural), near, far);
    }

    public static Wire Mean(GraphBuilder graph, Wire natural)
    {
        Wire size = graph.Greatest(graph.Abs(natural), graph.Double(Reach)), tail = graph.Exp(graph.Negative(size));
        Wire below = graph.Subtract(
            graph.Divide(graph.Double(1), size), graph.Divide(tail, graph.Subtract(graph.Double(1), tail)));
        Wire far = graph.Where(graph.IsLess(graph.Double(0), natural), graph.Subtract(graph.Double(1), below), below);
        Wire small = Near(graph, natural);
        Wire slope = graph.Polynomial(graph.Square(small), 1.0 / 12, -1.0 / 720, 1.0 / 30240);
        return graph.Where(IsNear(graph, natural), graph.Add(graph.Double(0.5), graph.Multiply(small, slope)), far);
    }

    private static Wire Near(GraphBuilder graph, Wire natural) => graph.Within(natural, -Reach, Reach);

    private static Wire IsNear(GraphBuilder graph, Wire natural) => graph.IsLess(graph.Abs(natural), graph.Double(Reach));
}
