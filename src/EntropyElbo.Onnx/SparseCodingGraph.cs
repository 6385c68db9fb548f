using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>
/// Sparse coding: the decoder is linear; codes are those of the network that a model learned with. E-steps are searches, which no
/// graph holds.
/// </summary>
internal sealed class SparseCodingGraph(SparseCodingModel model) : ModelGraph
{
    public override OnnxOutputs Possible => model.HasNetwork
        ? OnnxOutputs.Encoder | OnnxOutputs.Reconstruction | OnnxOutputs.Score | OnnxOutputs.Decoder
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

    /// <summary>In closed form (V Theorem 2): the expected error is that of the means and the trace of <c>W T W'</c>.</summary>
    public override Wire Score(GraphBuilder graph, Wire rows, Code code, Wire? noise)
    {
        (Wire deviations, Wire? vectors) = code.Parts!.Value;
        int latents = model.LatentDimension;
        double[] lengths =
            [.. Enumerable.Range(0, latents).Select(model.Parameters.Field).Select(field => VectorFold.Dot(field, field))];
        Wire errors = graph.Sum(graph.Square(graph.Subtract(rows, Decode(graph, code.Mean))), 1);
        errors = graph.Add(errors, graph.Sum(graph.Multiply(graph.Square(deviations), graph.Doubles(lengths, latents)), 1));
        Wire entropy = graph.Sum(graph.Log(deviations), 1);
        if (vectors is { } spread)
        {
            Wire images = graph.MatMul(spread, graph.Doubles(model.Fields, latents, model.ObservedDimension));
            errors = graph.Add(errors, graph.Sum(graph.Sum(graph.Square(images), 2, isKept: false), 1));
            Wire relative = graph.Divide(spread, graph.Reshape(deviations, -1, 1, latents));
            entropy = graph.Add(entropy, graph.Multiply(LogDeterminant(graph, relative, model.Rank!.Value), graph.Double(0.5)));
        }

        Wire misfit = graph.Multiply(errors, graph.Double(0.5 / model.NoiseVariance));
        double constant = (0.5 * model.ObservedDimension * (SpecialFunctions.LogTwoPi + Math.Log(model.NoiseVariance)))
            - (latents * SpecialFunctions.StandardNormalEntropy) + model.Parameters.Scales.Sum(s => Math.Log(2 * s));
        return graph.Add(graph.Subtract(graph.Add(misfit, Sizes(graph, code)), entropy), graph.Double(constant));
    }

    /// <summary>The sum over latents of <c>E|z| / lambda</c>: [N, 1].</summary>
    private Wire Sizes(GraphBuilder graph, Code code)
    {
        double[] rates = [.. model.Parameters.Scales.Select(s => 1 / s)];
        return graph.Sum(graph.Multiply(MeanSize.Of(graph, code.Mean, graph.Log(code.Variance)), graph.Doubles(rates, rates.Length)), 1);
    }

    /// <summary><c>log |I + U U'|</c> of [N, r, H], by elimination: [N, 1].</summary>
    private static Wire LogDeterminant(GraphBuilder graph, Wire vectors, int rank)
    {
        double[] identity = [.. Enumerable.Range(0, rank * rank).Select(i => i % (rank + 1) == 0 ? 1.0 : 0)];
        Wire rest = graph.Add(graph.MatMul(vectors, graph.Transpose(vectors, 0, 2, 1)), graph.Doubles(identity, rank, rank));
        Wire? sum = null;
        for (int k = 0; k < rank; k++)
        {
            // Lines that are done become 0, and stay it.
            Wire column = graph.Part(rest, k, 1, 2), pivot = graph.Part(column, k, 1, 1);
            Wire log = graph.Log(graph.Reshape(pivot, -1, 1));
            sum = sum is { } before ? graph.Add(before, log) : log;
            rest = graph.Subtract(rest, graph.Divide(graph.MatMul(column, graph.Transpose(column, 0, 2, 1)), pivot));
        }

        return sum!.Value;
    }

    /// <summary>The heads: means, deviations, and vectors that add to the variances.</summary>
    private static Code Code(GraphBuilder graph, Wire heads, ResidualEncoder network, double unit)
    {
        int latents = network.Latents;
        Wire deviation = graph.Add(graph.Softplus(graph.Columns(heads, latents, latents)), graph.Double(EncoderHeads.LeastDeviation));
        Wire variance = graph.Square(deviation);
        Wire? vectors = null;
        if (network.Rank > 0)
        {
            Wire spread = graph.Reshape(graph.Columns(heads, 2 * latents, network.Rank * latents), -1, network.Rank, latents);
            variance = graph.Add(variance, graph.Sum(graph.Square(spread), 1, isKept: false));
            vectors = graph.Multiply(spread, graph.Double(unit));
        }

        return new Code(
            graph.Multiply(graph.Columns(heads, 0, latents), graph.Double(unit)), graph.Multiply(variance, graph.Double(unit * unit)))
        {
            Parts = (graph.Multiply(deviation, graph.Double(unit)), vectors),
        };
    }
}
