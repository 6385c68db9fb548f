using System.Reflection;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Onnx.Graph;
using global::Onnx;

namespace EntropyElbo.Onnx;

/// <summary>A model's graph with its inputs, outputs and metadata: scaling on the way in and out, and the gate.</summary>
internal static class OnnxModel
{
    /// <summary>Of the operators: ONNX 1.12 of 2022, which every current runtime knows.</summary>
    private const int OperatorSet = 17;

    private const int IrVersion = 8;

    public static ModelProto Build(LatentModel model, ModelGraph family, OnnxOutputs what, float[] noise)
    {
        GraphBuilder graph = new(model.Family.Replace(':', '_'));
        if (what == OnnxOutputs.Decoder)
        {
            AddDecoder(graph, model, family);
        }
        else
        {
            AddOutputs(graph, model, family, what, noise);
        }

        ModelProto proto = new()
        {
            IrVersion = IrVersion,
            ProducerName = "EntropyElbo",
            ProducerVersion = Version(),
            Domain = "entropyelbo",
            ModelVersion = 1,
            Graph = graph.Graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = OperatorSet } },
        };
        Describe(proto, model, what);
        return proto;
    }

    private static void AddDecoder(GraphBuilder graph, LatentModel model, ModelGraph family)
    {
        Wire latents = graph.Input("latents", model.LatentDimension);
        Wire isOpen = RowGate.AreFinite(graph, graph.ToDouble(latents), float.MaxValue);
        Wire decoded = Unscaled(graph, model.Scaling, family.Decode(graph, latents));
        graph.Output("decoded", Gated(graph, isOpen, decoded), model.ObservedDimension);
    }

    private static void AddOutputs(GraphBuilder graph, LatentModel model, ModelGraph family, OnnxOutputs what, float[] noise)
    {
        Wire rows = graph.ToDouble(graph.Input("rows", model.ObservedDimension)), scaled = Scaled(graph, model.Scaling, rows);
        Wire isOpen = family.Gate.Open(graph, scaled);
        Code code = family.Encode(graph, scaled);
        if (what.HasFlag(OnnxOutputs.Encoder))
        {
            graph.Output("mean", Gated(graph, isOpen, code.Mean), model.LatentDimension);
            graph.Output("variance", Gated(graph, isOpen, code.Variance), model.LatentDimension);
        }

        if (what.HasFlag(OnnxOutputs.Responsibilities))
        {
            graph.Output("responsibilities", Gated(graph, isOpen, code.Mean), model.LatentDimension);
        }

        if (what.HasFlag(OnnxOutputs.Reconstruction))
        {
            Wire decoded = Unscaled(graph, model.Scaling, family.Decode(graph, code.Mean));
            graph.Output("reconstruction", Gated(graph, isOpen, decoded), model.ObservedDimension);
        }

        if (what.HasFlag(OnnxOutputs.Score))
        {
            Wire? draws = noise.Length > 0
                ? graph.InputWithDefault("noise", noise, noise.Length / model.LatentDimension, model.LatentDimension) : null;
            Wire score = family.Score(graph, scaled, code, draws);
            if (family.ScoresAnything)
            {
                score = graph.Where(isOpen, score, graph.Double(double.PositiveInfinity));
                isOpen = RowGate.AreFinite(graph, scaled, double.MaxValue);
            }

            graph.Output("score", Gated(graph, isOpen, score), 1);
        }
    }

    private static Wire Gated(GraphBuilder graph, Wire isOpen, Wire value) =>
        graph.Where(isOpen, graph.ToDouble(value), graph.Double(double.NaN));

    private static Wire Scaled(GraphBuilder graph, Scaling scaling, Wire rows) => IsIdentity(scaling) ? rows : graph.Multiply(
        graph.Subtract(rows, graph.Doubles(scaling.Offset, scaling.Columns)), graph.Doubles(scaling.Factor, scaling.Columns));

    private static Wire Unscaled(GraphBuilder graph, Scaling scaling, Wire rows) => IsIdentity(scaling) ? rows : graph.Add(
        graph.Divide(rows, graph.Doubles(scaling.Factor, scaling.Columns)), graph.Doubles(scaling.Offset, scaling.Columns));

    private static bool IsIdentity(Scaling scaling) => !scaling.Offset.ContainsAnyExcept(0) && !scaling.Factor.ContainsAnyExcept(1);

    private static void Describe(ModelProto proto, LatentModel model, OnnxOutputs what)
    {
        (string Key, string Value)[] entries =
        [
            ("family", model.Family),
            ("columns", JsonSerializer.Serialize([.. model.ColumnNames], OnnxJson.Default.StringArray)),
            ("outputs", LatentModelOnnx.Words(what)),
            ("library", $"EntropyElbo {Version()}"),
        ];
        proto.MetadataProps.AddRange(entries.Select(e => new StringStringEntryProto { Key = e.Key, Value = e.Value }));
    }

    private static string Version()
    {
        string version = typeof(LatentModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        return version.Split('+')[0];
    }
}
