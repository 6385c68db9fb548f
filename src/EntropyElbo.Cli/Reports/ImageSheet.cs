using EntropyElbo.Data;

namespace EntropyElbo.Cli.Reports;

/// <summary>Images of one shape beside and below each other, on grey; large ones are thinned out.</summary>
internal sealed class ImageSheet
{
    private const int MaxSide = 96;
    private const int Gap = 2;

    /// <summary>The grey between the images, which is also that of a field's zero.</summary>
    private const byte Ground = 128;
    private readonly ImageShape _shape;
    private readonly int _columns;
    private readonly int _thin;
    private readonly int _tileWidth;
    private readonly int _tileHeight;

    /// <summary>An empty sheet.</summary>
    /// <param name="shape">What each image is.</param>
    /// <param name="columns">Images of a line.</param>
    /// <param name="lines">Lines of images.</param>
    /// <param name="ground">The grey between them.</param>
    public ImageSheet(ImageShape shape, int columns, int lines, byte ground = Ground)
    {
        (_shape, _columns) = (shape, columns);
        _thin = (Math.Max(shape.Width, shape.Height) + MaxSide - 1) / MaxSide;
        (_tileWidth, _tileHeight) = ((shape.Width + _thin - 1) / _thin, (shape.Height + _thin - 1) / _thin);
        Width = (columns * (_tileWidth + Gap)) - Gap;
        Height = (lines * (_tileHeight + Gap)) - Gap;
        Pixels = new byte[checked(Width * Height * 3)];
        Array.Fill(Pixels, ground);
    }

    /// <summary>Pixels of a line.</summary>
    public int Width { get; }

    /// <summary>Lines of pixels.</summary>
    public int Height { get; }

    /// <summary>[height, width, 3]: red, green, blue.</summary>
    public byte[] Pixels { get; }

    /// <summary>How often each pixel is shown.</summary>
    public int Zoom => Math.Max(1, MaxSide / Math.Max(_tileWidth, _tileHeight));

    /// <summary>Draws an image, whose <paramref name="least"/> value is black and whose <paramref name="greatest"/> white.</summary>
    public void Draw(int index, ReadOnlySpan<double> row, double least, double greatest)
    {
        double factor = greatest > least ? 255 / (greatest - least) : 0;
        (int left, int top) = (index % _columns * (_tileWidth + Gap), index / _columns * (_tileHeight + Gap));
        for (int y = 0; y < _tileHeight; y++)
        {
            for (int x = 0; x < _tileWidth; x++)
            {
                int place = (((top + y) * Width) + left + x) * 3;
                for (int c = 0; c < 3; c++)
                {
                    // Colours where there are three channels, else the first as grey.
                    int channel = _shape.Channels == 3 ? c : 0;
                    double value = row[_shape.Column((y * _thin * _shape.Width) + (x * _thin), channel)];
                    Pixels[place + c] = (byte)Math.Clamp((value - least) * factor, 0, 255);
                }
            }
        }
    }

    /// <summary>The file of the sheet, each pixel a square of <paramref name="zoom"/> by <paramref name="zoom"/>.</summary>
    public byte[] Png(int zoom = 1)
    {
        if (zoom == 1)
        {
            return PngImage.Encode(Width, Height, Pixels);
        }

        byte[] pixels = new byte[checked(Pixels.Length * zoom * zoom)];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int x, int y) = (i / 3 % (Width * zoom), i / 3 / (Width * zoom));
            pixels[i] = Pixels[(((y / zoom * Width) + (x / zoom)) * 3) + (i % 3)];
        }

        return PngImage.Encode(Width * zoom, Height * zoom, pixels);
    }
}
