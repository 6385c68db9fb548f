using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using global::Onnx;

namespace EntropyElbo.Onnx.Graph;

/// <summary>
/// Puts an ONNX graph together, node by node. Operators are in the other part; this one has inputs, outputs, constants and loops. A
/// loop's body is a builder of its own, whose constants and names are those of the whole graph.
/// </summary>
internal sealed partial class GraphBuilder
{
    private readonly GraphProto _graph = new();
    private readonly GraphBuilder _whole;
    private readonly Dictionary<(TensorProto.Types.DataType Type, string Shape, ByteString Bytes), string> _constants = [];
    private int _named;

    /// <summary>An empty graph.</summary>
    public GraphBuilder(string name)
    {
        _graph.Name = name;
        _whole = this;
    }

    private GraphBuilder(GraphBuilder whole, string name)
    {
        _graph.Name = name;
        _whole = whole;
    }

    /// <summary>The graph so far.</summary>
    public GraphProto Graph => _graph;

    /// <summary>Rows or latents that come in: [N, width], N free.</summary>
    public Wire Input(string name, int width)
    {
        _graph.Input.Add(Described(name, TensorProto.Types.DataType.Float, null, width));
        return new Wire(name, NumberKind.Single);
    }

    /// <summary>An input that has a default: who runs the graph need not give it.</summary>
    public Wire InputWithDefault(string name, float[] values, int rows, int columns)
    {
        _graph.Input.Add(Described(name, TensorProto.Types.DataType.Float, rows, columns));
        AddConstant(name, TensorProto.Types.DataType.Float, ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values)), [rows, columns]);
        return new Wire(name, NumberKind.Single);
    }

    /// <summary>Makes a value an output of the given name: [N, width], single precision.</summary>
    public void Output(string name, Wire value, int width)
    {
        Wire single = ToSingle(value);
        _graph.Node.Add(new NodeProto { OpType = "Identity", Name = name, Input = { single.Name }, Output = { name } });
        _graph.Output.Add(Described(name, TensorProto.Types.DataType.Float, null, width));
    }

    /// <summary>A constant of doubles.</summary>
    public Wire Doubles(ReadOnlySpan<double> values, params long[] shape) =>
        Constant(NumberKind.Double, TensorProto.Types.DataType.Double, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A constant of floats.</summary>
    public Wire Singles(ReadOnlySpan<float> values, params long[] shape) =>
        Constant(NumberKind.Single, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A constant vector of whole numbers.</summary>
    public Wire Wholes(params long[] values) =>
        Constant(NumberKind.Whole, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes<long>(values), [values.Length]);

    /// <summary>One double.</summary>
    public Wire Double(double value) => Doubles([value]);

    /// <summary>
    /// Takes a value along the lines of a matrix: the body gets the value so far and a line, [width], and gives the next value.
    /// </summary>
    /// <param name="start">The value before the first line: doubles.</param>
    /// <param name="lines">[lines, width], floats.</param>
    /// <param name="body">What happens with each.</param>
    public Wire Fold(Wire start, Wire lines, Func<GraphBuilder, Wire, Wire, Wire> body)
    {
        GraphBuilder inner = new(_whole, _whole.NextName("body"));
        Wire state = new(_whole.NextName("state"), NumberKind.Double), line = new(_whole.NextName("line"), NumberKind.Single);
        inner._graph.Input.Add(Typed(state.Name, TensorProto.Types.DataType.Double));
        inner._graph.Input.Add(Typed(line.Name, TensorProto.Types.DataType.Float));
        Wire next = body(inner, state, line);
        inner._graph.Output.Add(Typed(next.Name, TensorProto.Types.DataType.Double));
        return Node(
            "Scan",
            NumberKind.Double,
            [start, lines],
            new AttributeProto { Name = "body", Type = AttributeProto.Types.AttributeType.Graph, G = inner._graph },
            Attribute("num_scan_inputs", 1));
    }

    private Wire Constant(NumberKind kind, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape)
    {
        // Weights that occur twice, in a reconstruction and a score, are in the file once.
        ByteString held = ByteString.CopyFrom(bytes);
        (TensorProto.Types.DataType, string, ByteString) key = (type, string.Join('x', shape.ToArray()), held);
        if (!_whole._constants.TryGetValue(key, out string? name))
        {
            name = _whole.NextName("constant");
            _whole._constants.Add(key, name);
            _whole.AddConstant(name, type, held, shape);
        }

        return new Wire(name, kind);
    }

    private void AddConstant(string name, TensorProto.Types.DataType type, ByteString bytes, ReadOnlySpan<long> shape)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)type, RawData = bytes };
        foreach (long size in shape)
        {
            tensor.Dims.Add(size);
        }

        _graph.Initializer.Add(tensor);
    }

    private Wire Node(string operation, NumberKind kind, ReadOnlySpan<Wire> inputs, params AttributeProto[] attributes) =>
        Nodes(operation, [kind], inputs, attributes)[0];

    private Wire[] Nodes(string operation, NumberKind[] kinds, ReadOnlySpan<Wire> inputs, AttributeProto[] attributes)
    {
        NodeProto node = new() { OpType = operation, Name = _whole.NextName(operation.ToLowerInvariant()) };
        foreach (Wire input in inputs)
        {
            node.Input.Add(input.Name);
        }

        Wire[] outputs = Array.ConvertAll(kinds, kind => new Wire(_whole.NextName("value"), kind));
        node.Output.AddRange(outputs.Select(o => o.Name));
        node.Attribute.AddRange(attributes);
        _graph.Node.Add(node);
        return outputs;
    }

    private string NextName(string what) => string.Create(CultureInfo.InvariantCulture, $"{what}_{_named++}");

    private static AttributeProto Attribute(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static AttributeProto Attribute(string name, float value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    private static AttributeProto Attribute(string name, ReadOnlySpan<long> values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        foreach (long value in values)
        {
            attribute.Ints.Add(value);
        }

        return attribute;
    }

    private static ValueInfoProto Typed(string name, TensorProto.Types.DataType type) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } } };

    /// <summary>A matrix; without a number of rows it has as many as come in.</summary>
    private static ValueInfoProto Described(string name, TensorProto.Types.DataType type, int? rows, int columns)
    {
        ValueInfoProto described = Typed(name, type);
        described.Type.TensorType.Shape = new TensorShapeProto
        {
            Dim =
            {
                rows is { } number
                    ? new TensorShapeProto.Types.Dimension { DimValue = number }
                    : new TensorShapeProto.Types.Dimension { DimParam = "N" },
                new TensorShapeProto.Types.Dimension { DimValue = columns },
            },
        };
        return described;
    }
}
