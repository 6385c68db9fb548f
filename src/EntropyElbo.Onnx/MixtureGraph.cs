using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>
/// Mixtures, in doubles: log joint densities of all components, of which responsibilities and scores are made. As in the library,
/// values that training did not see leave a row's likelihood, and rows that no component allows have the weights for their code.
/// </summary>
internal sealed class MixtureGraph : ModelGraph
{
    private readonly MixtureModel _model;
    private readonly MixtureColumns[] _ranges;
    private (Wire Rows, Posterior Posterior)? _last;

    public MixtureGraph(MixtureModel model)
    {
        _model = model;
        _ranges = Array.ConvertAll(model.Parameters.Ranges, MixtureColumns.Of);
        Gate = new RowGate(model.ObservedDimension, double.MaxValue);
        foreach (MixtureColumns range in _ranges)
        {
            (double least, double greatest, bool areWhole) = range.Support;
            Gate.Narrow(range.Range.Start, range.Range.Count, least, greatest, areWhole);
        }
    }

    public override OnnxOutputs Possible =>
        OnnxOutputs.Encoder | OnnxOutputs.Reconstruction | OnnxOutputs.Score | OnnxOutputs.Responsibilities | OnnxOutputs.Decoder;

    public override RowGate Gate { get; }

    public override bool ScoresAnything => true;

    public override Code Encode(GraphBuilder graph, Wire rows)
    {
        Wire responsibilities = Infer(graph, rows).Responsibilities;
        return new Code(responsibilities, graph.Multiply(responsibilities, Complements(graph, responsibilities)));
    }

    public override Wire Decode(GraphBuilder graph, Wire latents)
    {
        int columns = _model.ObservedDimension, components = _model.LatentDimension;
        double[] means = new double[components * columns];
        for (int k = 0; k < components; k++)
        {
            foreach (ColumnComponents range in _model.Parameters.Ranges)
            {
                range.Mean(k, means.AsSpan((k * columns) + range.Family.Range.Start, range.Family.Count));
            }
        }

        return graph.MatMul(graph.ToDouble(latents), graph.Doubles(means, components, columns));
    }

    public override Wire Score(GraphBuilder graph, Wire rows, Code code, Wire? noise)
    {
        Posterior posterior = Infer(graph, rows);
        Wire score = graph.Negative(posterior.Value);
        foreach (Wire term in posterior.BaseMeasures)
        {
            score = graph.Subtract(score, term);
        }

        return graph.Where(posterior.IsImpossible, graph.Double(double.PositiveInfinity), score);
    }

    /// <summary>1 - r; of the one that exceeds 1/2 the sum of the others, as 1 - r has no digits left beside 1.</summary>
    private static Wire Complements(GraphBuilder graph, Wire responsibilities)
    {
        Wire isSmall = graph.IsAtMost(responsibilities, graph.Double(0.5));
        Wire others = graph.Sum(graph.Where(isSmall, responsibilities, graph.Double(0)), 1);
        return graph.Where(isSmall, graph.Subtract(graph.Double(1), responsibilities), others);
    }

    /// <summary>Once for all that is asked for.</summary>
    private Posterior Infer(GraphBuilder graph, Wire rows)
    {
        if (_last is { } last && last.Rows == rows)
        {
            return last.Posterior;
        }

        Wire joint = graph.Doubles(Array.ConvertAll(_model.Parameters.Weights, Math.Log), _model.LatentDimension);
        List<Wire> baseMeasures = [];
        foreach (MixtureColumns range in _ranges)
        {
            (Wire density, Wire? baseMeasure) = range.LogDensity(graph, graph.Columns(rows, range.Range.Start, range.Range.Count));
            joint = graph.Add(joint, density);
            if (baseMeasure is { } term)
            {
                baseMeasures.Add(term);
            }
        }

        Posterior posterior = Normalise(graph, Truncate(graph, joint), baseMeasures);
        _last = (rows, posterior);
        return posterior;
    }

    private Wire Truncate(GraphBuilder graph, Wire joint) => _model.KeptComponents >= _model.LatentDimension ? joint : graph.Where(
        graph.IsLess(graph.Double(0.5), graph.MarkGreatest(joint, _model.KeptComponents)), joint, graph.Double(double.NegativeInfinity));

    private Posterior Normalise(GraphBuilder graph, Wire joint, List<Wire> baseMeasures)
    {
        Wire top = graph.Maximum(joint, 1), isImpossible = graph.IsAtMost(top, graph.Double(PosteriorKernels.Impossible));
        Wire shift = graph.Where(isImpossible, graph.Double(0), top), exponentials = graph.Exp(graph.Subtract(joint, shift));
        Wire total = graph.Sum(exponentials, 1), weights = graph.Doubles(_model.Parameters.Weights, 1, _model.LatentDimension);
        Wire responsibilities = graph.Where(isImpossible, weights, graph.Divide(exponentials, total));
        return new Posterior(responsibilities, graph.Add(shift, graph.Log(total)), isImpossible, baseMeasures);
    }

    /// <param name="Responsibilities">[N, K].</param>
    /// <param name="Value">log of the sum of joint densities, [N, 1]; of no meaning where the row is impossible.</param>
    /// <param name="IsImpossible">Rows that no component allows, [N, 1].</param>
    /// <param name="BaseMeasures">What is added to the value.</param>
    private sealed record Posterior(Wire Responsibilities, Wire Value, Wire IsImpossible, List<Wire> BaseMeasures);
}
