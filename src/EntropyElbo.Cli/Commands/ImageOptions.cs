using System.CommandLine;
using EntropyElbo.Data;
using EntropyElbo.Networks;

namespace EntropyElbo.Cli.Commands;

/// <summary>The options of convolutional networks, for <c>fit</c> and <c>select</c>.</summary>
internal sealed class ImageOptions
{
    private readonly Option<string?> _image = OptionParsers.Text(
        "--image", "SHAPE", "Rows are images of that height, width and channels, as in 64x64x3 (64x64x3:planar: channel by channel): the VAEs then take convolutional networks.");

    private readonly Option<int[]?> _filters = OptionParsers.WholeList(
        "--filters", "LIST", $"Filters of the encoder's convolutions, each halving the image; the decoder mirrors them. Default: {string.Join(',', ImageNetworks.DefaultFilters)}.");

    private readonly Option<bool> _flips = OptionParsers.Switch("--flips", "Turn images about their vertical axis at random while training.");

    /// <summary>The options, in their order.</summary>
    public IReadOnlyList<Option> All => [_image, _filters, _flips];

    /// <summary>Adds their rules to a command that has them.</summary>
    public void AddRules(Command command)
    {
        OptionParsers.Require(command, _filters, _image);
        OptionParsers.Require(command, _flips, _image);
    }

    /// <summary>What is asked for; null where rows are no images.</summary>
    public ImageNetworks? Networks(ParseResult parsed)
    {
        if (parsed.GetValue(_image) is not { } text)
        {
            return null;
        }

        ImageNetworks images = new() { Shape = ImageShape.Parse(text), HorizontalFlips = parsed.GetValue(_flips) };
        return parsed.GetResult(_filters) is null ? images : images with { Filters = parsed.GetValue(_filters)! };
    }
}
