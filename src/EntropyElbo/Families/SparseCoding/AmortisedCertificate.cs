using EntropyElbo.Networks;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// How far amortised learning is from converged, by one pass of the network over all rows: what the exact M-step gains with the
/// network's codes held, and the slope along the scale of every layer. What better codes would gain is a cause of its own, the
/// amortisation gap of the report, which is no estimate of what training still brings: a network need not be able to close it.
/// </summary>
internal sealed class AmortisedCertificate(
    SparseCodingOptions options, SparseCodingColumns columns, AmortisedState state, TrainingRows rows, FitContext context)
{
    private readonly SparseCodingFloors _floors = SparseCodingFloors.Of(options, columns);

    /// <summary>Measures it.</summary>
    /// <param name="parameters">Those that training ended with, their latents in the network's order.</param>
    /// <param name="epoch">An epoch that training has not seen.</param>
    /// <param name="report">The final report.</param>
    public CertificateFacts Measure(SparseCodingParameters parameters, int epoch, Evaluation report)
    {
        IReadOnlyList<Dense> layers = state.Encoder.Network.Layers;
        double[] slopes = new double[layers.Count];
        SparseCodingSums all = Sums(parameters, epoch, layers, slopes);
        SparseCodingObjective objective = new(parameters, all);
        Maximisation step = Maximisation.Of(parameters.Mean, all, options.Centre, _floors, parameters);
        bool isNoiseHeld = _floors.HoldNoise(parameters);
        return CertificateFacts.OfSteps(Math.Max(0, step.Values.Elbo - objective.Elbo)) with
        {
            Baseline = columns.Baseline,
            IsNoiseHeld = isNoiseHeld,
            EulerResiduals =
            [
                new EulerResidual("prior", -objective.PriorResidual, 0),
                new EulerResidual("noise", -objective.NoiseResidual, 0) { IsHeld = isNoiseHeld },
                .. layers.Select((layer, i) => new EulerResidual(Name(layer), slopes[i] / all.Rows, 0)),
            ],
            Remark = FormattableString.Invariant(
                $"that is what fields, scales and noise gain with the network's codes; better codes would gain up to the amortisation gap, {report.Summary.AmortisationGap:G3}"),
        };
    }

    private SparseCodingSums Sums(SparseCodingParameters parameters, int epoch, IReadOnlyList<Dense> layers, double[] slopes)
    {
        SparseCodingSums all = new(columns.Count, options.Latents), batch = new(columns.Count, options.Latents);
        using AmortisedSteps steps = new(state, rows, options.AmortisedBatch, context.ThreadCount);
        rows.BeginEpoch(epoch);
        while (rows.NextBatch())
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            steps.Encode(parameters, 1, 1, isLearning: true, batch);
            steps.AddSlopes(layers, slopes);
            all.Merge(batch);
        }

        return all;
    }

    private static string Name(Dense layer) => layer.Weights.Name.Replace(".weight", "", StringComparison.Ordinal);
}
