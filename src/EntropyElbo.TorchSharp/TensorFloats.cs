using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Whether products may be in TensorFloat-32 while an engine works: libtorch allows them in convolutions unless told otherwise; here
/// they are a choice for both, and what was is put back at the end.
/// </summary>
internal readonly struct TensorFloats : IDisposable
{
    private readonly (bool Products, bool Convolutions) _before = (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);

    public TensorFloats(TorchPrecision precision)
    {
        bool allows = precision == TorchPrecision.TensorFloat32;
        Allow(allows, allows);
    }

    public void Dispose() => Allow(_before.Products, _before.Convolutions);

    private static void Allow(bool products, bool convolutions)
    {
        backends.cuda.matmul.allow_tf32 = products;
        backends.cudnn.allow_tf32 = convolutions;
    }
}
