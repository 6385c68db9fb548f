using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Reports;

/// <summary>
/// The course of training, a line an epoch: a table for <c>--trace</c>, and lists in <c>--json</c>. Figures that no epoch has are
/// left out; where single epochs lack one (those from a checkpoint have no times) it is not a number, or null.
/// </summary>
internal static class TrainingTrace
{
    private const string Seconds = "seconds";
    private static readonly (string Name, Func<FitProgress, double?> Value)[] Figures =
    [
        ("epoch", p => p.Epoch),
        ("elbo", p => p.Elbo),
        ("reconstruction", p => p.Reconstruction),
        ("kl", p => p.Kl),
        ("entropySum", p => p.EntropySum),
        ("encoderEntropy", p => p.EncoderEntropy),
        ("priorEntropy", p => p.PriorEntropy),
        ("decoderEntropy", p => p.DecoderEntropy),
        ("baseMeasure", p => p.BaseMeasure),
        ("priorResidual", p => p.PriorResidual),
        ("noiseResidual", p => p.NoiseResidual),
        ("noiseVariance", p => p.NoiseVariance),
        ("collapsed", p => p.Collapsed),
        ("testElbo", p => p.TestElbo),
        ("learningRate", p => p.LearningRate),
        ("klWeight", p => p.KlWeight),
        ("priorWeight", p => p.PriorWeight),
        ("likelihoodWeight", p => p.LikelihoodWeight),
        ("gradientNorm", p => p.GradientNorm),
        (Seconds, p => p.Elapsed > TimeSpan.Zero ? p.Elapsed.TotalSeconds : null),
    ];

    /// <summary>The table, with a column per latent where progress has them.</summary>
    public static IRowSource Table(IReadOnlyList<FitProgress> history)
    {
        (string Name, Func<FitProgress, double?> Value)[] columns =
        [
            .. Present(history).Select(f => (JsonNamingPolicy.SnakeCaseLower.ConvertName(f.Name), f.Value)),
            .. PerLatent("entropy", history, p => p.LatentEntropies),
            .. PerLatent("kl", history, p => p.LatentKl),
        ];
        double[] values = [.. history.SelectMany(p => columns.Select(c => c.Value(p) ?? double.NaN))];
        return new InMemoryRows(values, columns.Length, [.. columns.Select(c => c.Name)]);
    }

    /// <summary>Writes a list for every figure but times, which differ between equal runs.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<FitProgress> history)
    {
        json.WriteStartObject("history");
        foreach ((string name, Func<FitProgress, double?> value) in Present(history).Where(f => f.Name != Seconds))
        {
            JsonReport.Numbers(json, name, history.Select(p => value(p) ?? double.NaN));
        }

        json.WriteEndObject();
    }

    private static IEnumerable<(string Name, Func<FitProgress, double?> Value)> Present(IReadOnlyList<FitProgress> history) =>
        Figures.Where(f => f.Name == Figures[0].Name || history.Any(p => f.Value(p) is not null));

    private static IEnumerable<(string Name, Func<FitProgress, double?> Value)> PerLatent(
        string name, IReadOnlyList<FitProgress> history, Func<FitProgress, IReadOnlyList<double>?> values)
    {
        int latents = history.Max(p => values(p)?.Count) ?? 0;
        for (int h = 0; h < latents; h++)
        {
            int latent = h;
            yield return ($"{name}_{h + 1}", p => values(p)?[latent]);
        }
    }
}
