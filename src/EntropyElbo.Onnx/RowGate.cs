using EntropyElbo.Models;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>
/// What a model takes, column by column, in its units: a graph can raise no error, so of a row that the model refuses everything is
/// not a number.
/// </summary>
/// <param name="columns">Columns of a row.</param>
/// <param name="greatest">The greatest number that the model computes with.</param>
internal sealed class RowGate(int columns, double greatest)
{
    private readonly double[] _least = [.. Enumerable.Repeat(-greatest, columns)];
    private readonly double[] _greatest = [.. Enumerable.Repeat(greatest, columns)];
    private readonly double[] _wholes = new double[columns];

    /// <summary>Narrows some columns.</summary>
    public void Narrow(int first, int count, double least, double most, bool areWhole)
    {
        for (int d = first; d < first + count; d++)
        {
            _least[d] = Math.Max(_least[d], least);
            _greatest[d] = Math.Min(_greatest[d], most);
            _wholes[d] = areWhole ? 1 : 0;
        }
    }

    /// <summary>Whether every value of a row is a finite number: [N, 1].</summary>
    public static Wire AreFinite(GraphBuilder graph, Wire rows, double greatest) =>
        Every(graph, graph.IsAtMost(graph.Abs(rows), graph.Double(greatest)));

    /// <summary>Whether every value of a scaled row is one that the model takes: [N, 1].</summary>
    public Wire Open(GraphBuilder graph, Wire scaled)
    {
        int columns = _least.Length;
        Wire inside = graph.And(
            graph.IsAtMost(graph.Doubles(_least, columns), scaled), graph.IsAtMost(scaled, graph.Doubles(_greatest, columns)));
        if (_wholes.Any(w => w > 0))
        {
            Wire rest = graph.Multiply(graph.Subtract(scaled, graph.Floor(scaled)), graph.Doubles(_wholes, columns));
            inside = graph.And(inside, graph.AreEqual(rest, graph.Double(0)));
        }

        return Every(graph, inside);
    }

    private static Wire Every(GraphBuilder graph, Wire truths) =>
        graph.IsLess(graph.Double(0.5), graph.Minimum(graph.ToDouble(truths), 1));
}
