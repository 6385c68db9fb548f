using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// What exact EM would still gain from where a fit ended, whatever optimiser brought it there: three steps, four passes over all rows
/// that start from the codes at hand, or cold where a fit leaves none.
/// </summary>
internal sealed class SparseCodingCertificate(
    SparseCodingOptions options, SparseCodingColumns columns, SparseCodingPass pass, CancellationToken cancellation)
{
    private readonly SparseCodingFloors _floors = SparseCodingFloors.Of(options, columns);

    /// <summary>Measures where a fit has left no codes: rows are read again in every pass, and nothing is kept of them.</summary>
    public static CertificateFacts Cold(
        SparseCodingOptions options, SparseCodingColumns columns, CheckedRows source, SparseCodingParameters parameters, FitContext context)
    {
        if (columns.Rows > int.MaxValue)
        {
            return new CertificateFacts
            {
                Method = GainMethod.ExactStep,
                Baseline = columns.Baseline,
                IsNoiseHeld = SparseCodingFloors.Of(options, columns).HoldNoise(parameters),
                Remark = FormattableString.Invariant($"nothing is measured of more than {int.MaxValue} rows"),
            };
        }

        SparseCodingTable table = new(source, columns, isStream: true, context.CancellationToken);
        using SparseCodingPass pass = new(table, options.Latents, options.Shape, context.ThreadCount, keepsCodes: false);
        return new SparseCodingCertificate(options, columns, pass, context.CancellationToken).Measure(parameters);
    }

    /// <summary>Measures it. The codes of the pass are then those of the last step.</summary>
    public CertificateFacts Measure(SparseCodingParameters parameters)
    {
        SparseCodingSums sums = Infer(parameters);
        SparseCodingParameters at = parameters;
        double before = new SparseCodingObjective(at, sums).Elbo;
        double[] gains = new double[CertificateFacts.Steps];
        for (int step = 0; step < gains.Length; step++)
        {
            (at, sums) = Step(at, sums);
            double after = new SparseCodingObjective(at, sums).Elbo;
            (gains[step], before) = (Math.Max(0, after - before), after);
        }

        return CertificateFacts.OfSteps(gains) with
        {
            Baseline = columns.Baseline,
            IsNoiseHeld = _floors.HoldNoise(parameters),
        };
    }

    private (SparseCodingParameters Parameters, SparseCodingSums Sums) Step(SparseCodingParameters parameters, SparseCodingSums sums)
    {
        Maximisation step = Maximisation.Of(parameters.Mean, sums, options.Centre, _floors, parameters);
        pass.Stretch(step.Lengths);
        return (step.Parameters, Infer(step.Parameters));
    }

    private SparseCodingSums Infer(SparseCodingParameters parameters) => pass.Run(
        parameters,
        new PosteriorModel(parameters.Fields, parameters.Scales, parameters.NoiseVariance) { Tolerance = options.InnerTolerance },
        cancellation);
}
