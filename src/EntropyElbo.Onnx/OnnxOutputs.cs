namespace EntropyElbo.Onnx;

/// <summary>What of a model goes into an ONNX file.</summary>
[Flags]
public enum OnnxOutputs
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Outputs <c>mean</c> and <c>variance</c>, [N, H]: as <see cref="Models.LatentModel.Encode"/>.</summary>
    Encoder = 1,

    /// <summary>Output <c>reconstruction</c>, [N, D], in the units of the data: as <see cref="Models.LatentModel.Reconstruct"/>.</summary>
    Reconstruction = 2,

    /// <summary>
    /// Output <c>score</c>, [N, 1]: as <see cref="Models.LatentModel.AnomalyScore"/>. Where it takes draws, they are an input
    /// <c>noise</c>, [draws, H], standard normal, with those of the seed as its default.
    /// </summary>
    Score = 4,

    /// <summary>Output <c>responsibilities</c>, [N, K], of a mixture.</summary>
    Responsibilities = 8,

    /// <summary>
    /// Output <c>decoded</c>, [N, D], from an input <c>latents</c>, [N, H]: as <see cref="Models.LatentModel.Decode"/>. As every
    /// input of a file must be given, it goes into a file of its own.
    /// </summary>
    Decoder = 16,
}
