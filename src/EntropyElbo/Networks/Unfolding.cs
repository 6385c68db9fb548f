using System.Numerics;
using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>Size of a feature map. Maps are matrices of a line per pixel, images one behind the other, and a column per channel.</summary>
internal readonly record struct FeatureShape(int Height, int Width, int Channels)
{
    public int Pixels => Height * Width;
}

/// <summary>
/// The windows of a convolution: one for each pixel of its small map, on pixels of its large map. A convolution gathers windows, a
/// transposed one scatters them; each is the other's gradient.
/// </summary>
/// <param name="Large">The map that windows lie on.</param>
/// <param name="Height">Height of the small map.</param>
/// <param name="Width">Width of the small map.</param>
/// <param name="KernelHeight">Lines of a window.</param>
/// <param name="KernelWidth">Pixels in a line of a window.</param>
/// <param name="Stride">Pixels from a window to the next.</param>
/// <param name="Padding">Lines and pixels by which the first window stands out over the edge, where there are zeros.</param>
internal readonly partial record struct Unfolding(
    FeatureShape Large, int Height, int Width, int KernelHeight, int KernelWidth, int Stride, int Padding)
{
    /// <summary>Runs shorter than this are not worth a call.</summary>
    private const int ShortRun = 8;

    /// <summary>Entries of a window: lines, pixels, channels.</summary>
    public int Entries => KernelHeight * KernelWidth * Large.Channels;

    /// <summary>Windows of an image.</summary>
    public int Count => Height * Width;

    /// <summary>Whether there is one window that is the whole map.</summary>
    public bool AreWhole => Count == 1 && Padding == 0 && (KernelHeight, KernelWidth) == (Large.Height, Large.Width);

    /// <summary>A square kernel of 3 with padding 1.</summary>
    public static Unfolding Three(FeatureShape large, int stride) =>
        new(large, (large.Height + stride - 1) / stride, (large.Width + stride - 1) / stride, 3, 3, stride, 1);

    /// <summary>One window that is the whole map: a dense layer.</summary>
    public static Unfolding Whole(FeatureShape large) => new(large, 1, 1, large.Height, large.Width, 1, 0);

    /// <summary>Copies the windows of some images.</summary>
    /// <param name="map">[images * pixels, channels].</param>
    /// <param name="windows">[images * windows, entries], overwritten, padding included.</param>
    public unsafe void Gather<T>(MatrixView<T> map, MatrixView<T> windows)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        bool narrow = IsNarrow(map, windows);
        T* window = windows.Data;
        for (int image = 0; image < windows.Rows / Count; image++)
        {
            T* pixels = map.Data + ((long)image * Large.Pixels * map.Stride);
            for (int y = -Padding; y < (Height * Stride) - Padding; y += Stride)
            {
                for (int x = -Padding; x < (Width * Stride) - Padding; x += Stride, window += windows.Stride)
                {
                    if (narrow && IsInside(y, x))
                    {
                        GatherNarrow((float*)pixels, map.Stride, y, x, (float*)window, windows.Stride);
                        continue;
                    }

                    new Span<T>(window, windows.Stride)[Entries..].Clear();
                    GatherWindow(pixels, map.Stride, y, x, window);
                }
            }
        }
    }

    private unsafe void GatherWindow<T>(T* pixels, int stride, int y, int x, T* window)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int channels = Large.Channels, length = KernelWidth * channels;
        int first = Math.Max(0, -x), end = Math.Min(KernelWidth, Large.Width - x);
        bool isWhole = first == 0 && end == KernelWidth;
        for (int line = 0; line < KernelHeight; line++, window += length)
        {
            if ((uint)(y + line) >= (uint)Large.Height)
            {
                new Span<T>(window, length).Clear();
                continue;
            }

            if (!isWhole)
            {
                new Span<T>(window, first * channels).Clear();
                new Span<T>(window + (end * channels), (KernelWidth - end) * channels).Clear();
            }

            T* source = pixels + ((((long)(y + line) * Large.Width) + x + first) * stride), target = window + (first * channels);
            if (stride == channels)
            {
                new Span<T>(source, (end - first) * channels).CopyTo(new Span<T>(target, (end - first) * channels));
                continue;
            }

            for (int pixel = first; pixel < end; pixel++, source += stride, target += channels)
            {
                Copy(source, target, channels);
            }
        }
    }

    private static unsafe void Copy<T>(T* source, T* target, int length)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (length >= ShortRun)
        {
            new Span<T>(source, length).CopyTo(new Span<T>(target, length));
            return;
        }

        for (int i = 0; i < length; i++)
        {
            target[i] = source[i];
        }
    }

    /// <summary>Adds up windows where they lie on the maps of some images.</summary>
    /// <param name="windows">[images * windows, entries].</param>
    /// <param name="map">[images * pixels, channels], overwritten, padding included.</param>
    /// <param name="bias">What every pixel starts with, padded; null for zeros.</param>
    public unsafe void Scatter<T>(MatrixView<T> windows, MatrixView<T> map, T* bias)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Start(map, bias);
        if (Stride == 1 && Padding == 1 && Large.Width > 1 && IsNarrow(map, windows))
        {
            ScatterNarrow((float*)windows.Data, windows.Stride, windows.Rows / Count, (float*)map.Data, map.Stride);
            return;
        }

        T* window = windows.Data;
        for (int image = 0; image < windows.Rows / Count; image++)
        {
            T* pixels = map.Data + ((long)image * Large.Pixels * map.Stride);
            for (int y = -Padding; y < (Height * Stride) - Padding; y += Stride)
            {
                for (int x = -Padding; x < (Width * Stride) - Padding; x += Stride, window += windows.Stride)
                {
                    ScatterWindow(window, y, x, pixels, map.Stride);
                }
            }
        }
    }

    private unsafe void ScatterWindow<T>(T* window, int y, int x, T* pixels, int stride)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int channels = Large.Channels, first = Math.Max(0, -x), end = Math.Min(KernelWidth, Large.Width - x);
        for (int line = Math.Max(0, -y); line < Math.Min(KernelHeight, Large.Height - y); line++)
        {
            T* source = window + (((line * KernelWidth) + first) * channels);
            T* target = pixels + ((((long)(y + line) * Large.Width) + x + first) * stride);
            if (stride == channels)
            {
                Add(source, target, (end - first) * channels);
                continue;
            }

            for (int pixel = first; pixel < end; pixel++, source += channels, target += stride)
            {
                Add(source, target, channels);
            }
        }
    }

    private static unsafe void Start<T>(MatrixView<T> map, T* bias)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (bias == null)
        {
            new Span<T>(map.Data, map.Rows * map.Stride).Clear();
            return;
        }

        for (int line = 0; line < map.Rows; line++)
        {
            new Span<T>(bias, map.Stride).CopyTo(new Span<T>(map.Data + ((long)line * map.Stride), map.Stride));
        }
    }

    private static unsafe void Add<T>(T* source, T* target, int length)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (length < ShortRun)
        {
            for (int i = 0; i < length; i++)
            {
                target[i] += source[i];
            }

            return;
        }

        Span<T> sum = new(target, length);
        TensorPrimitives.Add(sum, new ReadOnlySpan<T>(source, length), sum);
    }
}
