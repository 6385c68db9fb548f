using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>
/// VAEs: networks in single precision, all else in doubles. Scores take draws, one after the other, so memory does not grow with them.
/// </summary>
internal sealed class VaeGraph : ModelGraph
{
    private readonly VaeNetwork _network;
    private readonly float[] _parameters;
    private readonly VaeLikelihoodGraph _likelihood;
    private readonly VaePriorGraph _prior;

    public VaeGraph(GaussianVaeModel model)
    {
        _network = model.Network;
        _parameters = model.Parameters.ToArray();
        VaeArchitecture architecture = _network.Architecture;
        _likelihood = new VaeLikelihoodGraph(architecture, Logarithms(_network.LogVariance));
        _prior = new VaePriorGraph(architecture, Logarithms(_network.PriorScale));
        Gate = new RowGate(architecture.Columns, float.MaxValue);
        (double least, double greatest, bool areWhole) = Support(architecture.Likelihood);
        Gate.Narrow(0, architecture.Columns, least, greatest, areWhole);
    }

    public override OnnxOutputs Possible => OnnxOutputs.Encoder | OnnxOutputs.Reconstruction | OnnxOutputs.Score | OnnxOutputs.Decoder;

    public override bool IsSampled => true;

    public override RowGate Gate { get; }

    private int Latents => _network.Architecture.Latents;

    public override Code Encode(GraphBuilder graph, Wire rows)
    {
        Wire single = graph.ToSingle(rows), heads = new NetworkGraph(graph, _parameters).Apply(_network.Encoder, Seen(graph, single));
        Wire logs = graph.Within(
            graph.Columns(heads, Latents, Latents), -EncoderKernels.LogVarianceBound, EncoderKernels.LogVarianceBound);
        return new Code(graph.Columns(heads, 0, Latents), graph.Exp(graph.ToDouble(logs)));
    }

    public override Wire Decode(GraphBuilder graph, Wire latents) =>
        _likelihood.Mean(graph, graph.ToDouble(new NetworkGraph(graph, _parameters).Apply(_network.Decoder, graph.ToSingle(latents))));

    public override Wire Score(GraphBuilder graph, Wire rows, Code code, Wire? noise)
    {
        Wire seen = graph.ToDouble(graph.ToSingle(rows)); // The networks see rows in single precision, and so does the likelihood.
        Wire deviations = graph.Exp(graph.Multiply(graph.Log(code.Variance), graph.Double(0.5)));
        Wire start = graph.Add(_prior.Kl(graph, code), _likelihood.Constants(graph, seen));
        Wire draws = noise ?? throw new ArgumentNullException(nameof(noise));
        Wire count = graph.DoubleOfRows(draws);
        return graph.Fold(start, draws, (inner, sofar, draw) =>
        {
            Wire shift = inner.Multiply(inner.ToSingle(deviations), draw);
            Wire latents = inner.Add(code.Mean, shift);
            NetworkGraph networks = new(inner, _parameters);
            Wire outputs = inner.ToDouble(networks.Apply(_network.Decoder, latents));
            Wire? spreads = _network.Variances is { } variances ? inner.ToDouble(networks.Apply(variances, latents)) : null;
            return inner.Add(sofar, inner.Divide(_likelihood.Misfit(inner, outputs, spreads, seen), count));
        });
    }

    /// <summary>What the encoder sees of rows.</summary>
    private Wire Seen(GraphBuilder graph, Wire single) => _network.Architecture.Likelihood.View switch
    {
        EncoderView.Log => graph.ToSingle(graph.Log(graph.ToDouble(single))),
        EncoderView.LogOfOnePlus => graph.ToSingle(graph.Log(graph.Add(graph.ToDouble(single), graph.Double(1)))),
        _ => single,
    };

    private double[]? Logarithms(ScaleParameters? scales) =>
        scales is null ? null : Array.ConvertAll(ParameterLayout.Pack(scales.Tensor, _parameters), v => (double)v);

    /// <summary>The bounds of what columns may hold, and whether they are whole numbers.</summary>
    private static (double Least, double Greatest, bool AreWhole) Support(ObservableLikelihood likelihood) => likelihood.Kind switch
    {
        LikelihoodKind.Binomial => (0, likelihood.Trials, !likelihood.AllowFractions),
        LikelihoodKind.Poisson => (0, double.PositiveInfinity, true),
        LikelihoodKind.ContinuousBernoulli => (0, 1, false),
        LikelihoodKind.Gamma => (Math.Exp(-GammaLikelihood.GreatestLogMean), Math.Exp(GammaLikelihood.GreatestLogMean), false),
        _ => (double.NegativeInfinity, double.PositiveInfinity, false),
    };
}
