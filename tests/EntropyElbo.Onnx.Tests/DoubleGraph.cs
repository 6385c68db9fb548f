using System.Runtime.InteropServices;
using Google.Protobuf;
using global::Onnx;

namespace EntropyElbo.Onnx.Tests;

/// <summary>
/// A graph of dense networks with all in doubles: it says how far single precision takes the graph, and the library, from what the
/// weights mean. Scores are not among its outputs, as their loops and error functions have only floats.
/// </summary>
internal static class DoubleGraph
{
    public static ModelProto Of(ModelProto proto)
    {
        ModelProto copy = proto.Clone();
        foreach (TensorProto tensor in copy.Graph.Initializer.Where(t => t.DataType == (int)TensorProto.Types.DataType.Float))
        {
            double[] values = Array.ConvertAll(MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray(), v => (double)v);
            tensor.DataType = (int)TensorProto.Types.DataType.Double;
            tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<double>(values));
        }

        HashSet<string> ends = [.. copy.Graph.Node.Where(n => n.OpType == "Identity").Select(n => n.Input[0])];
        foreach (NodeProto node in copy.Graph.Node.Where(n => n.OpType == "Cast" && !ends.Contains(n.Output[0])))
        {
            AttributeProto to = node.Attribute.Single(a => a.Name == "to");
            to.I = to.I == (long)TensorProto.Types.DataType.Float ? (long)TensorProto.Types.DataType.Double : to.I;
        }

        RectifyInDoubles(copy.Graph);
        return copy;
    }

    /// <summary>The greater of x and its multiple, as runtimes have leaky rectifiers of floats only.</summary>
    private static void RectifyInDoubles(GraphProto graph)
    {
        for (int i = 0; i < graph.Node.Count; i++)
        {
            NodeProto node = graph.Node[i];
            if (node.OpType == "LeakyRelu")
            {
                double slope = node.Attribute.Single(a => a.Name == "alpha").F;
                string factor = node.Name + "_slope", less = node.Name + "_less";
                graph.Initializer.Add(new TensorProto
                {
                    Name = factor,
                    DataType = (int)TensorProto.Types.DataType.Double,
                    RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<double>(new[] { slope })),
                    Dims = { 1 },
                });
                graph.Node[i] = new NodeProto { OpType = "Max", Input = { node.Input[0], less }, Output = { node.Output[0] } };
                graph.Node.Insert(i, new NodeProto { OpType = "Mul", Input = { node.Input[0], factor }, Output = { less } });
            }
        }
    }
}
