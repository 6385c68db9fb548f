using System.Globalization;

namespace EntropyElbo.TorchSharp;

/// <summary>Arithmetic of matrix products on the device. Parameters, sums and the optimiser are in single precision always.</summary>
public enum TorchPrecision
{
    /// <summary>Single precision.</summary>
    Single,

    /// <summary>
    /// TensorFloat-32 on cards that have it: products with 10 bits of mantissa, sums in single precision. It holds for the whole
    /// process.
    /// </summary>
    TensorFloat32,

    /// <summary>bfloat16: products with 7 bits of mantissa. The gap between ELBO and entropy sum shows what that costs.</summary>
    BFloat16,
}

/// <summary>Options of the Torch engine.</summary>
public sealed record TorchOptions
{
    /// <summary>Where to train: <c>auto</c> (the first GPU, else the CPU), <c>cpu</c> (libtorch) or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Arithmetic of matrix products.</summary>
    public TorchPrecision Precision { get; init; } = TorchPrecision.Single;

    /// <summary>
    /// Whether equal seeds give equal bits for convolutional networks on a GPU too: convolutions are then matrix products over
    /// windows. Otherwise cuDNN's kernels are used, which are faster but may add up in another order from run to run. Other
    /// networks and models give equal bits in any case.
    /// </summary>
    public bool Deterministic { get; init; } = true;

    /// <summary>Index of the GPU for a number of GPUs, or null for the CPU.</summary>
    /// <exception cref="BadOptionException">The device is unknown, or not there.</exception>
    internal int? DeviceIndex(int devices)
    {
        if (!Enum.IsDefined(Precision))
        {
            throw new BadOptionException("precision", $"There is no precision '{Precision}'; choose Single, TensorFloat32 or BFloat16.");
        }

        switch (Device)
        {
            case "cpu": return null;
            case "auto": return devices > 0 ? 0 : null;
        }

        string digits = Device is not null && Device.StartsWith("cuda:", StringComparison.Ordinal) ? Device[5..] : "";
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            throw new BadOptionException("device", $"There is no device '{Device}'; the choice is auto, cpu or cuda:N.");
        }

        return index < devices
            ? index
            : throw new BadOptionException(
                "device",
                $"There is no device '{Device}': libtorch finds {devices} GPU{(devices == 1 ? "" : "s")}. Take auto or cpu, or install "
                    + $"TorchSharp-cuda-linux or -windows and a driver.");
    }
}
