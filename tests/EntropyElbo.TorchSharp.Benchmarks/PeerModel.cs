using System.Diagnostics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EntropyElbo.Benchmarks;

/// <summary>A VAE-1 in TorchSharp: encoder, decoder, one learned variance, Adam.</summary>
internal abstract class PeerModel
{
    private readonly Sequential _encoder;
    private readonly Sequential _decoder;
    private readonly int _latents;
    private readonly Parameter _logVariance = nn.Parameter(full([], -3.0f));
    private readonly optim.Optimizer _optimiser;
    private Tensor? _data;

    protected PeerModel(Sequential encoder, Sequential decoder, int latents)
    {
        _encoder = encoder;
        _decoder = decoder;
        _latents = latents;
        _optimiser = optim.Adam([.. encoder.parameters(), .. decoder.parameters(), _logVariance], 1e-3);
    }

    /// <summary>So many rows of uniform values.</summary>
    protected abstract Tensor Draw(int rows);

    /// <summary>Rows of the data as the encoder takes them.</summary>
    protected virtual Tensor Batch(Tensor rows) => rows;

    /// <summary>Rows per second of a pass of training.</summary>
    public double OnePass(int rows, int batch)
    {
        if (_data is null || _data.shape[0] < rows)
        {
            _data?.Dispose();
            _data = Draw(rows);
        }

        using Tensor order = randperm(rows);
        long start = Stopwatch.GetTimestamp();
        for (int first = 0; first + batch <= rows; first += batch)
        {
            Step(order.slice(0, first, first + batch, 1), batch);
        }

        return rows / batch * batch / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void Step(Tensor rows, int batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Batch(_data!.index_select(0, rows));
        Tensor[] heads = _encoder.forward(x).split(_latents, 1);
        Tensor mean = heads[0], logTau = heads[1];
        Tensor z = mean + (exp(0.5 * logTau) * randn_like(mean));
        Tensor error = (x - _decoder.forward(z)).square().sum();
        Tensor reconstruction = (0.5 * x.numel() * (_logVariance + Math.Log(2 * Math.PI))) + (0.5 * exp(-_logVariance) * error);
        Tensor kl = 0.5 * (mean.square() + logTau.exp() - 1 - logTau).sum();
        _optimiser.zero_grad();
        ((reconstruction + kl) / batch).backward();
        _optimiser.step();
        rows.Dispose();
    }
}

/// <summary>Dense layers.</summary>
internal sealed class PeerPerceptrons(int[] sizes)
    : PeerModel(Layers([.. sizes[..^1], 2 * sizes[^1]]), Layers([.. sizes.Reverse()]), sizes[^1])
{
    protected override Tensor Draw(int rows) => rand(rows, sizes[0]);

    private static Sequential Layers(int[] widths)
    {
        List<(string, nn.Module<Tensor, Tensor>)> layers = [];
        for (int i = 0; i + 1 < widths.Length; i++)
        {
            layers.Add(($"dense{i}", nn.Linear(widths[i], widths[i + 1])));
            if (i + 2 < widths.Length)
            {
                layers.Add(($"rectifier{i}", nn.LeakyReLU(0.01)));
            }
        }

        return nn.Sequential(layers);
    }
}

/// <summary>Convolutions with normalisation, as the script convolution_torch.py has them.</summary>
internal sealed class PeerConvolutions(int[] shape, int[] filters, int latents, bool channelsLast)
    : PeerModel(Encoder(shape, filters, latents), Decoder(shape, filters, latents), latents)
{
    protected override Tensor Draw(int rows) => channelsLast ? rand(rows, shape[0], shape[1], shape[2]) : rand(rows, shape[2], shape[0], shape[1]);

    protected override Tensor Batch(Tensor rows) => channelsLast ? rows.permute(0, 3, 1, 2) : rows;

    private static (int Height, int Width)[] Sizes(int[] shape, int[] filters)
    {
        (int Height, int Width)[] sizes = new (int, int)[filters.Length + 1];
        sizes[0] = (shape[0], shape[1]);
        for (int i = 0; i < filters.Length; i++)
        {
            sizes[i + 1] = ((sizes[i].Height + 1) / 2, (sizes[i].Width + 1) / 2);
        }

        return sizes;
    }

    private static Sequential Encoder(int[] shape, int[] filters, int latents)
    {
        List<(string, nn.Module<Tensor, Tensor>)> layers = [];
        for (int i = 0; i < filters.Length; i++)
        {
            layers.Add(($"convolution{i}", nn.Conv2d(i == 0 ? shape[2] : filters[i - 1], filters[i], 3L, 2, 1)));
            AddNormalised(layers, filters[i]);
        }

        (int height, int width) = Sizes(shape, filters)[^1];
        layers.Add(("flat", nn.Flatten()));
        layers.Add(("heads", nn.Linear(filters[^1] * height * width, 2 * latents)));
        return nn.Sequential(layers);
    }

    private static Sequential Decoder(int[] shape, int[] filters, int latents)
    {
        (int Height, int Width)[] sizes = Sizes(shape, filters);
        List<(string, nn.Module<Tensor, Tensor>)> layers =
        [
            ("dense", nn.Linear(latents, filters[^1] * sizes[^1].Height * sizes[^1].Width)),
            ("map", nn.Unflatten(1, [filters[^1], sizes[^1].Height, sizes[^1].Width])),
        ];
        for (int i = filters.Length; i > 0; i--)
        {
            int outputs = filters[Math.Max(i - 2, 0)];
            (long, long) missing = (sizes[i - 1].Height - ((2 * sizes[i].Height) - 1), sizes[i - 1].Width - ((2 * sizes[i].Width) - 1));
            layers.Add(($"transposed{i}", nn.ConvTranspose2d(filters[i - 1], outputs, (3L, 3L), (2L, 2L), (1L, 1L), missing)));
            AddNormalised(layers, outputs);
        }

        layers.Add(("last", nn.Conv2d(filters[0], shape[2], 3L, padding: 1)));
        return nn.Sequential(layers);
    }

    private static void AddNormalised(List<(string, nn.Module<Tensor, Tensor>)> layers, int channels)
    {
        layers.Add(($"normalisation{layers.Count}", nn.BatchNorm2d(channels)));
        layers.Add(($"rectifier{layers.Count}", nn.LeakyReLU(0.01)));
    }
}
