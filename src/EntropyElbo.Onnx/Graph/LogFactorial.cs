using EntropyElbo.Numerics;

namespace EntropyElbo.Onnx.Graph;

/// <summary>
/// Log factorials, for which ONNX has no operator: a table, and above it Stirling's series, whose rest is then below 1e-15.
/// </summary>
internal static class LogFactorial
{
    private const int Tabulated = 1024;

    /// <summary>log x! of whole numbers from 0.</summary>
    public static Wire Of(GraphBuilder graph, Wire counts)
    {
        double[] table = new double[Tabulated];
        for (int x = 2; x < Tabulated; x++)
        {
            table[x] = table[x - 1] + Math.Log(x);
        }

        Wire few = graph.Lookup(graph.Doubles(table, Tabulated), graph.ToWhole(graph.Within(counts, 0, Tabulated - 1)));
        Wire many = graph.Greatest(counts, graph.Double(Tabulated - 1)), inverse = graph.Divide(graph.Double(1), many);
        Wire series = graph.Multiply(inverse, graph.Polynomial(graph.Square(inverse), 1.0 / 12, -1.0 / 360, 1.0 / 1260));
        Wire leading = graph.Subtract(graph.Multiply(graph.Add(many, graph.Double(0.5)), graph.Log(many)), many);
        Wire stirling = graph.Add(graph.Add(leading, graph.Double(0.5 * SpecialFunctions.LogTwoPi)), series);
        return graph.Where(graph.IsLess(counts, graph.Double(Tabulated)), few, stirling);
    }

    /// <summary>log of the number of ways to choose x of n.</summary>
    public static Wire OfChoices(GraphBuilder graph, Wire counts, int trials)
    {
        double whole = SpecialFunctions.LogGamma(trials + 1.0);
        Wire others = graph.Subtract(graph.Double(trials), counts);
        return graph.Subtract(graph.Double(whole), graph.Add(Of(graph, counts), Of(graph, others)));
    }
}
