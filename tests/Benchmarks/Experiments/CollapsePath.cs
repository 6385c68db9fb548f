using System.Globalization;
using EntropyElbo.Benchmarks.Charts;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>
/// D Fig. 4, measured: from a trained VAE-1 to the same with one latent collapsed, on a straight way of its encoder heads and decoder weights to 0. With
/// sigma^2 and the latents' scales closed at every step (D eq. 76) the ELBO is the sum of entropies all along, and else it is not.
/// </summary>
internal static class CollapsePath
{
    private const int Steps = 40;

    /// <summary>The report a share of the way from the trained model to the collapsed one.</summary>
    private sealed record Step(double Way, ElboReport Open, ElboReport Closed);

    public static void Run(TextWriter output, string digits, string picture)
    {
        IRowSource rows = RowSources.Open(digits, ColumnSelection.Parse("1-64"));
        GaussianVaeModel model = (GaussianVaeModel)new GaussianVaeTrainer(new GaussianVaeOptions { Latents = 16 })
            .Fit(rows, new FitContext { Threads = 1, Certificate = false }).Model;
        LatentReport[] active = [.. model.Report.Latents.Where(l => !l.CollapsedByEntropy).OrderBy(l => l.Kl)];
        output.WriteLine("| latent | its KL | of the way | ELBO, closed | entropy sum, closed | ELBO, as it is | entropy sum, as it is | encoder entropy | decoder entropy, closed |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        List<PlotPanel> bounds = [], entropies = [];
        foreach ((string name, LatentReport latent) in (ReadOnlySpan<(string, LatentReport)>)[("the weakest active latent", active[0]), ("the strongest", active[^1])])
        {
            Step[] steps = [.. Enumerable.Range(0, Steps + 1).Select(i => At(model, rows, latent.Index, (double)i / Steps))];
            Write(output, latent, steps);
            bounds.Add(Bounds(name, steps));
            entropies.Add(Entropies(steps));
        }

        PlotFigure.Write(picture, "ELBO and entropy sum on the way from a trained model to one with a collapsed latent, with scales closed and not", 2, [.. bounds, .. entropies]);
    }

    private static Step At(GaussianVaeModel model, IRowSource rows, int latent, double way)
    {
        VaeNetwork network = model.Network;
        AlignedBuffer<float> parameters = new(model.Parameters.Length);
        model.Parameters.CopyTo(parameters.Span);
        float left = (float)(1 - way);
        ParameterTensor heads = network.Encoder.LastWeights, bias = network.Encoder.LastBias, first = network.Decoder.FirstWeights;
        foreach (int column in (ReadOnlySpan<int>)[latent, network.Architecture.Latents + latent])
        {
            for (int row = 0; row < heads.Rows; row++)
            {
                parameters[heads.Offset + (row * heads.Stride) + column] *= left;
            }

            parameters[bias.Offset + column] *= left;
        }

        foreach (ref float weight in parameters.Span.Slice(first.Offset + (latent * first.Stride), first.Columns))
        {
            weight *= left;
        }

        EvaluateOptions draws = new() { Samples = 10, Seed = 99, Threads = 1 };
        GaussianVaeModel open = new(network, parameters, model.Header);
        ElboReport before = open.Evaluate(rows, draws).Summary;
        AlignedBuffer<float> closed = parameters.Clone();
        new GaussianVaeBlockObjective(network, VarianceUpdate.Gradient).SolveScales(closed, open.Sums(rows, draws));
        return new Step(way, before, new GaussianVaeModel(network, closed, model.Header).Evaluate(rows, draws with { Seed = 7 }).Summary);
    }

    private static void Write(TextWriter output, LatentReport latent, Step[] steps)
    {
        foreach (Step s in steps.Where((_, i) => i % (Steps / 4) == 0))
        {
            output.WriteLine(Text(
                $"| {latent.Index + 1} | {latent.Kl:F2} | {s.Way:F2} | {s.Closed.Elbo:F2} | {s.Closed.EntropySum:F2} | {s.Open.Elbo:F2} | {s.Open.EntropySum:F2} | {s.Closed.EncoderEntropy:F2} | {s.Closed.DecoderEntropy:F2} |"));
        }

        Step least = steps.MinBy(s => s.Closed.Elbo)!;
        output.WriteLine(Text(
            $"latent {latent.Index + 1}: largest |ELBO - entropy sum| {steps.Max(s => Math.Abs(s.Closed.Elbo - s.Closed.EntropySum)):F3} closed, {steps.Max(s => Math.Abs(s.Open.Elbo - s.Open.EntropySum)):F1} as it is; least ELBO {least.Closed.Elbo:F2} at {least.Way:F2} of the way, {steps[^1].Closed.Elbo:F2} at its end"));
        output.Flush();
    }

    private static PlotPanel Bounds(string name, Step[] steps)
    {
        double[] shown = [.. steps.SelectMany(s => new[] { s.Closed.Elbo, s.Open.EntropySum })];
        double low = shown.Min(), high = shown.Max(), margin = 0.05 * (high - low);
        return new PlotPanel(
            $"digits, {name}", PlotAxis.Linear("share of the way to its collapse", 0, 1), PlotAxis.Linear("nats per row", low - margin, high + margin),
            [
                new("ELBO, closed", PlotColours.Blue, PlotMark.Line, [.. steps.Select(s => (s.Way, s.Closed.Elbo))]),
                new("entropy sum, closed", PlotColours.Orange, PlotMark.Circle, [.. steps.Where((_, i) => i % 2 == 0).Select(s => (s.Way, s.Closed.EntropySum))]),
                new("ELBO, as it is", PlotColours.Grey, PlotMark.Line, [.. steps.Select(s => (s.Way, s.Open.Elbo))]),
                new("entropy sum, as it is", PlotColours.Amber, PlotMark.Line, [.. steps.Select(s => (s.Way, s.Open.EntropySum))]),
            ]);
    }

    /// <summary>What the way adds to both scores: the ELBO turns where the one grows faster than the other falls.</summary>
    private static PlotPanel Entropies(Step[] steps)
    {
        (double, double Y)[] encoder = [.. steps.Select(s => (s.Way, s.Closed.EncoderEntropy - steps[0].Closed.EncoderEntropy))];
        (double, double Y)[] decoder = [.. steps.Select(s => (s.Way, s.Closed.DecoderEntropy - steps[0].Closed.DecoderEntropy))];
        double high = encoder.Concat(decoder).Max(p => p.Y), low = Math.Min(0, encoder.Concat(decoder).Min(p => p.Y));
        return new PlotPanel(
            "rise of the entropies, scales closed", PlotAxis.Linear("share of the way to its collapse", 0, 1), PlotAxis.Linear("nats per row", low, 1.05 * high),
            [new("encoder", PlotColours.Green, PlotMark.Line, encoder), new("decoder", PlotColours.Pink, PlotMark.Line, decoder)]);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
