using EntropyElbo.Models;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using global::Onnx;

namespace EntropyElbo.Onnx.Tests;

/// <summary>An exported model in ONNX Runtime, on one thread.</summary>
internal sealed class OnnxRun : IDisposable
{
    private readonly SessionOptions _options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 };

    public OnnxRun(byte[] file)
    {
        Size = file.Length;
        Session = new InferenceSession(file, _options);
    }

    public InferenceSession Session { get; }

    public int Size { get; }

    public static OnnxRun Of(LatentModel model, OnnxOutputs what)
    {
        using MemoryStream stream = new();
        model.ExportOnnx(stream, what);
        return new OnnxRun(stream.ToArray());
    }

    public static OnnxRun Of(ModelProto proto) => new(proto.ToByteArray());

    /// <summary>All outputs by name, row-major.</summary>
    public Dictionary<string, double[]> Of(double[] rows, int columns, string input = "rows", float[]? noise = null)
    {
        List<NamedOnnxValue> inputs = [NamedOnnxValue.CreateFromTensor(input, Tensor(Array.ConvertAll(rows, v => (float)v), columns))];
        if (noise is not null)
        {
            int latents = Session.OverridableInitializerMetadata["noise"].Dimensions[1];
            inputs.Add(NamedOnnxValue.CreateFromTensor("noise", Tensor(noise, latents)));
        }

        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = Session.Run(inputs);
        return outputs.ToDictionary(o => o.Name, o => o.AsEnumerable<float>().Select(v => (double)v).ToArray());
    }

    public void Dispose()
    {
        Session.Dispose();
        _options.Dispose();
    }

    private static DenseTensor<float> Tensor(float[] values, int columns) => new(values, [values.Length / columns, columns]);
}
