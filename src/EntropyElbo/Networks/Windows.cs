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
/// The windows of a convolution: one for each pixel of its small map, on pixels of its large map. A convolution gathers windows, a transposed one
/// scatters them; each is the other's gradient.
/// </summary>
/// <param name="Large">The map that windows lie on.</param>
/// <param name="Height">Height of the small map.</param>
/// <param name="Width">Width of the small map.</param>
/// <param name="KernelHeight">Lines of a window.</param>
/// <param name="KernelWidth">Pixels in a line of a window.</param>
/// <param name="Stride">Pixels from a window to the next.</param>
/// <param name="Padding">Lines and pixels by which the first window stands out over the edge, where there are zeros.</param>
internal readonly record struct Windows(FeatureShape Large, int Height, int Width, int KernelHeight, int KernelWidth, int Stride, int Padding)
{
    /// <summary>Entries of a window: lines, pixels, channels.</summary>
    public int Entries => KernelHeight * KernelWidth * Large.Channels;

    /// <summary>Windows of an image.</summary>
    public int Count => Height * Width;

    /// <summary>Whether there is one window that is the whole map.</summary>
    public bool AreWhole => Count == 1 && Padding == 0 && (KernelHeight, KernelWidth) == (Large.Height, Large.Width);

    /// <summary>A square kernel of 3 with padding 1.</summary>
    public static Windows Three(FeatureShape large, int stride) =>
        new(large, (large.Height + stride - 1) / stride, (large.Width + stride - 1) / stride, 3, 3, stride, 1);

    /// <summary>One window that is the whole map: a dense layer.</summary>
    public static Windows Whole(FeatureShape large) => new(large, 1, 1, large.Height, large.Width, 1, 0);

    /// <summary>Copies the windows of some images.</summary>
    /// <param name="map">[images * pixels, channels].</param>
    /// <param name="windows">[images * windows, entries], overwritten, padding included.</param>
    public unsafe void Gather<T>(MatrixView<T> map, MatrixView<T> windows)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        bool runs = map.Stride == Large.Channels;
        T* window = windows.Data;
        for (int image = 0; image < windows.Rows / Count; image++)
        {
            T* pixels = map.Data + ((long)image * Large.Pixels * map.Stride);
            for (int index = 0; index < Count; index++, window += windows.Stride)
            {
                Window place = At(index);
                new Span<T>(window, windows.Stride)[Entries..].Clear();
                for (int line = 0; line < KernelHeight; line++)
                {
                    Span<T> target = new(window + (line * KernelWidth * Large.Channels), KernelWidth * Large.Channels);
                    int y = place.Y + line;
                    if (y < 0 || y >= Large.Height)
                    {
                        target.Clear();
                        continue;
                    }

                    target[..(place.First * Large.Channels)].Clear();
                    target[(place.End * Large.Channels)..].Clear();
                    T* source = pixels + (((long)(y * Large.Width) + place.X + place.First) * map.Stride);
                    if (runs)
                    {
                        new Span<T>(source, (place.End - place.First) * Large.Channels).CopyTo(target[(place.First * Large.Channels)..]);
                        continue;
                    }

                    for (int x = place.First; x < place.End; x++, source += map.Stride)
                    {
                        new Span<T>(source, Large.Channels).CopyTo(target[(x * Large.Channels)..]);
                    }
                }
            }
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
        bool runs = map.Stride == Large.Channels;
        T* window = windows.Data;
        for (int image = 0; image < windows.Rows / Count; image++)
        {
            T* pixels = map.Data + ((long)image * Large.Pixels * map.Stride);
            for (int index = 0; index < Count; index++, window += windows.Stride)
            {
                Window place = At(index);
                for (int line = Math.Max(0, -place.Y); line < Math.Min(KernelHeight, Large.Height - place.Y); line++)
                {
                    T* source = window + (((line * KernelWidth) + place.First) * Large.Channels);
                    T* target = pixels + (((long)((place.Y + line) * Large.Width) + place.X + place.First) * map.Stride);
                    if (runs)
                    {
                        Add(source, target, (place.End - place.First) * Large.Channels);
                        continue;
                    }

                    for (int x = place.First; x < place.End; x++, source += Large.Channels, target += map.Stride)
                    {
                        Add(source, target, Large.Channels);
                    }
                }
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
        if (length < 8)
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

    /// <summary>Where a window lies, and the part of its lines that is on the map.</summary>
    private Window At(int index)
    {
        int y = (index / Width * Stride) - Padding, x = (index % Width * Stride) - Padding;
        return new Window(y, x, Math.Max(0, -x), Math.Min(KernelWidth, Large.Width - x));
    }

    private readonly record struct Window(int Y, int X, int First, int End);
}
