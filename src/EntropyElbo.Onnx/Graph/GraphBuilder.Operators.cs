using global::Onnx;

namespace EntropyElbo.Onnx.Graph;

/// <content>Operators. Where two numbers meet they have one type and broadcast; nothing is cast unasked.</content>
internal sealed partial class GraphBuilder
{
    public Wire Add(Wire a, Wire b) => Node("Add", a.Kind, [a, b]);

    public Wire Subtract(Wire a, Wire b) => Node("Sub", a.Kind, [a, b]);

    public Wire Multiply(Wire a, Wire b) => Node("Mul", a.Kind, [a, b]);

    public Wire Divide(Wire a, Wire b) => Node("Div", a.Kind, [a, b]);

    public Wire Negative(Wire a) => Node("Neg", a.Kind, [a]);

    public Wire Square(Wire a) => Multiply(a, a);

    public Wire Exp(Wire a) => Node("Exp", a.Kind, [a]);

    public Wire Log(Wire a) => Node("Log", a.Kind, [a]);

    public Wire Abs(Wire a) => Node("Abs", a.Kind, [a]);

    public Wire Floor(Wire a) => Node("Floor", a.Kind, [a]);

    /// <summary>The error function; of floats.</summary>
    public Wire Erf(Wire a) => Node("Erf", a.Kind, [a]);

    public Wire Least(Wire a, Wire b) => Node("Min", a.Kind, [a, b]);

    public Wire Greatest(Wire a, Wire b) => Node("Max", a.Kind, [a, b]);

    public Wire Within(Wire a, double least, double greatest) =>
        Least(Greatest(a, a.Kind == NumberKind.Double ? Double(least) : Singles([(float)least])),
            a.Kind == NumberKind.Double ? Double(greatest) : Singles([(float)greatest]));

    public Wire IsLess(Wire a, Wire b) => Node("Less", NumberKind.Truth, [a, b]);

    public Wire IsAtMost(Wire a, Wire b) => Node("LessOrEqual", NumberKind.Truth, [a, b]);

    public Wire AreEqual(Wire a, Wire b) => Node("Equal", NumberKind.Truth, [a, b]);

    public Wire And(Wire a, Wire b) => Node("And", NumberKind.Truth, [a, b]);

    public Wire Where(Wire condition, Wire yes, Wire no) => Node("Where", yes.Kind, [condition, yes, no]);

    public Wire MatMul(Wire a, Wire b) => Node("MatMul", a.Kind, [a, b]);

    /// <summary><c>a w + b</c>, b a vector.</summary>
    public Wire Affine(Wire a, Wire weights, Wire bias) => Node("Gemm", a.Kind, [a, weights, bias]);

    public Wire LeakyRectifier(Wire a, double slope) => Node("LeakyRelu", a.Kind, [a], Attribute("alpha", (float)slope));

    /// <summary>Sums over an axis, which stays with length 1 where it is kept.</summary>
    public Wire Sum(Wire a, int axis, bool isKept = true) =>
        Node("ReduceSum", a.Kind, [a, Wholes(axis)], Attribute("keepdims", isKept ? 1 : 0));

    /// <summary>The greatest over an axis, which stays with length 1 where it is kept.</summary>
    public Wire Maximum(Wire a, int axis, bool isKept = true) =>
        Node("ReduceMax", a.Kind, [a], Attribute("axes", [axis]), Attribute("keepdims", isKept ? 1 : 0));

    /// <summary>The least over an axis, which stays with length 1 where it is kept.</summary>
    public Wire Minimum(Wire a, int axis, bool isKept = true) =>
        Node("ReduceMin", a.Kind, [a], Attribute("axes", [axis]), Attribute("keepdims", isKept ? 1 : 0));

    /// <summary>A new shape; -1 stands for the rows, as many as they are.</summary>
    public Wire Reshape(Wire a, params long[] shape) => Node("Reshape", a.Kind, [a, Wholes(shape)]);

    public Wire Transpose(Wire a, params long[] order) => Node("Transpose", a.Kind, [a], Attribute("perm", order));

    /// <summary>The number of rows, as a double: [1].</summary>
    public Wire DoubleOfRows(Wire a)
    {
        Wire shape = Node("Shape", NumberKind.Whole, [a]);
        return ToDouble(Node("Gather", NumberKind.Whole, [shape, Wholes(0)], Attribute("axis", 0)));
    }

    /// <summary>Columns from a first one on.</summary>
    public Wire Columns(Wire a, int first, int count) => Part(a, first, count, 1);

    /// <summary>What lies from a first place on along an axis.</summary>
    public Wire Part(Wire a, int first, int count, int axis) =>
        Node("Slice", a.Kind, [a, Wholes(first), Wholes(first + count), Wholes(axis)]);

    public Wire Join(ReadOnlySpan<Wire> parts, int axis = 1) => parts.Length == 1 ? parts[0]
        : Node("Concat", parts[0].Kind, parts, Attribute("axis", axis));

    /// <summary>Lines of a table by their numbers.</summary>
    public Wire Lookup(Wire table, Wire indices) => Node("Gather", table.Kind, [table, indices], Attribute("axis", 0));

    /// <summary>0 but for the greatest so many of each row, which are 1; of equals the first.</summary>
    public Wire MarkGreatest(Wire a, int count)
    {
        Wire[] found = Nodes("TopK", [a.Kind, NumberKind.Whole], [a, Wholes(count)], [Attribute("axis", 1)]);
        Wire zeros = Multiply(Cast(IsLess(a, a), NumberKind.Double), Double(0));
        Wire ones = Cast(AreEqual(found[1], found[1]), NumberKind.Double);
        return Node("ScatterElements", NumberKind.Double, [zeros, found[1], ones], Attribute("axis", 1));
    }

    /// <summary>A convolution with weights [out, in, height, width].</summary>
    public Wire Convolution(Wire a, Wire weights, Wire bias, bool isTransposed, int stride, ReadOnlySpan<long> padding) => Node(
        isTransposed ? "ConvTranspose" : "Conv",
        a.Kind,
        [a, weights, bias],
        Attribute("strides", [stride, stride]),
        Attribute("pads", padding));

    public Wire ToDouble(Wire a) => Cast(a, NumberKind.Double);

    public Wire ToSingle(Wire a) => Cast(a, NumberKind.Single);

    public Wire ToWhole(Wire a) => Cast(a, NumberKind.Whole);

    private Wire Cast(Wire a, NumberKind kind) => a.Kind == kind ? a : Node("Cast", kind, [a], Attribute("to", (long)(kind switch
    {
        NumberKind.Single => TensorProto.Types.DataType.Float,
        NumberKind.Double => TensorProto.Types.DataType.Double,
        NumberKind.Whole => TensorProto.Types.DataType.Int64,
        _ => TensorProto.Types.DataType.Bool,
    })));

    /// <summary><c>log(1 + e^a)</c> without overflow; of doubles.</summary>
    public Wire Softplus(Wire a) =>
        Add(Greatest(a, Double(0)), Log(Add(Double(1), Exp(Negative(Abs(a))))));

    /// <summary><c>c_0 + a (c_1 + a (c_2 + ...))</c>; of doubles.</summary>
    public Wire Polynomial(Wire a, params double[] coefficients)
    {
        Wire sum = Double(coefficients[^1]);
        for (int k = coefficients.Length - 2; k >= 0; k--)
        {
            sum = Add(Multiply(sum, a), Double(coefficients[k]));
        }

        return sum;
    }
}
