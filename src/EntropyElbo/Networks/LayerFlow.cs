using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>What went through a dense layer, forward and back, for a block of rows: the makings of its curvature.</summary>
/// <param name="Weights">Its weights, [in, out].</param>
/// <param name="Bias">Its bias.</param>
/// <param name="Input">[rows, in]: what the weights multiplied.</param>
/// <param name="OutputGradient">[rows, out]: the gradient with respect to what came out, before the activation.</param>
internal readonly record struct LayerFlow<T>(
    ParameterTensor Weights, ParameterTensor Bias, MatrixView<T> Input, MatrixView<T> OutputGradient)
    where T : unmanaged, IFloatingPointIeee754<T>;
