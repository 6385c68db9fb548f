using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// What EM would still gain from where a fit ended whose E-steps go row by row. Its M-step is one of Newton's in every column's weights
/// and offset, q held still: exact for Gaussian columns of which rows show some, and for counts halved until the ELBO does not fall.
/// Fields may take any length, which then goes into the scales, and these and the noise follow in closed form.
/// </summary>
internal sealed class RowCertificate(
    RowPass pass, ProfileUnits units, Func<SparseCodingParameters, ColumnTerms> terms, double tolerance, CancellationToken cancellation)
{
    private const double LeastShare = 1.0 / 16;
    private const double Rounding = 1e-12;

    /// <summary>ELBO of the rows without latents.</summary>
    public required double Baseline { get; init; }

    /// <summary>Values that rows show, where there is a noise variance.</summary>
    public double Values { get; init; }

    /// <summary>Mean log base measure of a row.</summary>
    public double BaseMeasure { get; init; }

    /// <summary>Measures it, in four passes over the rows or a few more.</summary>
    public CertificateFacts Measure(SparseCodingParameters parameters)
    {
        if (!pass.TryCollectCurvatures())
        {
            return new CertificateFacts
            {
                Method = GainMethod.ExactStep,
                Baseline = Baseline,
                IsNoiseHeld = HoldsNoise(parameters),
                Remark = "the curvatures of so many columns and latents would take more than 512 MB",
            };
        }

        double[] gains = new double[CertificateFacts.Steps];
        SparseCodingParameters at = parameters;
        RowSums sums = Infer(at);
        int unsolved = 0;
        for (int step = 0; step < gains.Length; step++)
        {
            double before = Elbo(at, sums);
            RowMaximisation maximisation = new(units, at, sums, Values);
            unsolved = Math.Max(unsolved, maximisation.Unsolved);
            double share = 1, after;
            do
            {
                at = maximisation.Parameters(share);
                sums = Infer(at);
                after = Elbo(at, sums);
                share /= 2;
            }
            while (!(after >= before - (Rounding * Math.Abs(before))) && share >= LeastShare);
            gains[step] = Math.Max(0, after - before);
        }

        return CertificateFacts.OfSteps(gains) with
        {
            Baseline = Baseline,
            IsNoiseHeld = HoldsNoise(parameters),
            Remark = unsolved == 0 ? CertificateFacts.OfSteps(gains).Remark
                : FormattableString.Invariant($"of {unsolved} columns, whose curvature is singular, nothing is counted"),
        };
    }

    private RowSums Infer(SparseCodingParameters parameters) => pass.Run(
        new RowBound(parameters.Fields, parameters.Mean, parameters.Scales, terms(parameters)) { Tolerance = tolerance }, cancellation);

    private double Elbo(SparseCodingParameters parameters, RowSums sums) =>
        RowProblem.ValuesOf(parameters, sums, Array.ConvertAll(sums.Sizes, s => s / sums.Rows), BaseMeasure).Elbo;

    private bool HoldsNoise(SparseCodingParameters parameters) => units.HasNoise && units.Floors.HoldNoise(parameters);
}
