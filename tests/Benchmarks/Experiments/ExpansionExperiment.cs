using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Affine;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>The affine decoder in closed form, expanded at the means and at 0, beside trained ones, for every likelihood that is not Gaussian.</summary>
internal static class ExpansionExperiment
{
    private const int Latents = 16;

    /// <summary>The digits (0 to 16) under each likelihood that fits them, or a simple function of them.</summary>
    public static void Run(TextWriter output, string digits, int epochs)
    {
        output.WriteLine("| columns | active, at means | at 0 | trained | ELBO at means | bound at means | at 0 | of the start at means | of the start at 0 | trained from a random start |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        double[] values = RowSources.Open(digits, ColumnSelection.Parse("1-64")).ReadAll().Values;
        Line("bernoulli, cut at 7.5", ObservableLikelihood.Bernoulli, v => v > 7.5 ? 1 : 0);
        Line("bernoulli, x / 16 as fractions", ObservableLikelihood.Bernoulli with { AllowFractions = true }, v => v / 16);
        Line("continuous-bernoulli, x / 16", ObservableLikelihood.ContinuousBernoulli, v => v / 16);
        Line("binomial:16", ObservableLikelihood.Binomial(16), v => v);
        Line("poisson", ObservableLikelihood.Poisson, v => v);
        Line("gamma, 1 + x", ObservableLikelihood.Gamma, v => 1 + v);

        void Line(string name, ObservableLikelihood likelihood, Func<double, double> map) =>
            Compare(output, name, new InMemoryRows([.. values.Select(map)], 64), likelihood, epochs);
    }

    private static void Compare(TextWriter output, string name, InMemoryRows rows, ObservableLikelihood likelihood, int epochs)
    {
        AffineDecoder? Solve(AffineExpansion expansion) => Has(likelihood, expansion) ? AffineDecoder.Solve(rows, Latents, likelihood, expansion: expansion) : null;
        AffineDecoder means = Solve(AffineExpansion.AtMeans)!;
        AffineDecoder? zero = Solve(AffineExpansion.AtZero), bound = Solve(AffineExpansion.BoundAtMeans);
        Evaluation Fit(NetworkStart start, int passes, double rate) => new GaussianVaeTrainer(new GaussianVaeOptions
        {
            Latents = Latents,
            Hidden = [],
            Likelihood = likelihood,
            Start = start,
            Training = new MinibatchOptions { BatchSize = 100, Epochs = passes, LearningRate = rate, StationarityTolerance = 0 },
        }).Fit(rows).Model.Report;
        Evaluation trained = Fit(NetworkStart.Random, epochs, 1e-2), atMeans = Fit(NetworkStart.AffineMaximumLikelihood, 1, 1e-12);
        Evaluation? atZero = zero is null ? null : Fit(NetworkStart.AffineAtZero, 1, 1e-12);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {means.ActiveLatents} | {zero?.ActiveLatents} | {Latents - trained.Collapsed.Activity} | {means.Elbo:F2} | {bound?.Elbo:F2} | {zero?.Elbo:F2} | {atMeans.Summary.Elbo:F2} | {atZero?.Summary.Elbo:F2} | {trained.Summary.Elbo:F2} |"));
    }

    private static bool Has(ObservableLikelihood likelihood, AffineExpansion expansion) => expansion switch
    {
        AffineExpansion.AtZero => likelihood.Name != "gamma",
        AffineExpansion.BoundAtMeans => likelihood.Name is not ("gamma" or "poisson"),
        _ => true,
    };
}
