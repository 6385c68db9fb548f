using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Numerics;

namespace EntropyElbo.Criterion;

/// <summary>Sigmoid belief nets, a conditional for each layer: factors on its weights and on its biases.</summary>
internal static class BeliefParameterization
{
    /// <summary>Units of the deepest layer that are looked at: each has its own probability, so one tells as much as many.</summary>
    private const int PriorUnits = 64;

    private const int States = 8;

    public static ModelParameterization Of(SigmoidBeliefNetModel model)
    {
        LayerParameterization[] layers = [.. Enumerable.Range(0, model.Layers.Count).Select(layer => Layer(model, layer))];
        return new ModelParameterization(model.Family, new GenerativeParameterization
        {
            Prior = pi => Array.ConvertAll(pi, p => Math.Log(p / (1 - p))),
            PriorParameters = [.. model.Prior.Take(PriorUnits)],
            Observable = layers[0].Natural,
            ObservableParameters = layers[0].Parameters,
            ObservableNames = layers[0].Names,
            Latents = layers[0].Latents,
            Layers = layers[1..],
        }, null);
    }

    private static LayerParameterization Layer(SigmoidBeliefNetModel model, int layer)
    {
        double[] weights = model.Weights(layer), bias = model.Bias(layer);
        int inputs = model.Layers[layer];
        RandomStream random = new(1, RandomPurpose.Sampling, (ulong)layer);
        return new LayerParameterization
        {
            Natural = (z, t) => [.. bias.Select((mu, d) => (t[0] * VectorFold.Dot(weights.AsSpan(d * inputs, inputs), z)) + (t[1] * mu))],
            Parameters = [1, 1],
            Names = ["weights", "biases"],
            Latents =
                [.. Enumerable.Range(0, States)
                    .Select(_ => Enumerable.Range(0, inputs).Select(_ => random.NextUniform() < 0.5 ? 0.0 : 1).ToArray())],
        };
    }
}
