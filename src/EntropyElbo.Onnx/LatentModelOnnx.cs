using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.Vae;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using Google.Protobuf;
using global::Onnx;

namespace EntropyElbo.Onnx;

/// <summary>Writes models as ONNX files.</summary>
public static class LatentModelOnnx
{
    /// <summary>Most draws of a score.</summary>
    public const int MaxSamples = 10_000;

    private const OnnxOutputs All =
        OnnxOutputs.Encoder | OnnxOutputs.Reconstruction | OnnxOutputs.Score | OnnxOutputs.Responsibilities | OnnxOutputs.Decoder;

    /// <summary>
    /// Writes an ONNX file: beside, then renamed, so an existing file stays whole if anything fails. The input is <c>rows</c>, [N, D],
    /// in the units of the data, single precision, N free; scaling is inside. As a graph can raise no error, everything is NaN of a
    /// row that the library refuses.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <param name="what">What goes in; see <see cref="OnnxOutputs"/> for the names of outputs.</param>
    /// <param name="samples">Draws of a score that takes any, 1 to <see cref="MaxSamples"/>.</param>
    /// <param name="seed">Seed of the draws; with both as for <see cref="LatentModel.AnomalyScore"/> the scores are its.</param>
    /// <exception cref="BadOptionException">The model cannot be exported so; the message says what it can be exported as.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void ExportOnnx(
        this LatentModel model,
        string path,
        OnnxOutputs what = OnnxOutputs.Encoder,
        int samples = EvaluateOptions.DefaultSamples,
        ulong seed = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelProto proto = Build(model, what, samples, seed);
        AtomicFile.Write(path, proto.WriteTo);
    }

    /// <summary>As <see cref="ExportOnnx(LatentModel, string, OnnxOutputs, int, ulong)"/>, to a stream.</summary>
    /// <param name="model">The model.</param>
    /// <param name="stream">Takes the bytes of the file.</param>
    /// <param name="what">What goes in.</param>
    /// <param name="samples">Draws of a score that takes any.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="BadOptionException">The model cannot be exported so; the message says what it can be exported as.</exception>
    public static void ExportOnnx(
        this LatentModel model,
        Stream stream,
        OnnxOutputs what = OnnxOutputs.Encoder,
        int samples = EvaluateOptions.DefaultSamples,
        ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Build(model, what, samples, seed).WriteTo(stream);
    }

    /// <summary>What a model can be exported as; nothing where its family cannot be.</summary>
    /// <param name="model">The model.</param>
    public static OnnxOutputs PossibleOnnxOutputs(this LatentModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return GraphOf(model)?.Possible ?? OnnxOutputs.None;
    }

    /// <summary>Names of outputs, as the tool and messages have them.</summary>
    internal static string Words(OnnxOutputs outputs) => outputs == OnnxOutputs.None ? "nothing"
        : string.Join(
            ", ",
            Enum.GetValues<OnnxOutputs>()
                .Where(o => o != OnnxOutputs.None && outputs.HasFlag(o)).Select(o => o.ToString().ToLowerInvariant()));

    /// <summary>The file's message.</summary>
    internal static ModelProto Build(LatentModel model, OnnxOutputs what, int samples, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (samples is < 1 or > MaxSamples)
        {
            throw new BadOptionException(
                "samples", FormattableString.Invariant($"The number of draws is {samples}; it must be between 1 and {MaxSamples}."));
        }

        ModelGraph graph = GraphOf(model) ?? throw new BadOptionException(
            "what", $"A model of the family {model.Family} cannot be exported to ONNX: its codes are searches over states. "
                + "VAEs, linear models and mixtures can.");
        Require(model, graph, what);
        float[] noise = graph.IsSampled && what.HasFlag(OnnxOutputs.Score) ? Noise(samples, model.LatentDimension, seed) : [];
        return OnnxModel.Build(model, graph, what, noise);
    }

    private static ModelGraph? GraphOf(LatentModel model) => model switch
    {
        GaussianVaeModel vae => new VaeGraph(vae),
        LinearGaussianModel linear => new LinearGaussianGraph(linear),
        MixtureModel mixture => new MixtureGraph(mixture),
        SparseCodingModel sparse => new SparseCodingGraph(sparse),
        _ => null,
    };

    private static void Require(LatentModel model, ModelGraph graph, OnnxOutputs what)
    {
        if (what == OnnxOutputs.None || (what & ~All) != 0)
        {
            throw new BadOptionException("what", $"Name what to export: {Words(graph.Possible)}.");
        }

        if ((what & ~graph.Possible) is var missing and not OnnxOutputs.None)
        {
            throw new BadOptionException(
                "what", $"This {model.Family} cannot be exported as {Words(missing)}; it can be as {Words(graph.Possible)}.{graph.Hint}");
        }

        if (what.HasFlag(OnnxOutputs.Decoder) && what != OnnxOutputs.Decoder)
        {
            throw new BadOptionException(
                "what", "A decoder takes latents and all else takes rows, and every input of a file must be given: export the decoder "
                    + "into a file of its own.");
        }
    }

    /// <summary>The draws that the library's scores have: one line for all rows, padded as there.</summary>
    private static float[] Noise(int samples, int latents, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.EvaluationNoise);
        float[] padded = new float[MatrixView<float>.PaddedStride(latents)], noise = new float[samples * latents];
        for (int sample = 0; sample < samples; sample++)
        {
            random.FillGaussian(padded.AsSpan());
            padded.AsSpan(0, latents).CopyTo(noise.AsSpan(sample * latents));
        }

        return noise;
    }
}
