using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Networks;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>
/// Sparse coding: the decoder is linear; codes are those of the network that a model learned with. E-steps are searches, which no
/// graph holds.
/// </summary>
internal sealed class SparseCodingGraph(SparseCodingModel model) : ModelGraph
{
    public override OnnxOutputs Possible => model.HasNetwork
        ? OnnxOutputs.Encoder | OnnxOutputs.Reconstruction | OnnxOutputs.Decoder
        : OnnxOutputs.Decoder;

    public override string Hint => model.HasNetwork ? ""
        : " Its rows are encoded by E-steps, which are searches; one that learns with a network (learning=amortised) has codes "
            + "that can be exported.";

    public override RowGate Gate { get; } = new(model.ObservedDimension, float.MaxValue);

    public override Code Encode(GraphBuilder graph, Wire rows)
    {
        RowEncoder encoder = model.Encoder!;
        ResidualEncoder network = encoder.Network;
        NetworkGraph layers = new(graph, encoder.Parameters.Span.ToArray());
        Wire centred = graph.Subtract(rows, graph.Doubles(encoder.Offset, network.Columns));
        Wire stream = layers.Apply([network.Input], graph.ToSingle(graph.Divide(centred, graph.Double(encoder.Unit))));
        foreach ((Dense up, Dense down) in network.Blocks)
        {
            stream = graph.Add(stream, layers.Apply([up, down], graph.Greatest(stream, graph.Singles([0]))));
        }

        return Code(graph, graph.ToDouble(layers.Apply([network.Heads], stream)), network, encoder.Unit);
    }

    public override Wire Decode(GraphBuilder graph, Wire latents)
    {
        Wire fields = graph.Doubles(model.Fields, model.LatentDimension, model.ObservedDimension);
        return graph.Add(graph.MatMul(graph.ToDouble(latents), fields), graph.Doubles(model.Mean, model.ObservedDimension));
    }

    public override Wire Score(GraphBuilder graph, Wire rows, Code code, Wire? noise) =>
        throw new NotSupportedException("Scores of sparse coding have no graph.");

    /// <summary>The heads: means, deviations, and vectors that add to the variances.</summary>
    private static Code Code(GraphBuilder graph, Wire heads, ResidualEncoder network, double unit)
    {
        int latents = network.Latents;
        Wire deviation = graph.Add(graph.Softplus(graph.Columns(heads, latents, latents)), graph.Double(EncoderHeads.LeastDeviation));
        Wire variance = graph.Square(deviation);
        for (int k = 0; k < network.Rank; k++)
        {
            variance = graph.Add(variance, graph.Square(graph.Columns(heads, (2 + k) * latents, latents)));
        }

        return new Code(
            graph.Multiply(graph.Columns(heads, 0, latents), graph.Double(unit)), graph.Multiply(variance, graph.Double(unit * unit)));
    }
}
