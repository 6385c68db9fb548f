using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>The KL divergence of a VAE's codes from its prior.</summary>
/// <param name="architecture">What the VAE is put together from.</param>
/// <param name="logScales">Log-variances or log-scales of the prior; null for a standard normal one.</param>
internal sealed class VaePriorGraph(VaeArchitecture architecture, double[]? logScales)
{
    /// <summary>[N, 1].</summary>
    public Wire Kl(GraphBuilder graph, Code code)
    {
        Wire mean = graph.ToDouble(code.Mean), logVariance = graph.Log(code.Variance);
        return architecture.Prior == PriorKind.Laplace
            ? Laplace(graph, mean, code.Variance, logVariance)
            : Normal(graph, mean, code.Variance, logVariance);
    }

    private Wire Normal(GraphBuilder graph, Wire mean, Wire variance, Wire logVariance)
    {
        double[] logs = logScales ?? new double[architecture.Latents];
        Wire second = graph.Add(graph.Square(mean), variance);
        Wire precisions = graph.Doubles(Array.ConvertAll(logs, l => Math.Exp(-l)), logs.Length);
        Wire terms = graph.Subtract(graph.Multiply(second, precisions), logVariance);
        Wire whole = graph.Add(terms, graph.Doubles(Array.ConvertAll(logs, l => l - 1), logs.Length));
        return graph.Multiply(graph.Sum(whole, 1), graph.Double(0.5));
    }

    private Wire Laplace(GraphBuilder graph, Wire mean, Wire variance, Wire logVariance)
    {
        Wire size = MeanSize.Of(graph, mean, logVariance);
        double[] rates = Array.ConvertAll(logScales!, l => Math.Exp(-l));
        double[] constants = Array.ConvertAll(logScales!, l => Math.Log(2) + l - SpecialFunctions.StandardNormalEntropy);
        Wire terms = graph.Subtract(
            graph.Multiply(size, graph.Doubles(rates, rates.Length)), graph.Multiply(logVariance, graph.Double(0.5)));
        return graph.Sum(graph.Add(terms, graph.Doubles(constants, constants.Length)), 1);
    }
}
