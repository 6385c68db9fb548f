using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Numerics;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>Probabilistic PCA, linear VAEs and factor analysis: two products and a sum of squares, in doubles.</summary>
internal sealed class LinearGaussianGraph(LinearGaussianModel model) : ModelGraph
{
    private readonly LinearGaussian _parameters = model.Parameters;

    public override OnnxOutputs Possible => OnnxOutputs.Encoder | OnnxOutputs.Reconstruction | OnnxOutputs.Score | OnnxOutputs.Decoder;

    public override RowGate Gate { get; } = new(model.ObservedDimension, double.MaxValue);

    private int Columns => _parameters.Columns;

    private int Latents => _parameters.Latents;

    public override Code Encode(GraphBuilder graph, Wire rows)
    {
        Wire centred = graph.Subtract(rows, graph.Doubles(_parameters.Mean, Columns));
        Wire means = graph.MatMul(centred, graph.Transpose(graph.Doubles(_parameters.Encoder, Latents, Columns), 1, 0));
        double[] variances = [.. Enumerable.Range(0, Latents).Select(_parameters.LatentVariance)];
        return new Code(means, graph.Add(graph.Multiply(means, graph.Double(0)), graph.Doubles(variances, Latents)));
    }

    public override Wire Decode(GraphBuilder graph, Wire latents)
    {
        Wire loadings = graph.Transpose(graph.Doubles(_parameters.Loadings, Columns, Latents), 1, 0);
        return graph.Add(graph.MatMul(graph.ToDouble(latents), loadings), graph.Doubles(_parameters.Mean, Columns));
    }

    /// <summary>All that does not depend on the row is one number.</summary>
    public override Wire Score(GraphBuilder graph, Wire rows, Code code, Wire? noise)
    {
        double constant = 0;
        for (int d = 0; d < Columns; d++)
        {
            double variance = _parameters.NoiseVariances[d];
            constant += 0.5 * (SpecialFunctions.LogTwoPi + Math.Log(variance) + (_parameters.ExpectedErrors[d] / variance));
        }

        constant += _parameters.Kl(_parameters.Trace);
        Wire errors = graph.Square(graph.Subtract(rows, Decode(graph, code.Mean)));
        Wire precisions = graph.Doubles(Array.ConvertAll(_parameters.NoiseVariances, v => 0.5 / v), Columns);
        Wire misfit = graph.Sum(graph.Multiply(errors, precisions), 1);
        Wire sizes = graph.Multiply(graph.Sum(graph.Square(code.Mean), 1), graph.Double(0.5));
        return graph.Add(graph.Add(misfit, sizes), graph.Double(constant));
    }
}
