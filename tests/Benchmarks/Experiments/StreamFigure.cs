using EntropyElbo.Benchmarks.Charts;
using EntropyElbo.Streaming;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>D Fig. 3 a: the criterion of three linear VAEs over a stream, by sampled ELBOs and by entropies, and the one-pass learner's choice.</summary>
internal sealed class StreamFigure(int[] dimensions, int chunk, int[] sizes)
{
    private static readonly string[] Colours = [PlotColours.Blue, PlotColours.Orange, PlotColours.Green];
    private readonly List<(double X, double Y)>[] _entropy = [.. sizes.Select(_ => new List<(double, double)>())];
    private readonly List<(double X, double Y)>[] _elbo = [.. sizes.Select(_ => new List<(double, double)>())];
    private readonly List<(double X, double Y)> _latents = [];

    public void Add(long row, double[] entropy, double[] elbo)
    {
        for (int i = 0; i < sizes.Length && row % 1000 == 0; i++)
        {
            _entropy[i].Add((row, entropy[i]));
            _elbo[i].Add((row, elbo[i]));
        }
    }

    public void Add(StreamReading reading) => _latents.Add((reading.Rows, reading.Latents));

    public void Write(string path)
    {
        double end = dimensions.Length * chunk;
        PlotSeries[] truth = [new("true", PlotColours.Grey, PlotMark.Line, [.. dimensions.SelectMany((d, c) => new[] { ((double)c * chunk, (double)d), ((c + 1.0) * chunk, d) })])];
        PlotFigure.Write(path, "BIC of linear VAEs with 2, 4 and 6 latents over a stream, by sampled ELBOs and by entropy sums, and the number of latents by the one-pass learner", 3,
        [
            Panel("by the sampled ELBO of a batch", _elbo, end),
            Panel("by the entropy sum", _entropy, end),
            new PlotPanel("one-pass learner", PlotAxis.Linear("rows", 0, end), PlotAxis.Linear("latents", 0, 9), [.. truth, new("recommended", PlotColours.Blue, PlotMark.Line, _latents)]),
        ]);
    }

    private PlotPanel Panel(string title, List<(double X, double Y)>[] values, double end) => new(
        title,
        PlotAxis.Linear("rows", 0, end),
        PlotAxis.Linear("BIC, nats", -200, 1000),
        [.. values.Select((v, i) => new PlotSeries($"H = {sizes[i]}", Colours[i], PlotMark.Line, v))]);
}
