using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// Windows of three by three pixels of at most four channels, as the images themselves have: a pixel is one short vector, whose
/// lanes beyond the channels are overwritten by the next pixel or left out. The same sums in the same order as of any window.
/// </summary>
internal readonly partial record struct Unfolding
{
    private const int NarrowChannels = 4;

    private unsafe bool IsNarrow<T>(MatrixView<T> map, MatrixView<T> windows)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        typeof(T) == typeof(float) && (KernelHeight, KernelWidth) == (3, 3) && Large.Channels <= NarrowChannels
        && map.Stride >= NarrowChannels && Entries + NarrowChannels <= windows.Stride;

    private bool IsInside(int y, int x) => y >= 0 && x >= 0 && y + KernelHeight <= Large.Height && x + KernelWidth <= Large.Width;

    private unsafe void GatherNarrow(float* pixels, int stride, int y, int x, float* window, int length)
    {
        int channels = Large.Channels;
        float* source = pixels + ((((long)y * Large.Width) + x) * stride), target = window;
        for (int line = 0; line < 3; line++, source += (long)Large.Width * stride, target += 3 * channels)
        {
            Vector128.Load(source).Store(target);
            Vector128.Load(source + stride).Store(target + channels);
            Vector128.Load(source + (2 * stride)).Store(target + (2 * channels));
        }

        for (float* rest = target; rest < window + length - NarrowChannels; rest += NarrowChannels)
        {
            Vector128<float>.Zero.Store(rest);
        }

        Vector128<float>.Zero.Store(window + length - NarrowChannels);
    }

    /// <summary>
    /// The windows of stride 1 added up pixel by pixel, each pixel's sum in a register: every pixel gets its windows in their order.
    /// </summary>
    private unsafe void ScatterNarrow(float* windows, int length, int images, float* map, int stride)
    {
        Vector128<float> used = Vector128.LessThan(Vector128.Create(0, 1, 2, 3), Vector128.Create(Large.Channels)).AsSingle();
        for (int image = 0; image < images; image++, windows += (long)Count * length)
        {
            for (int y = 0; y < Large.Height; y++)
            {
                for (int x = 0; x < Large.Width; x++, map += stride)
                {
                    Vector128<float> start = Vector128.Load(map);
                    Vector128.ConditionalSelect(used, PixelSum(windows, length, y, x, start), start).Store(map);
                }
            }
        }
    }

    /// <summary>A pixel's start and its entries of the windows around it: the last line and pixel of the first, and so on.</summary>
    private unsafe Vector128<float> PixelSum(float* windows, int length, int y, int x, Vector128<float> sum)
    {
        int channels = Large.Channels, last = Math.Min(y + 1, Height - 1);
        for (int line = Math.Max(0, y - 1); line <= last; line++)
        {
            float* middle = windows + ((((long)line * Width) + x) * length) + (((y + 1 - line) * 3) + 1) * channels;
            if (x > 0)
            {
                sum += Vector128.Load(middle - length + channels);
            }

            sum += Vector128.Load(middle);
            if (x + 1 < Width)
            {
                sum += Vector128.Load(middle + length - channels);
            }
        }

        return sum;
    }
}
