using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.Mixture.Em;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Mixture;

/// <summary>What more iterations of EM gain: three are taken, in four passes over the rows.</summary>
internal static class MixtureCertificate
{
    /// <summary>Measures it.</summary>
    public static CertificateFacts Measure(MixtureProblem problem, MixtureFit.Candidate best, CancellationToken cancellationToken)
    {
        MixtureBatch batch = new(problem.Rows, problem.RowWeights);
        MixtureParameters parameters = best.Parameters;
        double[] statistics = Sum(problem, parameters, batch, cancellationToken), gains = new double[CertificateFacts.Steps];

        // With pseudo-counts EM raises the ELBO and the log density of the pseudo-rows together, and so do these steps.
        double before = parameters.Values(statistics).Objective;
        for (int step = 0; step < gains.Length; step++)
        {
            parameters = problem.Maximise(statistics, parameters, new MaximisationNotes());
            statistics = Sum(problem, parameters, batch, cancellationToken);
            double after = parameters.Values(statistics).Objective;
            (gains[step], before) = (after - before, after);
        }

        return CertificateFacts.OfSteps(gains) with
        {
            Baseline = Baseline(problem),
            IsNoiseHeld = best.Notes.Floored.Count + best.Notes.Bounded.Count > 0,
        };
    }

    private static double[] Sum(MixtureProblem problem, MixtureParameters parameters, MixtureBatch batch, CancellationToken cancellation) =>
        problem.Sum(parameters, batch, cancellation) ?? throw new OperationCanceledException(cancellation);

    /// <summary>
    /// ELBO of independent columns, each with the distribution of its family that fits it; of gamma columns with shape 1 and of
    /// beta and categorical columns the uniform distribution, which has no less to be gained over it.
    /// </summary>
    private static double Baseline(MixtureProblem problem)
    {
        double sum = problem.BaseMeasure;
        foreach (ColumnFamily family in problem.Families)
        {
            (string name, int trials) = Parts(family.Range.Family);
            double[] floors = VarianceFloors.OfColumns(problem.Facts.Variance, problem.Options.VarianceFloor);
            for (int d = family.Range.Start; d < family.Range.Start + family.Count; d++)
            {
                sum -= Entropy(
                    name, trials, problem.Facts.Mean[d], Math.Max(problem.Facts.Variance[d], floors[d]), problem.Facts.Maximum[d]);
            }
        }

        return sum;
    }

    private static (string Name, int Trials) Parts(string family) => family.Split(':') is [string name, string trials]
        ? (name, int.Parse(trials, System.Globalization.CultureInfo.InvariantCulture))
        : (family, 1);

    private static double Entropy(string family, int trials, double mean, double variance, double maximum) => family switch
    {
        "poisson" => mean - SpecialFunctions.XLogX(mean),
        "bernoulli" or "binomial" => -trials * (SpecialFunctions.XLogX(mean / trials) + SpecialFunctions.XLogX(1 - (mean / trials))),
        "exponential" or "gamma" => 1 + Math.Log(mean),
        "beta" => 0,
        "categorical" => Math.Log(maximum + 1),
        _ => 0.5 * (SpecialFunctions.LogTwoPi + 1 + Math.Log(variance)),
    };
}
