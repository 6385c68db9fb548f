using System.Globalization;
using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Data;

/// <summary>How the pixels of an image follow one another in a row.</summary>
public enum PixelOrder
{
    /// <summary>
    /// Line by line, pixel by pixel, the channels of a pixel together: column (y W + x) C + c. Most image files, IDX files [N, H,
    /// W, C].
    /// </summary>
    Interleaved,

    /// <summary>
    /// Channel by channel, each line by line: column (c H + y) W + x. ML.NET's pixel extractor unless told otherwise, PyTorch.
    /// </summary>
    Planar,
}

/// <summary>What image a row is: its columns are the pixels' channels.</summary>
/// <param name="Height">Lines, H.</param>
/// <param name="Width">Pixels of a line, W.</param>
/// <param name="Channels">Channels of a pixel, C: 1 for grey, 3 for colours.</param>
public sealed record ImageShape(int Height, int Width, int Channels = 1)
{
    /// <summary>Most lines, and most pixels of a line.</summary>
    public const int MaxSide = 4096;

    /// <summary>Most channels.</summary>
    public const int MaxChannels = 1024;

    /// <summary>Most columns of an image.</summary>
    public const int MaxColumns = 1 << 24;

    /// <summary>How pixels follow one another.</summary>
    public PixelOrder Order { get; init; }

    /// <summary>H W.</summary>
    public int Pixels => Height * Width;

    /// <summary>H W C, the columns of a row.</summary>
    public int Columns => Pixels * Channels;

    /// <summary>Reads <c>64x64x3</c> (height, width, channels), <c>28x28</c> (one channel) or <c>64x64x3:planar</c>.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="BadOptionException">It is none of these, or a number is out of range.</exception>
    public static ImageShape Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':');
        string[] numbers = parts[0].Split('x');
        int[] sizes = [.. numbers.Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? size : 0)];
        if (sizes.Length is not (2 or 3) || parts.Length > 2 || (parts.Length == 2 && parts[1] is not ("planar" or "interleaved")))
        {
            throw new BadOptionException(
                "image", $"'{text}' is no shape of an image; give height, width and channels as in 64x64x3, 28x28 or 64x64x3:planar.");
        }

        ImageShape shape = new(sizes[0], sizes[1], sizes.Length == 3 ? sizes[2] : 1)
        {
            Order = parts.Length == 2 && parts[1] == "planar" ? PixelOrder.Planar : PixelOrder.Interleaved,
        };
        shape.Validate();
        return shape;
    }

    /// <summary>The shape as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Height}x{Width}x{Channels}{(Order == PixelOrder.Planar ? ":planar" : "")}");

    /// <summary>The column of a channel of a pixel.</summary>
    /// <param name="pixel">Zero-based pixel, line by line.</param>
    /// <param name="channel">Zero-based channel.</param>
    public int Column(int pixel, int channel) => (pixel * Steps.Pixel) + (channel * Steps.Channel);

    internal void Validate()
    {
        if (Height is < 1 or > MaxSide
            || Width is < 1 or > MaxSide
            || Channels is < 1 or > MaxChannels
            || (long)Height * Width * Channels > MaxColumns
            || !Enum.IsDefined(Order))
        {
            throw new BadOptionException(
                "image", $"An image of {Height} x {Width} pixels with {Channels} channels ({Order}) is out of range: sides from 1 to "
                    + $"{MaxSide}, channels from 1 to {MaxChannels}, columns up to {MaxColumns}.");
        }
    }

    /// <summary>Copies rows into maps of a line per pixel.</summary>
    /// <param name="rows">[n, H W C].</param>
    /// <param name="map">[n H W, C]; its padding stays what it is.</param>
    internal unsafe void ToMap<T>(MatrixView<T> rows, MatrixView<T> map)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int row = 0; row < rows.Rows; row++)
        {
            Copy(rows.Data + ((long)row * rows.Stride), Steps, map.Data + ((long)row * Pixels * map.Stride), (map.Stride, 1));
        }
    }

    /// <summary>Copies maps of a line per pixel into rows.</summary>
    internal unsafe void FromMap<T>(MatrixView<T> map, MatrixView<T> rows)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int row = 0; row < rows.Rows; row++)
        {
            Copy(map.Data + ((long)row * Pixels * map.Stride), (map.Stride, 1), rows.Data + ((long)row * rows.Stride), Steps);
        }
    }

    /// <summary>Copies an image from one order of its numbers to another.</summary>
    private unsafe void Copy<T>(T* from, (int Pixel, int Channel) fromSteps, T* to, (int Pixel, int Channel) toSteps)
        where T : unmanaged
    {
        for (int pixel = 0; pixel < Pixels; pixel++, from += fromSteps.Pixel, to += toSteps.Pixel)
        {
            for (int channel = 0; channel < Channels; channel++)
            {
                to[channel * toSteps.Channel] = from[channel * fromSteps.Channel];
            }
        }
    }

    /// <summary>Turns the image in a row about its vertical axis, in place.</summary>
    internal void FlipHorizontally<T>(Span<T> row)
    {
        (int pixelStep, int channelStep) = Steps;
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width / 2; x++)
            {
                int left = ((y * Width) + x) * pixelStep, right = ((y * Width) + Width - 1 - x) * pixelStep;
                for (int channel = 0; channel < Channels; channel++)
                {
                    (row[left + (channel * channelStep)], row[right + (channel * channelStep)]) =
                        (row[right + (channel * channelStep)], row[left + (channel * channelStep)]);
                }
            }
        }
    }

    private (int Pixel, int Channel) Steps => Order == PixelOrder.Planar ? (1, Pixels) : (Channels, 1);
}
